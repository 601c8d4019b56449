#!/bin/sh
# Guess: in a text marked as Chinese no line begins with the middle dot of a name (U+00B7, as identity cards and registers write
# 古丽米热·艾合买提江), just as none begins with a comma; at the latest `line-break: strict` or `word-break: keep-all` see to it.
# Found (WeasyPrint 70.0): commas and full stops stay at the ends of lines, the dot begins the next line, whatever those two
# properties say. Signs that look alike do not: U+2027 and U+30FB stay behind their word (U+2022 begins lines too). Whoever prints
# names has to end the lines, and must not change the dot for a look-alike: the name would no longer be found by searching.
# Needs the system libraries of WeasyPrint (pango) and a font with Chinese characters, as drawing any PDF does.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check weasyprint==70.0 pypdfium2==5.15.2
env/bin/python - <<'P'
import pypdfium2
from weasyprint import HTML

def lines(text, characters, style=""):
    page = "@page { size: 200mm 100mm; margin: 0 } p { margin: 0; font: 10mm 'Noto Sans CJK SC', sans-serif; width: %smm; %s }"
    html = f'<html lang="zh-CN"><style>{page % (characters * 10, style)}</style><p>{text}</p>'
    drawn = pypdfium2.PdfDocument(HTML(string=html).write_pdf())[0].get_textpage()
    return drawn.get_text_bounded().split("\r\n")

def begins_a_line(sign, style=""):
    name = sign.join(("古丽米热", "艾合买提江", "吐尔逊"))
    return [line for characters in (4.4, 10.2) for line in lines(name, characters, style) if line.startswith(sign)]

found = {f"U+{ord(sign):04X}": begins_a_line(sign) for sign in "·•‧・，。"}
strict = [begins_a_line("·", style) for style in ("line-break: strict", "word-break: keep-all", "overflow-wrap: anywhere")]
for sign, begun in found.items():
    print(sign, begun)
assert [len(begun) for begun in found.values()] == [2, 2, 0, 0, 0, 0], "this changed"
assert all(len(begun) == 2 for begun in strict), "this changed"
P
