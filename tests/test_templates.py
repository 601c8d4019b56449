"""Every template compiles, knows the names that it uses, stays escaped, carries no script or style of its own, and is used."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from jinja2 import DictLoader, Environment, TemplateSyntaxError, nodes
from jinja2.meta import find_referenced_templates, find_undeclared_variables
from markupsafe import Markup

from portal.templating import Templates
from portal.web.static_files import StaticFiles
from portal.web.templates import environment
from tests.test_architecture import CORE, HAN, ROOT, name

TEMPLATES = sorted((ROOT / "portal").rglob("*.html"))
PAGES = [path for path in TEMPLATES if path.parent.name != "templates"]
GENERATED = {f"{kind}{s}.html" for kind in ("jurisdiction", "unit", "grid", "person", "enterprise") for s in ("", "s")}


@pytest.fixture(scope="module")
def env() -> Environment:
    """The environment of pages."""
    return environment(StaticFiles())


def own_name(path: Path) -> str:
    """A template's name for the loader."""
    inside = path.relative_to(ROOT / "portal")
    return inside.relative_to("web/templates" if inside.parts[0] == "web" else "pages").as_posix()


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_it_compiles_with_filters_tests_and_parents_that_exist(env: Environment, path: Path) -> None:
    env.get_template(own_name(path))
    tree = env.parse(path.read_text())
    for parent in find_referenced_templates(tree):
        if parent is not None:  # a page of two doors gets its layout from the door
            env.get_template(parent)
    for node in tree.find_all(nodes.Filter):
        assert node.name in env.filters, node.name


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_component_takes_what_it_needs_as_arguments(env: Environment, path: Path) -> None:
    """Only pages read the context; a macro file reads nothing but what every page has."""
    if path.parent.name == "components" and path.name not in {"public_footer.html"}:
        always = set(env.globals) | {"_", "token_field", "csp_nonce", "asset", "has_asset", "terms", "path"}
        assert find_undeclared_variables(env.parse(path.read_text())) <= always


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_nothing_is_unescaped_inline_or_from_another_host(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\|\s*safe\b|autoescape false|Markup", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"""(?:src|href|action)=["']?(?:https?:)?//""", text)
    assert 'target="_blank"' not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_chinese_word_is_marked_for_translation(path: Path) -> None:
    env = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    called: list[str] = []
    for _, kind, value in env.lex(path.read_text()):
        if kind == "data":
            assert not HAN.search(value), (name(path), value)
        if kind == "string" and HAN.search(value):
            assert called[-2:] == ["_", "("] or called[-1:] == ["in"] or "in" in called[-6:], (name(path), value)
        if kind not in {"whitespace", "data"}:
            called.append(value)


def test_a_template_that_nothing_uses_is_removed() -> None:
    sources = "\n".join(path.read_text() for path in [*CORE, *TEMPLATES])
    for path in TEMPLATES:
        if path.name not in GENERATED and path.name.lstrip("_") not in GENERATED and not path.name.startswith("step_"):
            assert path.name in sources, name(path)


def test_a_translator_gets_every_string() -> None:
    """What babel takes out of the sources with our map: the catalogue to translate."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    taken = extract_from_dir(str(ROOT), method_map=methods, options_map=options, keywords={"say": None, "_": None})
    found = {message if isinstance(message, str) else message[0] for _, _, message, _, _ in taken}
    assert {"公示牌", "网格", "拨打{name} {phone}", "找不到 {path}。先运行 portal init，或用 --config 指出设置文件。"} <= found
    assert len(found) > 500


def filled(source: str, **values: object) -> str:
    """What a template of our kind draws."""
    env = Templates([])
    env.loader = DictLoader({"page.html": source})
    return env.get_template("page.html").render(values)


def test_a_sentence_takes_named_values_and_escapes_what_is_no_markup() -> None:
    source = '{{ _("{firm}的 {n} 块<公示牌>", firm=firm, n=n) }}'
    assert filled(source, firm="<i>", n=2) == "&lt;i&gt;的 2 块&lt;公示牌&gt;"
    assert filled(source, firm=Markup("<i>甲</i>"), n="<2>") == "<i>甲</i>的 &lt;2&gt; 块&lt;公示牌&gt;"
    assert filled("""<img alt="{{ _('{name}的照片', name=name) }}">""", name='"甲"') == '<img alt="&#34;甲&#34;的照片">'
    inside = "{% macro bold(text) %}<b>{{ text }}</b>{% endmacro %}"
    assert filled(inside + '{{ _("还有 {n} 个", n=bold(n)) }}', n="&") == "还有 <b>&amp;</b> 个"


@pytest.mark.parametrize(
    "source",
    ['_("还有 {n} 个")', '_("还有 {n} 个", m=1)', '_("还有", n=1)', "_(said)", '_("还有 {n} 个", **held)', '_("一", "二")'],
)
def test_a_sentence_and_its_values_fit_or_the_template_does_not_compile(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        filled("{{ " + source + " }}", said="还有", held={"n": 1})


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_is_calm_to_read(path: Path) -> None:
    """No long line, and no line that breaks between two Han characters: a browser draws that break as a blank."""
    text = path.read_text()
    assert [line for line in text.splitlines() if len(line) > 160] == []
    data = "".join(value if kind == "data" else "\0" for _, kind, value in Environment(autoescape=True).lex(text))
    assert not re.search(rf"(?:{HAN.pattern})[ \t]*\n[ \t]*(?:{HAN.pattern})", data)
