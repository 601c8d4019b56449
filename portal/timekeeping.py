"""Whether the machine's time is believed: it is measured against how long the machine has run, and against what was written.

A running machine counts what passes apart from its clock. Where the clock says otherwise, somebody has set it, or it was wrong
before; the portal goes on with the time that has passed until the new one has agreed with itself for a while, or a person
confirms it. After a restart nobody knows how long the machine was off: a clock behind what was written last is not believed at
once either, and one that is far ahead is used, but what only a day's coming brings about waits. Pure but for the reading and the
file (``clock.json``) that the processes of a portal share.
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from portal import clock
from portal.terms import Text, say

TOLERANCE = timedelta(minutes=2)
AGREEMENT = timedelta(hours=1)
LONGEST_LEAP = timedelta(days=31)
SHORT_STOP = timedelta(days=1)


@dataclass(frozen=True)
class ClockReading:
    """What the machine says: its clock, how many seconds it has run (asleep or not), and which start of it this is."""

    wall: datetime
    ran: float
    boot: str


def machine() -> ClockReading:
    """What this machine says now."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        boot = ""
    return ClockReading(clock.now(), time.clock_gettime(time.CLOCK_BOOTTIME), boot)


@dataclass(frozen=True, kw_only=True)
class HeldMoment:
    """A moment that is held true, with the reading then; and, in doubt, by how many seconds the clock is off that.

    ``since`` is what the machine had run when the doubt began. In doubt ``by_wall`` says that the clock is used nevertheless:
    the machine was off, and nobody knows for how long.
    """

    at: datetime
    ran: float
    boot: str
    offset: float | None = None
    since: float = 0.0
    by_wall: bool = False

    def steady(self, reading: ClockReading) -> datetime:
        """What time it is if just what has passed is counted."""
        return self.at + timedelta(seconds=reading.ran - self.ran)


def held(reading: ClockReading) -> HeldMoment:
    """The clock is right."""
    return HeldMoment(at=reading.wall, ran=reading.ran, boot=reading.boot)


def judge(state: HeldMoment | None, reading: ClockReading, newest: datetime | None) -> HeldMoment:
    """What to hold true now; ``newest`` is the latest moment that was written down."""
    known = max((at for at in (state.at if state else None, newest) if at is not None), default=None)
    if known is None:
        return held(reading)
    restarted = state is None or state.boot != reading.boot
    if state is None or restarted:
        state = HeldMoment(at=known, ran=reading.ran, boot=reading.boot)
    off = reading.wall - state.steady(reading)
    if -TOLERANCE <= off <= (SHORT_STOP if restarted else TOLERANCE):
        return held(reading)
    seconds = off.total_seconds()
    if state.offset is not None and abs(seconds - state.offset) <= TOLERANCE.total_seconds():
        agreed = reading.ran - state.since >= AGREEMENT.total_seconds()
        return held(reading) if agreed and abs(off) <= LONGEST_LEAP else state
    by_wall = (restarted or state.by_wall) and seconds > 0
    return replace(state, offset=seconds, since=reading.ran, by_wall=by_wall)


def moment(state: HeldMoment | None, reading: ClockReading) -> datetime:
    """What time it is."""
    if state is None or state.boot != reading.boot or state.by_wall:
        return reading.wall
    steady = state.steady(reading)
    return reading.wall if abs(reading.wall - steady) <= TOLERANCE else steady


class Timekeeper:
    """The clock of a portal's processes. Without a file it is the machine's."""

    def __init__(self, path: Path | None = None, read: Callable[[], ClockReading] = machine) -> None:
        self._path, self._read = path, read
        self._seen: tuple[int, int] | None = None
        self._state: HeldMoment | None = None

    def __call__(self) -> datetime:
        """What time it is."""
        return moment(self.state, self._read())

    @property
    def state(self) -> HeldMoment | None:
        """What the processes of this portal hold true."""
        if self._path is None:
            return None
        try:
            stat = self._path.stat()
        except OSError:
            return None
        if (seen := (stat.st_mtime_ns, stat.st_ino)) != self._seen:
            try:
                kept = json.loads(self._path.read_text())
                self._state = HeldMoment(**{**kept, "at": datetime.fromisoformat(kept["at"])})
            except (OSError, ValueError, TypeError, KeyError):
                self._state = None
            self._seen = seen
        return self._state

    @property
    def waits(self) -> bool:
        """Whether what a day's coming brings about has to wait."""
        return self.state is not None and self.state.offset is not None and self.state.by_wall

    def proposed(self, newest: datetime | None = None) -> HeldMoment:
        """What would be held true now, with the latest moment that was written down; nothing is kept of it."""
        return judge(self.state, self._read(), newest)

    def goes_back(self, new: HeldMoment) -> bool:
        """Whether to hold ``new`` true means that the time goes back."""
        return self.state is not None and new.offset is None and new.at < moment(self.state, self._read()) - TOLERANCE

    def confirmed(self) -> HeldMoment:
        """What is held true once a person says that the machine's clock is right."""
        return held(self._read())

    def keep(self, state: HeldMoment) -> None:
        """Hold this true, in all processes."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            new = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}")
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                json.dump({**asdict(state), "at": state.at.isoformat()}, file)
            new.rename(self._path)

    def notice(self) -> Text | None:
        """What is wrong with the time, and what comes of it."""
        state = self.state
        if state is None or state.offset is None:
            return None
        off = timedelta(seconds=abs(state.offset))
        how = say("{d} 天 {h} 小时 {m} 分", d=off.days, h=off.seconds // 3600, m=off.seconds % 3600 // 60)
        if state.by_wall:
            what = say("服务器停过以后，时间比最后一次记录晚了{how}。到期的任免、方案换版和清理先不办。", how=how)
        elif state.offset > 0:
            what = say("服务器时间忽然快了{how}。门户按实际走过的时间继续，没有跟着改。", how=how)
        else:
            what = say("服务器时间比门户已有的记录早{how}。门户按记录的时间继续，没有跟着退回。", how=how)
        if off <= LONGEST_LEAP:
            return say("{what}这样满一小时就照服务器时间办；核对以后也可以马上运行 portal time confirm。", what=what)
        return say("{what}请核对服务器时间：对的，运行 portal time confirm；不对的，改正它。", what=what)
