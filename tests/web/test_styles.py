"""The look, as far as it can be counted: text that follows the reader's own size, rings that are seen, cells that know their column."""

import re

import pytest

from portal.web.headings import with_headings
from tests.test_architecture import ROOT

STATIC = ROOT / "portal/web/static"
SHEETS = {path.name: re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL) for path in sorted(STATIC.glob("*.css"))}
TOKENS = dict(re.findall(r"--([\w-]+):\s*([^;]+);", SHEETS["tokens.css"]))
# What a ring lies on: it is drawn beside what it is around
GROUNDS = {
    "focus": ("paper", "surface", "tint", "stop-tint", "warn-tint", "good-tint"),
    "focus-on-brand": ("brand", "brand-deep"),
}


def luminance(color: str) -> float:
    """The relative luminance of a colour ``#rrggbb``, as WCAG counts it."""
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """How far two colours differ, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_counted_as_wcag_does() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("ring", "ground"), [(ring, ground) for ring, grounds in GROUNDS.items() for ground in grounds])
def test_a_focus_ring_is_seen_on_whatever_it_lies(ring: str, ground: str) -> None:
    assert contrast(TOKENS[ring], TOKENS[ground]) >= 3, (ring, ground)


def test_rings_are_drawn_in_these_colours_and_nowhere_left_out() -> None:
    sheet = SHEETS["portal.css"]
    assert ":focus { outline: 3px solid var(--focus)" in sheet
    assert ".top :focus { outline-color: var(--focus-on-brand) }" in sheet
    assert re.findall(r"([^{}]+)\{[^}]*outline:\s*(?:none|0)", sheet) == ["\n:focus:not(:focus-visible) "]


def test_no_text_and_no_turn_of_the_layout_is_measured_in_pixels() -> None:
    """A phone that is set to large letters changes what rem and em mean, and nothing else."""
    for name, sheet in SHEETS.items():
        for value in re.findall(r"(?:font|font-size|--text|--small|--least):\s*([^;}]+)", sheet):
            assert "px" not in value, (name, value)
        for width in re.findall(r"@media[^{]*width[^{]*", sheet):
            assert "px" not in width, (name, width)


def test_every_cell_knows_its_columns_heading_but_a_row_is_called_by_its_link() -> None:
    page = (
        '<p>a</p><table><thead><tr><th>名称</th><th>电话</th><th class="n">数 &amp; 量</th><th>操作</th></tr></thead><tbody>'
        '<tr><td><a href="/x">甲</a></td><td class="n">1&lt;td&gt;</td><td>\n <b>2</b></td><td> </td></tr>'
        '<tr><td>乙</td><td><a href="/y">3</a></td><td></td></tr></tbody></table><p>b</p>'
    )
    assert with_headings(page) == (
        '<p>a</p><table><thead><tr><th>名称</th><th>电话</th><th class="n">数 &amp; 量</th><th>操作</th></tr></thead><tbody>'
        '<tr><td><a href="/x">甲</a></td><td class="n" data-column="电话">1&lt;td&gt;</td>'
        '<td data-column="数 &amp; 量">\n <b>2</b></td><td data-blank> </td></tr>'
        '<tr><td data-column="名称">乙</td><td data-column="电话"><a href="/y">3</a></td><td data-blank></td></tr>'
        "</tbody></table><p>b</p>"
    )


def test_each_tables_columns_are_its_own() -> None:
    one, two = "<table><tr><th>一</th></tr><tr><td>1</td></tr></table>", "<table><tr><th>二</th></tr><tr><td>2</td></tr></table>"
    assert re.findall('data-column="(.)"', with_headings(one + two)) == ["一", "二"]
    assert with_headings("<p>no &lt;table here</p>") == "<p>no &lt;table here</p>"
