"""Piccolo's PostgreSQL engine with what it lacks: savepoints, no leak on a failed commit, no transaction shared by tasks.

Stock behaviour that this mends (Piccolo 1.38): a nested ``transaction()`` is a no-op, so an inner failure keeps its rows;
a COMMIT that fails keeps its connection and its context for ever, and every later transaction of that task silently does
nothing; and child tasks inherit the transaction and talk over one another on its connection.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.table import TABLE_REGISTRY

from portal.errors import SetupError
from portal.terms import say

T = TypeVar("T")
RETRIED = ("40001", "40P01")
# A table's name means its rows that count; who means every row, those that were taken back too, says "public."
SCHEMAS = "register, public"


class Record(Protocol):
    """A row: its columns by name, or by place."""

    def __getitem__(self, key: str | int) -> Any:  # noqa: ANN401 - whatever the column holds
        """One column."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """The columns, in their order."""
        ...


class OwnTransaction:
    """The current transaction of the current task; a task that was started inside it does not see it."""

    def __init__(self, variable: Any) -> None:  # noqa: ANN401 - Piccolo's ContextVar of transactions
        self._variable = variable

    def get(self) -> "Transaction | None":
        """The transaction that this very task opened, if any."""
        held = self._variable.get()
        return held[1] if held is not None and held[0] is asyncio.current_task() else None

    def set(self, transaction: "Transaction") -> Any:  # noqa: ANN401 - a ContextVar token
        """Make it this task's."""
        return self._variable.set((asyncio.current_task(), transaction))

    def reset(self, token: Any) -> None:  # noqa: ANN401 - a ContextVar token
        """Back to what was before."""
        self._variable.reset(token)


class Transaction(PostgresTransaction):
    """A transaction, or a savepoint where one is open already."""

    __slots__ = ("_savepoint", "_written", "after", "before", "last")
    engine: "Database"

    async def __aenter__(self) -> Self:
        if self._parent is not None:
            self.connection = self._parent.connection
            self._savepoint = await self._parent.savepoint()
            self._written = len(self.outermost.last)
            return self
        self.before: list[Callable[[], None]] = []
        self.after: list[Callable[[], None]] = []
        self.last: list[Callable[[], Awaitable[None]]] = []
        await self.engine.turns.acquire()
        try:
            self.connection = await self.get_connection()  # type: ignore[no-untyped-call] # Piccolo does not annotate it
        except BaseException:
            self.engine.turns.release()
            raise
        try:
            self.transaction = self.connection.transaction()
            await self.begin()  # type: ignore[no-untyped-call] # Piccolo does not annotate it
        except BaseException:
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    @property
    def outermost(self) -> "Transaction":
        """The transaction that will really commit."""
        parent: Transaction | None = self._parent  # type: ignore[assignment] # ours are the only ones
        return self if parent is None else parent.outermost

    async def savepoint(self, name: str | None = None) -> Any:  # noqa: ANN401 - Piccolo's Savepoint
        """A savepoint whose name is unique in the whole transaction."""
        if self._parent is not None:
            return await self._parent.savepoint(name)
        return await super().savepoint(name)

    def at_the_end(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do ``work`` in this transaction when everything else in it is done; not if what surrounds it is rolled back."""
        self.outermost.last.append(work)

    def around_commit(self, before: Callable[[], None], after: Callable[[], None]) -> None:
        """Call ``before`` just ahead of the COMMIT and ``after`` when it is over, once each; neither after a rollback."""
        outermost = self.outermost
        if before not in outermost.before:
            outermost.before.append(before)
            outermost.after.append(after)

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
            for work in self.last:
                await work()
        except BaseException:
            await self.rollback()  # type: ignore[no-untyped-call] # Piccolo does not annotate it
            raise
        for callback in self.before:
            callback()
        try:
            await self.commit()  # type: ignore[no-untyped-call] # Piccolo does not annotate it
        finally:
            for callback in self.after:
                callback()

    async def _give_back(self) -> None:
        try:
            if self.engine.pool:
                await self.engine.pool.release(self.connection)
            else:
                await self.connection.close()
        finally:
            self.engine.turns.release()


async def _as_it_is(_: asyncpg.Connection) -> None:
    """Take a connection back. A transaction left open has been rolled back by now, and nothing of ours changes a session's
    settings, so the statement that asyncpg would send to reset them is one round trip in two for nothing.
    """


class Database(PostgresEngine):
    """The one engine of a portal. Making it connects to nothing; :meth:`start_connection_pool` does."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config={**config, "server_settings": {"search_path": SCHEMAS}})
        self.turns = asyncio.Semaphore()
        self.current_transaction = OwnTransaction(self.current_transaction)  # type: ignore[assignment]

    async def check_version(self) -> None:
        """Left out here: the server is asked when the pool opens."""

    async def prep_database(self) -> None:
        """Left out: the portal uses no extension."""

    def transaction(self, allow_nested: bool = True) -> Transaction:  # noqa: FBT002 - Piccolo's signature
        """A transaction, or a savepoint inside the one that this task has open."""
        return Transaction(engine=self, allow_nested=allow_nested)

    def bind(self) -> None:
        """Make this the engine of all tables of the process."""
        for table in TABLE_REGISTRY:
            table._meta._db = self  # noqa: SLF001 - Piccolo has no public way

    async def open(self, *, most: int = 10, durable: bool = True) -> None:
        """Open the pool. A server that might lose what it acknowledged is refused, unless a test asks for that."""
        # asyncpg hands a free connection to whoever asks next, not to who has waited longest; some would wait for seconds
        self.turns = asyncio.Semaphore(most)
        await self.start_connection_pool(min_size=1, max_size=most, reset=_as_it_is)
        settings = await self.rows("select current_setting('fsync') as a, current_setting('synchronous_commit') as b")
        if durable and "off" in (settings[0]["a"], settings[0]["b"]):
            await self.close_connection_pool()
            raise SetupError(say("数据库关闭了 fsync 或 synchronous_commit，断电会丢失已确认的数据。请打开后再启动。"))

    def current(self) -> Transaction:
        """The transaction that this task has open."""
        held: Any = self.current_transaction
        transaction: Transaction | None = held.get()
        if transaction is None:
            raise RuntimeError("this belongs inside a transaction")
        return transaction

    async def rows(self, sql: str, *args: object) -> list[Record]:
        """The rows of a statement with ``$1`` places, inside the task's transaction if one is open."""
        transaction = self.current_transaction.get()
        if transaction is not None:
            found: list[Record] = await transaction.connection.fetch(sql, *args)
            return found
        if self.pool is None:
            raise RuntimeError("the connection pool is not open")
        connection: PoolConnectionProxy
        async with self.turns, self.pool.acquire() as connection:
            fetched: list[Record] = await connection.fetch(sql, *args)
            return fetched

    async def row(self, sql: str, *args: object) -> Record | None:
        """The first row, or None."""
        found = await self.rows(sql, *args)
        return found[0] if found else None

    async def value(self, sql: str, *args: object) -> Any:  # noqa: ANN401 - whatever the first column holds
        """The first column of the first row, or None."""
        found = await self.rows(sql, *args)
        return found[0][0] if found else None

    async def many(self, sql: str, rows: list[tuple[object, ...]]) -> None:
        """One statement for many rows, inside the task's transaction."""
        await self.current().connection.executemany(sql, rows)

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
        """New rows of a table, many at once, inside the task's transaction."""
        await self.current().connection.copy_records_to_table(table, columns=columns, records=rows)

    async def run_alone(self, what: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do ``work`` in a transaction while nobody else does something under the same name: read, compare, write."""

        async def alone() -> T:
            await self.rows("select pg_advisory_xact_lock(hashtextextended($1, 0))", what)
            return await work()

        return await self.run_tx(alone)

    async def run_tx(self, work: Callable[[], Awaitable[T]], *, attempts: int = 6) -> T:
        """Do ``work`` in a transaction; again from the start where the server asks for it (40001, 40P01).

        ``work`` must have no effect outside the database. Inside an open transaction it simply joins as a savepoint.
        """
        if self.current_transaction.get() is not None:
            async with self.transaction():
                return await work()
        for left in range(attempts - 1, -1, -1):
            try:
                async with self.transaction():
                    return await work()
            except asyncpg.PostgresError as error:
                if error.sqlstate not in RETRIED or left == 0:
                    raise
                await asyncio.sleep(0.01 * (attempts - left))
        raise AssertionError("unreachable")
