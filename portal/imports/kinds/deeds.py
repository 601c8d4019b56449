"""What was done: past ledgers."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from portal.errors import Refused
from portal.imports.columns import Column, Row, plain
from portal.imports.kinds.kind import Kind, Tables, Work, at_columns
from portal.imports.known import Thing
from portal.obligations import actions as obligations
from portal.obligations import deeds
from portal.obligations.actions import DeedForm
from portal.obligations.plans import of_duty
from portal.scheme.book import Scheme
from portal.scheme.words import Duty
from portal.terms import SEPARATORS, say
from portal.workshop.cells import cleaned


class Deeds(Kind):
    """What was done: past ledgers."""

    code, title = "deeds", say("履职记录")
    tables: ClassVar[Tables] = Tables("deed")

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """Day, duty, on what, by whom, what came of it."""
        duties = tuple(dict.fromkeys(duty_name(scheme, duty) for duty in scheme.counted.values()))
        return (
            Column(
                code="day",
                title=say("日期"),
                also=("巡查日期", "检查日期", "时间", "巡查时间"),
                of="day",
                required=True,
                hint=say("必填。履职的日期。"),
            ),
            Column(
                code="duty",
                title=say("职责"),
                also=("事项", "履职事项", "工作内容", "类型"),
                required=True,
                choices=duties,
                hint=say("必填。方案里按次计算的职责，从列表选。"),
            ),
            Column(
                code="subject",
                title=say("对象"),
                also=("单位名称", "企业名称", "被查单位", "网格", "部门"),
                required=True,
                most=120,
                hint=say("必填。单位的信用代码或全称，网格的编号或名称，部门名称，或本人姓名。"),
            ),
            Column(
                code="name",
                title=say("姓名"),
                also=("巡查人", "检查人", "网格员", "责任人"),
                most=60,
                hint=say("履职人员。部门的职责可以不填。"),
            ),
            Column(
                code="badge",
                refers="doers",
                title=say("工作证编号"),
                also=("工作证号", "工号"),
                most=40,
                hint=say("有同名的人时必填。"),
            ),
            Column(
                code="points",
                title=say("已检查的内容"),
                also=("看过的要点", "要点", "检查要点"),
                most=400,
                hint=say("方案列出的检查内容，用顿号隔开。"),
            ),
            Column(
                code="note",
                title=say("检查情况"),
                also=("情况", "巡查情况", "备注", "发现问题"),
                most=2_000,
                hint=say("发现的问题和处理情况。"),
            ),
        )

    def key(self, row: Row) -> tuple[str, str]:
        """Duty, subject and day."""
        return f"{row['duty']} {plain(row['subject'])} {row['day']}", "day"

    async def there(self, work: Work, row: Row) -> str | None:
        """The same duty done on the same thing on the same day."""
        region, day = work.scheme.region.code, date.fromisoformat(row["day"])
        return await deeds.same(work.call, region, self._duty(work, row).code, self._subject(work, row).id, day)

    async def add(self, work: Work, row: Row) -> str:
        """Write it down."""
        duty = self._duty(work, row)
        person = work.known.doers.one(row["badge"] or row["name"], column="name") if row["badge"] or row["name"] else None
        form = DeedForm(
            region=work.scheme.region.code, duty=duty.code, subject=self._subject(work, row).id,
            day=date.fromisoformat(row["day"]), person=person.id if person is not None else None, note=row["note"],
            points=tuple(part for part in SEPARATORS.split(row["points"].strip()) if part),
        )  # fmt: skip
        return await at_columns(obligations.add_deed(work.call, form), {"person": "name"})

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Another note; who did it and what was seen to stay as they were written."""
        now = await deeds.deed(work.call, id_)
        if row["name"] and now.person and plain(row["name"]) != plain(now.person):
            raise Refused(say("登记的履职人员是{name}，不能改；请撤回后另行登记", name=now.person), field="name")
        if row["note"] and now.note is None:
            raise Refused(say("已经登记过，是其他条线的记录：检查情况由该条线部门查看，不能改"), field="note")
        if row["note"] and cleaned(row["note"]) != cleaned(now.note or ""):
            raise Refused(
                say("已经登记过，检查情况是“{note}”，不能改；请撤回后另行登记", note=(now.note or "")[:40]), field="note"
            )
        return False

    async def all(self, work: Work) -> Sequence[Thing]:
        """None: a ledger never says what was not done."""
        return ()

    async def end(self, work: Work, id_: str) -> None:
        """Withdrawn."""
        await obligations.withdraw_deed(work.call, id_, say("导入时删去"))

    def _duty(self, work: Work, row: Row) -> Duty:
        return next(duty for duty in work.scheme.counted.values() if duty_name(work.scheme, duty) == row["duty"])

    def _subject(self, work: Work, row: Row) -> Thing:
        known = {
            "enterprise": work.known.enterprises,
            "grid": work.known.grids,
            "unit": work.known.units,
            "person": work.known.people,
        }
        return known[of_duty(self._duty(work, row))].one(row["subject"], column="subject")


def duty_name(scheme: Scheme, duty: Duty) -> str:
    """A duty as a sheet names it: with its post, since two posts may have the same words."""
    who = scheme.posts[duty.who].name if duty.who is not None else scheme.units[duty.on[0].unit or ""].name
    return f"{who}：{duty.says}"
