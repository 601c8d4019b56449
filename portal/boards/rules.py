"""What a board says: its facts from the register and the scheme, and the difference between two sets of facts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.areas.rules import UnitAt, all_nearest, nearest
from portal.errors import Refused
from portal.people.rules import Seat, posts_at
from portal.scheme import national
from portal.scheme.book import Scheme, reaches
from portal.scheme.calendar import period_told
from portal.scheme.check_places import tiers_above
from portal.scheme.words import Assumption, Basis, Board, Duty, Force, Kind, Per, Section, Shown
from portal.terms import CAPACITY, FIELD, FORCE, Text, say

Facts = dict[str, Any]


@dataclass(frozen=True)
class GridAt:
    """A grid of the board's chain, the board's own first; ``places`` are the jurisdictions whose names its area tells,
    ``ground`` and ``path`` the kind and the path of the one that it is of, ``tier_name`` what its tier was called when it was
    drawn.
    """

    id: int
    tier: str
    code: str
    name: str
    area: str
    places: Sequence[int] = ()
    ground: str = ""
    path: str = ""
    tier_name: str = ""


@dataclass(frozen=True)
class Holder:
    """Who holds a post at a seat."""

    person: int
    post: str
    seat_kind: str
    seat: int
    name: str
    phone: str
    badge: str
    portrait: str | None


@dataclass(frozen=True, kw_only=True)
class Source:
    """All that the register knows for one board. Without ``grids`` it belongs to none: dissolved, moved away, not yet placed,
    or of a class (``klass``) that an office supervises itself. ``charged`` are the offices that answer for it, by line.
    """

    of: str
    place: str
    path: str
    grids: Sequence[GridAt]
    enterprise: int | None = None
    enterprise_name: str = ""
    address: str = ""
    klass: str | None = None
    charged: Mapping[str, UnitAt] = field(default_factory=dict)
    holders: Sequence[Holder] = field(default=())
    units: Sequence[UnitAt] = field(default=())


def compose(scheme: Scheme, source: Source) -> Facts:
    """The facts of a board, ready to be stored, shown and printed."""
    board = scheme.boards[source.of]
    lead = next((person for post in board.leads for person in _people(scheme, source, post)), None)
    return {
        "of": source.of,
        "region": scheme.region.code,
        "region_name": scheme.region.name,
        "edition": scheme.edition_id,
        "title": board.title,
        "place": source.place,
        "grid": _grid(scheme, source),
        "above": [{"tier": _tier(scheme, grid), "name": grid.name} for grid in source.grids[1:]],
        "enterprise": {"name": source.enterprise_name, "address": source.address} if source.enterprise else None,
        "lead": lead,
        "sections": [_section(scheme, source, section, lead) for section in board.sections],
        "issuer": _office(scheme, source, board.issuer),
        "supervision": _office(scheme, source, board.supervision),
        "complaint": _complaints(scheme, source),
        "apart": _apart(scheme, source),
        "hotlines": [{"number": line.number, "name": line.name} for line in map(national.HOTLINES.__getitem__, board.hotlines)],
        "basis": _basis(board.basis),
    }


def _grid(scheme: Scheme, source: Source) -> Facts:
    if not source.grids:
        name = str(_directly(scheme, source) or say("不在任何网格内"))
        return {"code": "", "name": name, "tier": "", "area": name}
    own = source.grids[0]
    return {"code": own.code, "name": own.name, "tier": _tier(scheme, own), "area": own.area}


def _tier(scheme: Scheme, grid: GridAt) -> str:
    """What a grid's tier is called; the edition in force may know it no more."""
    return scheme.tiers[grid.tier].name if grid.tier in scheme.tiers else grid.tier_name


def _directly(scheme: Scheme, source: Source) -> str | None:
    """Which office supervises it itself: of several of that kind in one place, the one that is in charge of it on a line; where
    nobody has said which, none is named.
    """
    placement = scheme.placements.get(source.klass or "")
    if placement is None or placement.direct is None:
        return None
    charged = (source.charged[line] for line in scheme.lines if line in source.charged)
    office = next((unit for unit in charged if unit.kind == placement.direct), None)
    nearby = [office] if office is not None else all_nearest(placement.direct, source.path, source.units)
    if len(nearby) > 1:
        return say("由{unit}直接监管（还没有定是哪个部门）", unit=scheme.units[placement.direct].name)
    return say("由{unit}直接监管", unit=nearby[0].name if nearby else scheme.units[placement.direct].name)


def named_on(scheme: Scheme, source: Source) -> list[Holder]:
    """Everybody whom the board names, each person once, the leading ones first."""
    board = scheme.boards[source.of]
    posts = list(dict.fromkeys([*board.leads, *(post for section in board.sections for post in section.posts)]))
    found = [holder for post in posts for holder in source.holders if holder.post == post]
    found += [
        holder
        for section in board.sections
        for line in section.lines
        for holder in _of_line(scheme, source, line)
        if not section.posts or holder.post in section.posts
    ]
    return list({holder.person: holder for holder in reversed(found)}.values())[::-1]


def office_of_line(scheme: Scheme, source: Source, line: str) -> UnitAt | None:
    """The office that answers for the board's subject on a line: the one in charge, else the nearest of the line's kind, where
    it is the only one.
    """
    kind = scheme.lines[line].unit
    nearby = all_nearest(kind, source.path, source.units) if kind is not None else []
    return source.charged.get(line) or (nearby[0] if len(nearby) == 1 else None)


def _of_line(scheme: Scheme, source: Source, line: str) -> list[Holder]:
    office, posts = office_of_line(scheme, source, line), scheme.lines[line].posts
    return (
        []
        if office is None
        else [
            holder
            for post in posts
            for holder in source.holders
            if (holder.post, holder.seat_kind, holder.seat) == (post, "unit", office.id)
        ]
    )


def sources_of(scheme: Scheme, source: Source) -> set[tuple[str, int]]:
    """What the facts were taken from: a change of any of these may falsify the board."""
    found = {("grid", grid.id) for grid in source.grids}
    found |= {("unit", unit.id) for unit in (*source.units, *source.charged.values())}
    found |= {("person", holder.person) for holder in named_on(scheme, source)}
    found |= {("jurisdiction", place) for grid in source.grids for place in grid.places}
    if source.enterprise is not None:
        found.add(("enterprise", source.enterprise))
    return found


def holders_near(source: Source, post: str) -> list[Holder]:
    """The holders of a post nearest to the board: at the enterprise, else at the lowest grid of the chain that has any."""
    seats = [("enterprise", source.enterprise), *(("grid", grid.id) for grid in source.grids)]
    seats += [("unit", unit.id) for unit in sorted(source.units, key=lambda unit: -len(unit.path))]
    for seat in seats:
        here = [holder for holder in source.holders if holder.post == post and (holder.seat_kind, holder.seat) == seat]
        if here:
            return here
    return []


def _people(scheme: Scheme, source: Source, post: str) -> list[Facts]:
    return [_person(scheme, holder) for holder in holders_near(source, post)]


def _person(scheme: Scheme, holder: Holder) -> Facts:
    post = scheme.posts[holder.post]
    return {
        "post": post.code,
        "post_name": post.name,
        "line": scheme.lines[post.line].name if post.line else "",
        "capacity": str(CAPACITY[post.capacity.value]),
        "name": holder.name,
        "phone": holder.phone,
        "badge": holder.badge,
        "photo": holder.portrait,
    }


def _section(scheme: Scheme, source: Source, section: Section, lead: Facts | None) -> Facts:
    head: Facts = {"code": section.code, "title": section.title, "shows": section.shows.value, "basis": _basis(section.basis)}
    if section.shows is Shown.WORDS:
        return head | {"lines": [{"says": says, "every": "", "basis": _basis(section.basis)} for says in section.says]}
    if section.shows is Shown.LINES:
        return head | {"shows": Shown.PEOPLE.value} | _lines(scheme, source, section)
    if section.shows is Shown.PEOPLE:
        people = [person for post in section.posts for person in _people(scheme, source, post)]
        held = {person["post"] for person in people}
        wanted = _wanted(scheme, source)
        lacking = [scheme.posts[post] for post in section.posts if post in wanted - held and scheme.posts[post].count.least > 0]
        vacant = [post for post in lacking if not any(holders_near(source, other) for other in post.filled_by)]
        return head | {"people": people, "vacant": [post.name for post in vacant]}
    wants = section.shows is Shown.SERVICES
    own = {lead["post"]} if lead else set()
    posts = [post for post in section.posts if post in own] or list(section.posts[:1])
    lines = [
        {"says": duty.says, "every": _how_often(duty), "basis": _basis(duty.basis)}
        for post in posts
        for duty in scheme.duties
        if post in duty.posts and duty.serves is wants and (not duty.on or any(_is_on(scheme, source, per) for per in duty.on))
    ]
    return head | {"lines": lines}


def _is_on(scheme: Scheme, source: Source, per: Per) -> bool:
    """Whether what a duty is on has to do with the board: with its enterprise, or with its grid, those around and those in it."""
    around = per.tier is None or any(grid.tier == per.tier and per.where in (None, grid.ground) for grid in source.grids)
    if source.enterprise is None:
        return around or any(grid.tier in tiers_above(scheme, str(per.tier)) for grid in source.grids[:1])
    of_class = per.klass in (None, source.klass) or (per.klass == "*" and bool(source.grids))
    return around and of_class and reaches(per, source.path)


def _how_often(duty: Duty) -> str:
    """How strictly and how often, where the one is less than a must or the other is given: 鼓励，每月一次."""
    strict = () if duty.force is Force.MUST else (str(FORCE[duty.force.value]),)
    return "，".join((*strict, *((period_told(duty.every),) if duty.every else ())))


def _lines(scheme: Scheme, source: Source, section: Section) -> Facts:
    """For each line its office and those who stand for the line there; a line that must have an office and has none is vacant."""
    people: list[Facts] = []
    vacant = []
    for code in section.lines:
        line, office = scheme.lines[code], office_of_line(scheme, source, code)
        if office is not None:
            people.append(_at_office(line.name, office))
            holders = [one for one in _of_line(scheme, source, code) if not section.posts or one.post in section.posts]
            people += [_person(scheme, holder) | {"line": line.name} for holder in holders]
        elif source.enterprise is not None and line.required:
            vacant.append(str(say("{line}（还没有定部门）", line=line.name)))
    return {"people": people, "vacant": vacant}


def _at_office(line: str, office: UnitAt) -> Facts:
    """An office where a person stands else: by its name and telephone."""
    return {
        "post": "",
        "post_name": line,
        "line": line,
        "capacity": "",
        "name": office.name,
        "phone": office.phone,
        "badge": "",
        "photo": None,
    }


def _wanted(scheme: Scheme, source: Source) -> set[str]:
    """The posts that have a seat at a grid of the board's chain or at its enterprise, so that their absence is a vacancy."""
    seats = [Seat("grid", grid.id, grid.tier, grid.name, grid.ground, grid.path) for grid in source.grids]
    if source.enterprise is not None:
        seats.append(Seat("enterprise", source.enterprise, source.klass, source.enterprise_name, path=source.path))
    return {post.code for seat in seats for post in posts_at(scheme, seat)}


def _office(scheme: Scheme, source: Source, code: str) -> Facts:
    """The nearest unit of a kind, by name and phone."""
    unit = nearest(code, source.path, source.units)
    if unit is None:
        return {"name": scheme.units[code].name, "phone": ""}
    return {"name": unit.name, "phone": unit.phone}


def _complaints(scheme: Scheme, source: Source) -> Facts:
    """Where one complains: the way out is never missing. Where the register has no outside office yet, the hotline of discipline
    inspection stands in, never one that hands it back.
    """
    code = scheme.routes[Kind.COMPLAINT].else_outside
    if code in scheme.units and nearest(code, source.path, source.units) is not None:
        return _office(scheme, source, code)
    line = national.for_complaints(code)
    return {"name": line.name, "phone": line.number}


def _apart(scheme: Scheme, source: Source) -> list[Facts]:
    """The other offices outside that are asked first about a subject: what about, in short, and their names and numbers. One that
    the register does not have is none: whoever takes the rest takes that too.
    """
    usual, about = scheme.routes[Kind.COMPLAINT].else_outside, dict[str, list[str]]()
    for topic in scheme.topics(Kind.COMPLAINT):
        if topic.outside not in (None, usual) and nearest(topic.outside, source.path, source.units) is not None:
            about.setdefault(topic.outside, []).append(topic.name.partition("（")[0])
    return [{"about": "、".join(names)} | _office(scheme, source, code) for code, names in about.items()]


def _basis(basis: Basis) -> dict[str, str]:
    if isinstance(basis, Assumption):
        return {"assumption": basis.why}
    return {"clause": basis.id, "at": basis.at, "gist": basis.gist} | ({"read_as": basis.read_as} if basis.read_as else {})


def may_issue(facts: Facts, board: Board) -> None:
    """Refuse to issue a board that would mislead: without a responsible person, a photo, or a phone to call."""
    lead = facts["lead"]
    if lead is None:
        raise Refused(say("牌上的主要责任人（{title}）空缺。请先安排任职，再签发。", title=board.title))
    if not lead["photo"]:
        raise Refused(say("{name}还没有照片。请先在人员页面上传照片，再签发。", name=lead["name"]))
    for office, what in ((facts["issuer"], say("签发部门")), (facts["supervision"], say("监督部门"))):
        if not office["phone"]:
            raise Refused(say("{what}“{name}”还没有登记电话。请先在部门页面登记，再签发。", what=what, name=office["name"]))


def characters(facts: Facts) -> str:
    """Every character that a board prints, once each."""
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, str):
            found.update(value)
        elif isinstance(value, Mapping):
            for key, part in value.items():
                if key not in ("photo", "basis"):
                    walk(part)
        elif isinstance(value, list):
            for part in value:
                walk(part)

    walk(facts)
    return "".join(sorted(found))


def flat(facts: Facts) -> dict[str, str]:
    """The facts as labelled lines, for comparing and for telling what changed."""
    lines: dict[str, str] = {}
    if facts["enterprise"]:
        lines[say("单位名称")] = facts["enterprise"]["name"]
        lines[say("单位地址")] = facts["enterprise"]["address"]
    grid = facts["grid"]
    lines[say("网格")] = f"{grid['name']}（{grid['code']}）" if grid["code"] else grid["name"]
    lines[say("责任区")] = facts["grid"]["area"]
    lead = facts["lead"]
    if lead:
        lines[say("责任人")] = f"{lead['post_name']} {lead['name']}"
        for key in ("phone", "badge", "photo"):
            lines[_of_lead(key)] = lead[key] or ""
    else:
        lines[say("责任人")] = say("暂缺")
    for section in facts["sections"]:
        if section["shows"] == "people":
            by_post: dict[str, list[str]] = {}
            for person in section["people"]:
                by_post.setdefault(person["post_name"], []).append(f"{person['name']} {person['phone']}".strip())
            lines |= {f"{section['title']}：{post}": "、".join(names) for post, names in by_post.items()}
        else:
            lines[section["title"]] = "；".join(_line(line) for line in section["lines"])
    # A board of an earlier release names all that there are, and printed three
    lines[say("公共热线")] = "、".join(line["number"] for line in facts["hotlines"][: national.MOST_ON_A_BOARD])
    for key, label in (("issuer", say("签发部门")), ("supervision", say("监督电话")), ("complaint", say("投诉受理"))):
        lines[label] = f"{facts[key]['name']} {facts[key]['phone']}".strip()
    for office in facts.get("apart", ()):
        lines[say("投诉{about}", about=office["about"])] = f"{office['name']} {office['phone']}".strip()
    return lines


def _of_lead(key: str) -> Text:
    """The label of what is told about whom the board names first."""
    return say("责任人{field}", field=FIELD[key])


def difference(printed: Facts, live: Facts) -> list[dict[str, str]]:
    """What the board on the wall says differently from what is true now: label, printed, live. The numbers of those who are on
    the board no more are nobody's business.
    """
    # What an earlier release did not know of is true all the same: nothing has to be printed anew
    live = live if "apart" in printed else {**live, "apart": ()}
    old, new = flat(_without_numbers(printed, live)), flat(live)
    photo = _of_lead("photo")
    found = []
    for label in dict.fromkeys((*old, *new)):
        if old.get(label, "") != new.get(label, ""):
            pair = (say("原照片"), say("新照片")) if label == photo else (old.get(label, ""), new.get(label, ""))
            found.append({"label": str(label), "printed": str(pair[0]), "live": str(pair[1])})
    return found


def _without_numbers(printed: Facts, live: Facts) -> Facts:
    """What is printed, with a word in place of every number of somebody whom the board names no more."""
    there = {one["name"] for one in _all_named(live)}

    def shown(person: Facts) -> Facts:
        gone = {key: str(say("原号码")) for key in ("phone", "badge") if person[key]}
        return person if person["name"] in there else {**person, **gone}

    sections = [
        {**section, "people": [shown(one) for one in section["people"]]} if "people" in section else section
        for section in printed["sections"]
    ]
    return {**printed, "lead": shown(printed["lead"]) if printed["lead"] else None, "sections": sections}


def _all_named(facts: Facts) -> list[Facts]:
    named = [facts["lead"], *(person for section in facts["sections"] for person in section.get("people", ()))]
    return [one for one in named if one]


def _line(line: Mapping[str, str]) -> str:
    return f"{line['says']}（{line['every']}）" if line["every"] else line["says"]


def photos(facts: Facts) -> set[str]:
    """The stored files that the facts show."""
    return {person["photo"] for person in _all_named(facts) if person["photo"]}
