"""From a session's token to a viewer; accounts and sessions as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from portal import codes
from portal.access import rules
from portal.areas.queries import AROUND
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.storage.engine import Database, Record
from portal.storage.lists import Listed, Wanted, Where, listed
from portal.terms import Text, say
from portal.viewer import PUBLIC, TWO_FACTORS, Role, Viewer

SOMEBODY = say("另一位工作人员")
SEEN_EVERY = timedelta(minutes=1)


class Stage(StrEnum):
    """How far a sign-in has come: the second factor is still to be set up or shown, or the account is in."""

    ENROL = "enrol"
    CONFIRM = "confirm"
    IN = "in"


@dataclass(frozen=True)
class KnownBrowser:
    """A signed-in browser: who it is, and the secret that its forms carry. Before ``stage`` is in, the viewer is nobody."""

    viewer: Viewer
    csrf: str
    must_change: bool
    session: str
    stage: Stage = Stage.IN
    login: str = ""


@dataclass(frozen=True)
class SessionRow:
    """One of the viewer's sessions."""

    id: str
    created_at: datetime
    seen_at: datetime


async def known_browser(call: Call, token: str) -> KnownBrowser | None:
    """Who is behind the token, or None where the session is over or never was."""
    row = await call.db.row(
        """
        select s.id, s.public_id, s.csrf, s.seen_at, s.confirmed, s.enterprise, a.id as account, a.login,
            coalesce(a.name, s.name) as name, a.person, coalesce(a.must_change, false) as must_change,
            a.second is not null as second
        from session s left join account a on a.id = s.account left join person p on p.id = a.person
            left join enterprise e on e.id = s.enterprise
        where s.token = $1 and s.seen_at > $2 and s.created_at > $3 and (s.ends_at is null or s.ends_at > $4)
            and (a.active or s.enterprise is not null) and (p.until is null or p.until > $5) and (e.until is null or e.until > $5)
        """,
        sha256(token.encode()).hexdigest(),
        call.now - rules.IDLE,
        call.now - rules.ABSOLUTE,
        call.now,
        call.today,
    )
    if row is None:
        return None
    if row["seen_at"] < call.now - SEEN_EVERY:
        await call.db.rows("update session set seen_at = $1 where id = $2", call.now, row["id"])
    if row["account"] is None:
        guest = Viewer(name=row["name"], roles=frozenset({Role.ENTERPRISE}), enterprise=row["enterprise"], on_site=True)
        return KnownBrowser(guest, row["csrf"], must_change=False, session=row["public_id"])
    viewer = await _viewer(call, row)
    stage = Stage.IN
    if not row["confirmed"] and (row["second"] or viewer.roles & TWO_FACTORS):
        stage, viewer = (Stage.CONFIRM if row["second"] else Stage.ENROL), PUBLIC
    return KnownBrowser(viewer, row["csrf"], row["must_change"], row["public_id"], stage, row["login"])


async def viewer_of(call: Call, account: int, *, lock: bool = False) -> Viewer | None:
    """Who an account is now, as if it came in anew with all that it has to show; None where it could not come in, or do nothing
    before its owner chose a password. With ``lock`` nobody changes that before the caller's transaction is over.
    """
    row = await call.db.row(
        f"""
        select a.id as account, a.name, a.person, a.second is not null as second
        from account a left join person p on p.id = a.person
        where a.id = $1 and a.active and not a.must_change and a.password <> $2 and (p.until is null or p.until > $3)
        {"for share of a" if lock else ""}
        """,
        account,
        rules.NO_PASSWORD,
        call.today,
    )
    viewer = await _viewer(call, row) if row is not None else None
    return None if viewer is None or (viewer.roles & TWO_FACTORS and row is not None and not row["second"]) else viewer


async def _viewer(call: Call, row: Record) -> Viewer:
    """What an account may do today: its own grants, and what an office or an inspector whose absence it covers may."""
    grants = await call.db.rows(
        """
        select g.role, g.area, g.unit, g.enterprise, a.person, g.account <> $1 as covered from access_grant g
            join account a on a.id = g.account left join person p on p.id = a.person
        where (g.account = $1 or g.role in ('office', 'inspector') and a.active and (p.until is null or p.until > $2)
            and g.account in (select absent from deputy where deputy = $1 and since <= $2 and until > $2))
            and g.since <= $2 and (g.until is null or g.until > $2)
        """,
        row["account"],
        call.today,
    )

    def of(column: str, *roles: Role) -> frozenset[Any]:
        return frozenset(g[column] for g in grants if g[column] is not None and (not roles or g["role"] in roles))

    return Viewer(
        account=row["account"],
        name=row["name"],
        person=row["person"],
        roles=frozenset(Role(grant["role"]) for grant in grants),
        units=of("unit", Role.OFFICE),
        areas=tuple(sorted(of("area", Role.OFFICE, Role.ADMINISTRATOR))),
        enterprise=next(iter(of("enterprise")), None),
        administers=tuple(sorted(of("area", Role.ADMINISTRATOR))),
        custody=of("unit", Role.CUSTODIAN),
        stands_for=frozenset(grant["person"] for grant in grants if grant["covered"] and grant["person"] is not None),
    )


async def readable(call: Call, units: Sequence[int]) -> frozenset[int]:
    """Those of the units in whose name somebody can sign in today; an invitation that nobody followed reads nothing."""
    rows = await call.db.rows(
        """
        select distinct g.unit from access_grant g join account a on a.id = g.account left join person p on p.id = a.person
        where g.unit = any($1) and g.role = 'office' and a.active and a.password <> $3 and g.since <= $2
            and (g.until is null or g.until > $2) and (p.until is null or p.until > $2)
        """,
        list(units),
        call.today,
        rules.NO_PASSWORD,
    )
    return frozenset(row["unit"] for row in rows)


# Where a grant lies: its own area, its unit's, its enterprise's, or where the account's person belongs
PLACE = "coalesce(g.area, uj.path, ej.path, pj.path)"
GRANT_PLACES = """
        left join jurisdiction pj on pj.id = p.jurisdiction left join unit u on u.id = g.unit
        left join jurisdiction uj on uj.id = u.jurisdiction left join enterprise e on e.id = g.enterprise
        left join jurisdiction ej on ej.id = e.division
"""
GRANTS = f"""
    select g.id, g.account, g.role, g.since, g.until, {PLACE} as path, u.name as unit_name, e.name as enterprise_name,
        (select string_agg(a.name, '' order by length(a.path)) from jurisdiction a
            where a.code = any({AROUND.format(path="g.area")})) as area_name
    from access_grant g join account a on a.id = g.account left join person p on p.id = a.person {GRANT_PLACES}
"""
ACCOUNT = """
    select a.*, a.login as sort_key, a.public_id as sort_id, p.name as person_name, p.public_id as person_id, p.until as left_on,
        (select array_agg(distinct g.role) from access_grant g
            where g.account = a.id and (g.until is null or g.until > {today})) as roles,
        (select max(seen_at) from session s where s.account = a.id) as seen_at
    from account a left join person p on p.id = a.person
"""


@dataclass(frozen=True)
class GrantRow:
    """A role that an account has or had, with what it is for."""

    id: int
    role: str
    what: str
    since: date
    until: date | None


@dataclass(frozen=True)
class AccountRow:
    """An account as its administrator sees it."""

    id: int
    public_id: str
    login: str
    name: str
    person_name: str | None
    person_id: str | None
    roles: tuple[str, ...]
    active: bool
    invited: bool
    second: bool
    seen_at: datetime | None
    created_at: datetime
    until: date | None = None


def _account(row: Record) -> AccountRow:
    return AccountRow(
        row["id"],
        row["public_id"],
        row["login"],
        row["name"],
        row["person_name"],
        row["person_id"],
        tuple(row["roles"] or ()),
        row["active"],
        row["password"] == rules.NO_PASSWORD,
        row["second"] is not None,
        row["seen_at"],
        row["created_at"],
    )


# The paths of all that an account reaches, today or soon: its own grants in force, and those that covering an absence gives it
REACHES = f"""
    from ({GRANTS}) as gr where (gr.until is null or gr.until > {{day}})
        and gr.account = any(array(
            select {{account}} union all select absent from deputy where deputy = {{account}} and until > {{day}}))
        and (gr.account = {{account}} or gr.role in ('office', 'inspector'))
"""


async def places_of(call: Call, account: int) -> list[str | None]:
    """Where everything lies that an account reaches, as paths; one that reaches nothing is a matter of the whole portal."""
    rows = await call.db.rows("select gr.path" + REACHES.format(account="$1::bigint", day="$2"), account, call.today)
    return [row["path"] for row in rows] or ["/"]


def _day(call: Call) -> str:
    return f"'{call.today.isoformat()}'"


async def accounts(call: Call, wanted: Wanted) -> Listed[AccountRow]:
    """The accounts that the viewer administers: all that they reach lies in the viewer's areas."""
    where = Where()
    where.add(
        "(select coalesce(bool_and(coalesce(gr.path, '/') like any({})), {})"
        f"{REACHES.format(account='a.id', day=_day(call))})",
        [area + "%" for area in call.viewer.administers],
        "/" in call.viewer.administers,
    )
    if wanted.query:
        where.add("a.login like {} or a.name like {}", f"%{wanted.query.lower()}%", f"%{wanted.query}%")
    if wanted.filters.get("ended") != "yes":
        where.add("a.active")
    if role := wanted.filters.get("role"):
        where.add("exists (select from access_grant g where g.account = a.id and g.role = {})", role)
    select = ACCOUNT.format(today=_day(call))
    return await listed(call.db, select, where, wanted, _account, key="a.login", id_="a.public_id")


async def account(call: Call, id_: str) -> AccountRow:
    """One account that the viewer administers."""
    row = await call.db.row(ACCOUNT.format(today=_day(call)) + " where a.public_id = $1", id_)
    if row is None or not rules.manages(call.viewer.administers, await places_of(call, row["id"])):
        raise NotVisible
    return _account(row)


async def grants_of(call: Call, account: int) -> tuple[GrantRow, ...]:
    """What an account was granted, the newest first."""
    rows = await call.db.rows(f"{GRANTS} where g.account = $1 order by g.id desc", account)
    return tuple(
        GrantRow(
            row["id"],
            row["role"],
            row["unit_name"] or row["enterprise_name"] or row["area_name"] or "",
            row["since"],
            row["until"],
        )
        for row in rows
    )


async def sessions_of(call: Call, account: int) -> tuple[SessionRow, ...]:
    """An account's open sessions, the newest first."""
    rows = await call.db.rows(
        "select public_id, created_at, seen_at from session where account = $1 and seen_at > $2 order by created_at desc",
        account,
        call.now - rules.IDLE,
    )
    return tuple(SessionRow(row["public_id"], row["created_at"], row["seen_at"]) for row in rows)


HOLDERS = """
    select a.name, j.task from unnest($1::text[]) held(said)
        left join job j on j.public_id = substr(held.said, 5) and held.said like 'job %'
        join account a on a.id = coalesce(
            j.asked_by, case when held.said ~ '^account [0-9]+$' then substr(held.said, 9)::bigint end)
    where exists (
        select from access_grant theirs join access_grant mine on mine.account = $2
        where theirs.account = a.id and theirs.area is not null and mine.area is not null
            and (theirs.area like mine.area || '%' or mine.area like theirs.area || '%')
            and (theirs.until is null or theirs.until > current_date) and (mine.until is null or mine.until > current_date)
    ) and not exists (select from access_grant c where c.account = a.id and c.role = 'custodian')
"""


async def holders_told(db: Database, holders: Sequence[str], mine: str) -> Text:
    """Who holds what somebody waited for, in words: by name where they work for places of the same area, and never a custodian.

    ``holders`` and ``mine`` are what :data:`portal.storage.engine.acting` said.
    """
    said = mine.removeprefix("account ")
    account = int(said) if said.isdecimal() else None
    found = await db.rows(HOLDERS, list(holders), account) if holders and account else []
    who = "、".join(dict.fromkeys(row["name"] for row in found)) or SOMEBODY
    works = {row["task"] for row in found} - {None}
    jobs = bool(works) or any(one.startswith("job ") for one in holders)
    if jobs:
        what = say("批量生成公示牌") if works == {"print_boards"} else say("一次导入")
        return say(
            "{who}的{what}正在改动这里，还没有完成。您填写的内容还在，这次没有保存；请等待完成后再提交一次。", who=who, what=what
        )
    return say("{who}正在改动这里。您填写的内容还在，这次没有保存；请过一会儿再提交一次。", who=who)


async def account_id(call: Call, login: str) -> str:
    """The public id of an account."""
    found = await call.db.value("select public_id from account where login = $1", codes.login(login))
    if found is None:
        raise Refused(say("没有登录名为“{login}”的账号。", login=login))
    return str(found)


async def enterprise_with_account(call: Call, region: str) -> str | None:
    """The public id of the enterprise of a region that an account was made for first, where there is one."""
    found: str | None = await call.db.value(
        "select e.public_id from access_grant g join enterprise e on e.id = g.enterprise "
        "where e.region = $1 order by g.id limit 1",
        region,
    )
    return found
