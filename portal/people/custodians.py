"""Those who keep complaints (保管人) and the offices for which they do: whoever a complaint may be about must not come close to
them, nor they to anybody, by what offices of the chain write into the register.

Every writer of people and of their posts passes here: forms, sheets and taking sheets back alike. What is refused does not
depend on any complaint: it is the same whether there is one or not.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from portal.areas.queries import above
from portal.call import Call
from portal.errors import Refused
from portal.storage.engine import Record
from portal.terms import say

THEIRS = say(
    "这一改动涉及投诉受理部门或投诉受理人（是他本人，与他同部门，登记过利害关系，或电话、工作证、执法证与其中一人相同），"
    "会影响哪些人能查看投诉，只能由那个部门自己的账号，或上一级辖区的管理员办理。号码填错的请改正，其余请找他们。"
)


@dataclass(frozen=True)
class Tie:
    """What ties somebody, under all their rows, to an office outside the chain: they keep complaints there, or are of it, or an
    interest binds them to one (``whom``) of those who keep. ``rows`` are all theirs: with one more, somebody else is tied too.
    ``now`` is false for what is over.
    """

    how: str
    unit: int
    whom: int
    rows: tuple[int, ...]
    now: bool = field(compare=False)


async def _ties(call: Call, people: tuple[int, ...]) -> frozenset[Tie]:
    """What ties these people to offices for which the viewer does not speak."""
    if not people or "/" in call.viewer.administers:
        return frozenset()
    rows = await call.portal.above.ties(call, people)
    return frozenset(
        Tie(row["how"], row["unit"], row["whom"], tuple(row["rows"]), row["now"]) for row in rows if not _speaks_for(call, row)
    )


def _speaks_for(call: Call, row: Record) -> bool:
    """Whether the viewer's account is one of the office itself, or administers a place above its own."""
    viewer = call.viewer
    return row["unit"] in viewer.units | viewer.custody or any(above(row["path"]).startswith(one) for one in viewer.administers)


async def leave_alone(call: Call, *people: int) -> None:
    """:class:`Refused` where one of these people keeps complaints under any row of the register; save for that office's own
    accounts, and for an administrator above it.
    """
    if any(tie.how == "keeps" for tie in await _ties(call, people)):
        raise Refused(THEIRS)


async def stay_apart(call: Call, *people: int) -> None:
    """:class:`Refused` where anything ties one of these people to an office that keeps complaints today: on a board of the chain
    they would close the door, at a seat of that office they would come close to all who keep there.
    """
    if any(tie.now for tie in await _ties(call, people)):
        raise Refused(THEIRS)


@asynccontextmanager
async def as_close_as_before(call: Call, *people: int) -> AsyncIterator[list[int]]:
    """Around what changes rows of people, or makes some, whose ids are to be put on the list: :class:`Refused` where they keep
    complaints or are of such an office, before or after it, or where it brings them any closer to one, or further from it.
    """
    rows = list(people)
    before = await _ties(call, tuple(rows))
    yield rows
    after = await _ties(call, tuple(rows))
    if after != before or any(tie.now and tie.how != "bound" for tie in (*before, *after)):
        raise Refused(THEIRS)
