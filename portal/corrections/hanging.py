"""What stands on days that would be lost when a wrongly typed day is corrected (更正日期), and what moves with an end."""

from collections.abc import Mapping
from datetime import date

from portal.areas.actions import end_hanging
from portal.areas.rules import Correction, Period
from portal.call import Call
from portal.errors import Refused
from portal.storage.engine import Record
from portal.terms import Text, say

OWN = "grid in (select id from grid where enterprise = $1)"
APPOINTED, DONE, EXCUSED = say("任职"), say("履职记录"), say("原因说明")
CHARGED, PRINTED, FILED = say("条线监管责任"), say("公示牌"), say("网格备案")
# What stands on a day only because something else does, by the kind of this: each with its own days. Of an excuse it is the last
# day of its window: a window may begin before what it is about
HANGING: Mapping[str, tuple[tuple[Text, str], ...]] = {
    "enterprise": (
        (APPOINTED, f"select since, until from appointment where enterprise = $1 or {OWN}"),
        (CHARGED, "select since, until from charge where enterprise = $1"),
        (DONE, f"select day, day + 1 from deed where withdrawn_at is null and (enterprise = $1 or {OWN})"),
        (EXCUSED, f"select last, last + 1 from excuse where withdrawn_at is null and (enterprise = $1 or {OWN})"),
        (
            say("后来登记的单位情况"),
            "select f.since, f.since + 1 from enterprise_fact f join enterprise e on e.id = f.enterprise "
            "where e.id = $1 and f.since > e.since",
        ),
        (PRINTED, "select v.day, v.day + 1 from ({versions}) v where enterprise = $1"),
    ),
    "grid": (
        (APPOINTED, "select since, until from appointment where grid = $1"),
        (say("下级网格"), "select since, until from grid where parent = $1 and enterprise is null"),
        (DONE, "select day, day + 1 from deed where withdrawn_at is null and grid = $1"),
        (EXCUSED, "select last, last + 1 from excuse where withdrawn_at is null and grid = $1"),
        (
            FILED,
            "select f.filed_on, f.filed_on + 1 from filed_grid g join filing f on f.id = g.filing "
            "where g.grid = $1 and f.state in ('waiting', 'accepted')",
        ),
        (PRINTED, "select v.day, v.day + 1 from ({versions}) v where grid = $1"),
    ),
    "unit": (
        (APPOINTED, "select since, until from appointment where unit = $1"),
        (CHARGED, "select since, until from charge where unit = $1"),
        (DONE, "select day, day + 1 from deed where withdrawn_at is null and unit = $1"),
        (EXCUSED, "select last, last + 1 from excuse where withdrawn_at is null and unit = $1"),
        (FILED, "select filed_on, filed_on + 1 from filing where $1 in (unit, office) and state in ('waiting', 'accepted')"),
    ),
    "person": (
        (APPOINTED, "select since, until from appointment where person = $1"),
        (
            DONE,
            "select day, day + 1 from deed d where withdrawn_at is null and "
            "(person = $1 or exists (select from deed_doer o where o.deed = d.id and o.person = $1))",
        ),
    ),
}
# A charge that ended with an office or an enterprise on the very day, and is nobody else's since
GOES_ON = """
    update charge c set until = $3 where c.{kind} = $1 and c.until = $2
        and not exists (select from charge o where o.enterprise = c.enterprise and o.line = c.line and o.id <> c.id
            and daterange(o.since, o.until) && daterange($2, $3))
        and not exists (select from enterprise e where e.id = c.enterprise and coalesce(e.until, 'infinity') < {ends})
        and not exists (select from unit u where u.id = c.unit and coalesce(u.until, 'infinity') < {ends})
"""
VERSIONS = """
    select b.enterprise, b.grid, (v.issued_at at time zone 'Asia/Shanghai')::date as day
    from board_version v join board b on b.id = v.board where b.revoked_at is null
"""


async def _standing(call: Call, kind: str, subject: int, where: str, *days: date | None) -> list[tuple[Text, Record]]:
    """What hangs on something on days that meet a condition: of each sort how many, and on which day the first and last begin."""
    found = []
    for what, select in HANGING[kind]:
        row = await call.db.row(
            "select count(*) as n, min(since) as first, max(since) as last "
            f"from ({select.format(versions=VERSIONS)}) t (since, until) where {where}",
            subject,
            *days,
        )
        if row is not None and row["n"]:
            found.append((what, row))
    return found


async def refuse_hanging(call: Call, kind: str, subject: int, lost: Period) -> None:
    """:class:`Refused`, naming them, where things stand on days on which what they hang on would not be there any more."""
    if found := await _standing(call, kind, subject, "daterange(since, until) && daterange($2, $3)", lost.since, lost.until):
        things = [say("{what} {n} 项（最早的 {day}）", what=what, n=row["n"], day=row["first"]) for what, row in found]
        what = say(
            "{until}之前还登记有：{things}，启用日期不能晚于它们。其中登记有误的，请先更正、撤回或作废。",
            until=lost.until,
            things="、".join(things),
        )
        raise Refused(what, field="since")


async def refuse_what_came_after(call: Call, kind: str, subject: int, made: Correction) -> None:
    """:class:`Refused`, naming them, where an end that is corrected to an earlier day lies before what began only after it. What
    began before ends with it, as when something ends.
    """
    if made.shortened is None:
        return
    after, before = made.after.until, made.before.until
    if found := await _standing(call, kind, subject, "daterange($2, $3) @> since", after, before):
        things = [say("{what} {n} 项（最晚的 {day}）", what=what, n=row["n"], day=row["last"]) for what, row in found]
        what = say(
            "{until}及以后还登记有：{things}，截止日期不能早于它们。其中登记有误的，请先更正、撤回或作废。",
            until=after,
            things="、".join(things),
        )
        raise Refused(what, field="until")


async def move_charges(call: Call, kind: str, subject: int, made: Correction) -> None:
    """The end of an office or an enterprise is another day: its charges that would go on beyond it end with it, and those that
    ended with it go on.
    """
    if made.shortened is not None:
        await refuse_what_came_after(call, kind, subject, made)
        await end_hanging(call, kind, subject, made.shortened, ["charge"])
    elif made.before.until != made.after.until:
        await call.db.rows(
            GOES_ON.format(kind=kind, ends="coalesce($3, 'infinity')"), subject, made.before.until, made.after.until
        )
