"""The canonical form of an edition and its hash: what is stored when it comes into force and compared at every start."""

import json
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from hashlib import sha256
from typing import Any

from portal.scheme.words import Edition


def _plain(value: Any) -> Any:  # noqa: ANN401 - walks values of every word
    if is_dataclass(value) and not isinstance(value, type):
        said = {f.name: getattr(value, f.name) for f in fields(value) if getattr(value, f.name) != f.default}
        return {"word": type(value).__name__} | {name: _plain(part) for name, part in said.items()}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value


def canonical(edition: Edition) -> str:
    """The edition as text: the same rules give the same text on every machine. The order of rules does not count.

    What a rule leaves at its default is left out, so that a word that gains a field changes no edition that was stored before.
    """
    plain = _plain(edition)
    plain["rules"] = sorted(plain["rules"], key=lambda rule: json.dumps(rule, sort_keys=True, ensure_ascii=False))
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(edition: Edition) -> str:
    """SHA-256 of the canonical form, in hex."""
    return sha256(canonical(edition).encode()).hexdigest()
