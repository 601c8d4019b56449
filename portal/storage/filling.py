"""Rows as frozen dataclasses: a column goes into the field of its name, wherever it stands in the statement."""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import TypeVar

from portal.storage.engine import Record

T = TypeVar("T")


@cache
def _names(of: Callable[..., object]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(of))  # type: ignore[arg-type] # whoever fills it gives a dataclass


def filled(of: Callable[..., T], row: Record, **otherwise: object) -> T:
    """The dataclass ``of`` with the row's columns by name, save for the fields that are told ``otherwise``."""
    return of(**{name: row[name] for name in _names(of) if name not in otherwise}, **otherwise)
