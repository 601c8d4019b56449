"""Rights that are asked again: what somebody asked for is done later, and by then they may no longer be allowed to."""

from collections.abc import Mapping
from typing import Any

from portal.access.queries import viewer_of
from portal.call import Call
from portal.errors import Refused
from portal.terms import say
from portal.viewer import Role, Viewer

GONE = say("操作没有完成，什么也没有改动：提交的账号“{name}”已停用、要重设密码或二次验证，或本人已离岗。请由在用的账号重新提交。")
LESS = say("操作没有完成，什么也没有改动：账号“{name}”的权限在提交以后有了变化，不足以办理这件事。请由有权限的账号重新提交。")


def stored_rights(viewer: Viewer) -> dict[str, Any]:
    """A viewer's rights, as a job keeps them with what it was asked for."""
    return {
        "name": viewer.name,
        "person": viewer.person,
        "roles": sorted(viewer.roles),
        "units": sorted(viewer.units),
        "areas": list(viewer.areas),
        "enterprise": viewer.enterprise,
        "administers": list(viewer.administers),
        "custody": sorted(viewer.custody),
        "stands_for": sorted(viewer.stands_for),
    }


def read(account: int | None, said: Mapping[str, Any]) -> Viewer:
    """The inverse of :func:`stored_rights`: whoever asked, as they were then; jobs of earlier versions kept less."""
    return Viewer(
        account=account,
        name=said.get("name", ""),
        person=said.get("person"),
        roles=frozenset(map(Role, said.get("roles", ()))),
        units=frozenset(said.get("units", ())),
        areas=tuple(said["areas"]),
        enterprise=said.get("enterprise"),
        administers=tuple(said.get("administers", ())),
        custody=frozenset(said.get("custody", ())),
        stands_for=frozenset(said.get("stands_for", ())),
    )


def _within(asked: Viewer, now: Viewer) -> bool:
    """Whether all that somebody might do when they asked may still be done by the same account as it is ``now``."""
    return (
        asked.roles <= now.roles
        and asked.units <= now.units
        and all(now.covers(area) for area in asked.areas)
        and all(any(area.startswith(one) for one in now.administers) for area in asked.administers)
        and asked.custody <= now.custody
        and asked.stands_for <= now.stands_for
        and asked.person in {None, now.person}
        and asked.enterprise in {None, now.enterprise}
    )


async def still(call: Call, asked: Viewer, *, lock: bool = False) -> None:
    """:class:`Refused` where an account may no longer do all that it might when it asked, as ``asked``.

    Before anything is written for good it is asked once more, inside the same transaction and with ``lock``: an account that
    is disabled while a long job runs writes nothing.
    """
    if asked.account is None:
        return
    now = await viewer_of(call, asked.account, lock=lock)
    if now is None:
        raise Refused(say(GONE.msgid, name=asked.name))
    if not _within(asked, now):
        raise Refused(say(LESS.msgid, name=asked.name))
