"""What a row of a sheet changes of a thing, in the words of the sheet: 负责部门 甲所 → 乙所."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portal.areas.queries import FULL_NAME
from portal.imports.columns import Column
from portal.imports.kinds.kind import Work
from portal.scheme.words import Line, Post, Tier, Unit

# What a column of the register is called in sheets, where that is another word
IN_SHEETS = {"division": "place", "jurisdiction": "place", "drawn_grid": "grid", "area_note": "note"}
# The rows that hang on a thing: what sheets call that which they say, and which of their columns says it
HANGING = {
    "enterprise_fact": ("fact:{fact}", "value"),
    "grid_ground": ("ground", "division"),
    "charge": ("unit", "unit"),
    "deed_doer": ("name", "person"),
}
# What the number in a column stands for
NAMES = {
    "place": f"select {FULL_NAME.format(path='j.path')} from jurisdiction j where j.id = $1",
    "ground": "select name from jurisdiction where id = $1",
    "unit": "select name from unit where id = $1",
    "grid": "select name from grid where id = $1",
    "parent": "select name from grid where id = $1",
    "name": "select name from person where id = $1",
}
NOTHING = "—"


async def differences_told(work: Work, columns: Sequence[Column], before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Every difference of two states of a thing that its sheet has a column for, from what to what."""
    found = {code: (old, new) for code, old, new in _different(before, after)}
    return "；".join(
        [
            f"{column.title} {await _named(work, column.code, found[column.code][0])} → "
            f"{await _named(work, column.code, found[column.code][1])}"
            for column in columns
            if column.code in found
        ]
    )


def _different(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """What is different, by the code of a sheet's column: the values that are no more, and those that are new."""
    for name, old in before["own"].items():
        new = after["own"][name]
        if old != new:
            yield IN_SHEETS.get(name, name), [old], [new]
    for name in HANGING:
        was, now = (_going_on(name, state["rows"].get(name, ())) for state in (before, after))
        gone, come = list((was - now).elements()), list((now - was).elements())
        for code in dict.fromkeys(code for code, _ in (*gone, *come)):
            yield code, [value for of, value in gone if of == code], [value for of, value in come if of == code]


def _going_on(name: str, rows: Sequence[Mapping[str, Any]]) -> Counter[tuple[str, Any]]:
    code, value = HANGING[name]
    return Counter((code.format(**row), row[value]) for row in rows if row.get("until") is None)


async def _named(work: Work, code: str, values: Sequence[Any]) -> str:
    return "、".join(filter(None, [await _name(work, code, value) for value in values])) or NOTHING


async def _name(work: Work, code: str, value: object) -> str:
    """A value as people read it: the name behind a number, or behind a rule's code."""
    if isinstance(value, int) and code in NAMES:
        return str(await work.call.db.value(NAMES[code], value) or "")
    scheme = work.scheme
    rules: Mapping[str, Mapping[str, Unit | Tier | Post | Line]] = {
        "kind": scheme.units,
        "tier": scheme.tiers,
        "post": scheme.posts,
        "line": scheme.lines,
    }
    fact = scheme.facts.get(code.removeprefix("fact:"))
    said = str(value or "")
    if said in rules.get(code, {}):
        return rules[code][said].name
    return dict(fact.choices).get(said, said) if fact is not None else said
