"""What keeps a plugin's mistake from becoming the portal's: a limit of time, results that are looked over and copied, and a look
at whether anything of ours was replaced.

This is no sandbox. A plugin is Python in our own process and can do whatever the process can; what stands here is against
mistakes, and finds out plain tampering at start.
"""

import asyncio
import copy
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date
from types import FunctionType, ModuleType
from typing import Generic, TypeVar

T = TypeVar("T")
HOUSE = "portal"
LANGUAGE = "portal.scheme."
LONGEST_REASON = 500
WRAPPED = (property, classmethod, staticmethod)
PLAIN = frozenset({str, int, float, bool, type(None), date, tuple, frozenset})


class TooSlowError(Exception):
    """There was no answer in time. What was asked may go on in its thread, and keeps nobody from ending."""


class BrokenError(Exception):
    """It raised; the text is what it said, cut to a readable length."""


class OddError(Exception):
    """The answer is not of the kind that was asked for; the text says what it is instead."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """What ``work`` gives, done in a thread of its own, where that takes no longer than this."""
    asked = _Asked(work)
    asked.start(lambda: None).join(seconds)
    return asked.answer()


async def within_while_others_go_on(seconds: float, work: Callable[[], T]) -> T:
    """The same for the event loop, which goes on meanwhile."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    asked = _Asked(work)

    def tell() -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(done.set)

    asked.start(tell)
    with suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), seconds)
    return asked.answer()


class _Asked(Generic[T]):
    """Something that is being done in a thread. Pools wait for their threads when a process ends; this one's never does."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._given: list[T] = []
        self._error: BaseException | None = None

    def start(self, tell: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                self._given.append(self._work())
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is told to who asked
                self._error = error
            tell()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def answer(self) -> T:
        if self._given:
            return self._given[0]
        error = self._error
        if error is None:
            raise TooSlowError
        if isinstance(error, OddError):
            raise error
        raise BrokenError(reason(error)) from error


def reason(error: BaseException) -> str:
    """What an error says of itself in one line, where it can."""
    try:
        text = " ".join(str(error)[:LONGEST_REASON].split())
    except BaseException:  # noqa: BLE001 - an error of a plugin may fail to say what it is
        text = ""
    return text or type(error).__name__


# What a plugin states is ours from then on


def own_copy(value: T) -> T:
    """A copy of what a plugin stated that no later change of its own objects reaches; :class:`OddError` where it is not made of
    the words of the language alone.
    """
    for part in _parts(value):
        kind = type(part)
        if kind not in PLAIN and not _is_ours(kind):
            raise OddError(f"{kind.__module__}.{kind.__qualname__}")
    return copy.deepcopy(value)


def _is_ours(kind: type) -> bool:
    """Whether it is a word of the language or a sentence of :func:`portal.terms.say`, and none that only calls itself so."""
    home = kind.__module__
    return (home == "portal.terms" or home.startswith(LANGUAGE)) and vars(sys.modules[home]).get(kind.__name__) is kind


def _parts(value: object) -> Iterator[object]:
    """The value and everything in it; an endless one is stopped by the limit of time within which it is looked over."""
    left = [value]
    while left:
        part = left.pop()
        yield part
        if isinstance(part, tuple | frozenset):
            left.extend(part)
        elif is_dataclass(part):
            left.extend(getattr(part, field.name) for field in fields(part))


def text_of(value: object, *, longest: int) -> str:
    """A text as it was given; :class:`OddError` for anything else, an empty one, or one too long to be meant."""
    if type(value) is not str or not value.strip() or len(value) > longest or not value.isprintable():
        raise OddError(_shown(value))
    return value


def rows_of(
    value: object, *, kinds: Collection[str], rows: int, longest: int
) -> Mapping[str, Sequence[Mapping[str, str]]] | None:
    """Rows by kind, copied; :class:`OddError` for what is not such rows, names a row that a sheet of so many ``rows`` does not
    have, or makes far more of the sheet than can stand in it.
    """
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise OddError(_shown(value))
    found: dict[str, Sequence[Mapping[str, str]]] = {}
    size = 0
    for kind, given in value.items():
        if kind not in kinds or not isinstance(given, list | tuple):
            raise OddError(f"{_shown(kind)}: {_shown(given)}")
        copied = [_cells(one, rows) for one in given]
        size += sum(len(cell) for cells in copied for cell in cells.values())
        if size > longest:
            raise OddError(f"> {longest}")
        found[kind] = copied
    return found


def _cells(given: object, rows: int) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise OddError(_shown(given))
    cells = dict(given)
    if "#" not in cells:
        raise OddError("#")
    for key, cell in cells.items():
        if type(key) is not str or type(cell) is not str:
            raise OddError(f"{_shown(key)}: {_shown(cell)}")
        if key[:1] in ("#", "@") and not (cell.isascii() and cell.isdigit() and len(cell) < 8 and int(cell) > 0):
            raise OddError(f"{key}: {cell[:40]}")
        if key in ("#", "@") and int(cell) > rows:
            raise OddError(f"{key}: {cell}")
    return cells


def _shown(value: object) -> str:
    return repr(value[:40]) if type(value) is str else type(value).__name__


# Whether anything of ours was replaced


class Untouched:
    """What the modules of the portal hold now: their functions, classes, tables of words and the methods of their classes."""

    def __init__(self) -> None:
        self._before = _held()

    def replaced(self) -> list[str]:
        """What holds something else since. What was only added is not looked for, except in tables of words."""
        now = _held()
        return sorted(name for name, held in self._before.items() if now.get(name) != held)


def _held() -> dict[str, object]:
    """Each name of ours with the identity of what it holds."""
    found: dict[str, object] = {}
    for name, module in list(sys.modules.items()):
        if name == HOUSE or name.startswith(f"{HOUSE}."):
            for key, value in list(vars(module).items()):
                if key.startswith("__") or isinstance(value, ModuleType):
                    continue
                found[f"{name}.{key}"] = _identity(value)
                if isinstance(value, type) and value.__module__ == name:
                    found |= {f"{name}.{key}.{inner}": _identity(held) for inner, held in _methods(value)}
    return found


def _methods(kind: type) -> list[tuple[str, object]]:
    return [(name, held) for name, held in list(vars(kind).items()) if callable(held) or isinstance(held, WRAPPED)]


def _identity(value: object) -> object:
    if isinstance(value, FunctionType):
        return id(value), id(value.__code__)
    if type(value) is dict:
        return id(value), tuple((key, id(held)) for key, held in list(value.items()))
    return id(value)
