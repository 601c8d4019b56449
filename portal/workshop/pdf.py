"""Boards drawn by WeasyPrint, from markup whose every picture is inside it: no file and no network is ever read."""

import contextlib
import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from portal.terms import say
from portal.workshop.pool import Unreadable


@cache
def _tools() -> tuple[Any, Any, Any]:
    """WeasyPrint, a font configuration that is kept, and the fetcher. Imported here: it costs 1.5 s and 80 MB."""
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    return HTML, FontConfiguration(), URLFetcher(allowed_protocols=("data",))


def draw(markup: str) -> bytes:
    """The PDF of one board. Raises :class:`Unreadable` when the markup asks for anything but ``data:`` addresses."""
    html, fonts, fetcher = _tools()
    out = io.BytesIO()
    try:
        html(string=markup, url_fetcher=fetcher).write_pdf(out, font_config=fonts, full_fonts=False)
    except (OSError, ValueError) as error:
        raise Unreadable(say("公示牌无法绘制：{error}", error=error)) from error
    return out.getvalue()


def bind(files: Sequence[str], into: str) -> None:
    """One PDF of all pages of these, in their order; it is there only when it is whole."""
    import pypdfium2

    made = pypdfium2.PdfDocument.new()
    for file in files:
        with contextlib.closing(pypdfium2.PdfDocument(file)) as one:
            made.import_pages(one)
    half = Path(into).with_suffix(".half")
    made.save(half)
    made.close()
    half.rename(into)
