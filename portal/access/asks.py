"""What one administrator alone may not do with an account: it is asked here, and done when another human being confirms.

That goes for accounts which hold a role that demands a second factor, are near to an office outside the chain, or would
(:func:`portal.access.actions.refuse_alone`), and for the last one who keeps complaints for an office. Each deed is tried first;
where it :class:`NeedsAnother`, it is asked.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from portal import codes
from portal.access import actions, links, rules
from portal.access.actions import NeedsAnother, NewAccount, NewGrant
from portal.access.queries import GRANT_PLACES, PLACE, places_of
from portal.access.tables import Ask
from portal.areas.queries import AROUND
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record
from portal.storage.engine import Record
from portal.terms import Text, say
from portal.viewer import TWO_FACTORS, Role

UNKNOWN = say(
    "您的账号没有关联登记的人员，无法判断申请和确认的是不是两个人。请联系部署人员办理，或先由部署人员为您的账号关联人员。"
)


class Closeness(Protocol):
    """How close people stand, as the wing of complaints knows it; two people confirm here by the same measure as there."""

    def selves(self, person: int) -> frozenset[int]:
        """The person under every row of the register."""
        ...

    def apart(self, reader: int, subject: int, since: date) -> bool:
        """Whether they have nothing to do with each other."""
        ...


Draw = Callable[[Call, Iterable[int], date], Awaitable[Closeness]]


class AskedDeed(StrEnum):
    """What may be asked."""

    CREATE = "create"
    GRANT = "grant"
    LINK = "link"
    SECOND = "second"
    ENABLE = "enable"
    DISABLE = "disable"
    END = "end"


@dataclass(frozen=True, kw_only=True)
class AskWish:
    """A deed with what it is about: an ``account`` by public id, or the ``login`` and ``name`` of one to make."""

    deed: AskedDeed
    account: str = ""
    login: str = ""
    name: str = ""
    person: int | None = None
    grant: NewGrant | None = None
    ending: int | None = None


@dataclass(frozen=True)
class AskOutcome:
    """What came of it: done with the ``account``, maybe with the ``secret`` of a link for its owner; or it ``waits``."""

    account: str = ""
    secret: str = ""
    waits: bool = False


@dataclass(frozen=True, kw_only=True)
class AskRow:
    """An ask that waits, as the viewer sees it: ``own`` asked by them, ``may`` be confirmed by them, or ``alone``: by nobody."""

    id: str
    deed: str
    account: str | None
    login: str
    name: str
    person: str
    badge: str
    role: str
    what: str
    who: str
    at: datetime
    until: datetime
    own: bool
    may: bool
    alone: bool


ASKS = f"""
    select g.*, a.public_id as account_id, coalesce(a.login, g.login) as to_login, coalesce(a.name, g.name) as to_name,
        p.id as owner, p.name as person_name, p.badge, b.name as asker, b.person as asker_person, {PLACE} as path,
        b.active and (bp.until is null or bp.until > $2) as stands, u.name as unit_name, e.name as enterprise_name,
        (select string_agg(x.name, '' order by length(x.path)) from jurisdiction x
            where x.code = any({AROUND.format(path="g.area")})) as area_name
    from access_ask g join account b on b.id = g.asked_by left join person bp on bp.id = b.person
        left join account a on a.id = g.account left join person p on p.id = coalesce(g.person, a.person) {GRANT_PLACES}
    where g.outcome = '' and g.asked_at > $1
"""
OTHERS = """
    select exists (select from account b join person p on p.id = b.person
        where b.id <> $1 and b.id is distinct from $2 and b.active and b.second is not null and (p.until is null or p.until > $5)
            and (not exists (select from unnest($3::text[]) as wanted where not exists (
                    select from access_grant g where g.account = b.id and g.role = 'administrator'
                        and (g.until is null or g.until > $5) and starts_with(wanted, g.area)))
                or $4::bigint[] <> '{}' and $4::bigint[] <@ array(
                    select g.unit from access_grant g where g.account = b.id and g.role = 'custodian'
                        and (g.until is null or g.until > $5))))
"""


async def propose(call: Call, wish: AskWish, draw: Draw) -> AskOutcome:
    """Do it; where one alone may not, ask for it."""
    try:
        return await _do(call, wish, agreed=False)
    except NeedsAnother:
        await _ask(call, wish, draw)
        return AskOutcome(wish.account, waits=True)


async def _do(call: Call, wish: AskWish, *, agreed: bool) -> AskOutcome:
    id_ = wish.account
    match wish.deed:
        case AskedDeed.CREATE:
            grants = (wish.grant,) if wish.grant is not None else ()
            new = NewAccount(login=wish.login, name=wish.name, person=wish.person, grants=grants)
            id_ = await actions.create_account(call, new, agreed=agreed)
            return AskOutcome(id_, await links.invite(call, id_, agreed=True) if agreed else "")
        case AskedDeed.GRANT if wish.grant is not None:
            anew = await actions.add_grant(call, id_, wish.grant, person=wish.person, agreed=agreed)
            return AskOutcome(id_, await links.invite(call, id_, agreed=True) if anew else "")
        case AskedDeed.LINK:
            return AskOutcome(id_, await links.invite(call, id_, agreed=agreed))
        case AskedDeed.SECOND:
            await actions.forget_second(call, id_, agreed=agreed)
        case AskedDeed.ENABLE:
            await actions.enable_account(call, id_, agreed=agreed)
        case AskedDeed.DISABLE:
            await actions.disable_account(call, wish.login, agreed=agreed)
        case AskedDeed.END if wish.ending is not None:
            await actions.end_grant(call, id_, wish.ending, agreed=agreed)
    return AskOutcome(id_)


async def _ask(call: Call, wish: AskWish, draw: Draw) -> None:
    if call.viewer.person is None:
        raise Refused(UNKNOWN)

    async def work() -> None:
        account = await actions.managed(call, wish.account) if wish.account else None
        own = account["person"] if account is not None else None
        grant = wish.grant or await _ending(call, wish)
        if wish.grant is not None and (wish.grant.role in TWO_FACTORS or await actions.outside(call, [wish.grant.unit or 0])):
            await _refuse_self(
                call, draw, wish.person or own, itself=account is not None and account["id"] == call.viewer.account
            )
        row = Ask(
            deed=wish.deed.value,
            account=account["id"] if account is not None else None,
            login=codes.login(wish.login),
            name=wish.name,
            person=wish.person,
            role=grant.role.value if grant else "",
            area=grant.area if grant else None,
            unit=grant.unit if grant else None,
            enterprise=grant.enterprise if grant else None,
            ending=wish.ending,
            asked_by=call.viewer.account,
            asked_at=call.now,
        )
        if await call.db.value(
            "select exists (select from access_ask where outcome = '' and asked_at > $1 and deed = $2 and login = $3 "
            "and role = $4 and account is not distinct from $5 and unit is not distinct from $6 "
            "and area is not distinct from $7)",
            _oldest(call),
            row.deed,
            row.login,
            row.role,
            row.account,
            row.unit,
            row.area,
        ):
            raise Refused(say("这件事已有人申请，待另一位管理员确认。"))
        await row.save()
        await _note(call, "asked", row.deed, wish.account or row.public_id, {"role": row.role, "login": row.login})

    await call.alone("asks", work)


async def _ending(call: Call, wish: AskWish) -> NewGrant | None:
    row = await call.db.row("select * from access_grant where id = $1", wish.ending) if wish.ending is not None else None
    return _grant_of(row) if row is not None else None


def _grant_of(row: Record) -> NewGrant | None:
    if not row["role"]:
        return None
    return NewGrant(role=Role(row["role"]), area=row["area"], unit=row["unit"], enterprise=row["enterprise"])


async def _refuse_self(call: Call, draw: Draw, person: int | None, *, itself: bool) -> None:
    me = call.viewer.person or 0
    if itself or (person is not None and person in (await draw(call, [me, person], call.today)).selves(me)):
        raise Refused(say("不能给自己这项权限，请另一位管理员申请。"), field="role")


async def waiting(call: Call, account: int | None = None) -> tuple[AskRow, ...]:
    """What the viewer asked, or might confirm, the newest first; only what is about one account where that is given."""
    found = []
    for row in await _open(call):
        own, may = row["asked_by"] == call.viewer.account, await _may_confirm(call, row)
        if (own or may) and account in (None, row["account"]):
            found.append(
                AskRow(
                    id=row["public_id"],
                    deed=row["deed"],
                    account=row["account_id"],
                    login=row["to_login"],
                    name=row["to_name"],
                    person=row["person_name"] or "",
                    badge=row["badge"] or "",
                    role=row["role"],
                    what=row["unit_name"] or row["enterprise_name"] or row["area_name"] or "",
                    who=row["asker"],
                    at=row["asked_at"],
                    until=row["asked_at"] + rules.ASK_HOLDS,
                    own=own,
                    may=may,
                    alone=own and not await _others(call, row),
                )
            )
    return tuple(found)


async def confirm(call: Call, id_: str, draw: Draw) -> AskOutcome:
    """Agree to it as another human being, and so do it. What the asker may no longer do is not done either."""

    async def work() -> AskOutcome:
        row = await _mine(call, id_)
        await _refuse_alike(call, row, draw)
        await _end(call, row, "done", "confirmed")
        return await _do(call, _wish(row), agreed=True)

    return await call.db.run_tx(work)


async def decline(call: Call, id_: str) -> None:
    """It shall not be done, says somebody who might have confirmed it."""

    async def work() -> None:
        await _end(call, await _mine(call, id_), "declined", "declined")

    await call.db.run_tx(work)


async def withdraw(call: Call, id_: str) -> None:
    """Whoever asked wants it no more."""

    async def work() -> None:
        row = await _locked(call, id_)
        if row["asked_by"] != call.viewer.account:
            raise NotVisible
        await _end(call, row, "withdrawn", "withdrawn")

    await call.db.run_tx(work)


async def lapse(call: Call) -> None:
    """What nobody confirmed in time is over."""

    async def work() -> None:
        rows = await call.db.rows(
            "update access_ask k set outcome = 'lapsed', ended_at = $2 where outcome = '' and asked_at <= $1 "
            "returning k.public_id, deed, (select public_id from account where id = k.account) as account_id",
            _oldest(call),
            call.now,
        )
        for row in rows:
            await _note(call, "lapsed", row["deed"], row["account_id"] or row["public_id"], {})

    await call.db.run_tx(work)


def _oldest(call: Call) -> datetime:
    return call.now - rules.ASK_HOLDS


async def _open(call: Call, more: str = "order by g.id desc", *values: object) -> list[Record]:
    return await call.db.rows(f"{ASKS} {more}", _oldest(call), call.today, *values)


async def _locked(call: Call, id_: str) -> Record:
    rows = await _open(call, "and g.public_id = $3 for update of g", id_)
    if not rows:
        raise NotVisible
    return rows[0]


async def _mine(call: Call, id_: str) -> Record:
    row = await _locked(call, id_)
    if not await _may_confirm(call, row):
        raise NotVisible
    return row


async def _paths(call: Call, row: Record) -> list[str | None]:
    """Where all lies that the account reaches, and would reach."""
    new = [row["path"]] if row["deed"] in (AskedDeed.CREATE, AskedDeed.GRANT) else []
    return [*(await places_of(call, row["account"]) if row["account"] is not None else []), *new]


async def _may_confirm(call: Call, row: Record) -> bool:
    """An administrator of all the places; for one who only keeps complaints, whoever keeps them for the same offices too."""
    if call.viewer.account in (row["asked_by"], row["account"]):
        return False
    units = await _offices_kept(call, row)
    return rules.manages(call.viewer.administers, await _paths(call, row)) or (bool(units) and units <= call.viewer.custody)


async def _offices_kept(call: Call, row: Record) -> frozenset[int]:
    """The offices for which the account keeps complaints, or would; none where it holds another sensitive role as well."""
    rows = await call.db.rows(
        "select role, unit from access_grant where account = $1 and role = any($2) and (until is null or until > $3)",
        row["account"],
        sorted(TWO_FACTORS),
        call.today,
    )
    held = [(one["role"], one["unit"]) for one in (*rows, row) if one["role"] in TWO_FACTORS]
    return frozenset(unit for _, unit in held) if all(role == Role.CUSTODIAN for role, _ in held) else frozenset()


async def _others(call: Call, row: Record) -> bool:
    """Whether anybody but the asker and the account itself could confirm."""
    paths = [path or "/" for path in await _paths(call, row)]
    units = sorted(await _offices_kept(call, row))
    return bool(await call.db.value(OTHERS, row["asked_by"], row["account"], paths, units, call.today))


async def _refuse_alike(call: Call, row: Record, draw: Draw) -> None:
    """Two human beings, neither of whom it is about; and the first may still ask for it."""
    me, first, owner = call.viewer.person, row["asker_person"], row["owner"]
    if me is None:
        raise Refused(UNKNOWN)
    circle = await draw(call, [one for one in (me, first, owner) if one is not None], call.today)
    mine = circle.selves(me)
    if first is None or first in mine or owner in mine:
        raise Refused(say("要由另一人确认：申请人和这个账号的本人都不能确认。"))
    if not rules.manages(call.viewer.administers, await _paths(call, row)) and not circle.apart(me, first, call.today):
        raise Refused(say("您和申请人是同事、上下级，或登记过利害关系，应当回避。请另一位受理人或管理员确认。"))
    asking = await call.db.rows(
        "select area from access_grant where account = $1 and role = 'administrator' and (until is null or until > $2)",
        row["asked_by"],
        call.today,
    )
    if not row["stands"] or not rules.manages([one["area"] for one in asking], await _paths(call, row)):
        raise Refused(say("申请人已不能管理这个账号，不能再确认；仍需办理的，请重新申请。"))


def _wish(row: Record) -> AskWish:
    wish = AskWish(deed=AskedDeed(row["deed"]), account=row["account_id"] or "", login=row["to_login"], name=row["to_name"])
    return replace(wish, person=row["person"], grant=_grant_of(row), ending=row["ending"])


async def _end(call: Call, row: Record, outcome: str, verb: str) -> None:
    await call.db.rows(
        "update access_ask set outcome = $2, ended_by = $3, ended_at = $4 where id = $1",
        row["id"],
        outcome,
        call.viewer.account,
        call.now,
    )
    await _note(call, verb, row["deed"], row["account_id"] or row["public_id"], {"asked_by": row["asker"], "login": row["login"]})


async def _note(call: Call, verb: str, deed: str, subject: str, data: dict[str, Text | str]) -> None:
    await record(call, verb, "account", subject, area="/", data={"deed": deed, **data})
