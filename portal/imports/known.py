"""What names and codes in a sheet may mean: the register of a region, loaded once, and added to while a sheet is taken in."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from portal import codes
from portal.areas.queries import FULL_NAME
from portal.call import Call
from portal.errors import Refused
from portal.imports.columns import plain
from portal.people.queries import named_in_records, seen
from portal.scheme.book import Scheme
from portal.terms import Text, also, say


@dataclass(frozen=True, slots=True)
class Thing:
    """Something of the register: its public id, its name, and the path of where it is; ``of`` its kind, tier or parent.

    ``code`` is the badge, credit code or number that tells it from its namesakes; ``given`` says that the sheet brought it to
    something that had none. ``phone`` is a person's, as it is dialled, ``where`` the address of an enterprise, as it is compared.
    """

    id: str
    name: str
    path: str
    of: str = ""
    code: str = ""
    given: bool = False
    phone: str = ""
    where: str = ""


@dataclass
class Index:
    """Things by what they may be called."""

    what: Text
    by: dict[str, list[Thing]] = field(default_factory=lambda: defaultdict(list))
    called: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, thing: Thing, names: Iterable[str | None]) -> None:
        """Let a thing be found by these names, and as it is now by those that it had: a sheet may call it by either."""
        before = self.called.get(thing.id, ())
        for name in before:
            self.by[name] = [thing if other.id == thing.id else other for other in self.by[name]]
        new = [name for name in dict.fromkeys(self.key(name) for name in names if name) if name not in before]
        for name in new:
            self.by[name].append(thing)
        self.called[thing.id] = (*before, *new)

    def get(self, id_: str) -> Thing | None:
        """The thing with this public id."""
        names = self.called.get(id_)
        return next((one for one in self.by[names[0]] if one.id == id_), None) if names else None

    def all(self, text: str) -> list[Thing]:
        """Everything that is called so."""
        return self.by.get(self.key(text), [])

    def key(self, text: str) -> str:
        """A name as it is compared."""
        return plain(text)

    def one(self, text: str, *, column: str, near: str = "") -> Thing:
        """The one thing that is called so; where there are several, the one in or around the place ``near``.

        :class:`Refused` at the column where there is none, or still more than one.
        """
        found = self.all(text)
        if len(found) > 1 and near:
            found = [one for one in found if one.path.startswith(near) or near.startswith(one.path)] or found
        if len(found) == 1:
            return found[0]
        if found:
            raise Refused(
                say("有 {n} 个{what}叫“{text}”，请改填代码或编号", n=len(found), what=self.what, text=text), field=column
            )
        raise Refused(say("没有登记名为“{text}”的{what}", text=text, what=self.what), field=column)


# What follows the name of a village or community, where its committee is meant
COMMITTEE = re.compile(
    also(
        r"(?:(?P<community>社区居民委员会|居民委员会|社区居委会|居委会|社区居委|居民委|居委)"
        r"|(?P<village>村民委员会|村委员会|村民委|村委会|村委|行政村|建制村))$"
    )[0]
)
BETWEEN = re.compile(r"[\s/\\>→|_:,，、·—-]+")
# How the names end that may stand before a place and say nothing of it; the name of a town or a community may contradict it
ABOVE, TOWN = re.compile(r"[省市区县旗盟州]"), re.compile(also(r"[镇乡]|街道|社区")[0])
TOWNS = also("镇", "乡", "街道")
SORTS = also("", "社区", "村", "居")
OF_COMMUNITY, OF_VILLAGE = also("", "社区", "居"), also("", "村")
IN_BRACKETS = re.compile(r"(.+)[(（\[【](.+)[)）\]】]")


def _by_committee(name: str) -> tuple[str, ...]:
    """What others call a place that the register calls by its committee, as lists for statistics do: 丙社区居委会 is 丙社区."""
    found = COMMITTEE.search(name)
    bare = name[: found.start()] if found else ""
    if found is None or not bare:
        return ()
    sort = also("村")[0] if also("村")[0] in found[0] else also("社区")[0]
    return (bare,) if bare.endswith(sort) else (bare, f"{bare}{sort}")


@dataclass
class Places(Index):
    """Places, also by the ways in which offices write them: with all that lies above, blanks or strokes between, by their
    committee, or without saying whether it is a village or a community; and the other way round, without the committee by which
    the register calls them.
    """

    loosely: Index = field(default_factory=lambda: Index(say("辖区")))
    spots: dict[str, str] = field(default_factory=dict)

    def add(self, thing: Thing, names: Iterable[str | None]) -> None:
        """Let a place be found by these names, and, where nothing else is called so, by them without the committee."""
        called = tuple(filter(None, names))
        self.spots.clear()
        super().add(thing, called)
        self.loosely.add(thing, [other for name in called for other in _by_committee(plain(name))])

    def spot(self, text: str) -> str:
        """The path of the one place that is called so, however it is written; else the name as it is compared."""
        if text not in self.spots:
            found = self.all(text)
            self.spots[text] = found[0].path if len(found) == 1 else plain(text)
        return self.spots[text]

    def all(self, text: str) -> list[Thing]:
        """Everything that is called so; only where nothing is, what is called nearly so."""
        if found := super().all(text):
            return found
        if codes.is_division_number(number := codes.division(text)):
            return [thing for code in codes.division_spellings(number) for thing in super(Places, self).all(code)]
        name = plain(text)
        if (bracketed := IN_BRACKETS.fullmatch(name)) is not None:
            # 香溪社区（木渎镇）, 天平村（社区）
            inner, outer = bracketed[2], bracketed[1]
            return self.all(outer if BETWEEN.sub("", inner) in SORTS else f"{inner}{outer}")
        name = BETWEEN.sub("", name)
        whole = [
            name[end:] for end in range(len(name) - 1) if not end or (ABOVE.match(name[end - 1]) and not TOWN.search(name[:end]))
        ]
        for one in whole:
            committee = COMMITTEE.search(one)
            bare = one[: committee.start()] if committee else one
            sorts = SORTS if committee is None else OF_COMMUNITY if committee["community"] else OF_VILLAGE
            near = {
                thing.id: thing
                for sort in sorts
                for thing in (*super(Places, self).all(f"{bare}{sort}"), *self.loosely.all(f"{bare}{sort}"))
                if len(bare) > 1 or bare != one
            }
            if near:
                return list(near.values())
        return self._in_town(name)

    def _in_town(self, name: str) -> list[Thing]:
        """What is called so after its town without the word for it: 木渎香溪社区."""
        for end in range(2, len(name) - 1):
            towns = [town.path for sort in TOWNS for town in Index.all(self, f"{name[:end]}{sort}")]
            if towns and (inside := [one for one in self.all(name[end:]) if one.path.startswith(tuple(towns))]):
                return inside
        return []


@dataclass(frozen=True)
class Theirs:
    """A grid of another system, with the public id of ours that it lies in."""

    id: str
    system: str
    code: str
    name: str
    path: str
    grid: str | None


@dataclass(frozen=True)
class AnyGrid:
    """Our grids as some sheets call them: as we do, or, where none of ours is called so, by the code of another system's."""

    ours: Index
    theirs: dict[str, list[Theirs]] = field(default_factory=lambda: defaultdict(list))

    @property
    def what(self) -> Text:
        """What a cell calls."""
        return self.ours.what

    def add(self, one: Theirs) -> None:
        """Let a grid of another system be found as it is now."""
        self.theirs[plain(one.code)] = [other for other in self.theirs[plain(one.code)] if other.id != one.id] + [one]

    def all(self, text: str) -> list[Thing] | list[Theirs]:
        """Everything of ours that is called so, else everything of theirs."""
        return self.ours.all(text) or self.theirs.get(plain(text), [])

    def one(self, text: str, *, column: str, near: str = "") -> Thing:
        """The one grid of ours that is meant. :class:`Refused` at the column where theirs lie in none of ours, or in several."""
        theirs = self.theirs.get(plain(text), [])
        if self.ours.all(text) or not theirs:
            return self.ours.one(text, column=column, near=near)
        mapped = {one.grid: ours for one in theirs if one.grid and (ours := self.ours.get(one.grid)) is not None}
        if len(mapped) == 1:
            return next(iter(mapped.values()))
        if not mapped:
            what = say(
                "{system}的网格“{text}”还没有关联安全网格。请先在“其他系统的网格”里关联，或改填网格编号",
                system="、".join(one.system for one in theirs),
                text=text,
            )
            raise Refused(what, field=column)
        there = "，".join(
            say("{system}的在{grid}", system=one.system, grid=mapped[one.grid].name) for one in theirs if one.grid in mapped
        )
        raise Refused(say("“{text}”在其他系统里是几个网格：{there}。请改填网格编号", text=text, there=there), field=column)


class Names(Index):
    """People, by names that are spelled in many ways."""

    def key(self, text: str) -> str:
        """A name or number as it is compared."""
        return codes.spelled(plain(text))


@dataclass(frozen=True)
class Known:
    """The register of a region as sheets may call it. ``doers`` are those whom a sheet of past deeds may name: the people, and
    who served here within the last year.
    """

    places: Places
    units: Index
    grids: Index
    people: Index
    doers: Index
    enterprises: Index
    any_grids: AnyGrid

    def add_person(self, thing: Thing, names: Iterable[str | None]) -> None:
        """Let somebody be found as they are now."""
        called = tuple(names)
        self.people.add(thing, called)
        self.doers.add(thing, called)


# What lies in the viewer's areas, or around them
NEAR = "exists (select from unnest($3::text[]) as area where starts_with(j.path, area) or starts_with(area, j.path))"


async def known_register(call: Call, scheme: Scheme) -> Known:
    """Load it: the places of the region, its units and grids in the viewer's areas and around them, people and enterprises whom
    the viewer sees.
    """
    region, db = scheme.region.code, call.db
    grids, people = Index(say("网格")), say("人员")
    found = Known(
        Places(say("辖区")), Index(say("部门")), grids, Names(people), Names(people), Index(say("单位")), AnyGrid(grids)
    )
    for row in await db.rows(
        f"""
        select j.public_id, j.name, j.code, j.path, j.kind, {FULL_NAME.format(path="j.path")} as full_name, p.name as above
        from jurisdiction j left join jurisdiction p on p.id = j.parent
        where exists (select from jurisdiction r where r.region = $1 and starts_with(j.path, r.path))
            and (j.until is null or j.until > $2)
        """,
        region,
        call.today,
    ):
        thing = Thing(row["public_id"], row["full_name"], row["path"], row["kind"])
        found.places.add(thing, (row["code"], row["name"], row["full_name"], f"{row['above'] or ''}{row['name']}"))
    for row in await db.rows(
        "select u.public_id, u.name, u.kind, j.path, j.name as place from unit u join jurisdiction j on j.id = u.jurisdiction "
        f"where u.region = $1 and (u.until is null or u.until > $2) and {NEAR}",
        region,
        call.today,
        list(call.viewer.areas),
    ):
        found.units.add(Thing(row["public_id"], row["name"], row["path"], row["kind"]), (row["name"],))
    for row in await db.rows(
        "select g.public_id, g.code, g.name, g.tier, j.path from grid g join jurisdiction j on j.id = g.jurisdiction "
        f"where g.region = $1 and (g.until is null or g.until > $2) and {NEAR}",
        region,
        call.today,
        list(call.viewer.areas),
    ):
        thing = Thing(row["public_id"], row["name"], row["path"], row["tier"], code=plain(row["code"]))
        found.grids.add(thing, (row["code"], row["name"]))
    for row in await db.rows(
        "select o.public_id, o.system, o.code, o.name, j.path, g.public_id as grid from outside_grid o "
        "join jurisdiction j on j.id = o.jurisdiction left join grid g on g.id = o.grid "
        f"where o.region = $1 and (o.until is null or o.until > $2) and {NEAR} order by o.system",
        region,
        call.today,
        list(call.viewer.areas),
    ):
        found.any_grids.add(Theirs(row["public_id"], row["system"], row["code"], row["name"], row["path"], row["grid"]))
    areas = [area + "%" for area in call.viewer.areas]
    for row in await db.rows(
        f"select p.public_id, p.name, p.badge, p.phone, j.path, {seen('$2', '$1')} as seen "
        "from person p join jurisdiction j on j.id = p.jurisdiction "
        f"where (p.until is null or p.until > $1) and {named_in_records('$2', '$1')}",
        call.today,
        areas,
    ):
        names = (row["badge"], row["name"])
        found.doers.add(Thing(row["public_id"], row["name"], row["path"]), names)
        if row["seen"]:
            found.people.add(person(row["public_id"], row["name"], row["path"], row["badge"], row["phone"]), names)
    for row in await db.rows(
        "select e.public_id, e.name, e.credit_code, e.address, j.path from enterprise e join jurisdiction j on j.id = e.division "
        "where e.region = $1 and (e.until is null or e.until > $2) and j.path like any($3)",
        region,
        call.today,
        areas,
    ):
        where = plain(row["address"])
        thing = Thing(row["public_id"], row["name"], row["path"], code=row["credit_code"] or "", where=where)
        found.enterprises.add(thing, (row["credit_code"], row["name"]))
    return found


def person(id_: str, name: str, path: str, badge: str, phone: str, *, given: bool = False) -> Thing:
    """Somebody of the register."""
    return Thing(id_, name, path, code=plain(badge), phone=codes.dialled(phone), given=given)


def meant(alike: Sequence[Thing], code: str, *, column: str) -> Thing | None:
    """Which of those who are alike in all but their code a row with this code, or with none, means; None: somebody new.

    Who has another code is somebody else. :class:`Refused` at the column where it may be one as well as the other.
    """
    without = [one for one in alike if not one.code]
    fitting = without if code or without else alike
    if len(fitting) > 1:
        what = say(
            "有 {n} 个登记相同的“{name}”，不能确定是哪一个。请填写这个单元格；登记时也没有填写的，请先补充登记",
            n=len(fitting),
            name=fitting[0].name,
        )
        raise Refused(what, field=column)
    if code and not fitting and (taken := next((one for one in alike if one.given), None)):
        what = say(
            "登记相同的“{name}”只有一个，表里另一行已填上 {code}。如果是两个，请先补充登记，再导入",
            name=taken.name,
            code=taken.code,
        )
        raise Refused(what, field=column)
    return fitting[0] if fitting else None
