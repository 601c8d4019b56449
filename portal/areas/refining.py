"""Refinements (细化): a town's stricter figures beside its district's, typed in by its office, and the scheme as it is there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.areas import queries
from portal.areas.actions import scheme_at
from portal.areas.tables import Refinement
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record
from portal.scheme.book import Scheme
from portal.scheme.refining import (
    STRICTER_MEANS,
    Figure,
    Stricter,
    Value,
    is_possible,
    is_stricter,
    refined,
    refined_figures,
    said,
)
from portal.scheme.telling import basis_place
from portal.scheme.windows import MOST_A_YEAR, MOST_MONTHS, MOST_WEEKS
from portal.scheme.words import Every, Within
from portal.storage.engine import Record
from portal.terms import Text, say


@dataclass(frozen=True, kw_only=True)
class RefinementForm:
    """What an office types: the figure, its value there, and where its own document says so."""

    figure: str
    value: Value
    document: str
    clause: str
    gist: str
    since: date | None = None


@dataclass(frozen=True)
class RefinementRow:
    """A refinement with its public id and the place's; ``until`` is the first day on which it no longer holds."""

    id: str
    stricter: Stricter
    until: date | None
    edition: str
    place_id: str

    @property
    def dropped(self) -> bool:
        """Whether it ended before it began."""
        return self.until is not None and self.until <= self.stricter.since


ROW = """
    select r.*, j.name as place, j.path, j.public_id as place_id from refinement r join jurisdiction j on j.id = r.jurisdiction
"""


IMPOSSIBLE = say(
    "周期要在 1 到 {months} 个月或 1 到 {weeks} 周之间，每年次数要在 1 到 {times} 次之间。",
    months=MOST_MONTHS,
    weeks=MOST_WEEKS,
    times=MOST_A_YEAR,
)


def _row(row: Record) -> RefinementRow:
    every = Every(months=row["months"], weeks=row["weeks"])
    within = Within(months=row["months"], days=row["days"], working_days=row["working_days"])
    word, _, what = str(row["figure"]).split(":")
    value: Value = every if what == "every" else within if word == "route" else row["number"]
    stricter = Stricter(
        figure=row["figure"],
        value=value,
        place=row["place"],
        path=row["path"],
        document=row["document"],
        at=row["clause"],
        gist=row["gist"],
        since=row["since"],
    )
    return RefinementRow(row["public_id"], stricter, row["until"], row["edition"], row["place_id"])


async def refinements(call: Call, region: str, on: date) -> tuple[RefinementRow, ...]:
    """All refinements of a region's figures that hold on a day, wherever in it: rules are public."""
    rows = await call.db.rows(
        f"{ROW} where r.region = $1 and r.since <= $2 and (r.until is null or r.until > $2) order by j.path, r.figure", region, on
    )
    return tuple(_row(row) for row in rows)


async def refinements_at(call: Call, place: str) -> tuple[RefinementRow, ...]:
    """Everything that a place refined, or ended, the newest first."""
    rows = await call.db.rows(f"{ROW} where j.public_id = $1 order by r.since desc, r.id desc", place)
    return tuple(_row(row) for row in rows)


async def refinement(call: Call, id_: str) -> RefinementRow:
    """One refinement by public id."""
    row = await call.db.row(f"{ROW} where r.public_id = $1", id_)
    if row is None or not call.viewer.covers(row["path"]):
        raise NotVisible
    return _row(row)


def said_in(row: RefinementRow, figure: Figure | None) -> str:
    """A refinement's value in Chinese words."""
    value = row.stricter.value
    if figure is None:
        return str(value) if isinstance(value, int) else said(value, "")
    return said(value, figure.unit)


def at_place(scheme: Scheme, rows: Iterable[RefinementRow], path: str) -> Scheme:
    """The scheme as it is at a place: with the refinements of the place itself and of those around it."""
    around = [row.stricter for row in rows if path.startswith(row.stricter.path)]
    return refined(scheme, around) if around else scheme


async def scheme_for(call: Call, region: str, path: str, on: date) -> Scheme | None:
    """The scheme of a region on a day as it is at the place with this path."""
    scheme = call.book.in_force(region, on)
    return at_place(scheme, await refinements(call, region, on), path) if scheme is not None else None


async def refine(call: Call, place: str, form: RefinementForm) -> str:
    """Make a figure stricter at a place from a day on; its public id. A laxer value is :class:`Refused`, naming both clauses.

    What the place had refined the same figure to before ends with it, and what it had planned for later never begins.
    """

    async def work() -> str:
        row = await queries.jurisdiction(call, place)
        call.viewer.require(row.path)
        scheme = scheme_at(call, row)
        since = form.since or call.today
        if since < call.today:
            raise Refused(say("不能从过去的日期起改：已经过去的周期按当时的规定算。"), field="since")
        figure = await _figure(call, scheme, row, form.figure, since)
        if not is_possible(form.value, figure.code):
            raise Refused(IMPOSSIBLE, field="value")
        new = Stricter(
            figure=figure.code,
            value=form.value,
            place=row.full_name,
            path=row.path,
            document=form.document,
            at=form.clause,
            gist=form.gist,
            since=since,
        )
        if not is_stricter(figure.value, form.value, figure.code):
            raise Refused(_laxer(figure, new), field="value")
        await call.alone(f"refinement {row.path}", lambda: _replace(call, row, form.figure, since))
        value = form.value
        every, within = value if isinstance(value, Every) else Every(), value if isinstance(value, Within) else Within()
        made = Refinement(
            region=scheme.region.code,
            edition=scheme.edition_id,
            jurisdiction=row.id,
            figure=form.figure,
            months=every.months or within.months,
            weeks=every.weeks,
            days=within.days,
            working_days=within.working_days,
            number=value if isinstance(value, int) else 0,
            document=form.document,
            clause=form.clause,
            gist=form.gist,
            written_at=call.now,
            written_by=call.viewer.account,
            since=since,
        )
        await made.save()
        data = {
            "figure": figure.code,
            "item": figure.name,
            "value": [figure.says, said(value, figure.unit)],
            "document": form.document,
            "clause": form.clause,
            "since": since.isoformat(),
        }
        await record(call, "refined", "jurisdiction", place, area=row.path, data=data)
        return str(made.public_id)

    return await call.db.run_tx(work)


async def end_refinement(call: Call, id_: str, day: date) -> None:
    """The place's own figure holds no more, from ``day`` on; that of the scheme does again."""

    async def work() -> None:
        await call.db.rows("select 1 from refinement where public_id = $1 for update", id_)
        row = await refinement(call, id_)
        if row.until is not None and row.until <= call.today:
            raise Refused(say("这条本地规定已于 {day}停用。", day=row.until), field="day")
        if day < call.today:
            raise Refused(say("不能从过去的日期起停用：已经过去的周期按当时的规定算。"), field="day")
        until = max(day, row.stricter.since)
        if row.until is not None and until >= row.until:
            raise Refused(say("这条本地规定原定到 {day}为止，要提前停用，请填更早的日期。", day=row.until), field="day")
        await call.db.rows("update refinement set until = $1 where public_id = $2", until, id_)
        data = {"figure": row.stricter.figure, "document": row.stricter.document, "until": until.isoformat()}
        await record(call, "unrefined", "jurisdiction", row.place_id, area=row.stricter.path, data=data)

    await call.db.run_tx(work)


async def figures_at(call: Call, place: str) -> Sequence[Figure]:
    """The figures that a place may make stricter, as they are there without its own refinements; where no edition is in
    force, those by whose words the region is read.
    """
    row = await queries.jurisdiction(call, place)
    scheme = call.book.in_force_or_nearest(row.region, call.today) if row.region is not None else None
    if scheme is None:
        return ()
    return tuple((await _figures(call, scheme, row, call.today)).values())


async def _figures(call: Call, scheme: Scheme, row: queries.JurisdictionRow, on: date) -> Mapping[str, Figure]:
    found = [one.stricter for one in await refinements(call, scheme.region.code, on)]
    return refined_figures(scheme, [one for one in found if row.path != one.path and row.path.startswith(one.path)])


async def _figure(call: Call, scheme: Scheme, row: queries.JurisdictionRow, code: str, since: date) -> Figure:
    figure = (await _figures(call, scheme, row, since)).get(code)
    if figure is None:
        raise Refused(say("方案里没有可以另作规定的这一项，请从列表选。"), field="figure")
    return figure


async def _replace(call: Call, row: queries.JurisdictionRow, figure: str, since: date) -> None:
    ended = await call.db.rows(
        """
        update refinement set until = greatest($3, since)
        where jurisdiction = $1 and figure = $2 and (until is null or until > greatest($3, since)) returning since, until
        """,
        row.id,
        figure,
        since,
    )
    for one in ended:
        data = {"figure": figure, "since": one["since"].isoformat(), "until": one["until"].isoformat()}
        await record(call, "unrefined", "jurisdiction", row.public_id, area=row.path, data=data)


def _laxer(figure: Figure, new: Stricter) -> Text:
    """What is wrong with a laxer value: both clauses side by side, and what stricter means."""
    return say(
        "{place}《{document}》{at}定的是“{new}”，不严于现行的“{old}”（{basis}）。本地规定只能更严：{means}。",
        place=new.place,
        document=new.document,
        at=new.at,
        new=said(new.value, figure.unit),
        old=figure.says,
        basis=basis_place(figure.basis),
        means=STRICTER_MEANS[figure.code.rpartition(":")[2]],
    )
