#!/bin/sh
# Guess: a text page of N characters has `count_chars() == N`, and `get_text_range(n, 1)` gives the n-th, whatever plane it is from.
# Found (pypdfium2 5.15.2): a character beyond U+FFFF, as in rare names, counts as two "characters" that share one box, and asked for
# one by one both are '' although the whole range holds the character; so a check of a printed name that goes letter by letter sees
# a hole where none is. FPDFText_GetUnicode gives the two halves (surrogates).
# Here: a font of a few glyphs is made, a line of "A" + U+20BB7 + "B" is written with it by fpdf2, and read back.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check pypdfium2==5.15.2 fonttools==4.68.0 fpdf2==2.8.5
env/bin/python - <<'P'
import pypdfium2
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fpdf import FPDF

pen = TTGlyphPen(None)
for point in ((50, 0), (50, 700), (750, 700), (750, 0)):
    (pen.lineTo if point != (50, 0) else pen.moveTo)(point)
pen.closePath()
box = pen.glyph()
names = [".notdef", "space", "A", "rare", "B"]
font = FontBuilder(1000)
font.setupGlyphOrder(names)
font.setupCharacterMap({0x20: "space", 0x41: "A", 0x20BB7: "rare", 0x42: "B"})
font.setupGlyf({name: box for name in names})
font.setupHorizontalMetrics({name: (800, 50) for name in names})
font.setupHorizontalHeader(ascent=800, descent=-200)
font.setupNameTable({"familyName": "Three", "styleName": "Regular"})
font.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
font.setupPost()
font.save("three.ttf")

text = "A\U00020BB7B"
pdf = FPDF()
pdf.add_page()
pdf.add_font("three", fname="three.ttf")
pdf.set_font("three", size=20)
pdf.cell(text=text)
pdf.output("rare.pdf")

page = pypdfium2.PdfDocument("rare.pdf")[0].get_textpage()
one_by_one = [page.get_text_range(n, 1) for n in range(page.count_chars())]
found = {
    "whole": page.get_text_range() == text,
    "characters": len(text),
    "counted": page.count_chars(),
    "one by one": one_by_one,
    "halves": [hex(pypdfium2.raw.FPDFText_GetUnicode(page, n)) for n in (1, 2)],
    "one box": page.get_charbox(1) == page.get_charbox(2),
}
print(found)
assert found == {
    "whole": True, "characters": 3, "counted": 4, "one by one": ["A", "", "", "B"], "halves": ["0xd842", "0xdfb7"], "one box": True,
}, "this changed"
P
