"""The canonical form of an edition and its hash: what is stored when it comes into force, compared at every start, and read
back where the plugin that stated it is gone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from hashlib import sha256
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from portal.scheme import words
from portal.scheme.words import Edition, Rule


@dataclass(frozen=True)
class Unread:
    """A rule that was stored by a portal which knew more words or fields than this one; ``said`` is what was stored."""

    word: str
    code: str
    said: tuple[tuple[str, Any], ...]


def plain(value: Any) -> Any:
    """A value of the language as JSON has it."""
    if isinstance(value, Unread):
        return {"word": value.word} | dict(value.said)
    if is_dataclass(value) and not isinstance(value, type):
        said = {f.name: getattr(value, f.name) for f in fields(value) if getattr(value, f.name) != f.default}
        return {"word": type(value).__name__} | {name: plain(part) for name, part in said.items()}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value


def canonical(edition: Edition) -> str:
    """The edition as text: the same rules give the same text on every machine. The order of rules does not count.

    What a rule leaves at its default is left out, so that a word that gains a field changes no edition that was stored before.
    """
    said = plain(edition)
    said["rules"] = sorted(said["rules"], key=lambda rule: json.dumps(rule, sort_keys=True, ensure_ascii=False))
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(edition: Edition) -> str:
    """SHA-256 of the canonical form, in hex."""
    return digest_of(canonical(edition))


def digest_of(text: str) -> str:
    """SHA-256 of a canonical form that is written already, in hex."""
    return sha256(text.encode()).hexdigest()


# Our own words about a rule: where it stands and what it says in short, why something was assumed, how a form is filled in, what
# sheets call it besides, why we take it that a document still holds.
# Whoever mends them alters no rule
WORDING: Mapping[str, frozenset[str]] = {
    "Clause": frozenset({"at", "gist", "kind", "read_as"}),
    "Assumption": frozenset({"why"}),
    "Document": frozenset({"lost", "read", "seen"}),
    "Duty": frozenset({"formerly"}),
    "Fact": frozenset({"hint"}),
    "InForce": frozenset({"still"}),
}


def unworded(said: Any) -> Any:
    """What :func:`plain` gave, less its wording: what is equal then rules equally."""
    if isinstance(said, dict):
        left_out = WORDING.get(str(said.get("word")), frozenset())
        return {name: unworded(part) for name, part in said.items() if name not in left_out}
    if isinstance(said, list):
        return [unworded(part) for part in said]
    return said


def rules_in(text: str) -> str:
    """The rules of a canonical form as this portal writes them, without wording.

    A text that an earlier portal wrote is read first: what it put in another way, or left out since there was no word for it,
    would differ without ruling differently.
    """
    said = unworded(plain(read(text)))
    said["rules"] = sorted(said["rules"], key=lambda rule: json.dumps(rule, sort_keys=True, ensure_ascii=False))
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(text: str) -> Edition:
    """The inverse of :func:`canonical`, but for the order of rules. What this portal does not know is kept as :class:`Unread`."""
    said = json.loads(text)
    rules = [_rule(rule) for rule in said.pop("rules")]
    unread: list[Unread] = []
    parts = {
        "documents": tuple(_known_part(document, unread) for document in said.pop("documents")),
        "in_force": _known_part(said.pop("in_force"), unread),
    }
    edition: Edition = _known_part({**said, "word": "Edition"}, unread, parts | {"rules": tuple(rules)})
    return replace(edition, rules=(*rules, *unread))  # type: ignore[arg-type] # what is unread stands among the rules


class _Unknown(Exception):
    pass


def _rule(said: Mapping[str, Any]) -> Rule | Unread:
    try:
        rule: Rule = _value(said, Rule)
    except (_Unknown, ValueError, TypeError):
        return _unread(said)
    return rule


def _unread(said: Mapping[str, Any]) -> Unread:
    code = next((str(said[name]) for name in ("code", "klass", "kind") if name in said), "")
    return Unread(str(said["word"]), code, tuple((name, part) for name, part in sorted(said.items()) if name != "word"))


def _known_part(said: Mapping[str, Any], unread: list[Unread], given: Mapping[str, Any] | None = None) -> Any:
    """What we know of a part that has to be there; the rest of it goes among the unread."""
    hints = get_type_hints(_word(said))
    kept, rest = dict(given or {}), {}
    for name, part in said.items():
        try:
            if name != "word":
                kept[name] = _value(part, hints[name])
        except (_Unknown, KeyError, ValueError, TypeError):
            rest[name] = part
    if rest:
        unread.append(_unread({"word": said["word"], **rest}))
    return _word(said)(**kept)


def _word(said: Mapping[str, Any]) -> type:
    found = getattr(words, str(said["word"]), None)
    if not isinstance(found, type) or not is_dataclass(found):
        raise _Unknown
    return found


def _value(said: Any, hint: Any) -> Any:
    """What was said where a value of this type belongs."""
    arms = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if isinstance(said, dict):
        found = _word(said)
        hints = get_type_hints(found)
        if not set(said) - {"word"} <= set(hints):
            raise _Unknown
        return found(**{name: _value(part, hints[name]) for name, part in said.items() if name != "word"})
    # What may be several now was one once
    if isinstance(said, str) and all(get_origin(arm) is tuple for arm in arms):
        said = [said]
    if isinstance(said, list):
        inner = next(get_args(arm) for arm in arms if get_origin(arm) is tuple)
        each = [inner[0]] * len(said) if inner[-1] is Ellipsis else inner
        return tuple(_value(part, of) for part, of in zip(said, each, strict=True))
    for arm in arms:
        if isinstance(arm, type) and isinstance(said, str) and issubclass(arm, Enum):
            return arm(said)
        if arm is date and isinstance(said, str):
            return date.fromisoformat(said)
    return said
