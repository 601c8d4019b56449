"""Two editions side by side: what is new, gone, and changed from what to what, field by field, with both clauses. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portal.scheme.book import Scheme
from portal.scheme.canonical import Unread, plain, unworded
from portal.scheme.telling import LABEL, Said, Teller, Told, field_names, label, stored_text, things, word
from portal.scheme.words import Basis, Board, Term
from portal.terms import say


@dataclass(frozen=True)
class Changed:
    """One field that says something else now."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one rule: ``new`` or ``gone`` with all that it says, or ``changed`` with the ``fields`` that differ; it
    rested on ``was`` and rests on ``now``. With ``wording`` it only says the same in other words.
    """

    kind: str
    word: str
    name: str
    was: Basis | None = None
    now: Basis | None = None
    said: tuple[Said, ...] = ()
    fields: tuple[Changed, ...] = ()
    wording: bool = False

    def __str__(self) -> str:
        """In one line."""
        what = f"{self.word}“{self.name}”"
        match self.kind:
            case "new":
                return say("{what}：新增", what=what)
            case "gone":
                return say("{what}：没有了", what=what)
        told = (say("{label}由“{old}”改为“{new}”", label=one.label, old=one.before, new=one.after) for one in self.fields)
        return f"{what}：{'；'.join(told)}"


@dataclass(frozen=True)
class Comparison:
    """What differs between two editions, and the rules that are the same in both, as (what sort, name)."""

    changes: tuple[Change, ...]
    same: tuple[tuple[str, str], ...]

    def of(self, kind: str) -> tuple[Change, ...]:
        """The changes of one kind."""
        return tuple(change for change in self.changes if change.kind == kind)


def compare(old: Scheme, new: Scheme, places: Mapping[str, str] | None = None) -> Comparison:
    """What ``new`` says differently from ``old``, in the order of ``new``; what is gone comes last."""
    before, after = dict(things(old)), dict(things(new))
    told, tell = Teller(old, places), Teller(new, places)
    changes: list[Change] = []
    same: list[tuple[str, str]] = []
    for key, rule in after.items():
        if key not in before:
            there = tell.told(rule)
            changes.append(Change(kind="new", word=there.word, name=there.name, now=there.basis, said=_all(there)))
        elif before[key] == rule:
            same.append((word(rule), tell.name(rule)))
        else:
            was, now = (getattr(one, "basis", None) for one in (before[key], rule))
            changes.append(
                Change(
                    kind="changed",
                    word=word(rule),
                    name=tell.name(rule),
                    was=was,
                    now=now,
                    fields=tuple(_fields(told, before[key], tell, rule)),
                    wording=unworded(plain(before[key])) == unworded(plain(rule)),
                )
            )
    for key, rule in before.items():
        if key not in after:
            there = told.told(rule)
            changes.append(Change(kind="gone", word=there.word, name=there.name, was=there.basis, said=_all(there)))
    return Comparison(tuple(changes), tuple(same))


def _all(told: Told) -> tuple[Said, ...]:
    """What a rule says, a line for each of its parts too."""
    return (*told.said, *(Said(part.name, "；".join(one.text for one in part.said)) for part in told.parts))


def _fields(told: Teller, old: object, tell: Teller, new: object, within: str = "") -> Iterator[Changed]:
    """The fields of a rule that differ; those of its parts under the part's name."""
    if isinstance(old, Unread) or isinstance(new, Unread):
        yield from _as_stored(old, new)
        return
    for name in field_names(new):
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        called = within + label(new, name)
        if isinstance(before, Term) and isinstance(after, Term):
            yield from _term(called, before, told, after, tell)
        elif isinstance(old, Board) and isinstance(new, Board) and name == "sections":
            yield from _sections(called, old, told, new, tell)
        else:
            yield _changed(called, told.text(old, name), before, tell.text(new, name), after)


def _term(called: str, before: Term, told: Teller, after: Term, tell: Teller) -> Iterator[Changed]:
    for name, what in (("within", called), ("basis", f"{called}·{LABEL['basis']}")):
        if getattr(before, name) != getattr(after, name):
            texts = told.value(getattr(before, name)), tell.value(getattr(after, name))
            yield _changed(what, texts[0], getattr(before, name), texts[1], getattr(after, name))


def _sections(called: str, old: Board, told: Teller, new: Board, tell: Teller) -> Iterator[Changed]:
    before, after = ({section.code: section for section in board.sections} for board in (old, new))
    for code in dict.fromkeys((*after, *before)):
        was, now = before.get(code), after.get(code)
        if was is None or now is None:
            yield Changed(called, *(say("没有") if one is None else one.title for one in (was, now)))
        else:
            yield from _fields(told, was, tell, now, f"{called}“{now.title}”·")
    both = [code for code in after if code in before]
    if both != [code for code in before if code in after] or len(before) < len(old.sections) or len(after) < len(new.sections):
        yield _changed(called, told.text(old, "sections"), old.sections, tell.text(new, "sections"), new.sections)


def _changed(called: str, old: str, before: object, new: str, after: object) -> Changed:
    """A field that differs; where the words happen to be the same, with what is stored beside them."""
    if old == new:
        old, new = (f"{old}（{stored_text(value)}）" for value in (before, after))
    return Changed(called, old, new)


def _as_stored(old: object, new: object) -> Iterator[Changed]:
    """What differs where one of the two is of a word that this portal does not know."""
    before, after = plain(old), plain(new)
    for name in dict.fromkeys((*after, *before)):
        if before.get(name) != after.get(name):
            texts = [stored_text(said[name]) if name in said else say("没有") for said in (before, after)]
            yield Changed(LABEL.get(name, name), *texts)
