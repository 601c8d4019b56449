"""Piccolo's PostgreSQL engine with what it lacks: savepoints, no leak on a failed commit, no transaction shared by tasks.

Stock behaviour that this mends (Piccolo 1.38): a nested ``transaction()`` is a no-op, so an inner failure keeps its rows;
a COMMIT that fails keeps its connection and its context for ever, and every later transaction of that task silently does
nothing; and child tasks inherit the transaction and talk over one another on its connection.

Connections lie in lanes: what the public reads and reports never waits for a connection that an office holds.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import asyncpg
from asyncpg.pool import Pool, PoolConnectionProxy
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.table import TABLE_REGISTRY

from portal.errors import Busy, SetupError, Unavailable
from portal.storage.locks import Lock
from portal.storage.troubles import FULL, TAKEN_BACK, refusal
from portal.terms import Text, say

T = TypeVar("T")
RETRIED = ("40001", "40P01")
# A table's name means its rows that count; who means every row, those that were taken back too, says "public."
SCHEMAS = "register, public"
# So long a connection is waited for; a place in the queue that is not reached by then would only make the queue longer
TURN_SECONDS = 6.0
LEAST_SECONDS = 0.2
UNHURRIED_SECONDS = 60.0
LEAST_MAJOR = 15
logger = logging.getLogger("portal")


class Lane(Enum):
    """Which connections somebody uses."""

    OFFICE = "office"
    PUBLIC = "public"


@dataclass
class _Open:
    """A lane that is open: its connections, whose turn it is, and how long its locks are waited for (None: for ever)."""

    pool: Pool
    turns: asyncio.Semaphore
    patience: float | None


# Which lane the current task uses, and who it acts for: "account 12", "job <id>", or nobody that others could be told
lane: ContextVar[Lane] = ContextVar("lane", default=Lane.OFFICE)
acting: ContextVar[str] = ContextVar("acting", default="")


@contextmanager
def on_behalf(of: str, using: Lane = Lane.OFFICE) -> Iterator[None]:
    """What is done in here is done for somebody, by the connections of a lane."""
    who, where = acting.set(of), lane.set(using)
    try:
        yield
    finally:
        acting.reset(who)
        lane.reset(where)


class Record(Protocol):
    """A row: its columns by name, or by place."""

    def __getitem__(self, key: str | int) -> Any:
        """One column."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """The columns, in their order."""
        ...


class OwnTransaction:
    """The current transaction of the current task; a task that was started inside it does not see it."""

    def __init__(self, variable: Any) -> None:
        self._variable = variable

    def get(self) -> "Transaction | None":
        """The transaction that this very task opened, if any."""
        held = self._variable.get()
        return held[1] if held is not None and held[0] is asyncio.current_task() else None

    def set(self, transaction: "Transaction") -> Any:
        """Make it this task's."""
        return self._variable.set((asyncio.current_task(), transaction))

    def reset(self, token: Any) -> None:
        """Back to what was before."""
        self._variable.reset(token)


class Transaction(PostgresTransaction):
    """A transaction, or a savepoint where one is open already."""

    __slots__ = ("_lane", "_savepoint", "_watch", "_written", "around", "holders", "last", "stays")
    engine: "Database"

    async def __aenter__(self) -> Self:
        if self._parent is not None:
            self.connection = self._parent.connection
            self._savepoint = await self._parent.savepoint()
            self._written = len(self.outermost.last)
            return self
        # Whom to call around the commit, and with what
        self.around: dict[Callable[[Collection[Any]], None], tuple[Callable[[Collection[Any]], None], set[Any]]] = {}
        self.last: list[tuple[int, Callable[[list[Any]], Awaitable[None]], Any]] = []
        self.holders: list[str] = []
        self.stays = True
        self._lane = self.engine.lane()
        loop = asyncio.get_running_loop()
        asked = loop.time()
        await _turn(self._lane.turns)
        try:
            self.connection = await self._lane.pool.acquire()
        except BaseException:
            self._lane.turns.release()
            raise
        self._watch: asyncio.TimerHandle | None = None
        try:
            self.transaction = self.connection.transaction()
            await self.begin()  # type: ignore[no-untyped-call] # Piccolo does not annotate it
            await self._say_who(loop.time() - asked)
        except BaseException:
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def _say_who(self, waited: float) -> None:
        """Tell the server for whom this is done, and to wait for locks only as long as is left of the lane's patience."""
        who, patience = acting.get(), self._lane.patience
        if not who and (patience is None or lane.get() is Lane.PUBLIC):
            return
        if patience is None:
            await self.connection.execute("select set_config('application_name', $1, true)", who)
            return
        # Where nobody sits at a form, what time brings may wait
        left = max(patience - waited, LEAST_SECONDS) if who else max(patience, UNHURRIED_SECONDS)
        await self.connection.execute(
            "select set_config('application_name', $1, true), set_config('lock_timeout', $2, true)",
            who or "portal",
            str(int(left * 1000)),
        )
        self._watch = asyncio.get_running_loop().call_later(left * 0.6, self._look_for_holders)

    def _look_for_holders(self) -> None:
        """Find out whom this waits for while it still waits: once the wait is over, nobody can tell any more."""
        pid = self.connection.get_server_pid()

        async def look() -> None:
            try:
                self.holders = await self.engine.holders(pid)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                logger.warning("who holds a lock could not be found out")

        self.engine.looks.add(task := asyncio.get_running_loop().create_task(look()))
        task.add_done_callback(self.engine.looks.discard)

    @property
    def outermost(self) -> "Transaction":
        """The transaction that will really commit."""
        parent: Transaction | None = self._parent  # type: ignore[assignment] # ours are the only ones
        return self if parent is None else parent.outermost

    async def savepoint(self, name: str | None = None) -> Any:
        """A savepoint whose name is unique in the whole transaction."""
        if self._parent is not None:
            return await self._parent.savepoint(name)
        return await super().savepoint(name)

    def is_a_trial(self) -> None:
        """It will be thrown away whatever comes of it: what would be done at its end is not even gathered."""
        self.outermost.stays = False

    def at_the_end(self, work: Callable[[list[T]], Awaitable[None]], item: T, *, order: int) -> None:
        """Do ``work`` in this transaction when everything else in it is done, once, with all items that were given for it; in
        the order of ``order``. An item is left out if what surrounds it is rolled back.
        """
        if self.outermost.stays:
            self.outermost.last.append((order, work, item))

    def around_commit(
        self, before: Callable[[Collection[T]], None], after: Callable[[Collection[T]], None], items: Collection[T]
    ) -> None:
        """Call ``before`` just ahead of the COMMIT and ``after`` when it is over, once each with all items; neither after a
        rollback.
        """
        self.outermost.around.setdefault(before, (after, set()))[1].update(items)

    async def __aexit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if self._parent is not None:
            if exception is None:
                await self._savepoint.release()
            else:
                await self._savepoint.rollback_to()
                del self.outermost.last[self._written :]
            return exception is None
        try:
            if exception is not None:
                if not self._rolled_back:
                    await self.rollback()  # type: ignore[no-untyped-call] # Piccolo does not annotate it
            elif not self._committed and not self._rolled_back:
                await self._commit_between()
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._give_back()
        return exception is None

    async def _commit_between(self) -> None:
        try:
            while self.last:
                order, work, _ = min(self.last, key=lambda one: one[0])
                items = [item for n, other, item in self.last if (n, other) == (order, work)]
                self.last = [one for one in self.last if one[:2] != (order, work)]
                await work(items)
        except BaseException:
            await self.rollback()  # type: ignore[no-untyped-call] # Piccolo does not annotate it
            raise
        for before, (_, items_) in self.around.items():
            before(items_)
        try:
            await self.commit()  # type: ignore[no-untyped-call] # Piccolo does not annotate it
        finally:
            for after, items_ in self.around.values():
                after(items_)

    async def _give_back(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        try:
            await self._lane.pool.release(self.connection)
        finally:
            self._lane.turns.release()


async def _turn(turns: asyncio.Semaphore) -> None:
    """Wait for a turn, and not for ever: :class:`Unavailable` says that the portal is full."""
    if not turns.locked():
        await turns.acquire()
        return
    try:
        async with asyncio.timeout(TURN_SECONDS):
            await turns.acquire()
    except TimeoutError as error:
        raise Unavailable(FULL) from error


async def _as_it_is(_: asyncpg.Connection) -> None:
    """Take a connection back. A transaction left open has been rolled back by now, and nothing of ours changes a session's
    settings, so the statement that asyncpg would send to reset them is one round trip in two for nothing.
    """


class Database(PostgresEngine):
    """The one engine of a portal. Making it connects to nothing; :meth:`start_connection_pool` does."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._lanes: dict[Lane, _Open] = {}
        self._looking: asyncpg.Connection | None = None
        self._one_looks = asyncio.Lock()
        self.looks: set[asyncio.Task[None]] = set()
        # How others are called to somebody who waits for them; wired by the app, which knows accounts
        self.tell_holders: Callable[[Sequence[str], str], Awaitable[Text]] | None = None
        super().__init__(config=config)
        self.current_transaction = OwnTransaction(self.current_transaction)  # type: ignore[assignment]

    @property
    def pool(self) -> Pool | None:
        """The connections of the current task's lane."""
        held = self._lanes.get(lane.get())
        return held.pool if held is not None else None

    @pool.setter
    def pool(self, value: Pool | None) -> None:
        """Piccolo sets None at first; lanes are opened by :meth:`open`."""

    async def check_version(self) -> None:
        """Left out here: the server is asked when the pool opens."""

    async def prep_database(self) -> None:
        """Left out: the portal uses no extension."""

    def transaction(self, allow_nested: bool = True) -> Transaction:
        """A transaction, or a savepoint inside the one that this task has open."""
        return Transaction(engine=self, allow_nested=allow_nested)

    def bind(self) -> None:
        """Make this the engine of all tables of the process."""
        for table in TABLE_REGISTRY:
            table._meta._db = self  # noqa: SLF001 - Piccolo has no public way

    def lane(self) -> _Open:
        """The connections of the current task's lane, with their queue."""
        held = self._lanes.get(lane.get())
        if held is None:
            raise RuntimeError("the connection pool is not open")
        return held

    async def open(
        self,
        *,
        most: int = 10,
        public: int = 0,
        patience: float | None = None,
        public_patience: float | None = None,
        durable: bool = True,
    ) -> None:
        """Open the lanes: ``most`` connections, and ``public`` more that only the public uses (0: it shares the others).

        So long as their ``patience``, statements wait for what others hold. A server that might lose what it acknowledged is
        refused, unless a test asks for that.
        """
        self._lanes[Lane.OFFICE] = await self._opened(most, patience)
        self._lanes[Lane.PUBLIC] = self._lanes[Lane.OFFICE]
        (told,) = await self.rows(SERVER)
        safe = not durable or "off" not in (told["fsync"], told["commit"])
        if wrong := unfit(told["version"], told["encoding"], told["path"], safe=safe):
            await self.close_connection_pool()
            raise SetupError(wrong)
        if public:
            self._lanes[Lane.PUBLIC] = await self._opened(public, public_patience)

    async def allowed(self) -> int:
        """How many connections the server allows the portal, as the settings of the server say."""
        connection = await asyncpg.connect(**self.config)
        try:
            return int(await connection.fetchval(ALLOWED))
        finally:
            await connection.close()

    async def _opened(self, most: int, patience: float | None) -> _Open:
        told = {"application_name": "portal", "search_path": SCHEMAS}
        if patience is not None:
            told["lock_timeout"] = str(int(patience * 1000))
        pool = await asyncpg.create_pool(**self.config, min_size=1, max_size=most, reset=_as_it_is, server_settings=told)
        # asyncpg hands a free connection to whoever asks next, not to who has waited longest; some would wait for seconds
        return _Open(pool, asyncio.Semaphore(most), patience)

    async def close_connection_pool(self) -> None:
        """Close every lane."""
        lanes = {id(held): held for held in self._lanes.values()}
        self._lanes.clear()
        for held in lanes.values():
            await held.pool.close()
        if self._looking is not None:
            await self._looking.close()
            self._looking = None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[PoolConnectionProxy]:
        """A connection of the lane for one statement."""
        held = self.lane()
        await _turn(held.turns)
        try:
            async with held.pool.acquire() as connection:
                yield connection
        finally:
            held.turns.release()

    async def _run_in_pool(self, query: str, args: Sequence[Any] | None = None) -> Any:
        async with self._connected() as connection:
            return await connection.fetch(query, *(args or ()))

    async def holders(self, pid: int) -> list[str]:
        """For whom those work whom a connection waits for, at the head of the queue; nobody where it does not wait."""
        async with self._one_looks:
            if self._looking is None or self._looking.is_closed():
                self._looking = await asyncpg.connect(**self.config, server_settings={"application_name": "portal"})
            rows = await self._looking.fetch(HOLDERS, pid)
        return [row["name"] for row in rows]

    def current(self) -> Transaction:
        """The transaction that this task has open."""
        held: Any = self.current_transaction
        transaction: Transaction | None = held.get()
        if transaction is None:
            raise RuntimeError("this belongs inside a transaction")
        return transaction

    async def settings(self, *names: str) -> dict[str, str]:
        """What these settings of the server are."""
        found = await self.rows("select name, setting from pg_settings where name = any($1)", list(names))
        return {row["name"]: row["setting"] for row in found}

    async def rows(self, sql: str, *args: object) -> list[Record]:
        """The rows of a statement with ``$1`` places, inside the task's transaction if one is open."""
        transaction = self.current_transaction.get()
        if transaction is not None:
            found: list[Record] = await transaction.connection.fetch(sql, *args)
            return found
        async with self._connected() as connection:
            fetched: list[Record] = await connection.fetch(sql, *args)
            return fetched

    async def row(self, sql: str, *args: object) -> Record | None:
        """The first row, or None."""
        found = await self.rows(sql, *args)
        return found[0] if found else None

    async def value(self, sql: str, *args: object) -> Any:
        """The first column of the first row, or None."""
        found = await self.rows(sql, *args)
        return found[0][0] if found else None

    async def many(self, sql: str, rows: list[tuple[object, ...]]) -> None:
        """One statement for many rows, inside the task's transaction."""
        await self.current().connection.executemany(sql, rows)

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
        """New rows of a table, many at once, inside the task's transaction."""
        await self.current().connection.copy_records_to_table(table, columns=columns, records=rows)

    async def hold(self, lock: Lock, *keys: object) -> None:
        """Nobody else has this lock, for these keys or all over, until the transaction is over. Keys are taken in one order."""
        await self.current().connection.execute(HOLD, lock.value, [str(key) for key in keys or ("",)])

    async def hold_if_free(self, lock: Lock, key: object = "") -> bool:
        """The same where nobody else has it; whether it was free."""
        free = "select pg_try_advisory_xact_lock($1, hashtext($2))"
        return bool(await self.current().connection.fetchval(free, lock.value, str(key)))

    async def run_alone(self, what: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do ``work`` in a transaction while nobody else does something under the same name: read, compare, write."""

        async def alone() -> T:
            await self.hold(Lock.NAMED, what)
            return await work()

        return await self.run_tx(alone)

    async def run_tx(self, work: Callable[[], Awaitable[T]], *, attempts: int = 6) -> T:
        """Do ``work`` in a transaction; again from the start where the server asks for it (40001, 40P01).

        ``work`` must have no effect outside the database. Inside an open transaction it simply joins as a savepoint. Where it
        meets what somebody else did or holds, that is a :class:`portal.errors.Refused` with the reason.
        """
        transaction = self.transaction()
        try:
            if self.current_transaction.get() is not None:
                async with transaction:
                    return await work()
            for left in range(attempts - 1, -1, -1):
                transaction = self.transaction()
                try:
                    async with transaction:
                        return await work()
                except asyncpg.PostgresError as error:
                    if left == 0 and error.constraint_name == TAKEN_BACK:
                        # Known by its id before the transaction began, and not asked for again
                        raise refusal(error) from error
                    if error.sqlstate not in RETRIED or left == 0:
                        raise
                    await asyncio.sleep(0.01 * (attempts - left))
        except asyncpg.LockNotAvailableError as error:
            if transaction.outermost is not transaction:
                raise
            raise Busy(await self._told(transaction.holders)) from error
        except asyncpg.IntegrityConstraintViolationError as error:
            raise refusal(error) from error
        raise AssertionError("unreachable")

    async def _told(self, holders: Sequence[str]) -> Text:
        """Who holds what somebody waited for, as far as they may know."""
        if self.tell_holders is not None:
            return await self.tell_holders(holders, acting.get())
        return say("另一位工作人员正在改动这里。您填写的内容还在，这次没有保存；请过一会儿再提交一次。")


def unfit(version: int, encoding: str, path: str, *, safe: bool) -> Text | None:
    """Why a server's database cannot be used: its version, how it writes text, that somebody between drops where tables are
    looked up, or that it may lose what it acknowledged.
    """
    if version // 10_000 < LEAST_MAJOR:
        its = version // 10_000
        return say("数据库是 PostgreSQL {its}，门户要 {least} 以上。请升级它，或换一台。", its=its, least=LEAST_MAJOR)
    if encoding != "UTF8":
        return say(
            "这个数据库的编码是 {its}，存不下所有汉字，没有改动它。请另建一个：createdb -E UTF8 -T template0 portal。",
            its=encoding,
        )
    if path != SCHEMAS:
        return say(
            "前面的连接池（如 PgBouncer）丢掉了启动参数 search_path，撤销过的登记会重新出现，门户不能这样工作。什么也没有改动。"
            "请让 database_url 直接指到 PostgreSQL；或者让连接池转交这个参数，见 docs/deploy.md。"
        )
    return None if safe else say("数据库关闭了 fsync 或 synchronous_commit，断电会丢失已确认的数据。请打开后再启动。")


SERVER = """
    select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding,
        current_setting('search_path') as path, current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit
"""
HOLD = "select pg_advisory_xact_lock($1, k) from (select distinct hashtext(t) as k from unnest($2::text[]) t order by 1) keys"
ALLOWED = """
    select least(
        (select setting::int from pg_settings where name = 'max_connections')
            - (select sum(setting::int) from pg_settings where name like '%reserved_connections'),
        (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user),
        (select nullif(datconnlimit, -1) from pg_database where datname = current_database())
    )
"""
HOLDERS = """
    with recursive before(pid) as (
        select unnest(pg_blocking_pids($1)) union select b from before, unnest(pg_blocking_pids(before.pid)) b
    ) select distinct a.application_name as name from before join pg_stat_activity a on a.pid = before.pid
    where cardinality(pg_blocking_pids(before.pid)) = 0
"""
