"""Finds where a plugin's source makes a rule: the call whose literals agree with it. Rather no line than a wrong one."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date
from pathlib import Path

from portal.scheme.problem import KEYS

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Place:
    """A file of the plugin, below the folder that its package is in, and a line of it where that is certain."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class _Call:
    """A call in the source with the names that mean something else there than in the module."""

    file: str
    node: ast.Call
    module: Mapping[str, object]
    own: frozenset[str]

    def known(self, node: ast.expr) -> tuple[bool, object]:
        """What a name means here, where that is certain."""
        match node:
            case ast.Name(id=name) if name not in self.own and name in self.module:
                return True, self.module[name]
            case ast.Attribute(value=value, attr=attr):
                found, of = self.known(value)
                if found and hasattr(of, attr):
                    return True, getattr(of, attr)
        return False, None


class Lines:
    """The source of one plugin; ``modules`` are the names of its modules as they were imported, by file."""

    def __init__(self, sources: Mapping[str, str], modules: Mapping[str, Mapping[str, object]]) -> None:
        self._calls = [call for file, source in sources.items() for call in _calls(file, source, modules.get(file, {}))]

    def of(self, rule: object, field: str = "") -> Place | None:
        """Where the rule is made, at the line of ``field`` where it is written there."""
        fitting = [(_certainty(call, rule), call) for call in self._calls if _makes(call, call.node, rule)]
        if not fitting:
            return self._file_of(rule)
        best = max(certainty for certainty, _ in fitting)
        calls = [call for certainty, call in fitting if certainty == best]
        # Of two that are the same, the second one is too many
        call = calls[-1] if field in KEYS else calls[0]
        if len(calls) == 1 or (field in KEYS and best):
            return Place(call.file, _line(call, rule, field))
        return Place(call.file) if len({one.file for one in calls}) == 1 else None

    def _file_of(self, rule: object) -> Place | None:
        files = {call.file for call in self._calls if _callee(call, call.node) == type(rule).__name__}
        return Place(files.pop()) if len(files) == 1 else None


def _calls(file: str, source: str, module: Mapping[str, object]) -> Iterator[_Call]:
    tree = ast.parse(source)
    rebound = _rebound(tree)
    stack: list[tuple[ast.AST, frozenset[str]]] = [(tree, frozenset(rebound))]
    while stack:
        node, own = stack.pop()
        if isinstance(node, SCOPES):
            own |= _bound(node)
        if isinstance(node, ast.Call):
            yield _Call(file, node, module, own)
        stack += [(child, own) for child in reversed(list(ast.iter_child_nodes(node)))]


def _bound(scope: ast.AST) -> set[str]:
    """The names that a function or comprehension gives a meaning of its own."""
    names = {node.id for node in ast.walk(scope) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return names | {node.arg for node in ast.walk(scope) if isinstance(node, ast.arg)}


def _rebound(tree: ast.Module) -> set[str]:
    """The names of a module that mean different things on different lines."""
    seen: set[str] = set()
    twice: set[str] = set()
    for statement in tree.body:
        stored = [] if isinstance(statement, ast.FunctionDef | ast.ClassDef) else _stored(statement)
        for name in stored:
            (twice if name in seen or isinstance(statement, ast.For | ast.While) else seen).add(name)
    return twice


def _stored(node: ast.AST) -> list[str]:
    if isinstance(node, SCOPES):
        return []
    own = [node.id] if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else []
    return own + [name for child in ast.iter_child_nodes(node) for name in _stored(child)]


def _callee(call: _Call, node: ast.Call) -> str:
    known, what = call.known(node.func)
    if known:
        return str(getattr(what, "__name__", ""))
    return node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _arguments(node: ast.Call, word: object) -> dict[str, ast.expr]:
    """What is written for which field; what is starred is not known."""
    positional = [field.name for field in _fields(word) if not field.kw_only]
    plain = [] if any(isinstance(arg, ast.Starred) for arg in node.args) else node.args
    return dict(zip(positional, plain, strict=False)) | {one.arg: one.value for one in node.keywords if one.arg}


def _fields(word: object) -> tuple[Field[object], ...]:
    return fields(word) if is_dataclass(word) else ()


def _makes(call: _Call, node: ast.Call, value: object) -> bool:
    """Whether the call may make the value: nothing that is written there says something else."""
    if not is_dataclass(value) or _callee(call, node) != type(value).__name__:
        return False
    written = _arguments(node, value)
    if not any(keyword.arg is None for keyword in node.keywords) and not any(isinstance(arg, ast.Starred) for arg in node.args):
        unsaid = [field for field in _fields(value) if field.name not in written and field.default is not MISSING]
        if any(getattr(value, field.name) != field.default for field in unsaid):
            return False
    return all(hasattr(value, name) and _may_be(call, one, getattr(value, name)) for name, one in written.items())


def _may_be(call: _Call, node: ast.expr, value: object) -> bool:
    match node:
        case ast.Constant(value=said):
            return type(said) is type(value) and said == value
        case ast.JoinedStr(values=parts):
            text = "".join(re.escape(str(one.value)) if isinstance(one, ast.Constant) else ".*" for one in parts)
            return isinstance(value, str) and re.fullmatch(text, value, re.DOTALL) is not None
        case ast.Tuple(elts=parts) if not any(isinstance(part, ast.Starred) for part in parts):
            return (
                isinstance(value, tuple)
                and len(parts) == len(value)
                and all(_may_be(call, part, one) for part, one in zip(parts, value, strict=True))
            )
        case ast.Name() | ast.Attribute():
            known, what = call.known(node)
            return not known or bool(what == value)
        case ast.Call():
            known, what = call.known(node.func)
            if not known or not isinstance(what, type):
                return True
            return _makes(call, node, value) if is_dataclass(what) else isinstance(value, what) and _is_day(node, value)
    return True


def _is_day(node: ast.Call, value: object) -> bool:
    """Whether a date that is written out is this one; of other things nothing is known."""
    parts = [part.value for part in node.args if isinstance(part, ast.Constant)]
    return not isinstance(value, date) or len(parts) != 3 or (value.year, value.month, value.day) == tuple(parts)


def _certainty(call: _Call, rule: object) -> int:
    """How surely the call makes this rule and no other: its code is written out, or put together, or comes from elsewhere."""
    key = next((name for name in KEYS if hasattr(rule, name)), "")
    node = _arguments(call.node, rule).get(key)
    if isinstance(node, ast.Constant) or (node is not None and call.known(node)[0]):
        return 2
    return 1 if isinstance(node, ast.JoinedStr) and _says_a_word(node) else 0


def _says_a_word(node: ast.JoinedStr) -> bool:
    """Whether more than signs is written out: whatever has a hyphen fits ``{code}-{post}``."""
    return any(isinstance(one, ast.Constant) and re.search(r"\w", str(one.value)) for one in node.values)


def _line(call: _Call, rule: object, field: str) -> int:
    node = _arguments(call.node, rule).get(field, call.node)
    keyword = next((one for one in call.node.keywords if one.arg == field), node)
    return keyword.lineno


def sources(package: Path) -> dict[str, str]:
    """The text of all Python files of a package, by their path below the folder that it is in."""
    found = sorted(package.rglob("*.py"))
    return {path.relative_to(package.parent).as_posix(): path.read_text(encoding="utf-8") for path in found}
