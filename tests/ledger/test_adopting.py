"""A plugin that states other rules than were stored: its region waits, and nothing else does; a deployer adopts them, both texts
stay, and every row goes on being read by the one that it was decided by. Other words for the same rules stop nothing.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from portal.app import ready
from portal.areas.schemes import ruling
from portal.boards import queries as boards
from portal.boards import turning
from portal.boards.actions import issue
from portal.call import Call, Editions, Portal
from portal.enterprises import actions as enterprises
from portal.errors import PluginError, Refused
from portal.feedback.actions import CaseOpening, open_case
from portal.feedback.queries import by_receipt
from portal.ledger.actions import look_again, told_of_editions
from portal.ledger.adopting import Proposal, adopt, proposal
from portal.ledger.queries import first_break, stored_editions
from portal.plugins import assemble
from portal.scheme.book import Book
from portal.scheme.canonical import canonical, digest_of, read, rules_in
from portal.scheme.keeping import Adoption, Misfit, Stored, settle
from portal.scheme.words import Assumption, Clause, Duty, Edition, Kind, Post, Unit
from portal.storage.columns import public_id
from portal.viewer import PUBLIC
from tests import firm_region
from tests.browse import visiting
from tests.conftest import NOW
from tests.sample_region.later import BOTH, LATER, Stated
from tests.sample_region.scheme import SAMPLE
from tests.world import World

(FIRST,) = SAMPLE.editions
# Issued anew, but under the code of the one before: what no plugin should do, and every unreleased one did
OTHER = replace(LATER, code=FIRST.code, in_force=FIRST.in_force, documents=FIRST.documents)
FLOUR = "甲面粉店（示例）"
RENAMED = replace(
    FIRST, rules=tuple(replace(one, name="总局") if isinstance(one, Unit) else one for one in FIRST.rules[:1]) + FIRST.rules[1:]
)


def stating(call: Call, edition: Edition, *, days: int = 0, clauses: Sequence[Clause] = BOTH.clauses) -> Call:
    """Another process, whose plugin states this edition of the sample region, beside a region that nobody altered."""
    plugins = assemble(
        {"sample": Stated(replace(SAMPLE, editions=(edition,), clauses=tuple(clauses))), "leafy": firm_region.plugin}
    )
    other: Portal = replace(
        call.portal,
        plugins=plugins,
        asleep=set(),
        postponed=set(),
        unadopted={},
        editions=Editions(),
    )
    return Call(other, call.viewer, call.now + timedelta(days=days))


async def adopted(call: Call) -> Proposal:
    """What was adopted, after all that is there."""
    seen = await proposal(call, "sample")
    await adopt(call, seen)
    return seen


async def spells(call: Call, enterprise: str) -> list[tuple[str, str]]:
    """Under which edition an enterprise is in which class, spell by spell."""
    rows = await call.db.rows(
        "select pl.edition, pl.klass from placement pl join enterprise e on e.id = pl.enterprise where e.public_id = $1 "
        "order by pl.since, pl.id",
        enterprise,
    )
    return [(row["edition"], row["klass"]) for row in rows]


async def test_only_the_altered_region_waits_and_its_boards_stay_up(world: World, clock: object) -> None:
    firm = world.enterprises[FLOUR]
    board = await issue(world.call, "enterprise", firm)
    before = dict(await world.call.db.row("select live, stale_since from board"))
    call = stating(world.call, OTHER)
    await ready(call)
    assert set(call.portal.unadopted) == {"sample"}
    assert ruling(call, "leafy").edition.code in {one.edition_id for one in call.book.schemes_of("leafy")}
    assert re.search(
        "规则与2026年3月2日存档的不同.*只有地区“sample”停着.*portal scheme adopt sample", call.portal.unadopted["sample"]
    )
    with pytest.raises(Refused, match="和存档的规则不同，还没有采用"):
        await enterprises.state_facts(call, firm, {"risky": "yes"}, call.today)
    with pytest.raises(Refused, match="还没有采用|没有启用"):
        await open_case(call.as_(PUBLIC), CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="有情况"))
    assert await turning.turn(call) == 0
    assert dict(await call.db.row("select live, stale_since from board")) == before
    async with visiting(call.portal, clock) as site:
        assert (await site("10.9.0.1").get(f"/b/{board}")).status == 200
        told = await site("10.9.0.2").get("/schemes/sample")
        assert "还没有采用，暂停办理" in told.text
        assert (await site("10.9.0.3").get("/schemes/leafy")).status == 200


async def test_what_is_adopted_rules_from_today_and_what_was_decided_is_read_as_it_was(world: World, clock: object) -> None:
    firm = world.enterprises[FLOUR]
    board = await issue(world.call, "enterprise", firm)
    receipt = await open_case(world.call.as_(PUBLIC), CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="有情况"))
    before = await spells(world.call, firm)
    call = stating(world.call, OTHER, days=3)
    await ready(call)
    seen = await proposal(call, "sample")
    assert [(old, new) for old, new, _ in seen.turns] == [("sample-2020", "sample-2020@2")]
    told = "\n".join(map(str, seen.turns[0][2]))
    assert "名称由“看护员”改为“守护员”" in told
    assert [code for code, _ in seen.new] == ["sample-2020@2"]
    assert len(await stored_editions(call)) == 2, "nothing is stored by showing it: sample's and leafy's first"
    await adopt(call, seen)
    assert call.portal.unadopted == {}
    now = ruling(call, "sample")
    assert (now.edition_id, now.since) == ("sample-2020@2", call.today)
    old = call.book.with_id("sample-2020")
    assert old is not None
    assert (old.until, canonical(old.edition)) == (call.today - timedelta(days=1), canonical(FIRST))
    assert call.book.name_in("sample-2020", "posts", "keeper") == "看护员"
    assert call.book.name_in("sample-2020@2", "posts", "keeper") == "守护员"
    assert call.book.in_force("sample", call.today - timedelta(days=1)) == old
    # Both texts are there word for word, and the ledger tells it
    kept = {one.code: one.text for one in await stored_editions(call, "sample")}
    assert kept == {"sample-2020": canonical(FIRST), "sample-2020@2": canonical(OTHER)}
    entry = json.loads(await call.db.value("select body from ledger_entry where verb = 'adopted'"))
    assert entry["data"]["instead_of"] == ["sample-2020"]
    assert entry["data"]["taken"] == ["sample-2020@2"]
    assert any("守护员" in change for change in entry["data"]["changes"])
    assert await first_break(call) is None
    # Enterprises are placed anew from that day; the days before keep the edition of theirs
    assert await turning.turn(call) > 0
    assert await spells(call, firm) == [*before, ("sample-2020@2", "shop")]
    assert await turning.turn(call) == 0
    case = await by_receipt(call, receipt)
    assert (await call.db.value("select edition from feedback_case")) == "sample-2020"
    assert case is not None
    new = await open_case(call.as_(PUBLIC), CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="又有情况"))
    assert new
    assert {row["edition"] for row in await call.db.rows("select edition from feedback_case")} == {"sample-2020", "sample-2020@2"}
    assert (await boards.page(call, board)).live["edition"] == "sample-2020@2"
    # And at every later start
    again = stating(world.call, OTHER, days=4)
    await ready(again)
    assert again.portal.unadopted == {}
    assert ruling(again, "sample").edition_id == "sample-2020@2"
    async with visiting(again.portal, clock) as site:
        for address in ("/schemes/sample", "/schemes/sample/editions/sample-2020", "/schemes/sample/compare"):
            assert (await site("10.9.1.1").get(address)).status == 200
        past = await site("10.9.1.2").get("/schemes/sample/editions/sample-2020")
        assert "看护员" in past.text
        assert "由另一份文本代替，照存档显示" in past.text


async def test_there_is_nothing_to_adopt_twice_nor_where_nothing_differs(world: World) -> None:
    same = stating(world.call, FIRST)
    await ready(same)
    with pytest.raises(Refused, match="没有要采用的：地区“sample”的规则与存档一致"):
        await proposal(same, "sample")
    call = stating(world.call, OTHER)
    await ready(call)
    with pytest.raises(Refused, match="没有启用地区“nowhere”。已启用：leafy、sample"):
        await proposal(call, "nowhere")
    with pytest.raises(Refused, match="没有要采用的：地区“leafy”"):
        await proposal(call, "leafy")
    seen = await adopted(call)
    for work in (lambda: proposal(call, "sample"), lambda: adopt(call, seen)):
        with pytest.raises(Refused, match="没有要采用的：地区“sample”已于2026年3月2日采用“sample-2020@2”"):
            await work()
    assert len(await stored_editions(call, "sample")) == 2


async def test_what_changed_after_it_was_shown_is_not_adopted(world: World) -> None:
    shown = stating(world.call, OTHER)
    await ready(shown)
    seen = await proposal(shown, "sample")
    renamed = stating(world.call, RENAMED)
    await ready(renamed)
    with pytest.raises(Refused, match="没有采用：列出差别以后，存档又变了.*再运行一次"):
        await adopt(renamed, seen)
    assert len(await stored_editions(shown, "sample")) == 1
    assert await shown.db.value("select count(*) from ledger_entry where verb = 'adopted'") == 0


async def test_a_process_that_serves_follows_by_itself(world: World) -> None:
    serving, command = (stating(world.call, OTHER) for _ in range(2))
    await ready(serving)
    await ready(command)
    await adopted(command)
    assert serving.portal.unadopted
    await look_again(serving)
    assert serving.portal.unadopted == {}
    assert serving.portal.asleep == set()
    assert ruling(serving, "sample").edition_id == "sample-2020@2"
    # One that still has the old plugin in memory decides nothing any more
    old = stating(world.call, FIRST)
    await ready(old)
    assert set(old.portal.unadopted) == {"sample"}


async def test_going_back_to_the_first_text_is_adopted_like_any_other(world: World) -> None:
    first = stating(world.call, OTHER)
    await ready(first)
    await adopted(first)
    back = stating(world.call, FIRST, days=2)
    await ready(back)
    assert [(old, new) for old, new, _ in (await adopted(back)).turns] == [("sample-2020@2", "sample-2020@3")]
    assert ruling(back, "sample").edition_id == "sample-2020@3"
    days = [back.today - timedelta(days=n) for n in (3, 2, 1, 0)]
    schemes = [back.book.in_force("sample", day) for day in days]
    assert [one and one.edition_id for one in schemes] == ["sample-2020", "sample-2020@2", "sample-2020@2", "sample-2020@3"]
    # Twice on one day: the earlier of the two never ruled
    again = stating(world.call, OTHER, days=2)
    await ready(again)
    await adopted(again)
    assert ruling(again, "sample").edition_id == "sample-2020@4"
    assert [one.scheme and one.scheme.edition_id for one in again.book.eras("sample", days[0], again.today)] == [
        "sample-2020",
        "sample-2020@2",
        "sample-2020@4",
    ]


async def test_an_edition_under_a_new_code_may_take_the_place_of_one_that_was_taken_out(world: World) -> None:
    named_anew = replace(OTHER, code="sample-again")
    call = stating(world.call, named_anew, days=1)
    await ready(call)
    assert re.search("已于2026年3月2日存档，插件里却没有了", call.portal.unadopted["sample"])
    seen = await adopted(call)
    assert [(old, new) for old, new, _ in seen.turns] == [("sample-2020", "sample-again")]
    assert (ruling(call, "sample").edition_id, ruling(call, "sample").since) == ("sample-again", call.today)
    yesterday = call.book.in_force("sample", call.today - timedelta(days=1))
    assert yesterday is not None
    assert yesterday.edition_id == "sample-2020"
    await turning.turn(call)
    assert (await spells(call, world.enterprises[FLOUR]))[-1] == ("sample-again", "shop")


async def test_without_an_edition_that_rules_today_nothing_takes_the_place(world: World) -> None:
    call = stating(world.call, LATER)
    await ready(call)
    with pytest.raises(Refused, match="没有采用：插件里已没有版本“sample-2020”，也没有别的版本今天施行"):
        await proposal(call, "sample")


async def test_a_stored_text_that_was_tampered_with_is_neither_used_nor_adopted_over(world: World) -> None:
    async def tamper() -> None:
        await world.call.db.rows("set local session_replication_role = replica")
        await world.call.db.rows("update stored_edition set canonical = replace(canonical, '看护员', '看守员')")

    await world.call.db.run_tx(tamper)
    for edition in (FIRST, OTHER):
        call = stating(world.call, edition)
        await ready(call)
        assert "文本和它的校验值对不上，请从备份恢复数据库" in call.portal.unadopted["sample"]
        assert "scheme adopt" not in call.portal.unadopted["sample"]
        with pytest.raises(Refused, match="没有采用：存档“sample-2020”的文本和它的校验值对不上"):
            await proposal(call, "sample")


def test_text_that_is_not_sound_comes_not_so_far() -> None:
    unsound = replace(FIRST, rules=tuple(one for one in FIRST.rules if not isinstance(one, Unit)))
    with pytest.raises(PluginError, match="的方案有"):
        assemble({"sample": Stated(replace(SAMPLE, editions=(unsound,)))})


# Words


def _changed(value: Any, change: Callable[[Clause], Clause]) -> Any:
    if isinstance(value, Clause):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_changed(part, change) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _changed(getattr(value, one.name), change) for one in fields(value)})
    return value


def _with(change: Callable[[Clause], Clause]) -> Edition:
    changed: Edition = _changed(FIRST, change)
    return changed


WORDS = {
    "a gist": _with(lambda one: replace(one, gist=one.gist + "（改字）")),
    "where it stands": _with(lambda one: replace(one, at="第九十九条")),
    "what a duty said before": replace(
        FIRST, rules=tuple(replace(one, formerly=("走遍",)) if isinstance(one, Duty) else one for one in FIRST.rules)
    ),
    "what the text lost": replace(FIRST, documents=tuple(replace(one, lost=("页码",)) for one in FIRST.documents)),
}
RULES = {
    "a name": RENAMED,
    "another clause": _with(lambda one: replace(one, id=f"{one.id}x")),
    "a clause that becomes an assumption": replace(
        FIRST, rules=(replace(FIRST.rules[0], basis=Assumption("推定")), *FIRST.rules[1:])
    ),
    "a number": replace(FIRST, rules=tuple(replace(one, usual=1) if isinstance(one, Post) else one for one in FIRST.rules)),
    "a rule less": replace(FIRST, rules=FIRST.rules[:-1]),
}


@pytest.mark.parametrize("what", WORDS)
def test_other_words_are_no_other_rules(what: str) -> None:
    assert canonical(WORDS[what]) != canonical(FIRST)
    assert rules_in(canonical(WORDS[what])) == rules_in(canonical(FIRST))


@pytest.mark.parametrize("what", RULES)
def test_other_rules_are_not_taken_for_words(what: str) -> None:
    assert rules_in(canonical(RULES[what])) != rules_in(canonical(FIRST))


def test_what_an_earlier_portal_wrote_in_another_way_rules_the_same() -> None:
    """Commit c57e163 knew one office for a post where there may be several now."""
    post = next(one for one in FIRST.rules if isinstance(one, Post))
    edition = replace(FIRST, rules=(replace(post, staffed_by=("bureau",)), *(one for one in FIRST.rules if one is not post)))
    text = canonical(edition)
    old = text.replace('"staffed_by":["bureau"]', '"staffed_by":"bureau"')
    assert old != text
    assert rules_in(old) == rules_in(text)
    assert next(one for one in read(old).rules if isinstance(one, Post) and one.code == post.code).staffed_by == ("bureau",)


async def test_a_changed_word_is_told_and_stops_nothing(world: World, clock: object) -> None:
    clauses = [replace(one, gist=one.gist + "（改字）") for one in SAMPLE.clauses]
    call = stating(world.call, WORDS["a gist"], clauses=clauses)
    await ready(call)
    assert call.portal.unadopted == {}
    assert ruling(call, "sample").edition_id == "sample-2020"
    (told,) = told_of_editions(call)
    assert re.search("“sample-2020”有 [0-9]+ 处说明文字与2026年3月2日存档的不同.*（改字）.*规则没有变，照常启动", told)
    (kept,) = await stored_editions(call, "sample")
    assert kept.text == canonical(FIRST)
    async with visiting(call.portal, clock) as site:
        page = await site("10.9.2.1").get("/schemes/sample")
    gist = next(one.basis.gist for one in FIRST.rules if isinstance(getattr(one, "basis", None), Clause))
    (section,) = [one for one in page.all("section") if one.get("id") == "reworded"]
    shown = "".join(section.itertext())
    assert gist in shown
    assert gist + "（改字）" in shown
    assert await turning.turn(call) == 0
    with pytest.raises(Refused, match="规则与存档一致，只有说明文字不同，不影响办事"):
        await proposal(call, "sample")


# The pure part


def stored(edition: Edition, code: str = "") -> Stored:
    """A text as it is stored."""
    text = canonical(edition)
    return Stored("sample", code or edition.code, text, digest_of(text), NOW)


def stated(edition: Edition) -> Book:
    """What a plugin states."""
    return assemble({"sample": Stated(replace(BOTH, editions=(edition,)))}).book


def test_each_way_in_which_a_plugin_and_the_store_differ_is_named() -> None:
    cases: Sequence[tuple[list[Stored], list[Adoption], list[Misfit]]] = (
        ([], [], []),
        ([stored(FIRST)], [], []),
        ([stored(RENAMED)], [], [Misfit.ALTERED]),
        ([stored(LATER)], [], [Misfit.TAKEN_OUT]),
        ([replace(stored(FIRST), digest="x")], [], [Misfit.DAMAGED]),
        ([stored(RENAMED), stored(FIRST, "sample-2020@2")], [], []),
    )
    for rows, acts, wanted in cases:
        found = settle(stated(FIRST), rows, acts)
        assert [one.how for one in found.conflicts.get("sample", ())] == wanted
        assert (found.book.in_force("sample", NOW.date()) is None) is bool(wanted)
