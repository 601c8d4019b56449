"""Whether what a region wrote into its words is of the kind that they take: a missing comma makes a text of a tuple."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from portal.scheme import words
from portal.scheme.words import Predicate
from portal.terms import Text, say

NAMES: dict[Any, Text] = {
    str: say("文字"),
    int: say("整数"),
    bool: say("True 或 False"),
    tuple: say("元组"),
    NoneType: say("None"),
}


@cache
def _hints(word: type) -> dict[str, Any]:

    return get_type_hints(word, vars(words))


def misfits(word: Any) -> Iterator[tuple[Any, str, Text, Text]]:
    """Each field of a word and of the words in it that holds something else than it takes: the word, its field, what, mend."""
    kind: type = type(word)
    for field in fields(word):
        value, wanted = getattr(word, field.name), _hints(kind)[field.name]
        if _fits(value, wanted):
            for part in value if isinstance(value, tuple) else (value,):
                if is_dataclass(part) and not isinstance(part, type):
                    yield from misfits(part)
        else:
            what = say("{field} 要写{wanted}，现在是{given}", field=field.name, wanted=_kind_told(wanted), given=_shown(value))
            yield word, field.name, what, _mend(value, wanted)


def _fits(value: object, wanted: Any) -> bool:
    origin = get_origin(wanted)
    if origin in {Union, UnionType}:
        return any(_fits(value, one) for one in get_args(wanted))
    if origin is tuple:
        args = get_args(wanted)
        if not isinstance(value, tuple):
            return False
        if len(args) == 2 and args[1] is Ellipsis:
            return all(_fits(part, args[0]) for part in value)
        return len(value) == len(args) and all(map(_fits, value, args))
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, wanted)


def _mend(value: object, wanted: Any) -> Text:
    if get_origin(wanted) is tuple:
        if isinstance(value, tuple):
            return say("括号里每一项都要是{one}；一项本身是元组时，前面加 * 展开", one=_kind_told(get_args(wanted)[0]))
        return say("写成 (…,)：只有一项时括号里也要有逗号")
    arms = get_args(wanted) if get_origin(wanted) in {Union, UnionType} else (wanted,)
    for arm in arms:
        if isinstance(arm, type) and issubclass(arm, Enum):
            return say("可以写：{all}", all="、".join(f"{arm.__name__}.{one.name}" for one in arm))
    return say("改成{wanted}", wanted=_kind_told(wanted))


def _kind_told(wanted: Any) -> str:
    origin, args = get_origin(wanted), get_args(wanted)
    if wanted == Predicate:
        return say("条件（Is、AnyOf、AllOf、Not）")
    if origin in {Union, UnionType}:
        return say("或").join(_kind_told(one) for one in args if one is not NoneType)
    if origin is tuple:
        return say("由{one}组成的元组", one=_kind_told(args[0]))
    return str(NAMES.get(wanted) or getattr(wanted, "__name__", wanted))


def _shown(value: object) -> str:
    return repr(value)[:40] if isinstance(value, str | int | float | NoneType) else type(value).__name__
