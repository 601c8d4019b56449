"""What cells call that nothing is called, what they may have meant, and what the office chose in their stead.

A choice is kept with the sheet, holds for all cells alike, and leaves the file as it was
(``docs/decisions/0051-the-office-chooses-what-was-meant.md``); it is remembered for the next sheet
(``docs/decisions/0053-what-was-meant-is-remembered.md``).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache
from hashlib import sha256

from portal.imports.checking import checked
from portal.imports.columns import SHOWN, Column, Found, Row, plain
from portal.imports.kinds.kind import SheetKind
from portal.imports.known import AnyGrid, Index, Known
from portal.imports.meanings import Meanings
from portal.imports.outcome import LeftOut, Replaced, Unfound
from portal.storage.search import sort_key
from portal.terms import SEPARATORS, Text, also, say

# What was chosen: by kind and column, what a cell says and what it means
Corrections = Mapping[str, Mapping[str, str]]
Parts = Sequence[tuple[SheetKind, tuple[Column, ...], Found]]
MOST_TOLD, MOST_NEAR, FEW, MANY = 100, 5, 12, 3_000
COMMON = 1_000
LIKE, TAILED, SURE = 0.6, 0.8, 0.9
# Whether it is a village or a community, a town or a street, is what offices mistake most
SORT = re.compile(
    also(r"(?:社区居民委员会|社区居委会|居民委员会|居委会|村民委员会|村委会|街道办事处|社区|行政村|村|镇|乡|街道|居)$")[0]
)
PEOPLE = ("people", "doers")
# Chosen where such rows are not to be taken in; nothing can be called so
LEAVE_OUT = "/"
# Of the offices of a town there are few, and whoever calls one by a short name calls it by any
OFFICES, TAIL = "units", 3
BRACKETED = re.compile(r"[(（][^()（）]*[)）]$")
DIGITS = re.compile(r"\d+")
SHORTEST = 2


def as_meant(
    register: Known, parts: Parts, corrections: Corrections, meanings: Meanings, today: date
) -> tuple[Parts, tuple[Replaced, ...]]:
    """The rows by what the office chose for this sheet, and by what it chose for earlier ones."""
    chosen, now = corrected(register, parts, corrections)
    recall = recalled(register, chosen, meanings, today)
    found, earlier = corrected(register, chosen, recall, before=True)
    return found, (*now, *earlier)


def corrected(
    register: Known, parts: Parts, corrections: Corrections, *, before: bool = False
) -> tuple[Parts, tuple[Replaced, ...]]:
    """The rows as the office meant them, without those that it left out, and what was put in whose stead in how many of them;
    ``before`` where it chose so for an earlier sheet. What the register knows by now is no longer put in another's stead.
    """
    done: list[Replaced] = []
    made = []
    for kind, columns, found in parts:
        rows, out = found.rows, list(found.left_out)
        for column in columns:
            key = f"{kind.code}.{column.code}"
            chosen = {said: text for said, text in corrections.get(key, {}).items() if not _is_known(register, column, said)}
            if chosen:
                counts: Counter[str] = Counter()
                sort = _sort(kind, column)
                out += [_left_out(row, column, said) for row in rows if (said := _said_to_leave(row, column, chosen, counts))]
                gone = {one.row for one in out}
                rows = tuple(_meant(row, column, chosen, counts) for row in rows if row.number not in gone)
                done += [
                    Replaced(_mark(key, said), key, column.title, said, text, counts[said], sort, before)
                    for said, text in chosen.items()
                    if counts[said]
                ]
        made.append((kind, columns, replace(found, rows=rows, left_out=tuple(sorted(out, key=lambda one: one.row)))))
    return made, tuple(done)


def left_out(corrections: Corrections) -> Corrections:
    """Of what was chosen, which rows are not taken in."""
    kept = {key: {name: text for name, text in said.items() if text == LEAVE_OUT} for key, said in corrections.items()}
    return {key: said for key, said in kept.items() if said}


def _names_people(column: Column) -> bool:
    return bool({*column.among, column.refers} & {*PEOPLE})


def _is_known(register: Known, column: Column, said: str) -> bool:
    choices = {plain(word) for word in (*column.choices, *(word for word, _ in column.words))}
    return said in choices or any(index.all(said) for index in _indexes(register, column))


def _said_to_leave(row: Row, column: Column, chosen: Mapping[str, str], counts: Counter[str]) -> str:
    said = next((name for name in _names(column, row[column.code]) if chosen.get(plain(name)) == LEAVE_OUT), "")
    counts.update([plain(said)] if said else [])
    return said


def _left_out(row: Row, column: Column, said: str) -> LeftOut:
    text = " ".join(dict.fromkeys(filter(None, row.cells.values())))[:SHOWN]
    return LeftOut(row.number, text, _chosen_out(column, said))


def _chosen_out(column: Column, said: str) -> Text:
    return say("按您的选择不导入：{title}写着“{said}”", title=column.title, said=said)


def _meant(row: Row, column: Column, chosen: Mapping[str, str], counts: Counter[str]) -> Row:
    names = _names(column, row[column.code])
    said = [name for name in names if plain(name) in chosen]
    if not said:
        return row
    counts.update({plain(name) for name in said})
    meant = "、".join(chosen.get(plain(name), name) for name in names)
    return replace(row, cells={**row.cells, column.code: meant})


def _names(column: Column, cell: str) -> list[str]:
    return [name for name in SEPARATORS.split(cell) if name] if column.many else [cell] if cell else []


def _mark(key: str, said: str) -> str:
    return sha256(f"{key}\n{said}".encode()).hexdigest()[:12]


def _sort(kind: SheetKind, column: Column) -> str:
    """What the cells of a column call, whatever the sheet: what is meant by a place in one is meant by it in all."""
    return column.refers or "/".join(column.among) or f"{kind.code}.{column.code}"


def _indexes(register: Known, column: Column, *, people: bool = True) -> list[Index | AnyGrid]:
    names = [name for name in column.among or (column.refers,) if name and (people or name not in PEOPLE)]
    return [getattr(register, name) for name in names]


def _is_around(columns: Sequence[Column], column: Column, found: Found) -> bool:
    """Whether another column of the sheet says around which place the column's own lie."""
    given = {code for row in found.rows[:1] for code in row.cells}
    return any(other.around == column.code and other.code in given for other in columns)


def recalled(register: Known, parts: Parts, meanings: Meanings, today: date) -> Corrections:
    """What was chosen for earlier sheets: only where nothing is called what the cell says by now, and one thing alone is still
    called what was meant. People are never recalled: whoever is called so on the next sheet may be somebody else.
    """
    known: dict[str, dict[str, str]] = {}
    for kind, columns, found in parts:
        for column in columns:
            indexes, others = _indexes(register, column), _indexes(register, column, people=False)
            bare = _is_around(columns, column, found)
            for said, meant in meanings.get(_sort(kind, column), {}).items():
                cell, wrong, _ = checked(column, said, today)
                if column.choices:
                    holds = bool(wrong) and meant in column.choices
                else:
                    things = sum(len(index.all(meant)) for index in others)
                    holds = not wrong and not any(index.all(cell) for index in indexes) and (things == 1 or (bare and things > 1))
                if holds:
                    known.setdefault(f"{kind.code}.{column.code}", {})[said] = meant
    return known


def unfound(register: Known, parts: Parts, today: date) -> tuple[Unfound, ...]:
    """What cells call that neither the register nor the choices of the column have, each once, where something is called nearly
    so; what stands in most rows first.
    """
    books: dict[int, _Book] = {}
    told: list[Unfound] = []
    for kind, columns, found in parts:
        for column in columns:
            indexes, others = _indexes(register, column), _indexes(register, column, people=False)
            if not indexes and not column.choices:
                continue
            rows: Counter[str] = Counter()
            first: dict[str, tuple[str, str]] = {}
            for row in found.rows:
                for name in _names(column, row[column.code]):
                    rows[plain(name)] += 1
                    first.setdefault(plain(name), (name, row.titles.get(column.code, column.title)))
            key = f"{kind.code}.{column.code}"
            bare = _is_around(columns, column, found)
            for said, count in rows.most_common():
                cell, wrong, _ = checked(column, first[said][0], today)
                near = (
                    _near_choices(column, said)
                    if column.choices and wrong
                    else _near_things(indexes, books, cell, bare=bare, every=column.refers == OFFICES)
                    if cell and not wrong and indexes and not any(index.all(cell) for index in indexes)
                    else []
                )
                if near and len(told) < MOST_TOLD:
                    sure = near[0][0] >= SURE and [score >= SURE for score, _ in near].count(True) == 1
                    sure = sure and not _names_people(column)
                    texts = tuple(text for _, text in near)
                    lasting = tuple(text for text in texts if column.choices or any(index.all(text) for index in others))
                    cell_, title = first[said]
                    told.append(Unfound(_mark(key, said), key, title, cell_, count, texts, sure, _sort(kind, column), lasting))
    return tuple(sorted(told, key=lambda one: -one.rows))


def _near_choices(column: Column, said: str) -> list[tuple[float, str]]:
    if said in {plain(word) for word, _ in column.never}:
        return []
    scored = sorted(((_alike(said, plain(one)), one) for one in column.choices), key=lambda one: -one[0])
    return scored if len(scored) <= FEW else [one for one in scored if one[0] >= LIKE][:MOST_NEAR]


def _near_things(
    indexes: Iterable[Index | AnyGrid], books: dict[int, "_Book"], said: str, *, bare: bool, every: bool
) -> list[tuple[float, str]]:
    found: dict[str, tuple[float, str]] = {}
    most = MOST_NEAR
    for one in indexes:
        index = one.ours if isinstance(one, AnyGrid) else one
        book = books.setdefault(id(index), _Book(index))
        few = every and len(book.names) <= FEW
        most = FEW if few else most
        for score, name in book.all(plain(said)) if few else book.near(plain(said)):
            for id_, text in _unique(index, name, bare=bare):
                # One thing once, by the name that is most alike
                found[id_] = min((score, text), found.get(id_, (score, text)), key=lambda one: (-one[0], len(one[1])))
    return sorted(dict.fromkeys(found.values()), key=lambda one: (-one[0], one[1]))[:most]


def _unique(index: Index, name: str, *, bare: bool) -> Iterator[tuple[str, str]]:
    """What to write so that each thing of that name alone is meant; with ``bare`` another column of the row says which."""
    things = index.by[name]
    if len(things) == 1 or bare:
        yield things[0].id if len(things) == 1 else name, name
        return
    for thing in things:
        alone = [called for called in index.called[thing.id] if len(index.by[called]) == 1 and not called.isascii()]
        if alone:
            yield thing.id, min(alone, key=len)


class _Book:
    """The names of an index, to be looked through for those that are nearly alike."""

    def __init__(self, index: Index) -> None:
        # Codes and badges are no names: one digit more or less is another thing
        self.names = [name for name, things in index.by.items() if things and not name.isascii()]
        self.pairs: defaultdict[str, list[str]] = defaultdict(list)
        if len(self.names) > MANY:
            for name in self.names:
                for pair in _pairs(name):
                    self.pairs[pair].append(name)

    def near(self, said: str) -> list[tuple[float, str]]:
        """The names that are nearly what is said, and how nearly."""
        return [(score, name) for name in self._worth(said) if (score := _alike(said, name)) >= LIKE]

    def all(self, said: str) -> list[tuple[float, str]]:
        """All names, and how nearly each is what is said."""
        return [(_alike(said, name), name) for name in self.names]

    def _worth(self, said: str) -> Iterable[str]:
        """Of many names only those that share two characters that few have."""
        if not self.pairs:
            return self.names
        return {name for pair in _pairs(said) if len(self.pairs.get(pair, ())) <= COMMON for name in self.pairs.get(pair, ())}


def _pairs(name: str) -> set[str]:
    return {name[n : n + 2] for n in range(len(name) - 1)}


def _alike(said: str, name: str) -> float:
    """From 0 to 1; 1 where only the sort of place differs, a little less where it only sounds the same. Another number is another
    thing, however alike the rest is.
    """
    if DIGITS.findall(said) != DIGITS.findall(name):
        return 0
    stem, other = SORT.sub("", said), SORT.sub("", name)
    if stem and stem == other:
        return 1
    if not BRACKETED.search(said):
        # What others leave out
        name = BRACKETED.sub("", name)
    if said != name and len(said) >= TAIL and name.endswith(said):
        return TAILED
    if len(said) == len(name) and set(said) & set(name) and _sound(said) == _sound(name):
        return SURE
    if stem != said and other != name:
        # 社区 in both says nothing
        said, name = stem, other
        if len(said) == len(name) == SHORTEST and (said[0] == name[0] or said[1] == name[1]):
            return LIKE
    if said.startswith(name):
        # A town is not what a village in it was meant to be, nor a firm its branch
        return 0
    shared = len(set(said) & set(name))
    return SequenceMatcher(None, said, name).ratio() if 2 * shared >= LIKE * (len(set(said)) + len(set(name))) * 0.8 else 0


@lru_cache(maxsize=65_536)
def _sound(name: str) -> str:
    return re.sub(r"\d", "", sort_key(name))
