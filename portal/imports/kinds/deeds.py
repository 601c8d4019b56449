"""What was done: past ledgers."""

import contextlib
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from portal.errors import PortalError, Refused
from portal.imports.columns import Column, Row, plain
from portal.imports.kinds.kind import SheetKind, Tables, Work, at_columns, chosen
from portal.imports.known import Thing
from portal.obligations import actions as obligations
from portal.obligations import deeds
from portal.obligations.actions import DeedForm
from portal.obligations.plans import of_duty
from portal.scheme.book import Scheme
from portal.scheme.words import Duty
from portal.terms import SEPARATORS, also, say
from portal.workshop.cells import cleaned

# What stands between several names; a blank may also stand in one
BETWEEN_NAMES = re.compile(also(r"[、，,;；/\\\n\r|+＋&＆]+")[0])
NUMBERS = dict(zip(also("二三四五六七八九十")[0], range(2, 11), strict=True)) | {also("两")[0]: 2}
# 和 and the like may be part of a name too; behind a name stands what its bearer is, behind several how many there were
AND = re.compile(also(r"[和与及跟同]|\s+")[0])
BESIDE = re.compile(r"\s*[(（][^)）]*[)）]$")
COUNT = re.compile(also(r"\s*等?\s*(\d+|[二两三四五六七八九十])\s*[人名位]$")[0])


class Deeds(SheetKind):
    """What was done: past ledgers."""

    code, title = "deeds", say("履职记录")
    tables: ClassVar[Tables] = Tables("deed", {"deed_doer": "deed"})
    at_once = 1_000_000  # all: who may write a visit down may stand anywhere below who came along

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """Day and time, duty, on what, by whom, what came of it."""
        duties = tuple(dict.fromkeys(duty_name(scheme, duty) for duty in scheme.counted.values()))
        return (
            Column(
                code="day",
                title=say("日期"),
                also=("巡查日期", "检查日期", "时间", "巡查时间"),
                of="day",
                timed=True,
                required=True,
                hint=say("必填。履职的日期。"),
            ),
            Column(
                code="at",
                title=say("几点"),
                also=("时间", "巡查时间", "检查时间", "时刻", "具体时间"),
                of="time",
                beside="day",
                most=40,
                hint=say("一天去过几次的填写，如 14:30，或上午、下午。同一天的几次各记各的，完成情况只算一次。"),
            ),
            Column(
                code="duty",
                title=say("职责"),
                also=("事项", "履职事项", "工作内容", "类型"),
                required=True,
                choices=duties,
                words=duty_words(scheme),
                hint=say("必填。方案里按次计算的职责，从列表选。"),
            ),
            Column(
                code="subject",
                among=("enterprises", "grids", "units", "people"),
                title=say("对象"),
                also=(
                    "单位名称",
                    "企业名称",
                    "被查单位",
                    "被检查单位",
                    "受检单位",
                    "检查对象",
                    "统一社会信用代码",
                    "网格",
                    "部门",
                ),
                required=True,
                most=120,
                hint=say("必填。单位的信用代码或全称，网格的编号或名称，部门名称，或本人姓名。"),
            ),
            Column(
                code="name",
                among=("doers",),
                title=say("姓名"),
                also=("巡查人", "检查人", "网格员", "责任人", "巡查人员", "检查人员"),
                most=200,
                hint=say("履职人员；几个人一起的，用顿号隔开。部门的职责可以不填。"),
            ),
            Column(
                code="badge",
                refers="doers",
                many=True,
                title=say("工作证编号"),
                also=("工作证号", "工号"),
                most=200,
                hint=say("有同名的人时必填。"),
            ),
            Column(
                code="points",
                title=say("已看到的要点"),
                also=("看过的要点", "要点", "检查要点", "巡查要点", "已检查的内容"),
                most=400,
                hint=say("方案列出的要点，用顿号隔开。"),
            ),
            Column(
                code="note",
                title=say("履职情况"),
                also=("情况", "巡查情况", "检查情况", "备注", "发现问题"),
                most=2_000,
                hint=say("发现的问题和处理情况。"),
            ),
        )

    def key(self, row: Row) -> tuple[str, str]:
        """Everything that it says: another time, another outcome or somebody else is no repetition."""
        said = [
            row["duty"],
            *(plain(row[code]) for code in ("subject", "day", "at", "name", "badge", "points")),
            cleaned(row["note"]),
        ]
        return "\n".join(said) if row["duty"] or row["subject"] else "", "day"

    async def order(self, work: Work, rows: Sequence[Row]) -> list[Row]:
        """Where several rows tell of one thing on one day, those first that name somebody who may have done it alone: who came
        along joins a visit that is written down, in whatever order a ledger names them.
        """
        visits: defaultdict[tuple[str, ...], list[Row]] = defaultdict(list)
        for row in rows:
            visits[row["duty"], plain(row["subject"]), row["day"].partition(" ")[0]].append(row)
        for several in visits.values():
            if len({row["name"] + row["badge"] for row in several}) > 1:
                alone = [row for row in several if await self._alone(work, row)]
                several[:] = [*alone, *(row for row in several if row not in alone)]
        return [row for several in visits.values() for row in several]

    async def _alone(self, work: Work, row: Row) -> bool:
        with contextlib.suppress(PortalError):
            form = self._form(work, row)
            return bool(set(self._people(form)) & await obligations.entitled(work.call, form))
        return False

    async def there(self, work: Work, row: Row) -> str | None:
        """The visit of which the row speaks, called by its deed and by whom the row names: several rows may name several."""
        form = self._form(work, row)
        people = self._people(form)
        rows = await deeds.of_day(work.call, form.region, form.duty, form.subject, form.day)
        found = deeds.meant(rows, set(people), at=form.at, note=form.note, points=form.points)
        return _called(found.id, people) if found is not None else None

    async def add(self, work: Work, row: Row) -> str:
        """Write it down."""
        form = self._form(work, row)
        return _called(await at_columns(obligations.add_deed(work.call, form), {"person": "name"}), self._people(form))

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Whoever did it too; when it was and what came of it stay as they were written, or it would be another visit."""
        now, form = await deeds.deed(work.call, id_.partition(" ")[0]), self._form(work, row)
        if row["note"] and now.note is None:
            raise Refused(say("已经登记过，是其他条线的记录：履职情况由该条线部门查看，不能改"), field="note")
        if set(self._people(form)) <= {person for person, _ in now.doers}:
            return False
        await at_columns(obligations.add_deed(work.call, form), {"person": "name"})
        return True

    async def all(self, work: Work) -> Sequence[Thing]:
        """None: a ledger never says what was not done."""
        return ()

    async def end(self, work: Work, id_: str) -> None:
        """Withdrawn."""
        await obligations.withdraw_deed(work.call, id_.partition(" ")[0], say("导入时删去"))

    def _form(self, work: Work, row: Row) -> DeedForm:
        day, _, time = row["day"].partition(" ")
        subject = self._subject(work, row)
        people = _doers(work, row, subject.path)
        return DeedForm(
            region=work.scheme.region.code,
            duty=self._duty(work, row).code,
            subject=subject.id,
            day=date.fromisoformat(day),
            at=row["at"] or time,
            person=next(iter(people), None),
            beside=people[1:],
            note=row["note"],
            points=tuple(part for part in SEPARATORS.split(row["points"].strip()) if part),
        )

    @staticmethod
    def _people(form: DeedForm) -> tuple[str, ...]:
        return tuple(one for one in (form.person, *form.beside) if one)

    def _duty(self, work: Work, row: Row) -> Duty:
        duties = work.scheme.counted.values()
        return chosen((duty for duty in duties if duty_name(work.scheme, duty) == row["duty"]), row, "duty")

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
    return f"{scheme.owed_by(duty)}：{duty.says}"


def duty_words(scheme: Scheme) -> tuple[tuple[str, str], ...]:
    """What offices write for a duty besides its name: what it said before, and either without the post where one duty says so."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for duty in scheme.counted.values():
        for says in (duty.says, *duty.formerly):
            for said in (says, f"{scheme.owed_by(duty)}：{says}"):
                names[plain(said)].add(duty_name(scheme, duty))
    return tuple((said, next(iter(meant))) for said, meant in names.items() if len(meant) == 1)


def _called(id_: str, people: Sequence[str]) -> str:
    return f"{id_} {','.join(sorted(people))}".strip()


def _doers(work: Work, row: Row, near: str) -> tuple[str, ...]:
    """Everybody whom a row names, by public id: by their badges, and by their names where no badge stands for one; ``near`` is
    the path of where it was done.
    """
    badged = [work.known.doers.one(one, column="badge") for one in SEPARATORS.split(row["badge"].strip()) if one]
    left, found = [thing.id for thing in badged], [thing.id for thing in badged]
    names = _names(work, row["name"])
    for name in names:
        if (one := next((thing.id for thing in work.known.doers.all(name) if thing.id in left), None)) is not None:
            left.remove(one)
        elif len(badged) >= len(names):
            raise Refused(
                say("工作证编号和姓名对不上：编号是{names}的", names="、".join(one.name for one in badged)), field="name"
            )
        else:
            # Of namesakes the one who serves where it was done: another town has theirs
            found.append(work.known.doers.one(name, column="name", near=near).id)
    return tuple(dict.fromkeys(found))


def _names(work: Work, cell: str) -> list[str]:
    """The names in a cell. Whoever is called as the whole of it is one; 和 and a blank part names only where both sides are
    known, and what stands behind a name is no part of it where the name alone is known.
    """
    known = work.known.doers.all
    if known(cell):
        return [cell]
    names: list[str] = []
    for part in filter(None, (one.strip() for one in BETWEEN_NAMES.split(_without_count(cell)))):
        words = [one for one in AND.split(part) if one]
        bare = BESIDE.sub("", part)
        if known(part):
            names.append(part)
        elif len(words) > 1 and all(known(one) for one in words):
            names += words
        else:
            names.append(bare if known(bare) else part)
    return names


def _without_count(cell: str) -> str:
    """甲、乙等2人 without the count, where that is how many are named."""
    found = COUNT.search(cell)
    if found is None:
        return cell
    count = int(found[1]) if found[1].isdecimal() else NUMBERS[found[1]]
    rest = cell[: found.start()]
    return rest if count == len([one for part in BETWEEN_NAMES.split(rest) for one in AND.split(part) if one]) else cell
