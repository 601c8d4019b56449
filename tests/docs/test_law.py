"""The list of the state's texts says what the code says of them, and an assumption of a text says that it was not read whole."""

import re

import pytest

from portal.scheme import national
from portal.scheme.words import Clause, Read
from portal.terms import READ, day_words
from portal.web.outer import SECURITY
from tests.test_architecture import ROOT

LISTED = "## 逐件"


def listed() -> str:
    """The list as it has to stand in the document."""
    lines = [LISTED, ""]
    for text in national.TEXTS:
        document = text.document
        whose = (document.issuer, document.number, document.issued_on and day_words(document.issued_on))
        seen = f"：{document.seen}" if document.seen else ""
        lines += [f"### {document.title}", "", f"{'，'.join(filter(None, whose)) or '各部门'}。", ""]
        lines += [f"{READ[document.read.value]}{seen}。{text.where}。", ""]
        if text.rests:
            lines += ["| 编号 | 引作 | 靠它的 |", "| --- | --- | --- |"]
            lines += [
                f"| {one.id} | {one.basis.at if isinstance(one.basis, Clause) else '暂定'} | {one.what} |" for one in text.rests
            ]
            lines += [""]
        else:
            lines += ["还没有什么靠它。", ""]
    return "\n".join(lines)


def test_every_text_of_the_state_is_listed_as_the_code_has_it() -> None:
    written = (ROOT / "docs/law.md").read_text(encoding="utf-8")
    assert written[written.index(LISTED) :].strip() == listed().strip()


def test_what_was_not_read_whole_says_so_and_names_its_text() -> None:
    for text in national.TEXTS:
        document = text.document
        for one in text.rests:
            if not isinstance(one.basis, Clause):
                assert document.read is not Read.FULL, one.id
                assert "未见全文，以主管部门解释为准" in one.basis.why, one.id
                named = {document.number, document.title, *re.findall(r"1\d{4}", document.title + document.seen)} - {None}
                assert any(name in one.basis.why for name in named) or document is national.HAZARDS_DRAFT, one.id
        assert (document.read is Read.FULL) is not bool(document.seen), document.code


def test_what_state_periods_rest_on_is_listed() -> None:
    """A period that holds everywhere rests on a text in the list, or on none (how soon a message is answered)."""
    listed_ = {one.basis for text in national.TEXTS for one in text.rests}
    for term in (national.REPORT_ACCEPT, national.REPORT_ANSWER, national.COMPLAINT_ACCEPT, national.COMPLAINT_ANSWER):
        assert term.basis in listed_
    assert len({one.id for text in national.TEXTS for one in text.rests}) == len(listed_)


def test_every_hotline_has_its_source_and_none_that_is_gone_is_there() -> None:
    sources = {text.document for text in national.TEXTS}
    assert all(line.source in sources for line in national.HOTLINES.values())
    assert not set(national.GONE) & set(national.HOTLINES)
    assert national.GONE["12369"] in {one.basis for text in national.TEXTS for one in text.rests}


@pytest.mark.clause("LAW-2")
@pytest.mark.clause("NAT-2026-12-four")
def test_no_page_asks_where_somebody_is_and_none_forces_a_photo() -> None:
    pages = [path for folder in ("portal", "plugins") for kind in ("html", "js") for path in (ROOT / folder).rglob(f"*.{kind}")]
    assert len(pages) > 100
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert "geolocation" not in text, path
        for field in re.findall(r"<input[^>]*type=\"file\"[^>]*>", text):
            assert not {"required", "capture"} & set(re.findall(r"[a-z]+", field)), path
    assert b"geolocation=()" in dict(SECURITY)[b"permissions-policy"]
