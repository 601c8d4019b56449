"""Appending: an entry with its link in the chain, and the events that upper wings listen to."""

import logging
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from portal.call import Call, Event
from portal.clock import day_of
from portal.errors import PluginError, Refused
from portal.ledger import rules
from portal.ledger.queries import Stored, stored_editions
from portal.ledger.tables import Entry, EventRow, StoredEdition
from portal.scheme.book import Scheme
from portal.scheme.canonical import canonical, digest, read
from portal.scheme.comparing import Change, compare
from portal.scheme.telling import simple_text
from portal.terms import Text, say

logger = logging.getLogger("portal")
CHAIN_LOCK = 7_003_001
DUE_LOCK = 7_003_002
# What is judged by a scheme, and what is right to do also without
OF_A_REGION = frozenset({"unit", "grid", "outside_grid", "filing", "person", "appointment", "enterprise", "board", "case"})
ALWAYS = frozenset({"read", "signed_in", "revoked"})
FIRST_CHANGES = 3


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
    facts: dict[str, Any] = {
        "at": call.now,
        "actor": call.viewer.account,
        "actor_name": call.viewer.name,
        "verb": verb,
        "kind": kind,
        "subject": subject,
        "area": area,
    }
    text = rules.body(**facts, data=data)

    async def link() -> None:
        await call.db.rows("select pg_advisory_xact_lock($1)", CHAIN_LOCK)
        prev = await call.db.value("select hash from ledger_entry order by id desc limit 1") or rules.START
        await Entry(**facts, body=text, prev=prev, hash=rules.link(prev, text)).save()

    call.db.current().at_the_end(link)


async def record_many(call: Call, verb: str, kind: str, acts: Sequence[tuple[str, str, Mapping[str, Any]]]) -> None:
    """Append the same act for many things at once, as (subject, area, data); none of them is an event for listeners."""
    if kind in OF_A_REGION:
        await refuse_asleep(call, [area for _, area, _ in acts])

    async def link() -> None:
        await call.db.rows("select pg_advisory_xact_lock($1)", CHAIN_LOCK)
        prev = await call.db.value("select hash from ledger_entry order by id desc limit 1") or rules.START
        actor, name = call.viewer.account, call.viewer.name
        rows: list[tuple[object, ...]] = []
        for subject, area, data in acts:
            text = rules.body(
                at=call.now, actor=actor, actor_name=name, verb=verb, kind=kind, subject=subject, area=area, data=data
            )
            mark = rules.link(prev, text)
            rows.append((call.now, actor, name, verb, kind, subject, area, text, prev, mark))
            prev = mark
        columns = ("at", "actor", "actor_name", "verb", "kind", "subject", "area", "body", "prev", "hash")
        await call.db.copy("ledger_entry", columns, rows)

    call.db.current().at_the_end(link)


async def tell(call: Call, event: Event) -> None:
    """Let the listeners follow what happened, inside the caller's transaction; on its day where that has not come."""
    row = EventRow(at=call.now, name=event.name, kind=event.kind, subject=event.subject, to=event.to, day=event.day)
    if event.day <= call.today and not await _heard(call, event):
        row.handled_at = call.now
    await row.save()


async def _heard(call: Call, event: Event) -> bool:
    """Let every listener do what it can; whether one of them had to leave something out."""
    return any([await listener(call, event) for listener in call.portal.listeners])


async def note_asleep(call: Call) -> None:
    """Find out which regions of the register no enabled plugin states."""
    rows = await call.db.rows("select distinct region from jurisdiction where region is not null")
    call.portal.asleep.clear()
    call.portal.asleep.update(row["region"] for row in rows if row["region"] not in call.book.regions)


async def asleep(call: Call, path: str) -> str | None:
    """The region that governs a place, where its plugin is off."""
    if not call.portal.asleep:
        return None
    parts = path.strip("/").split("/")
    above = ["/" + "".join(f"{part}/" for part in parts[:n]) for n in range(1, len(parts) + 1)]
    region = await call.db.value(
        "select region from jurisdiction where path = any($1) and region is not null order by length(path) desc limit 1", above
    )
    return region if region in call.portal.asleep else None


async def refuse_asleep(call: Call, areas: Collection[str]) -> None:
    """What is stored of a region whose plugin is off can be read; changed it could not be placed, put on boards or counted."""
    for area in set(areas) if call.portal.asleep else ():
        if region := await asleep(call, area):
            raise Refused(off(region))


def off(region: str) -> Text:
    """Why nothing is written in a region whose plugin is off."""
    return say(
        "这里的地区方案“{region}”没有启用，登记暂时只能看、不能改，什么也没有改动。请部署人员启用它的插件后再试。", region=region
    )


async def handle_due(call: Call) -> int:
    """Hand the listeners what was decided for a day that has come; how many events that were."""
    done = 0
    for due in await call.db.rows(
        "select id from ledger_event where handled_at is null and day <= $1 and id <> all($2) order by day, id",
        call.today, list(call.portal.postponed),
    ):  # fmt: skip
        try:
            done += await call.db.run_tx(partial(_handle, call, due["id"]))
        except Exception:
            logger.exception("event %s could not be handled; it is tried again with the next tick", due["id"])
    return done


async def _handle(call: Call, id_: int) -> bool:
    """One event that has come due, once, whoever else is at it."""
    await call.db.rows("select pg_advisory_xact_lock($1)", DUE_LOCK)
    row = await call.db.row("select * from ledger_event where id = $1 and handled_at is null for update", id_)
    if row is None:
        return False
    event = Event(name=row["name"], kind=row["kind"], subject=row["subject"], day=row["day"], to=row["to"])
    if await _heard(call, event):
        call.portal.postponed.add(id_)
        return False
    await call.db.rows("update ledger_event set handled_at = $1 where id = $2", call.now, id_)
    return True


async def keep_editions(call: Call) -> None:
    """Refuse to start where a stored edition was altered since, or taken out of its plugin; store each one that is in force."""
    for stored in await stored_editions(call):
        scheme = call.book.edition(stored.code)
        if scheme is None and stored.region in call.book.regions:
            raise PluginError(_taken_out(stored, call.book.editions(stored.region)[-1].plugin))
        if scheme is not None and stored.digest != digest(scheme.edition):
            raise PluginError(_altered(stored, scheme))
    await store_editions(call)


async def store_editions(call: Call) -> int:
    """Store each edition that is in force and not stored yet; how many that were."""
    stored = {row["code"] for row in await call.db.rows("select code from stored_edition")}
    ruling = [call.book.scheme(region, call.today) for region in call.book.regions]
    new = [scheme for scheme in ruling if scheme is not None and scheme.id not in stored]
    for scheme in new:
        await _keep(call, scheme)
    return len(new)


def difference(stored: Stored, scheme: Scheme) -> tuple[Change, ...]:
    """What the plugin says today differently from what was stored, rule by rule."""
    return compare(Scheme(scheme.region, read(stored.text), ""), scheme).changes


def _altered(stored: Stored, scheme: Scheme) -> Text:
    changes = difference(stored, scheme)
    first = "；".join(map(str, changes[:FIRST_CHANGES])) or say("只有存档的写法不同")
    return say(
        "方案“{edition}”（插件 {plugin}）与{day}存档的文本不同，差 {n} 处：{first}{more}。施行后的版本不能改动：请还原插件，"
        "或把改动写成新版本（插件里另立 Edition，用新的 code），或从 portal.toml 的 plugins 中去掉它。"
        "portal scheme verify {region} 列出全部差别，portal scheme show {region} --stored 看存档。",
        edition=scheme.id,
        plugin=scheme.plugin,
        day=simple_text(day_of(stored.at)),
        n=len(changes),
        first=first,
        more=say("；等等") if len(changes) > FIRST_CHANGES else "",
        region=scheme.region.code,
    )


def _taken_out(stored: Stored, plugin: str) -> Text:
    return say(
        "方案“{edition}”（插件 {plugin}）已于{day}存档，插件里却没有了。按它办的事还没有办完，请在插件里恢复这一版；"
        "要改动，就在它后面另立新版本；或从 portal.toml 的 plugins 中去掉它。"
        "portal scheme show {region} --edition {edition} --stored 看存档。",
        edition=stored.code,
        day=simple_text(day_of(stored.at)),
        plugin=plugin,
        region=stored.region,
    )


async def _keep(call: Call, scheme: Scheme) -> None:
    mark, text = digest(scheme.edition), canonical(scheme.edition)

    async def work() -> None:
        if await call.db.value("select exists (select from stored_edition where code = $1)", scheme.id):
            return
        row = StoredEdition(region=scheme.region.code, code=scheme.id, canonical=text, digest=mark, stored_at=call.now)
        await row.save()
        await record(call, "kept", "edition", scheme.id, area="", data={"digest": mark})

    await call.alone(f"edition {scheme.id}", work)
