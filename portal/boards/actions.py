"""Issuing a board, revoking it, and keeping its live facts true to the register."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from portal import codes
from portal.areas.schemes import ruling
from portal.boards import queries
from portal.boards.layout import lay_out
from portal.boards.printing import printed
from portal.boards.public_url import only_trial
from portal.boards.queries import BoardSubject
from portal.boards.rules import Facts, compose, difference, may_issue, sources_of
from portal.boards.tables import BoardVersion, NoticeBoard
from portal.call import Call, Event
from portal.errors import Refused
from portal.ledger.actions import record
from portal.scheme.book import Scheme
from portal.storage.locks import Lock
from portal.terms import say

# Before the ledger is linked, for which every office waits
FOLLOWED = 1
# So many boards follow in the transaction that changed them; where there are more, they wait on a list
AT_ONCE = 40
# So few at a time that whoever saves in the region hardly waits
STEP = 10


async def issue(call: Call, of: str, id_: str) -> str:
    """Issue a new version of the board of a grid or enterprise from the register as it stands; its public code.

    Refused with the reason where the board would mislead, or where a character of it cannot be drawn.
    """
    subject = await queries.subject(call, of, id_)
    if subject is None and of == "grid":
        raise Refused(say("这个网格已经撤销，不能签发公示牌。"))
    if subject is None:
        raise Refused(say("这家单位还没有纳入任何网格，不能签发公示牌。请先核对单位的类别和地址。"))
    scheme = _scheme(call, subject)
    facts, _ = await _facts(call, scheme, subject)
    may_issue(facts, scheme.boards[of])
    tried = printed(call, code=codes.new_board_code(), version=1, issued_on=call.today, trial=False)
    await call.portal.workshop.do(lay_out, facts, tried)
    trial = await only_trial(call) is not None

    async def work() -> str:
        await hold_still(call, scheme.region.code)
        facts, sources = await _facts(call, scheme, subject)
        board = await _row(call, subject, scheme.region.code)
        text = json.dumps(facts, ensure_ascii=False, sort_keys=True)
        number = board.version + 1
        await BoardVersion(
            board=board.id,
            number=number,
            facts=text,
            digest=sha256(text.encode()).hexdigest(),
            edition=subject.edition,
            trial=trial,
            issued_at=call.now,
            issued_by=call.viewer.account,
        ).save()
        await call.db.rows(
            """
            update board set version = $2, hung = case when hung = 0 then $2 else hung end,
                issued_on = $3, trial = $4, edition = $5, printed = $6, live = $6, changed = '[]',
                stale_since = null, jurisdiction = $7 where id = $1
            """,
            board.id,
            number,
            call.today,
            trial,
            subject.edition,
            text,
            subject.jurisdiction,
        )
        await _write_sources(call, {board.id: sources})
        await queries.no_longer_wait(call, [board.id])
        _touch_public(call, [board.code])
        path = await call.db.value("select path from jurisdiction where id = $1", subject.jurisdiction)
        data = {"version": number, "trial": trial, "subject": id_}
        await record(call, "issued", "board", board.code, area=path, data=data)
        return str(board.code)

    return await call.db.run_tx(work)


async def revoke(call: Call, code: str, why: str) -> None:
    """The board counts no more; its page says so. The next issue gets a new code."""

    async def work() -> None:
        row = await queries.board(call, code)
        if row.revoked:
            raise Refused(say("这块公示牌已经作废。"))
        await call.db.rows("update board set revoked_at = $1, revoked_why = $2 where id = $3", call.now, why, row.id)
        _touch_public(call, [code])
        await record(call, "revoked", "board", code, area=row.path, data={"why": why})

    await call.db.run_tx(work)


async def confirm_hung(call: Call, code: str) -> None:
    """The newest version hangs where the older ones hung: its page speaks of these no more."""

    async def work() -> None:
        row = await queries.board(call, code)
        if row.revoked:
            raise Refused(say("这块公示牌已经作废。"))
        done = await call.db.value("update board set hung = version where id = $1 and hung < version returning version", row.id)
        if done is not None:
            _touch_public(call, [code])
            await record(call, "hung", "board", code, area=row.path, data={"version": done})

    await call.db.run_tx(work)


async def on_event(call: Call, event: Event) -> bool:
    """Something that boards may show has changed: bring exactly those boards up to date when everything else is done. Whether
    some will be left as they are: the plugin of their region is off.
    """
    call.db.current().at_the_end(_follow, (call, event), order=FOLLOWED)
    if not call.portal.asleep:
        return False
    return bool(set(await queries.regions_of(call, await _boards(call, [event]))) - set(call.book.regions))


async def _follow(told: list[tuple[Call, Event]]) -> None:
    """What a whole transaction changed, at its end: a few boards with it, many on the list of those that wait.

    From here to the commit the regions are held that it may touch. A board that is being gathered beside this one's changes
    would miss them, and be missed by them, for ever.
    """
    call, events = told[-1][0], list(dict.fromkeys(event for _, event in told))
    held = await queries.regions_around(call, events)
    await call.db.hold(Lock.BOARDS, *sorted(held))
    while True:
        boards = await _boards(call, events)
        if (more := set(await queries.regions_of(call, boards)) - held) == set():
            break
        await call.db.hold(Lock.BOARDS, *sorted(more))
        held |= more
    if len(boards) <= AT_ONCE:
        await refresh(call, boards)
    else:
        _touch_public(call, await queries.put_off(call, boards))


async def _boards(call: Call, events: Sequence[Event]) -> list[int]:
    boards = set(await queries.touched(call, [(event.kind, event.subject) for event in events]))
    for event in events:
        if event.kind == "jurisdiction" or (event.kind == "unit" and event.name in ("created", "serves")):
            boards.update(await queries.around(call, event.kind, event.subject))
    return sorted(boards)


async def would_change(call: Call, events: Sequence[Event]) -> tuple[tuple[str, ...], bool]:
    """Which boards that hang would tell something else after these events, by the names of what they are of: asked in the
    transaction in which that is tried out. Where they are too many to be gathered, all that may, and that it is not ``sure``.
    """
    boards = await _boards(call, events)
    if len(boards) > AT_ONCE:
        return await queries.names_of(call, boards), False
    subjects = await queries.subjects_of_boards(call, boards)
    live = await queries.live_facts(call, list(subjects))
    gathered = await queries.gather(call, list(subjects.values()))
    changed = [
        id_
        for (id_, subject), source in zip(subjects.items(), gathered, strict=True)
        if (scheme := call.book.with_id(subject.edition)) is not None and difference(live[id_], compose(scheme, source))
    ]
    return await queries.names_of(call, changed), True


async def bring_along(call: Call, code: str | None = None) -> int:
    """Bring boards up to date that wait for it, some at a time, or the one with this code; how many."""

    async def some() -> int:
        if (region := await queries.first_waiting(call, code)) is None:
            return 0
        await hold_still(call, region)
        ids = await queries.waiting(call, region, code, most=STEP)
        await refresh(call, ids)
        return len(ids)

    done = 0
    while await queries.first_waiting(call, code) is not None:
        done += await call.db.run_tx(some)
        await asyncio.sleep(0)
    return done


async def refresh(call: Call, boards: Sequence[int]) -> None:
    """Take the live facts of these boards from the register again and note what differs from what is printed. Those of a region
    whose plugin is off stay as they are. Their regions are held.
    """
    if not boards:
        return
    subjects = await queries.subjects_of_boards(call, boards)
    printed = {
        row["id"]: json.loads(row["printed"])
        for row in await call.db.rows("select id, printed from board where id = any($1) order by id for update", list(subjects))
    }
    gathered = await queries.gather(call, list(subjects.values()))
    rows: list[tuple[object, ...]] = []
    sources: dict[int, set[tuple[str, int]]] = {}
    for (id_, subject), source in zip(subjects.items(), gathered, strict=True):
        scheme = call.book.with_id(subject.edition)
        if scheme is None:
            continue
        live = compose(scheme, source)
        changed = difference(printed[id_], live)
        rows.append(
            (id_, json.dumps(live, ensure_ascii=False), json.dumps(changed, ensure_ascii=False), call.today, subject.jurisdiction)
        )
        sources[id_] = sources_of(scheme, source)
    await call.db.many(
        """
        update board set live = $2, changed = $3,
            stale_since = case when $3::jsonb = '[]'::jsonb then null else coalesce(stale_since, $4) end, jurisdiction = $5
        where id = $1
        """,
        rows,
    )
    await _write_sources(call, sources)
    _touch_public(call, await queries.no_longer_wait(call, [*sources, *(set(boards) - set(subjects))]))


async def hold_still(call: Call, region: str) -> None:
    """One at a time from here to the commit, in a region: facts that were gathered beside a change would hide it for ever."""
    await call.db.hold(Lock.BOARDS, region)


def _scheme(call: Call, subject: BoardSubject) -> Scheme:
    scheme = call.book.with_id(subject.edition)
    if scheme is None:
        raise Refused(say("方案“{edition}”的插件没有启用，不能签发。", edition=subject.edition))
    return ruling(call, scheme.region.code)


async def _facts(call: Call, scheme: Scheme, subject: BoardSubject) -> tuple[Facts, set[tuple[str, int]]]:
    (source,) = await queries.gather(call, [subject])
    return compose(scheme, source), sources_of(scheme, source)


@dataclass(frozen=True)
class _Board:
    """The board of a subject: the one that hangs, or a new one that says nothing yet."""

    id: int
    code: str
    version: int


async def _row(call: Call, subject: BoardSubject, region: str) -> _Board:
    column, id_ = ("grid", subject.grid) if subject.of == "grid" else ("enterprise", subject.enterprise)
    found = await call.db.row(f"select id, code, version from board where {column} = $1 and revoked_at is null", id_)
    if found is not None:
        return _Board(found["id"], found["code"], found["version"])
    board = NoticeBoard(
        code=codes.new_board_code(),
        of=subject.of,
        region=region,
        edition=subject.edition,
        grid=subject.grid if subject.of == "grid" else None,
        enterprise=subject.enterprise,
        jurisdiction=subject.jurisdiction,
        version=0,
        issued_on=call.today,
        trial=True,
        printed="{}",
        live="{}",
        changed="[]",
    )
    await board.save()
    return _Board(board.id, board.code, 0)


async def _write_sources(call: Call, sources: dict[int, set[tuple[str, int]]]) -> None:
    """Make the stored sources of these boards these, touching only what differs. Whom a board names no more is kept beside it."""
    rows = await call.db.rows("select id, board, kind, subject from board_source where board = any($1)", list(sources))
    stored = {(row["board"], row["kind"], row["subject"]): row["id"] for row in rows}
    wanted = {(board, kind, subject) for board, parts in sources.items() for kind, subject in parts}
    gone = [id_ for key, id_ in stored.items() if key not in wanted]
    if gone:
        await call.db.rows(
            """
            with gone as (delete from board_source where id = any($1) returning board, kind, subject)
            insert into board_named (board, person, until) select board, subject, $2 from gone where kind = 'person'
            on conflict (board, person) do update set until = excluded.until
            """,
            gone,
            call.today + timedelta(days=1),
        )
    fresh = sorted(wanted - set(stored))
    if fresh:
        await call.db.rows(
            "insert into board_source (board, kind, subject) select * from unnest($1::bigint[], $2::text[], $3::bigint[])",
            [key[0] for key in fresh],
            [key[1] for key in fresh],
            [key[2] for key in fresh],
        )


def _touch_public(call: Call, codes: Sequence[str]) -> None:
    """The pages of these boards that are kept whole are good no more once this transaction commits."""
    call.db.current().around_commit(call.portal.generation.begin, call.portal.generation.end, codes)
