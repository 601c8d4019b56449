"""What every action and query is handed: the running portal, who calls, and the moment. Nothing is looked up globally."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar

from portal.clock import day_of
from portal.plugins import Plugins
from portal.scheme.book import Book
from portal.scheme.calendar import WorkingDays
from portal.scheme.keeping import Settled
from portal.settings import Settings
from portal.storage.engine import Database, Record
from portal.storage.files import FileStore
from portal.storage.generation import Generation
from portal.storage.rows import hold_row
from portal.storage.seals import Keyring
from portal.terms import Text
from portal.timekeeping import Timekeeper
from portal.viewer import Viewer
from portal.workshop.hands import Hands
from portal.workshop.pool import Workshop

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something happened in a lower wing that an upper one may have to follow, from ``day`` on.

    ``subject`` is the internal id of what it happened to; ``kind`` names its table's subject; ``to`` is the internal id of
    who takes over, where somebody does.
    """

    name: str
    kind: str
    subject: int
    day: date
    to: int | None = None


@dataclass
class Editions:
    """What a running portal found stored beside what its plugins state, and up to which entry of the ledger it looked."""

    settled: Settled | None = None
    seen: int = 0


@dataclass(frozen=True)
class Hanging:
    """A table of a higher wing whose rows hang on what the areas keep: they end with what they name by a column ``ends_with``,
    and a place is not closed while ``what`` lies in it by the column ``lies_in``.
    """

    table: str
    ends_with: tuple[str, ...] = ()
    lies_in: str = ""
    what: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Above:
    """What lower wings have to know of higher ones, without naming their tables; wired by the app.

    ``regions`` are those that govern places of the register, ``region_at`` the one that governs the place with a path; ``ties``
    tells what ties people to those who keep complaints.
    """

    regions: Callable[[Database], Awaitable[frozenset[str]]]
    region_at: Callable[[Database, str], Awaitable[str | None]]
    ties: "Callable[[Call, Sequence[int]], Awaitable[Sequence[Record]]]"
    hanging: tuple[Hanging, ...]


@dataclass(frozen=True, kw_only=True, repr=False)
class Portal:
    """A running portal: made once by ``app.py`` or a command, handed to everything else.

    ``timekeeper`` says what time it is, and whether what a day brings has to wait. In safe mode (``safe``) it has no plugin and
    no scheme, and serves what is stored. ``asleep`` are the regions that places are governed by and that decide nothing: no
    enabled plugin states them, or what it states does not fit what is stored, and ``unadopted`` says what then has to be done;
    ``postponed`` the events that wait for one of them to come back.
    """

    settings: Settings
    db: Database
    plugins: Plugins
    keyring: Keyring
    files: FileStore
    complaint_files: FileStore
    generation: Generation
    working_days: WorkingDays
    workshop: Workshop
    above: Above
    listeners: "tuple[Listener, ...]" = field(default=())
    safe: bool = False
    timekeeper: Timekeeper = field(default_factory=Timekeeper)
    asleep: set[str] = field(default_factory=set)
    unadopted: dict[str, Text] = field(default_factory=dict)
    postponed: set[int] = field(default_factory=set)
    editions: Editions = field(default_factory=Editions)
    # What strangers' reports and pictures may have of this process, so that whoever sends many waits, and nobody else
    making: Hands = field(default_factory=lambda: Hands(2, kept=1))
    adding: Hands = field(default_factory=lambda: Hands(1))
    photos: Hands = field(default_factory=lambda: Hands(2, kept=1))

    @property
    def book(self) -> Book:
        """The schemes of all regions that decide: as the plugins state them, with the earlier texts that were given up."""
        settled = self.editions.settled
        return settled.book if settled is not None and settled.stated is self.plugins.book else self.plugins.book


@dataclass(frozen=True)
class Call:
    """One call on the portal."""

    portal: Portal
    viewer: Viewer
    now: datetime

    @property
    def db(self) -> Database:
        """The database."""
        return self.portal.db

    @property
    def book(self) -> Book:
        """The schemes."""
        return self.portal.book

    @cached_property
    def today(self) -> date:
        """The calendar day in Asia/Shanghai."""
        return day_of(self.now)

    async def alone(self, what: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do ``work`` in one transaction while no other call does anything under the same name."""
        return await self.db.run_alone(what, work)

    async def holding(self, table: str, id_: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do ``work`` in one transaction that holds a row of the register: what it compares is what stands there."""

        async def held() -> T:
            await hold_row(self.db, table, id_)
            return await work()

        return await self.db.run_tx(held)

    def as_(self, viewer: Viewer) -> "Call":
        """The same moment seen by somebody else."""
        return replace(self, viewer=viewer)


# A listener tells whether it had to leave something out, because the plugin of a region is off
Listener = Callable[[Call, Event], Awaitable[bool]]
