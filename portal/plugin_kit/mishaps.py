"""Why a plugin could not be imported, in Chinese, with the line where it stopped."""

import ast
import re
import traceback
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path

from portal.plugin_kit.findings import Finding
from portal.plugin_kit.lines import Place
from portal.scheme import words
from portal.terms import Text, say

Told = tuple[Text, Text]


def syntax(file: str, text: str) -> Finding | None:
    """What keeps a file from being Python at all."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        mend = say("看这一行和上一行的括号、引号、逗号，全角的标点要改成半角")
        return Finding(
            place=Place(file, error.lineno), where="", what=say("不是合法的 Python：{error}", error=error.msg), mend=mend
        )
    except ValueError as error:
        return Finding(place=Place(file), where="", what=say("读不懂：{error}", error=error), mend=say("用 UTF-8 保存"))
    return None


def mishap(error: BaseException, package: Path) -> Finding:
    """An error that the plugin raised, at the last line of its own that led there."""
    place = Place(f"{package.name}/__init__.py")
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if path.is_relative_to(package):
            place = Place(path.relative_to(package.parent).as_posix(), frame.lineno)
    known = (tell(*found.groups()) for pattern, tell in KNOWN if (found := re.search(pattern, _text(error))))
    what, mend = next(known, None) or _unknown(error)
    return Finding(place=place, where="", what=what, mend=mend)


def _text(error: BaseException) -> str:
    """The error as Python says it; a word that is no value of an enumeration is told like any that a module lacks."""
    if isinstance(error, AttributeError) and isinstance(error.obj, type):
        return f"type object '{error.obj.__name__}' has no attribute '{error.name}'"
    return str(error)


def _unknown(error: BaseException) -> Told:
    what = say("出错：{kind}：{error}", kind=type(error).__name__, error=error)
    return what, say("改正这一行，或它用到的东西")


def _lacks(word: str, names: str) -> Told:
    mend = say("补上 {names}=…", names=names.replace("'", "").replace(" and ", "、"))
    if "basis" in names:
        mend = say("每条规则都要有 basis=：条款表里的一条，或 Assumption(…) 说明理由")
    return say("{word} 缺少 {names}", word=word, names=names.replace("'", "").replace(" and ", "、")), mend


def _unexpected(word: str, name: str) -> Told:
    known = getattr(words, word, None)
    there = "、".join(field.name for field in fields(known)) if is_dataclass(known) else ""
    return say("{word} 没有 {name}", word=word, name=name), say("可以写：{there}", there=there or say("看它的说明"))


def _positional(word: str) -> Told:
    known = getattr(words, word, None)
    parts = fields(known) if is_dataclass(known) else ()
    if parts and not parts[0].kw_only:
        there = "、".join(part.name for part in parts)
        return say("{word} 写多了，只有 {there}", word=word, there=there), say("几个放在一起的写成元组：(…, …)；多出来的去掉")
    return say("{word} 的每一项都要写名字", word=word), say('写成 {word}(code="…", …)', word=word)


def _attribute(of: str, name: str) -> Told:
    known = getattr(words, of, None)
    there = "、".join(getattr(known, "__members__", {}))
    mend = say("可以写：{there}", there=there) if there else say("先在那里写上，或改正拼写")
    return say("{of} 里没有 {name}", of=of, name=name), mend


KNOWN: tuple[tuple[str, Callable[..., Told]], ...] = (
    (r"(\w+)\.__init__\(\) missing \d+ required (?:keyword-only|positional) arguments?: (.+)", _lacks),
    (r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'", _unexpected),
    (r"(\w+)\.__init__\(\) takes \d+ positional arguments? but", _positional),
    (r"(?:module|type object) '([\w.]+)' has no attribute '(\w+)'", _attribute),
    (
        r"name '(\w+)' is not defined",
        lambda name: (say("{name} 没有定义，也没有导入", name=name), say("在文件开头从 portal.scheme.words 导入，或改正拼写")),
    ),
    (
        r"cannot import name '(\w+)' from '([\w.]+)'",
        lambda name, of: (say("{of} 里没有 {name}", of=of, name=name), say("改正拼写，或从别处导入")),
    ),
    (r"No module named '([\w.]+)'", lambda name: (say("没有模块 {name}", name=name), say("改正拼写，或先安装它"))),
)
