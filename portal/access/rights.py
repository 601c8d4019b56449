"""Rights that are asked again: what somebody asked for is done later, and by then they may no longer be allowed to."""

from portal.access.queries import viewer_of
from portal.call import Call
from portal.errors import Refused
from portal.terms import say
from portal.viewer import Viewer

GONE = say("没有执行，什么也没有改动：提交的账号“{name}”已停用、要重设密码或二次验证，或本人已离岗。请由在用的账号重新提交。")
LESS = say("没有执行，什么也没有改动：账号“{name}”的权限在提交以后有了变化，不再够办这件事。请由有权限的账号重新提交。")


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
    if not asked.within(now):
        raise Refused(say(LESS.msgid, name=asked.name))
