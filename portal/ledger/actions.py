"""Appending: an entry with its link in the chain, and the events that upper wings listen to."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from portal.call import Call, Event
from portal.clock import day_of
from portal.errors import Refused
from portal.ledger import rules
from portal.ledger.queries import adoptions, last_of_editions, stored_editions
from portal.ledger.tables import EventRow, StoredEdition
from portal.scheme.book import Scheme
from portal.scheme.canonical import canonical, digest
from portal.scheme.keeping import Misfit, TextConflict, difference, settle
from portal.scheme.telling import simple_text
from portal.storage.locks import Lock
from portal.terms import Text, say

logger = logging.getLogger("portal")
# Boards are gathered before this, so that nobody waits for both
LINKED = 2
LONGEST_NAME = 80
COLUMNS = ("at", "actor", "actor_name", "verb", "kind", "subject", "area", "body", "prev", "hash")
# What is judged by a scheme, and what is right to do also without
OF_A_REGION = frozenset(
    {
        "unit",
        "grid",
        "outside_grid",
        "filing",
        "person",
        "appointment",
        "enterprise",
        "board",
        "case",
        "charge",
        "deed",
        "jurisdiction",
        "letter",
    }
)
ALWAYS = frozenset({"read", "signed_in", "revoked", "hung"})
FIRST_CHANGES = 3
# So that the texts of a large sheet do not stand in memory all together
AT_ONCE = 5_000
# Subject, area, data
Act = tuple[str, str, Mapping[str, Any]]


async def record(
    call: Call, verb: str, kind: str, subject: str, *, area: str, data: Mapping[str, Any], event: Event | None = None
) -> None:
    """Append an act to the ledger, inside the caller's transaction; listeners of its event work in the same one.

    ``subject`` is the public id or code of the thing, ``area`` the path of the jurisdiction whose offices may read it.
    Entries are linked when everything else is done: whoever writes much must not keep the others from writing meanwhile.
    """
    if kind in OF_A_REGION and verb not in ALWAYS:
        await refuse_asleep(call, [area])
    if event is not None:
        await tell(call, event)
    _link(call, verb, kind, [(subject, area, data)])


async def record_many(call: Call, verb: str, kind: str, acts: Sequence[Act]) -> None:
    """Append the same act for many things at once, as (subject, area, data); none of them is an event for listeners."""
    if kind in OF_A_REGION:
        await refuse_asleep(call, [area for _, area, _ in acts])
    _link(call, verb, kind, acts)


def _link(call: Call, verb: str, kind: str, acts: Sequence[Act]) -> None:
    """Have these acts linked at the end."""
    call.db.current().at_the_end(_write_links, (call, verb, kind, acts), order=LINKED)


async def _write_links(entries: list[tuple[Call, str, str, Sequence[Act]]]) -> None:
    """Everything that a transaction did, as links of the chain: in as many statements for many as for one, since from here to
    the commit nobody else can link.
    """
    db = entries[0][0].db
    await db.hold(Lock.LEDGER)
    prev = await db.value("select hash from ledger_entry order by id desc limit 1") or rules.START
    acts = ((call, verb, kind, *act) for call, verb, kind, several in entries for act in several)
    rows = _linked(prev, list(islice(acts, AT_ONCE)))
    while rows:
        # While the server writes, more are made
        piece = list(islice(acts, AT_ONCE))
        ahead = asyncio.create_task(asyncio.to_thread(_linked, rows[-1][-1], piece)) if piece else None
        try:
            await db.copy("ledger_entry", COLUMNS, rows)
        finally:
            rows = await ahead if ahead is not None else []


def _linked(prev: bytes, acts: Sequence[tuple[Call, str, str, str, str, Mapping[str, Any]]]) -> list[tuple[Any, ...]]:
    """Entries that follow ``prev``, as :data:`COLUMNS`."""
    rows: list[tuple[Any, ...]] = []
    for act in acts:
        row = _row(*act)
        rows.append((*row, prev, prev := rules.link(prev, row[-1])))
    return rows


def _row(call: Call, verb: str, kind: str, subject: str, area: str, data: Mapping[str, Any]) -> tuple[Any, ...]:
    at, actor, name = call.now, call.viewer.account, call.viewer.name
    text = rules.body(at=at, actor=actor, actor_name=name, verb=verb, kind=kind, subject=subject, area=area, data=data)
    return at, actor, name, verb, kind, subject, area, text


async def tell(call: Call, event: Event) -> None:
    """Let the listeners follow what happened, inside the caller's transaction; on its day where that has not come."""
    row = EventRow(at=call.now, name=event.name, kind=event.kind, subject=event.subject, to=event.to, day=event.day)
    row.by_name = call.viewer.name
    if event.day <= call.today and not await _heard(call, event):
        row.handled_at = call.now
    await row.save()


async def _heard(call: Call, event: Event) -> bool:
    """Let every listener do what it can; whether one of them had to leave something out."""
    return any([await listener(call, event) for listener in call.portal.listeners])


async def note_asleep(call: Call) -> None:
    """Find out which regions of the register no enabled plugin states."""
    found = await call.portal.above.regions(call.db)
    call.portal.asleep.clear()
    call.portal.asleep.update(found - set(call.book.regions))


async def asleep(call: Call, path: str) -> str | None:
    """The region that governs a place, where its plugin is off."""
    if not call.portal.asleep:
        return None
    region = await call.portal.above.region_at(call.db, path)
    return region if region in call.portal.asleep else None


async def refuse_asleep(call: Call, areas: Collection[str]) -> None:
    """What is stored of a region whose plugin is off can be read; changed it could not be placed, put on boards or counted."""
    for area in set(areas) if call.portal.asleep else ():
        if region := await asleep(call, area):
            raise Refused(off(call, region))


def off(call: Call, region: str) -> Text:
    """Why nothing is written in a region whose plugin is off, or whose rules wait to be adopted."""
    if region in call.portal.unadopted:
        return say(
            "这里的地区方案“{region}”和存档的规则不同，还没有采用，登记暂时只能看、不能改，什么也没有改动。"
            "请部署人员采用以后再试（portal scheme adopt {region}）。",
            region=region,
        )
    return say(
        "这里的地区方案“{region}”没有启用，登记暂时只能看、不能改，什么也没有改动。请部署人员启用它的插件后再试。", region=region
    )


async def handle_due(call: Call) -> int:
    """Hand the listeners what was decided for a day that has come; how many events that were."""
    done = 0
    for due in await call.db.rows(
        "select id from ledger_event where handled_at is null and day <= $1 and id <> all($2) order by day, id",
        call.today,
        list(call.portal.postponed),
    ):
        try:
            done += await call.db.run_tx(partial(_handle, call, due["id"]))
        except Exception:
            logger.exception("event %s could not be handled; it is tried again with the next tick", due["id"])
    return done


async def await_again(call: Call) -> None:
    """What was handled before its day, by a clock that ran ahead, is handled again when the day comes."""
    await call.db.rows("update ledger_event set handled_at = null where day > $1 and handled_at is not null", call.today)


async def _handle(call: Call, id_: int) -> bool:
    """One event that has come due, once, whoever else is at it."""
    await call.db.hold(Lock.DUE_EVENTS)
    row = await call.db.row("select * from ledger_event where id = $1 and handled_at is null for update", id_)
    if row is None:
        return False
    event = Event(name=row["name"], kind=row["kind"], subject=row["subject"], day=row["day"], to=row["to"])
    # It was somebody's doing; that it is done today is the portal's
    by = row["by_name"]
    name = say("系统（{name}登记的变动到期）", name=by)[:LONGEST_NAME] if by and by != call.viewer.name else call.viewer.name
    if await _heard(call.as_(replace(call.viewer, name=name)), event):
        call.portal.postponed.add(id_)
        return False
    await call.db.rows("update ledger_event set handled_at = $1 where id = $2", call.now, id_)
    return True


async def keep_editions(call: Call) -> None:
    """Find out by which book to read and decide, and store each edition that is in force and not stored yet.

    A region whose plugin states other rules than were stored decides nothing until somebody adopts them; other words for the
    same rules stop nothing.
    """
    editions = call.portal.editions
    # Looked at first: what is stored meanwhile is then looked at again
    editions.seen = await last_of_editions(call)
    editions.settled = settle(call.portal.plugins.book, await stored_editions(call), await adoptions(call))
    call.portal.unadopted.clear()
    call.portal.unadopted.update({region: _waits(found) for region, found in editions.settled.conflicts.items()})
    await store_editions(call)
    await note_asleep(call)


async def look_again(call: Call) -> None:
    """Follow what another process stored or adopted meanwhile."""
    if await last_of_editions(call) != call.portal.editions.seen:
        await keep_editions(call)


async def store_editions(call: Call) -> int:
    """Store each edition that is in force and not stored yet; how many that were. None while the time is in doubt: what is stored
    can be altered no more.
    """
    if call.portal.timekeeper.waits:
        return 0
    stored = {row["code"] for row in await call.db.rows("select code from stored_edition")}
    ruling = [call.book.in_force(region, call.today) for region in call.book.regions]
    new = [scheme for scheme in ruling if scheme is not None and scheme.edition_id not in stored]
    for scheme in new:
        await call.alone(f"edition {scheme.edition_id}", partial(keep_text, call, scheme.edition_id, scheme))
    return len(new)


async def keep_text(call: Call, code: str, scheme: Scheme) -> None:
    """Store the text of an edition under a code, in the caller's transaction."""
    mark, text = digest(scheme.edition), canonical(scheme.edition)
    if await call.db.value("select exists (select from stored_edition where code = $1)", code):
        return
    row = StoredEdition(region=scheme.region.code, code=code, canonical=text, digest=mark, stored_at=call.now)
    await row.save()
    await record(call, "kept", "edition", code, area="", data={"digest": mark})


# What does not fit, and what is then done


def _waits(conflicts: Sequence[TextConflict]) -> Text:
    """Why a region decides nothing, what goes on all the same, and the ways out."""
    region, plugin = conflicts[0].stored.region, next((one.stated.plugin for one in conflicts if one.stated), "")
    damaged = any(one.how is Misfit.DAMAGED for one in conflicts)
    adopt = say("要按插件现在的办，运行 portal scheme adopt {region}：先列出差别，再问您，两份文本都留着；", region=region)
    return say(
        "{what}。只有地区“{region}”停着：它的公示牌照常，登记能看不能改，不收来件，到期的事等它；别的地区照常。{adopt}"
        "要按存档的办，请还原插件{plugin}，或从 portal.toml 的 plugins 中去掉它。portal scheme verify {region} 列出全部差别，"
        "portal scheme show {region} --stored 看存档。",
        what="；".join(map(_misfit, conflicts)),
        region=region,
        adopt="" if damaged else adopt,
        plugin=f"“{plugin}”" if plugin else "",
    )


def _misfit(conflict: TextConflict) -> Text:
    stored, day = conflict.stored, simple_text(day_of(conflict.stored.at))
    if conflict.how is Misfit.DAMAGED:
        return say("方案“{edition}”{day}的存档被改动过：文本和它的校验值对不上，请从备份恢复数据库", edition=stored.code, day=day)
    if conflict.stated is None:
        return say("方案“{edition}”已于{day}存档，插件里却没有了", edition=stored.code, day=day)
    changes = [one for one in difference(stored, conflict.stated) if not one.wording]
    return say(
        "方案“{edition}”（插件 {plugin}）的规则与{day}存档的不同，差 {n} 处：{first}{more}",
        edition=stored.code,
        plugin=conflict.stated.plugin,
        day=day,
        n=len(changes),
        first="；".join(map(str, changes[:FIRST_CHANGES])) or say("规则相同，但这份文本已经由别的代替"),
        more=say("；等等") if len(changes) > FIRST_CHANGES else "",
    )


def told_of_editions(call: Call) -> list[Text]:
    """What whoever starts the portal has to know: regions that wait, and words that are others than the stored ones."""
    settled = call.portal.editions.settled
    found = list(call.portal.unadopted.values())
    for one in settled.reworded.values() if settled is not None else ():
        changes = difference(one.stored, one.stated)
        found.append(
            say(
                "方案“{edition}”有 {n} 处说明文字与{day}存档的不同：{first}{more}。规则没有变，照常启动；方案页并列两种写法。",
                edition=one.stored.code,
                n=len(changes),
                day=simple_text(day_of(one.stored.at)),
                first="；".join(map(str, changes[:FIRST_CHANGES])) or say("只是存档的写法"),
                more=say("；等等") if len(changes) > FIRST_CHANGES else "",
            )
        )
    return found
