"""Filling an empty portal with an example register, through the same actions that offices use."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib.resources.abc import Traversable

from portal.access.actions import NewAccount, NewGrant, create_account
from portal.access.passwords import invented
from portal.access.second import set_up
from portal.areas import actions as areas
from portal.areas import letters
from portal.areas import queries as area_queries
from portal.areas.queries import GridRow
from portal.call import Call
from portal.demo.inventing import Inventor
from portal.demo.portraits import portrait
from portal.demo.sheets import day, sheet_of_an_office
from portal.enterprises import queries as enterprise_queries
from portal.enterprises.queries import EnterpriseRow, Led
from portal.imports import taking
from portal.imports.importable import KINDS
from portal.imports.kinds.deeds import duty_name
from portal.imports.outcome import Wish
from portal.obligations import queries as obligations
from portal.obligations.plans import PlanQuestion
from portal.obligations.queries import OwingThing
from portal.people import actions as people
from portal.people import queries as people_queries
from portal.people.actions import PersonForm, Seated
from portal.people.rules import posts_at
from portal.scheme.book import Scheme
from portal.scheme.powers import fields_of
from portal.scheme.words import Capacity, Ground, Kind, Post
from portal.storage.files import digest
from portal.storage.lists import Wanted
from portal.storage.tables import StoredFile
from portal.viewer import TWO_FACTORS, Role
from portal.workshop.images import reencode

ENTERPRISES_A_REGION = 200
FACES = 48
GAP_SHARE = 0.03
LEDGER = 40
FOUND = (
    "现场正常（示例）",
    "通道堆物，当场清走（示例）",
    "灭火器过期，已更换（示例）",
    "电线老化，限期整改（示例）",
    "会议纪要存档（示例）",
)
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
class DemoRegion:
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
    pool: dict[str, list[dict[str, str]]] = field(default_factory=dict)
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
        """Divisions; then everything else from the sheets that offices would send, through the same imports as theirs."""
        name = self.scheme.region.name
        rows = self._rows("divisions")
        for n, row in enumerate(rows, 1):
            await self._division(row)
            tell(f"{name} 区划", n, len(rows))
        await self._take("units", self._units(), tell)
        await self._take("grids", self._grids(), tell)
        await self._take("enterprises", await self._firms(), tell)
        people, held = await self._posts()
        await self._take("people", people, tell)
        await self._portraits(people)
        await self._take("appointments", held, tell)
        await self._take("charges", await self._charges(), tell)
        await self._take("deeds", await self._ledger(), tell)
        await self._letters()
        await self._accounts()

    async def _letters(self) -> None:
        """Where the scheme lends powers: the letters by which they are lent, of which one ends soon."""
        kinds = {power.lent_by for power in self.scheme.powers if power.lent_by is not None}
        for _, unit, _ in [one for one in self.units if one[0] in kinds]:
            lender = await area_queries.unit(self.call, unit)
            its = self.call.as_(replace(self.call.viewer, units=frozenset({lender.id})))
            powers = letters.lent_by(self.scheme, lender.kind)
            fields = tuple(":".join(pair) for pair in fields_of(self.scheme, powers))
            for n, office in enumerate(await letters.could_be_entrusted(its, lender, self.scheme), 1):
                last = its.today + timedelta(days=40 if n == 1 else 365)
                await letters.lend(
                    its,
                    letters.LetterForm(
                        lender=lender.public_id,
                        entrusted=office.public_id,
                        number=f"委托〔{its.today.year}〕{n}号（示例）",
                        powers=tuple(power.code for power in powers),
                        fields=fields,
                        published_on=its.today,
                        published_at="区政府网站（示例）",
                        since=its.today,
                        last=last,
                    ),
                )

    async def _take(self, kind: str, rows: Sequence[dict[str, str]], tell: Tell) -> None:
        """Write the sheet that an office would send, keep it beside the register, and import it."""
        if not rows:
            return
        title = f"{self.scheme.region.name}{KINDS[kind].title}台账（示例）"
        sheet = sheet_of_an_office(self.scheme.region.code, kind, title, rows)
        folder = self.call.portal.settings.data / "sheets"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / sheet.name).write_bytes(sheet.data)
        found = await taking.run(
            self.call,
            kind=kind,
            region=self.scheme.region.code,
            data=sheet.data,
            wish=Wish(),
            write=True,
            tell=lambda done, total: tell(f"{self.scheme.region.name} {KINDS[kind].title}", done, total),
        )
        if not found.written:
            raise RuntimeError(f"the example sheet {sheet.name} was not taken in: {found.errors[:3]}")

    def _units(self) -> list[dict[str, str]]:
        kinds = {code: unit.name for code, unit in self.scheme.units.items()}
        return [
            {"name": row["name"], "kind": kinds[row["kind"]], "place": row["division"], "phone": row["phone"]}
            for row in self._rows("units")
        ]

    def _grids(self) -> list[dict[str, str]]:
        since = day(self.call.today - timedelta(days=2 * SINCE_DAYS))
        return [
            {
                "code": row["code"],
                "name": row["name"],
                "tier": self.scheme.tiers[row["tier"]].name,
                "place": row["division"],
                "parent": row["parent"],
                "ground": "、".join(row["divisions"].split()),
                "note": row["area_note"],
                "since": since,
            }
            for row in self._rows("grids")
        ]

    async def _division(self, row: Mapping[str, str]) -> None:
        """A division, unless another region of its province or city brought it already."""
        self.kinds[row["code"]], self.names[row["code"]], self.parents[row["code"]] = row["kind"], row["name"], row["parent"]
        there = await area_queries.jurisdiction_of_code(self.call, row["code"])
        if there is not None:
            self.divisions[row["code"]] = there
            return
        form = areas.JurisdictionForm(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            parent=self.divisions.get(row["parent"]),
            region=row["region"] or None,
        )
        self.divisions[row["code"]] = await areas.add_jurisdiction(self.call, form)

    async def _firms(self) -> list[dict[str, str]]:
        leaves = [code for code, kind in self.kinds.items() if kind in ("village", "community")]
        drawn = await self._undivided()
        rare = {code for code, placement in self.scheme.placements.items() if placement.direct is not None}
        facts = self.invent.facts(list(self.scheme.facts.values()), self.scheme.classes, self.scheme.edition.covers, rare)
        rows, used = [], set[str]()
        for n in range(1, self.wanted + 1):
            division = self.invent.pick(leaves)
            stated = next(facts)
            fitting = [code for code, place in drawn if place in self._around(division)]
            named = self.invent.pick(fitting) if fitting and (n % 3 or division in {place for _, place in drawn}) else ""
            shop = stated.get("place", "ordinary") not in ("ordinary", "enterprise")
            name = self.invent.enterprise(self.names[division].removesuffix("社区").removesuffix("村"), shop=shop)
            while name in used:
                name = self.invent.enterprise(self.names[division].removesuffix("社区").removesuffix("村"), shop=shop)
            used.add(name)
            told = {fact.name: dict(fact.choices)[stated[fact.code]] for fact in self.scheme.facts.values()}
            rows.append(
                {
                    "name": name,
                    "credit_code": "" if shop else self.invent.credit_code(division),
                    "place": division,
                    "address": f"示例路{self.invent.number(300) + 1}号",
                    "grid": named,
                    "contact": self.invent.name(),
                    "phone": self._phone(),
                    "since": day(self.call.today - timedelta(days=SINCE_DAYS)),
                    **told,
                }
            )
        return rows

    def _around(self, division: str) -> set[str]:
        """The codes of a division and of those around it."""
        return {division} | (self._around(parent) if (parent := self.parents[division]) else set())

    async def _undivided(self) -> list[tuple[str, str]]:
        """Codes of drawn grids that no division lies in, with their place: enterprises are named into them."""
        wanted = {code for placement in self.scheme.placements.values() for code in placement.tiers}
        found = []
        for tier in sorted(wanted):
            if self.scheme.tiers[tier].of is Ground.DRAWN:
                grids = await self._all_grids(tier)
                undivided = [grid for grid in grids if not await area_queries.ground(self.call, grid.id)]
                found += [(grid.code, grid.path.strip("/").rpartition("/")[2]) for grid in undivided]
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

    async def _posts(self) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        """Everybody whom the scheme wants somewhere, and where: the rows of two sheets."""
        people: list[dict[str, str]] = []
        held: list[dict[str, str]] = []
        grids: dict[str, str] = {}
        since = day(self.call.today - timedelta(days=90))
        async for at, called in self._seats():
            if at.seat.kind == "grid":
                grids.setdefault(at.path, called)
            there = posts_at(at.scheme, at.seat)
            for post in there:
                for _ in range(max(post.count.least, 0) if post.ex_officio is None else 0):
                    if at.seat.kind == "grid" and self.invent.chance(GAP_SHARE):
                        continue
                    others = [other for other in there if other.code in post.filled_by and not other.every_office]
                    sits = post if not others or self.invent.chance(0.5) else others[0]
                    person = self._person(sits, at, people)
                    mine = {"name": person["name"], "badge": person["badge"], "post": sits.name, "seat": called}
                    if mine not in held:
                        held.append(mine)
            for post in at.scheme.posts.values():
                if post.every_office and at.seat.of in post.staffed_by and at.path in grids:
                    person = self._person(post, at, people)
                    held.append({"name": person["name"], "badge": person["badge"], "post": post.name, "seat": grids[at.path]})
        held += self._bound(people, held, grids)
        return people, [{**one, "since": since} for one in held]

    def _bound(
        self, people: Sequence[dict[str, str]], held: Sequence[dict[str, str]], grids: Mapping[str, str]
    ) -> list[dict[str, str]]:
        """Where all people of an office have to serve at a grid: most of those who don't yet."""
        found = []
        places = {row["name"]: row["division"] for row in self._rows("units")}
        kinds = {row["name"]: row["kind"] for row in self._rows("units")}
        at_grids = {one["badge"] for one in held if one["seat"] in grids.values()}
        for post in self.scheme.posts.values():
            for person in people if post.everyone else ():
                place = places.get(person["unit"], "-")
                seat = next((code for path, code in grids.items() if path.endswith(f"/{place}/")), None)
                bound = kinds.get(person["unit"]) in post.staffed_by and person["badge"] not in at_grids
                if seat is not None and bound and not self.invent.chance(GAP_SHARE):
                    found.append({"name": person["name"], "badge": person["badge"], "post": post.name, "seat": seat})
        return found

    async def _seats(self) -> AsyncIterator[tuple[Seated, str]]:
        """Every seat of the region, with what a sheet calls it."""
        for tier in self.scheme.tiers:
            for grid in await self._all_grids(tier):
                yield await people.seated(self.call, "grid", grid.public_id), grid.code
        top = await area_queries.jurisdiction(self.call, self.divisions[self.root])
        for unit in await area_queries.unit_choices(self.call, near=top.path):
            self.units.append((unit.kind, unit.public_id, unit.place_id))
            yield await people.seated(self.call, "unit", unit.public_id), unit.name
        if not any(per.klass for post in self.scheme.posts.values() for per in post.per):
            return
        async for row in self._all_firms():
            if row.klass:
                yield await enterprise_queries.seated(self.call, row.public_id), row.credit_code or row.name

    def _person(self, post: Post, at: Seated, people_: list[dict[str, str]]) -> dict[str, str]:
        """A person for the post: bureaus and enterprises' leaders serve several seats, grid people one."""
        shared = (bool(post.staffed_by) and post.line is not None) or at.seat.kind == "enterprise"
        kept = self.pool.setdefault(post.code, [])
        if shared and len(kept) >= 8:
            return kept[self.invent.number(len(kept))]
        self.people += 1
        code = at.path.strip("/").split("/")[-1]
        while self.kinds[code] in ("village", "community"):
            code = self.parents[code]
        around = {row["kind"]: row for row in self._rows("units") if f"/{row['division']}/" in at.path}
        staffed = next((around[kind] for kind in post.staffed_by if kind in around), None)
        person = {
            "name": self.invent.name(),
            "badge": f"示例{self.root[2:6] or self.root}{self.people:04d}",
            "phone": self._phone(),
            "unit": staffed["name"] if staffed else "",
            "place": code,
            "certificate": f"示例执法{self.people:05d}" if post.capacity is Capacity.ENFORCE else "",
        }
        people_.append(person)
        kept.append(person)
        return person

    async def _portraits(self, rows: Sequence[dict[str, str]]) -> None:
        """Drawn faces, since a sheet brings none."""
        faces_ = {row["badge"]: self.faces[n % len(self.faces)] for n, row in enumerate(rows)}
        await people.give_portraits(self.call, faces_)

    async def _charges(self) -> list[dict[str, str]]:
        """For each line an office for most enterprises: of the line's kind, or one at which its posts have a seat."""
        rows: list[dict[str, str]] = []
        firms = [firm async for firm in self._all_firms()] if self.scheme.lines else []
        for line in self.scheme.lines.values():
            kinds = {line.unit} if line.unit else {per.unit for post in line.posts for per in self.scheme.posts[post].per}
            offices = [row for row in self._rows("units") if row["kind"] in kinds]
            for firm in firms if line.required else firms[:50]:
                around = [row["name"] for row in offices if f"/{row['division']}/" in firm.path]
                if around and firm.credit_code and not self.invent.chance(GAP_SHARE):
                    rows.append({"enterprise": firm.credit_code, "line": line.name, "unit": self.invent.pick(around)})
        return rows

    async def _ledger(self) -> list[dict[str, str]]:
        """A ledger of what was done: most of what the last window asked for, and some of what this one does."""
        badges = await people_queries.names_and_badges(self.call)
        rows: dict[tuple[str, str, str], dict[str, str]] = {}
        for now, last, _ in await obligations.asked_on(self.call, self.scheme.region.code, self.call.today):
            # The offices of the example are as old as the example
            for asked, share in ((now, 0.5),) if now.of == "unit" else ((last, 0.85), (now, 0.5)):
                found = await obligations.things(self.call, asked, size=LEDGER)
                for thing in found.things:
                    who = next((badges[owner.person] for owner in thing.owners if owner.person in badges), ("", ""))
                    if (who[0] or asked.duty.who is None or asked.of == "person") and self.invent.chance(share):
                        row = self._done(asked, thing, who)
                        rows.setdefault((row["duty"], row["subject"], row["day"]), row)
        return list(rows.values())

    def _done(self, asked: PlanQuestion, thing: OwingThing, who: tuple[str, str]) -> dict[str, str]:
        begun = self.scheme.since or asked.window.first
        first = self.call.today if asked.of == "unit" else max(asked.window.first, begun, self.call.today - timedelta(days=89))
        done = first + timedelta(days=self.invent.number(max((asked.at - first).days, 0) + 1))
        missing = self.invent.number(4) == 0
        return {
            "day": day(done),
            "duty": duty_name(self.scheme, asked.duty),
            "subject": thing.code or thing.name,
            "name": who[0],
            "badge": who[1],
            "points": "、".join(asked.duty.points[: -1 if missing else None]),
            "note": self.invent.pick(FOUND),
        }

    async def _all_firms(self) -> AsyncIterator[EnterpriseRow]:
        after = ""
        while True:
            page = await enterprise_queries.enterprises(self.call, Wanted(filters={"in": self.divisions[self.root]}, after=after))
            for row in page.rows:
                yield row
            if page.after is None:
                return
            after = page.after

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
        ways = [*routes.values(), *self.scheme.routes_of_topics.values()]
        kinds = {who.unit for rule in ways for who in rule.to if who.unit} | {rule.answered_by for rule in ways}
        near = {self.divisions[code] for code in shown.path.strip("/").split("/")}
        around = [(unit, place) for kind, unit, place in self.units if kind in kinds and place in near]
        rows = [await area_queries.unit(self.call, unit) for unit, _ in around]
        rows.sort(key=lambda row: len(row.path))
        for name, row in zip(("office", "town"), (rows[0], rows[-1]), strict=True):
            if name == "office" or len(row.path) > len(rows[0].path):
                grant = NewGrant(role=Role.OFFICE, area=row.path, unit=row.id)
                await self._make(f"{code}-{name}", f"{row.name}经办", "/office", grant)
        for rule in {route.key: route for route in self.scheme.routes_of_topics.values()}.values():
            for row in [row for row in rows if row.kind == rule.answered_by]:
                grant = NewGrant(role=Role.OFFICE, area=row.path, unit=row.id)
                await self._make(f"{code}-{rule.topics[0]}", f"{row.name}经办", "/office", grant)
        inspector = NewGrant(role=Role.INSPECTOR)
        await self._make(f"{code}-inspector", shown.person_name, "/field", inspector, person=shown.person)
        enterprise = NewGrant(role=Role.ENTERPRISE, enterprise=shown.enterprise)
        await self._make(f"{code}-enterprise", shown.name, "/enterprise", enterprise)
        ends = (routes[Kind.COMPLAINT].else_outside, *(topic.outside for topic in self.scheme.topics(Kind.COMPLAINT)))
        for n, kind in enumerate(dict.fromkeys(end for end in ends if end is not None)):
            await self._custodian(kind, f"{code}-{kind if n else 'custodian'}")

    async def _custodian(self, outside: str, login: str) -> None:
        """Somebody of an office outside the chain, who keeps complaints: without them the door of the boards stays closed."""
        unit = next((one for kind, one, _ in self.units if kind == outside), None)
        if unit is None:
            return
        row = await area_queries.unit(self.call, unit)
        form = PersonForm(name=self.invent.name(), phone=self._phone(), jurisdiction=row.place_id, unit=unit)
        person = await people_queries.person(self.call, await people.add_person(self.call, form))
        await self._make(login, person.name, "/custody", NewGrant(role=Role.CUSTODIAN, unit=row.id), person=person.id)

    async def _shown(self) -> Led:
        """An enterprise with a credit code whose board has somebody to lead it, and that person."""
        leads = self.scheme.boards["enterprise"].leads
        post = next(post for post in leads if all(per.klass in (None, "*") for per in self.scheme.posts[post].per))
        row = await enterprise_queries.first_led(self.call, self.scheme.region.code, post)
        if row is None:
            raise RuntimeError(f"the example of {self.scheme.region.code} has no enterprise whose board somebody leads")
        return row

    async def _make(self, login: str, name: str, door: str, grant: NewGrant, *, person: int | None = None) -> None:
        password = invented()
        new = NewAccount(login=login, name=name[:40], password=password, person=person, must_change=False, grants=(grant,))
        await make_account(self.call, new)
        self.accounts.append(ExampleAccount(grant.role.value, login, password, door))


async def make_account(call: Call, new: NewAccount) -> None:
    """An account of the example; where its role demands a second factor, that is set up already (see ``portal user code``)."""
    id_ = await create_account(call, new)
    if any(grant.role in TWO_FACTORS for grant in new.grants):
        await set_up(call, id_)


async def faces(call: Call) -> list[int]:
    """Store the drawn portraits once; their file ids."""
    found = []
    for seed in range(FACES):
        picture = await call.portal.workshop.do(reencode, portrait(seed), people.PORTRAIT_PIXELS)
        row = StoredFile(
            name=call.portal.files.keep(picture.data),
            kind="portrait",
            mime="image/jpeg",
            digest=digest(picture.data),
            size=len(picture.data),
            width=picture.width,
            height=picture.height,
            created_at=call.now,
        )
        await row.save()
        found.append(int(row.id))
    return found


def folders(call: Call) -> Iterator[tuple[Scheme, Traversable]]:
    """The regions that ship an example, with its folder."""
    for name in call.portal.plugins.packages:
        folder = call.portal.plugins.resources(name) / "example"
        if folder.is_dir():
            for scheme in call.book.schemes:
                if scheme.plugin == name and scheme is call.book.in_force(scheme.region.code, call.today):
                    yield scheme, folder
