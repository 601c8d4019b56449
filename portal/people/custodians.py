"""Those who keep complaints (保管人): whoever a complaint may be about must not make them stand back, nor undo that, by what they
write into the register.
"""

from collections.abc import Iterable

from portal.call import Call
from portal.errors import Refused
from portal.terms import say

THEIRS = say(
    "这一改动牵涉负责保管投诉的人（是他本人，或电话、工作证、执法证与他相同），会影响他能看哪些投诉，"
    "只能由他所在部门的账号或管理那个部门的管理员办理。号码填错的请改正，其余请找他们。"
)


async def leave_alone(call: Call, *people: int, marks: Iterable[str] = ()) -> None:
    """:class:`Refused` where one of these people keeps complaints, or one row of the register with a mark of theirs or one
    of these ``marks`` (telephone, badge, certificate) does; save for an administrator of the office for which they keep
    them, and for that office's own accounts.
    """
    rows = await call.db.rows(
        """
        with touched as (
            select human_mark(unnest(array[phone, badge, certificate])) as mark from person where id = any($1)
            union select human_mark(unnest($2::text[]))
        )
        select distinct g.unit, j.path from access_grant g join account a on a.id = g.account join person p on p.id = a.person
            join unit u on u.id = g.unit join jurisdiction j on j.id = u.jurisdiction
        where g.role = 'custodian' and (g.until is null or g.until > $3) and (p.id = any($1) or exists (
            select from touched
            where mark in (human_mark(p.phone), human_mark(p.badge), human_mark(p.certificate))))
        """,
        list(people), list(marks), call.today,
    )  # fmt: skip
    viewer = call.viewer
    for row in rows:
        if row["unit"] not in viewer.units | viewer.custody and not any(
            row["path"].startswith(area) for area in viewer.administers
        ):
            raise Refused(THEIRS)
