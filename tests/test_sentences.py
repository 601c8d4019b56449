"""Sentences on pages are whole, so that they can be translated: what changes in one is a named value, not a place where it is cut."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment

from tests.test_architecture import ROOT, name

TEMPLATES = sorted((ROOT / "portal").rglob("*.html"))
LEXER = Environment(extensions=["jinja2.ext.i18n"], autoescape=True, trim_blocks=True, lstrip_blocks=True)
SAYS = re.compile(r"""(?<!\w)_\(\s*("[^"]*"|'[^']*')""")
# Tags that stand inside a sentence; every other begins another run of text
INLINE = re.compile(r"</?(?:a|b|span|strong|em|small)\b")
ELEMENT = re.compile(r"(?!_\()\w+\(")  # what a macro draws
BRANCHES = ("if", "for", "elif", "else", "endif", "endfor")
FINISHED = "。？！："
# With these no sentence begins, and with those none ends
NO_START, NO_END = "，。；、：！？）”》", "，、（“《"
# Runs of text that the rule takes for a cut sentence, and why they are none
EXCEPT = {
    '_("超过 {n} 条", n=list.count) if list.more else _("共 {n} 条", n=list.count) | _("回到第一页")': "how many, and a link beside it",
}


def pieces(source: str) -> Iterator[tuple[str, str]]:
    """A template as it is drawn: ("said", an expression with sentences), ("value", another), ("text", …), ("branch", …), and
    ("bound", …) where other text begins.
    """
    inside = False  # of a tag, where each attribute is other text
    held: list[str] = []
    for _, kind, token in LEXER.lex(source):
        if kind == "data":
            for part in re.findall(r"<[^<>]*>?|>|[^<>]+", token):
                if inside:
                    inside = part != ">"
                elif part.startswith("<"):
                    inside = not part.endswith(">")
                    yield ("tag" if INLINE.match(part) and "button" not in part else "bound"), part
                else:
                    yield "text", part
        elif kind in ("variable_begin", "block_begin"):
            held = []
        elif kind == "variable_end" and not inside:
            said = "".join(held).strip()
            yield ("bound" if ELEMENT.match(said) else "said" if SAYS.search(said) else "value"), said
        elif kind == "block_end" and not inside:
            word = "".join(held).strip(" -+").split(" ")[0]
            yield ("branch" if word in BRANCHES else "bound"), word
        else:
            held.append(token)


def ends(said: str) -> list[tuple[str, str]]:
    """The first and the last character of each sentence in an expression."""
    return [(text[1], text[-2]) for text in SAYS.findall(said)]


def cut(source: str) -> list[str]:
    """Where a sentence is cut: where one begins with a mark that begins none or ends with one that ends none; where one ends in a
    full stop and something unfinished stands before it; where one adjoins a value, or another, without a blank; and where a comma
    or a full stop stands outside. Labels that end in a colon, and headings, buttons and what macros draw, are apart.
    """
    found = []
    before: tuple[str, str] = ("bound", "")  # the last piece that is no blank
    gap = False  # whether blanks follow it
    branches: list[tuple[tuple[str, str], bool]] = []  # what stood before each open {% if %} and {% for %}
    for kind, text in pieces(source):
        if kind == "branch":
            if text in ("if", "for"):
                branches.append((before, gap))
            elif text in ("elif", "else"):
                before, gap = branches[-1]
            else:
                branches.pop()
        elif kind == "bound":
            before, gap = (kind, text), False
        elif kind != "tag" and not text.strip():
            gap = True
        elif kind != "tag":
            unfinished = (
                before[0] != "bound"
                and not before[1].endswith(tuple(FINISHED))
                and not any(z in FINISHED for _, z in ends(before[1]))
            )
            broken = any(a in NO_START or z in NO_END for a, z in ends(text))
            ending = unfinished and any(z in "。？！" for _, z in ends(text))
            comma = kind == "text" and any(mark in text for mark in "，。；")
            adjoining = unfinished and not gap and {kind, before[0]} in ({"said"}, {"said", "value"})
            if (kind == "said" and (broken or ending)) or adjoining or comma:
                found.append(f"{before[1]} | {text}")
            before, gap = (kind, text.strip()), text[-1:].isspace()
    return found


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_sentence_is_not_cut(path: Path) -> None:
    assert [found for found in cut(path.read_text()) if found not in EXCEPT] == []


@pytest.mark.parametrize(
    "source",
    [
        '<p>{{ _("公示牌编号") }} <span>{{ code }}</span>{{ _("，第 2 版") }}</p>',
        '<p>{{ _("没有编号为") }} <b>{{ code }}</b> {{ _("的公示牌。") }}</p>',
        '<a><b>{{ n }}</b>{{ _("件来件待办") }}</a>',
        '<p>{{ who }} {{ _("申请") }}，{{ until }} {{ _("过期") }}</p>',
        '<p>{{ day }}{% if until %}{{ _("停用") }}{% endif %}</p>',
    ],
)
def test_a_cut_sentence_is_found(source: str) -> None:
    assert cut(source) != []


def test_what_is_whole_is_not_taken_for_cut() -> None:
    assert cut('<p>{{ _("原因：") }}{{ why }}</p><p>{{ _("已收到。") }}{% if x %}{{ _("请等待。") }}{% endif %}</p>') == []
    assert cut('<p>{% if x %}{{ _("有") }}{% else %}{{ _("没有") }}{% endif %}</p><td>{{ n }}</td><td>{{ _("没有") }}</td>') == []


def test_each_exception_is_still_needed() -> None:
    assert set(EXCEPT) - {found for path in TEMPLATES for found in cut(path.read_text())} == set()
