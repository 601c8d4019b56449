"""The one Jinja environment of pages, with the filters that they use."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment

from portal import codes, terms
from portal.clock import SHANGHAI
from portal.feedback.receipts import shown as receipt_shown
from portal.scheme.calendar import period_told
from portal.scheme.predicates import predicate_told
from portal.scheme.words import Assumption, Clause
from portal.templating import Templates
from portal.terms import day_words, say
from portal.web.static_files import StaticFiles

WEB = Path(__file__).parent / "templates"
PAGES = Path(__file__).parent.parent / "pages"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def environment(static: StaticFiles) -> Environment:
    """The environment; pages' templates lie beside their controllers (``public/board.html``), shared ones in ``web``."""
    env = Templates([WEB, PAGES])
    env.filters |= FILTERS
    env.globals |= {"asset": static.address, "has_asset": static.has, "terms": terms, "is_clause": _is_clause, "dict": dict}
    return env


def _is_clause(basis: object) -> bool:
    return isinstance(basis, Clause) and not isinstance(basis, Assumption)


def day(value: date | datetime | None) -> str:
    """A date as people write it: 2026年11月21日."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    return day_words(value)


def dated(value: object) -> object:
    """What the ledger keeps, for reading: its dates as people write them."""
    return day_words(date.fromisoformat(value)) if isinstance(value, str) and DATE.fullmatch(value) else value


def moment(value: datetime) -> str:
    """A moment in Shanghai, to the minute."""
    return f"{day(value)} {value.astimezone(SHANGHAI):%H:%M}"


def hour(value: datetime) -> str:
    """A moment in Shanghai, to the hour: as exact as we know the public's."""
    return say("{day} {hour}时", day=day(value), hour=value.astimezone(SHANGHAI).hour)


def days_left(last: date, on: date) -> str:
    """How long something may still be done, up to its last day and with it."""
    return say("还剩 {n} 天", n=(last - on).days) if last > on else say("今天是最后一天")


def of(code: str, table: Mapping[str, str]) -> str:
    """The label of a code; the reader never sees the code where a label exists."""
    return table.get(code, code)


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "dated": dated,
    "moment": moment,
    "hour": hour,
    "days_left": days_left,
    "of": of,
    "grouped": codes.grouped,
    "dialled": codes.dialled,
    "receipt": receipt_shown,
    "period": period_told,
    "told": predicate_told,
}
