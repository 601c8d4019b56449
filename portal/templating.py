"""How the portal compiles its templates: everything escaped, unknown names an error, and each sentence put in when a template
is compiled, not each time that it is filled. A plugin's are found under its own name only, so that it can replace none of ours.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateSyntaxError, nodes
from jinja2.visitor import NodeTransformer

# A place for a value in a sentence
PLACE = re.compile(r"\{(\w+)\}")


class Templates(Environment):
    """Templates of ``ours``, also as ``core:name``; ``theirs`` gives folders by name, found as ``name/…``."""

    def __init__(self, ours: Sequence[Path], theirs: Mapping[str, Path] | None = None) -> None:
        core = ChoiceLoader([FileSystemLoader(folder) for folder in ours])
        others = PrefixLoader({name: FileSystemLoader(folder) for name, folder in (theirs or {}).items()})
        super().__init__(
            loader=ChoiceLoader([core, PrefixLoader({"core": core}, ":"), others]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A key of a dict before its methods: facts of boards are dicts, and asking for the method first costs an exception."""
        if type(obj) is dict:
            try:
                return obj[attribute]
            except KeyError:
                pass
        return super().getattr(obj, attribute)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Sentences(name, filename).visit(super()._parse(source, name, filename))
        return tree


class _Sentences(NodeTransformer):
    """Puts each ``_("…")`` in as text. A third of a page's time went into asking for the same sentences again.

    ``_("还有 {n} 个网格", n=count)`` becomes its words with the values between them: what is markup stays markup, all else is
    escaped.
    """

    def __init__(self, name: str | None, filename: str | None) -> None:
        self._name, self._filename = name, filename

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the visitor's naming
        """A call of ``_``; other calls are left as they are."""
        self.generic_visit(node)
        if not (isinstance(node.node, nodes.Name) and node.node.name == "_"):
            return node
        said: Any = node.args[0] if len(node.args) == 1 else None
        if not (isinstance(said, nodes.Const) and isinstance(said.value, str)):
            raise TemplateSyntaxError("_() takes a sentence and the values named in it", node.lineno, self._name, self._filename)
        values = {pair.key: pair.value for pair in node.kwargs}
        words = PLACE.split(said.value)  # in turn what is said and the name of a place
        if set(words[1::2]) != set(values) or node.dyn_args or node.dyn_kwargs:
            told = f"the places of “{said.value}” and the values given are not the same"
            raise TemplateSyntaxError(told, node.lineno, self._name, self._filename)
        if not values:
            return said
        parts = [values[part] if at % 2 else nodes.Const(part, lineno=node.lineno) for at, part in enumerate(words)]
        return nodes.Concat(parts, lineno=node.lineno)
