"""The chain: each entry's hash covers the one before, so that nothing can be altered, dropped or reordered unseen."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

START = b"\0" * 32
CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def body(
    *, at: datetime, actor: int | None, actor_name: str, verb: str, kind: str, subject: str, area: str, data: Mapping[str, Any]
) -> str:
    """The canonical text of an entry."""
    entry = {
        "at": at.isoformat(),
        "actor": actor,
        "actor_name": actor_name,
        "verb": verb,
        "kind": kind,
        "subject": subject,
        "area": area,
        "data": data,
    }
    return CANONICAL.encode(entry)


def link(prev: bytes, text: str) -> bytes:
    """The hash of an entry that follows ``prev``."""
    return sha256(prev + text.encode()).digest()


def first_break(entries: Iterable[Mapping[str, Any]], prev: bytes = START) -> int | None:
    """The id of the first entry that does not follow from the one before it, or None where the chain is whole."""
    for entry in entries:
        said = json.loads(entry["body"])
        shown = {name: entry[name] for name in ("actor", "actor_name", "verb", "kind", "subject", "area")}
        told = {name: said[name] for name in shown}
        whole = entry["prev"] == prev and entry["hash"] == link(prev, entry["body"]) and shown == told
        if not whole or datetime.fromisoformat(said["at"]) != entry["at"]:
            return int(entry["id"])
        prev = entry["hash"]
    return None
