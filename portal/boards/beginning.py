"""The first day: what a register needs from its first place to its first board, and how far the viewer's is."""

from dataclasses import dataclass, replace

from portal.areas.queries import seen_from
from portal.call import Call
from portal.terms import Text, say

MOST = 1_000


@dataclass(frozen=True)
class BeginningStep:
    """One kind of thing that a register needs: where it is listed, where one is added by hand, if it is anywhere, and whether a
    ``sheet`` brings it.
    """

    name: Text
    hint: Text
    address: str
    new: str
    sql: str
    sheet: bool = True
    count: int = 0

    @property
    def told(self) -> Text:
        """How many there are."""
        return say("{n} 以上", n=MOST) if self.count >= MOST else say("{n}", n=self.count)


HELD = "(t.until is null or t.until > {day})"
STEPS = (
    BeginningStep(
        say("辖区"),
        say("本地的区县、乡镇（街道）、村（社区），并选定按哪个方案监管。"),
        "/office/jurisdictions",
        "/office/jurisdictions/new",
        "jurisdiction t join jurisdiction j on j.id = t.id where exists (select from jurisdiction of where of.region is not null "
        f"and starts_with(j.path, of.path)) and {HELD}",
    ),
    BeginningStep(
        say("部门"),
        say("应急管理部门、监管所等，连同公布的电话。"),
        "/office/units",
        "/office/units/new",
        f"unit t join jurisdiction j on j.id = t.jurisdiction where {HELD}",
    ),
    BeginningStep(
        say("网格"),
        say("按方案分层级，圈定每个网格包括的村（社区）。"),
        "/office/grids",
        "/office/grids/new",
        f"grid t join jurisdiction j on j.id = t.jurisdiction where {HELD}",
    ),
    BeginningStep(
        say("人员"),
        say("网格人员和各部门的工作人员。公示牌上的人要有照片，在本人的页面上传。"),
        "/office/people",
        "/office/people/new",
        f"person t join jurisdiction j on j.id = t.jurisdiction where {HELD}",
    ),
    BeginningStep(
        say("任职"),
        say("谁在哪个网格、部门担任什么岗位。"),
        "/office/gaps",
        "",
        "appointment t left join grid g on g.id = t.grid left join unit u on u.id = t.unit "
        "left join enterprise e on e.id = t.enterprise "
        f"join jurisdiction j on j.id = coalesce(g.jurisdiction, u.jurisdiction, e.division) where {HELD}",
    ),
    BeginningStep(
        say("单位"),
        say("生产经营单位；每家按方案自动纳入网格，并写明依据。"),
        "/office/enterprises",
        "/office/enterprises/new",
        f"enterprise t join jurisdiction j on j.id = t.division where {HELD}",
    ),
    BeginningStep(
        say("第一块公示牌"),
        say("在公示牌页面批量生成，签发和打印一次办好；也可以到网格或单位的页面单独签发。"),
        "/office/boards",
        "",
        "board t join jurisdiction j on j.id = t.jurisdiction where t.revoked_at is null and t.issued_on <= {day}",
        sheet=False,
    ),
)


async def beginning(call: Call) -> tuple[BeginningStep, ...]:
    """The steps with how many of each the viewer's areas have, up to a thousand; nothing where they have some of each."""
    if all(await _counts(call, most=1)):
        return ()
    counts = await _counts(call, most=MOST)
    return tuple(replace(one, count=n) for one, n in zip(STEPS, counts, strict=True))


async def _counts(call: Call, *, most: int) -> list[int]:
    condition, areas = seen_from(call, "j.path")
    one_by_one = ", ".join(
        f"(select count(*) from (select from {step.sql.format(day='$2')} and {condition.format('$1')} limit {most}) x)"
        for step in STEPS
    )
    (row,) = await call.db.rows(f"select {one_by_one}", areas, call.today)
    return list(row)
