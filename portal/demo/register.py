"""Filling an empty portal with an example register, through the same actions that offices use."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.resources.abc import Traversable

from portal.access.actions import NewAccount, NewGrant, create_account
from portal.access.passwords import invented
from portal.areas import actions as areas
from portal.areas import queries as area_queries
from portal.areas.queries import GridRow
from portal.call import Call
from portal.demo.inventing import Inventor
from portal.demo.portraits import portrait
from portal.enterprises import actions as enterprises
from portal.enterprises import queries as enterprise_queries
from portal.people import actions as people
from portal.people import queries as people_queries
from portal.people.actions import AppointmentForm, PersonForm, Seated
from portal.people.rules import posts_at
from portal.scheme.book import Scheme
from portal.scheme.words import Capacity, Ground, Post
from portal.storage.engine import Record
from portal.storage.files import digest
from portal.storage.lists import Wanted
from portal.storage.tables import StoredFile
from portal.viewer import Role
from portal.workshop.images import reencode

ENTERPRISES_A_REGION = 200
FACES = 48
GAP_SHARE = 0.03
SINCE_DAYS = 200
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ExampleAccount:
    """An account of the demo with its password, shown to whoever runs it."""

    role: str
    login: str
    password: str
    door: str


@dataclass
class Example:
    """One region's example register while it is being filled in."""

    call: Call
    scheme: Scheme
    folder: Traversable
    faces: Sequence[int]
    wanted: int = ENTERPRISES_A_REGION
    divisions: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    units: list[tuple[str, str, str]] = field(default_factory=list)
    grids: dict[str, str] = field(default_factory=dict)
    pool: dict[str, list[str]] = field(default_factory=dict)
    accounts: list[ExampleAccount] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.invent = Inventor(self.scheme.region.code)
        self.people = 0

    @property
    def root(self) -> str:
        """The code of the division that the region governs."""
        return next(row["code"] for row in self._rows("divisions") if row["region"])

    def _rows(self, name: str) -> list[dict[str, str]]:
        text = (self.folder / f"{name}.csv").read_text(encoding="utf-8")
        return list(csv.DictReader(io.StringIO(text)))

    async def fill(self, tell: Tell) -> None:
        """Divisions, units, grids, enterprises, then everybody whom the scheme wants somewhere."""
        name = self.scheme.region.name
        rows = self._rows("divisions")
        for n, row in enumerate(rows, 1):
            await self._division(row)
            tell(f"{name} 区划", n, len(rows))
        for row in self._rows("units"):
            form = areas.UnitForm(
                kind=row["kind"], name=row["name"], phone=row["phone"], jurisdiction=self.divisions[row["division"]]
            )
            self.units.append((row["kind"], await areas.add_unit(self.call, form), row["division"]))
        rows = self._rows("grids")
        for n, row in enumerate(rows, 1):
            await self._grid(row)
            tell(f"{name} 网格", n, len(rows))
        await self._enterprises(tell)
        await self._posts(tell)
        await self._accounts()

    async def _division(self, row: Mapping[str, str]) -> None:
        form = areas.JurisdictionForm(
            code=row["code"], name=row["name"], kind=row["kind"], parent=self.divisions.get(row["parent"]),
            region=row["region"] or None,
        )  # fmt: skip
        self.divisions[row["code"]] = await areas.add_jurisdiction(self.call, form)
        self.kinds[row["code"]], self.names[row["code"]], self.parents[row["code"]] = row["kind"], row["name"], row["parent"]

    async def _grid(self, row: Mapping[str, str]) -> None:
        form = areas.GridForm(
            tier=row["tier"], name=row["name"], jurisdiction=self.divisions[row["division"]], code=row["code"],
            area_note=row["area_note"], parent=self.grids.get(row["parent"]),
            divisions=tuple(self.divisions[code] for code in row["divisions"].split()),
            since=self.call.today - timedelta(days=2 * SINCE_DAYS),
        )  # fmt: skip
        id_ = await areas.add_grid(self.call, form)
        self.grids[row["code"] or id_] = id_

    async def _enterprises(self, tell: Tell) -> None:
        leaves = [code for code, kind in self.kinds.items() if kind in ("village", "community")]
        drawn = await self._undivided()
        facts = self.invent.facts(list(self.scheme.facts.values()), self.scheme.classes)
        for n in range(1, self.wanted + 1):
            division = self.invent.pick(leaves)
            stated = next(facts)
            named = self.invent.pick(drawn) if drawn and n % 3 else None
            shop = stated.get("place") == "nine-small"
            name = self.invent.enterprise(self.names[division].removesuffix("社区").removesuffix("村"), shop=shop)
            form = enterprises.EnterpriseForm(
                name=name, division=self.divisions[division], credit_code="" if shop else self.invent.credit_code(division),
                address=f"示例路{self.invent.number(300) + 1}号", drawn_grid=named, contact=self.invent.name(),
                phone=self._phone(), facts=stated, since=self.call.today - timedelta(days=SINCE_DAYS),
            )  # fmt: skip
            await enterprises.add_enterprise(self.call, form)
            tell(f"{self.scheme.region.name} 单位", n, self.wanted)

    async def _undivided(self) -> list[str]:
        """Drawn grids that no division lies in: enterprises are named into them."""
        wanted = {code for placement in self.scheme.placements.values() for code in placement.tiers}
        found = []
        for tier in sorted(wanted):
            if self.scheme.tiers[tier].of is Ground.DRAWN:
                grids = await self._all_grids(tier)
                found += [grid.public_id for grid in grids if not await area_queries.ground(self.call, grid.id)]
        return found

    async def _all_grids(self, tier: str) -> list[GridRow]:
        code = self.root
        inside = {"tier": tier, "in": self.divisions[code]}
        found: list[GridRow] = []
        after = ""
        while True:
            page = await area_queries.grids(self.call, Wanted(filters=inside, after=after))
            found += page.rows
            if page.after is None:
                return found
            after = page.after

    async def _posts(self, tell: Tell) -> None:
        seats = [seat async for seat in self._seats()]
        for n, at in enumerate(seats, 1):
            for post in posts_at(at.scheme, at.seat):
                for _ in range(max(post.count.least, 0) if post.ex_officio is None else 0):
                    if at.seat.kind == "grid" and self.invent.chance(GAP_SHARE):
                        continue
                    await people.appoint(
                        self.call,
                        AppointmentForm(
                            person=await self._person(post, at), post=post.code, since=self.call.today - timedelta(days=90)
                        ),
                        at,
                    )
            tell(f"{self.scheme.region.name} 人员", n, len(seats))

    async def _seats(self) -> AsyncIterator[Seated]:
        for tier in self.scheme.tiers:
            for grid in await self._all_grids(tier):
                yield await people.seated(self.call, "grid", grid.public_id)
        for _, unit, _ in self.units:
            yield await people.seated(self.call, "unit", unit)
        if not any(per.klass for post in self.scheme.posts.values() for per in post.per):
            return
        after = ""
        while True:
            page = await enterprise_queries.enterprises(self.call, Wanted(filters={"in": self.divisions[self.root]}, after=after))
            for row in page.rows:
                if row.klass:
                    yield await enterprise_queries.seated(self.call, row.public_id)
            if page.after is None:
                return
            after = page.after

    async def _person(self, post: Post, at: Seated) -> str:
        """A person for the post: bureaus and enterprises' leaders serve several seats, grid people one."""
        shared = (post.staffed_by is not None and post.line is not None) or at.seat.kind == "enterprise"
        kept = self.pool.setdefault(post.code, [])
        if shared and len(kept) >= 8:
            free = [one for one in kept if not await self._holds(one, post, at)]
            return self.invent.pick(free or kept)
        id_ = await self._new_person(post, at)
        kept.append(id_)
        return id_

    async def _holds(self, person: str, post: Post, at: Seated) -> bool:
        row = await people_queries.person(self.call, person)
        held = await people_queries.holdings_of(self.call, row.id)
        return any(one.post == post.code and one.seat == at.seat.id and one.seat_kind == at.seat.kind for one in held)

    async def _new_person(self, post: Post, at: Seated) -> str:
        self.people += 1
        code = at.path.strip("/").split("/")[-1]
        while self.kinds[code] in ("village", "community"):
            code = self.parents[code]
        form = PersonForm(
            name=self.invent.name(), phone=self._phone(), jurisdiction=self.divisions[code],
            badge=f"示例{self.root[2:6]}{self.people:04d}",
            certificate=f"示例执法{self.people:05d}" if post.capacity is Capacity.ENFORCE else "",
            unit=next((unit for kind, unit, place in self.units if kind == post.staffed_by and f"/{place}/" in at.path), None),
        )  # fmt: skip
        id_ = await people.add_person(self.call, form)
        face = self.faces[self.people % len(self.faces)]
        await self.call.db.rows("update person set portrait = $1 where public_id = $2", face, id_)
        return id_

    def _phone(self) -> str:
        area_code, _, local = self.units_phone().partition("-")
        return self.invent.phone(area_code, len(local))

    def units_phone(self) -> str:
        """A unit's phone, whose area code and length the invented ones share."""
        return self._rows("units")[0]["phone"]

    async def _accounts(self) -> None:
        """An account for every role, all around one enterprise: what is sent from its board reaches these inboxes."""
        code, routes = self.scheme.region.code, self.scheme.routes
        shown = await self._shown()
        kinds = {who.unit for rule in routes.values() for who in rule.to if who.unit} | {
            rule.answered_by for rule in routes.values()
        }
        around = [(unit, place) for kind, unit, place in self.units if kind in kinds and f"/{place}/" in shown["path"]]
        for name, wanted in (("office", True), ("town", False)):
            for unit, place in around:
                if (place == self.root) is wanted:
                    row = await area_queries.unit(self.call, unit)
                    grant = NewGrant(role=Role.OFFICE, area=row.path, unit=row.id)
                    await self._make(f"{code}-{name}", f"{row.name}经办", "/office", grant)
                    break
        inspector = NewGrant(role=Role.INSPECTOR)
        await self._make(f"{code}-inspector", shown["person_name"], "/field", inspector, person=shown["person"])
        enterprise = NewGrant(role=Role.ENTERPRISE, enterprise=shown["enterprise"])
        await self._make(f"{code}-enterprise", shown["name"], "/enterprise", enterprise)

    async def _shown(self) -> Record:
        """An enterprise with a credit code whose board has somebody to lead it, and that person."""
        row = await self.call.db.row(
            """
            select e.id as enterprise, e.name, e.credit_code, j.path, p.id as person, p.name as person_name
            from enterprise e join jurisdiction j on j.id = e.division join placement pl on pl.enterprise = e.id
                join appointment a on a.post = $1 and (a.grid = pl.grid or a.enterprise = e.id) join person p on p.id = a.person
            where e.region = $2 and e.credit_code is not null order by e.id limit 1
            """,
            self.scheme.boards["enterprise"].leads[0], self.scheme.region.code,
        )  # fmt: skip
        if row is None:
            raise RuntimeError(f"the example of {self.scheme.region.code} has no enterprise whose board somebody leads")
        return row

    async def _make(self, login: str, name: str, door: str, grant: NewGrant, *, person: int | None = None) -> None:
        password = invented()
        new = NewAccount(login=login, name=name[:40], password=password, person=person, must_change=False, grants=(grant,))
        await create_account(self.call, new)
        self.accounts.append(ExampleAccount(grant.role.value, login, password, door))


async def faces(call: Call) -> list[int]:
    """Store the drawn portraits once; their file ids."""
    found = []
    for seed in range(FACES):
        picture = await call.portal.workshop.do(reencode, portrait(seed), people.PORTRAIT_PIXELS)
        row = StoredFile(
            name=call.portal.files.keep(picture.data), kind="portrait", mime="image/jpeg", digest=digest(picture.data),
            size=len(picture.data), width=picture.width, height=picture.height, created_at=call.now,
        )  # fmt: skip
        await row.save()
        found.append(int(row.id))
    return found


def folders(call: Call) -> Iterator[tuple[Scheme, Traversable]]:
    """The regions that ship an example, with its folder."""
    for name in call.portal.plugins.packages:
        folder = call.portal.plugins.resources(name) / "example"
        if folder.is_dir():
            for scheme in call.book.schemes:
                if scheme.plugin == name and scheme is call.book.scheme(scheme.region.code, call.today):
                    yield scheme, folder
