"""Letters of entrustment: what is lent holds by a published letter, in its lender's name, for what it lists, until it ends."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import pytest_asyncio

from portal.areas import letters
from portal.areas.actions import end_unit
from portal.areas.letters import LetterForm
from portal.call import Call
from portal.commands import doctor_of_letters
from portal.errors import NotVisible, Refused
from portal.ledger.queries import history
from portal.plugins import assemble
from portal.scheme.book import Scheme
from portal.scheme.checks import findings
from portal.scheme.powers import ANNOUNCED, Letter, entrusted_kinds, fields_of, may
from portal.scheme.words import AnyOf, Capacity, Fact, Is, N, Per, Post, Power, Region
from portal.viewer import Role
from tests.browse import visiting
from tests.sample_region import Sample
from tests.sample_region.scheme import GRIDS, POSTS, SAMPLE
from tests.world import PASSWORD, World

SECTOR = Fact(code="sector", name="领域", values=(("trade", "工贸"), ("chemical", "危化"), ("other", "其他")), basis=GRIDS)
LENT = AnyOf((Is("sector", "trade"), Is("sector", "chemical")))
FINE = Power(
    code="fine", name="罚款", posts=("officer",), toward=LENT, limit_yuan=1000, above="bureau", lent_by="bureau", basis=POSTS
)
STOP = Power(code="stop", name="现场处置", posts=("officer",), toward=LENT, lent_by="bureau", basis=POSTS)
OWN = Power(code="own", name="指导", posts=("officer",), basis=POSTS)


def lending(*powers: Power, more: tuple[Post, ...] = ()) -> Region:
    """The sample region with powers."""
    (edition,) = SAMPLE.editions
    return replace(SAMPLE, editions=(replace(edition, rules=(*edition.rules, SECTOR, *powers, *more)),))


REGION = lending(FINE, STOP, OWN)
SCHEME = Scheme(REGION, REGION.editions[0], "sample")
DAY = date(2026, 3, 2)
LETTER = Letter(
    number="1号",
    lender="区局",
    entrusted="东所",
    powers=("fine",),
    fields=(("sector", "trade"),),
    published_on=DAY,
    since=DAY,
    until=date(2027, 3, 2),
)


class Lending(Sample):
    """States that region."""

    def portal_regions(self) -> tuple[Region, ...]:
        """It alone."""
        return (REGION,)


@pytest_asyncio.fixture
async def there(world: World) -> World:
    """The usual register under that region."""
    return world.again(replace(world.call, portal=replace(world.call.portal, plugins=assemble({"sample": Lending()}))))


def form(there: World, **other: object) -> LetterForm:
    """What the bureau types."""
    said: dict[str, Any] = {
        "lender": there.units["区局"],
        "entrusted": there.units["东所"],
        "number": "1号",
        "powers": ("fine", "stop"),
        "fields": ("sector:trade", "sector:chemical"),
        "published_on": there.call.today,
        "published_at": "区政府网站",
        "since": there.call.today,
        "last": there.call.today + timedelta(days=364),
        **other,
    }
    return LetterForm(**said)


async def bureau(there: World) -> Call:
    """The lender's clerk."""
    return there.call.as_(await there.office("区局"))


def decided(
    power: str = "fine", sector: str = "trade", *, on: date = DAY, yuan: int | None = None, by: tuple[Letter, ...] = (LETTER,)
):
    """What is decided, and the last reason."""
    found = may(SCHEME, power, "officer", {"sector": sector}, on=on, letters=by, yuan=yuan)
    return found.value, found.because[-1]


@pytest.mark.clause("NAT-CF-20")
def test_what_is_lent_holds_by_a_letter_in_its_lenders_name_and_only_for_what_it_lists() -> None:
    value, why = decided()
    assert (value.allowed, value.letter) == (True, LETTER)
    assert (why.basis.id, why.note) == ("NAT-CF-20", "凭委托书1号，以区局的名义，到2027年3月1日止")
    assert "第18号" in why.basis.read_as
    assert decided(yuan=1001)[0].above == "bureau"
    for power, sector in (("stop", "trade"), ("fine", "chemical")):
        value, why = decided(power, sector)
        assert (value.allowed, value.unlent) == (False, True)
        assert why.note == "现有的委托书没有把这一项委托给这里，不能以区局名义执法"
    assert not decided(sector="other")[0].unlent, "what the scheme lends to nobody is no letter's fault"
    assert decided("own", by=())[0].allowed, "one's own power needs none"


@pytest.mark.parametrize(
    ("letter", "on", "note"),
    [
        (None, DAY, "在区局公布委托书之前，不能以区局名义执法"),
        (LETTER, date(2026, 3, 1), "委托书到2026年3月2日才生效，在那以前不能以区局名义执法"),
        (replace(LETTER, since=date(2026, 1, 1)), date(2026, 3, 1), "委托书到2026年3月2日才生效，在那以前不能以区局名义执法"),
        (LETTER, date(2027, 3, 2), "委托书到2027年3月1日止，在新的委托书公布之前，不能以区局名义执法"),
    ],
)
def test_outside_its_period_or_before_it_is_published_it_lends_nothing(letter: Letter | None, on: date, note: str) -> None:
    value, why = decided(on=on, by=(letter,) if letter else ())
    assert (value.allowed, value.unlent, why.note) == (False, True, note)
    assert decided(on=date(2027, 3, 1))[0].allowed, "its last day counts"


@pytest.mark.parametrize(
    ("power", "more", "what"),
    [
        (replace(FINE, lent_by="watch"), (), "在这条线之外，不能委托执法"),
        (replace(FINE, lent_by="station"), (), "委托给自己"),
        (replace(FINE, lent_by="nobody"), (), "引用了不存在的部门“nobody”"),
        (
            replace(FINE, lent_by="station", posts=("high",)),
            (Post(code="high", name="区执法员", per=(Per(unit="bureau"),), count=N(0), capacity=Capacity.ENFORCE, basis=POSTS),),
            "比受委托的部门还低",
        ),
        (
            replace(FINE, posts=("loose",)),
            (
                Post(
                    code="loose",
                    name="格执法员",
                    per=(Per(tier="village-grid"),),
                    count=N(0),
                    capacity=Capacity.ENFORCE,
                    basis=POSTS,
                ),
            ),
            "看不出委托给哪个部门",
        ),
    ],
)
def test_a_scheme_says_who_lends_to_whom(power: Power, more: tuple[Post, ...], what: str) -> None:
    assert not [one for one in findings(REGION, "sample") if "Power" in one.where]
    found = [one for one in findings(lending(power, more=more), "sample") if what in one.what]
    assert found, [one.what for one in findings(lending(power, more=more), "sample")]
    assert not found[0].hint


def test_to_whom_and_toward_what_is_read_from_the_scheme() -> None:
    assert entrusted_kinds(SCHEME, FINE) == ("station",)
    assert fields_of(SCHEME, (FINE, STOP)) == (("sector", "trade"), ("sector", "chemical"))


async def test_the_lender_writes_it_down_both_sides_see_it_and_the_ledger_keeps_it(there: World) -> None:
    call = await bureau(there)
    id_ = await letters.lend(call, form(there))
    east, west = [there.call.as_(await there.office(name)) for name in ("东所", "西所")]
    for viewer in (call, east):
        assert (await letters.letter(viewer, id_)).letter.number == "1号"
        assert [row.public_id for row in await letters.letters(viewer)] == [id_]
    assert await letters.letters(west) == ()
    with pytest.raises(NotVisible):
        await letters.letter(west, id_)
    around = await letters.letters_around(call, "sample", "/99/9901/9901001/9901001001/")
    assert [row.public_id for row in around] == [id_]
    assert await letters.letters_around(call, "sample", "/99/9901/9901002/9901002001/") == ()
    await letters.end_letter(call, id_, call.today + timedelta(days=10), "改由综合执法队承担")
    row = await letters.letter(east, id_)
    assert (row.letter.until, row.ended_why, row.last) == (
        call.today + timedelta(days=10),
        "改由综合执法队承担",
        call.today + timedelta(days=364),
    )
    ended, made = await history(east, "letter", id_)
    assert (made.verb, made.data["powers"], made.data["fields"]) == ("created", "罚款、现场处置", "工贸、危化")
    assert (ended.verb, ended.data["why"]) == ("ended", "改由综合执法队承担")


async def test_it_ends_with_either_office(there: World) -> None:
    call = await bureau(there)
    id_ = await letters.lend(call, form(there))
    await end_unit(there.call, there.units["东所"], call.today + timedelta(days=5))
    assert (await letters.letter(call, id_)).letter.until == call.today + timedelta(days=5)


async def test_what_cannot_be_a_letter_is_refused_and_writes_nothing(there: World) -> None:
    call, today = await bureau(there), there.call.today
    id_ = await letters.lend(call, form(there))
    for other, why in (
        ({"number": "1号"}, "已有文号"),
        ({"number": "2号", "entrusted": there.units["区局"]}, "没有由“区局”委托给所选部门的职权"),
        ({"number": "2号", "powers": ()}, "请选择委托书写明的职权"),
        ({"number": "2号", "powers": ("own",)}, "请选择委托书写明的职权"),
        ({"number": "2号", "fields": ()}, "请选择委托书写明的范围"),
        ({"number": "2号", "published_on": today + timedelta(days=1)}, "没有公布的委托书不能执法"),
        ({"number": "2号", "last": today - timedelta(days=1)}, "截止日期早于起始日期"),
    ):
        with pytest.raises(Refused, match=why):
            await letters.lend(call, form(there, **other))
    town = there.call.as_(await there.office("东所"))
    with pytest.raises(Refused, match="由委托的部门登记"):
        await letters.lend(town, form(there, number="2号"))
    with pytest.raises(Refused, match="由委托的部门登记"):
        await letters.end_letter(town, id_, today, "不要了")
    for day, why in ((today - timedelta(days=1), "不能早于生效日期"), (today + timedelta(days=365), "期满")):
        with pytest.raises(Refused, match=why):
            await letters.end_letter(call, id_, day, "改了")
    await letters.end_letter(call, id_, today, "改了")
    with pytest.raises(Refused, match="已登记从"):
        await letters.end_letter(call, id_, today, "改了")
    assert await there.call.db.value("select count(*) from entrustment") == 1


async def test_who_has_none_is_told_on_the_desk_and_by_the_doctor_and_an_end_sixty_days_before(there: World) -> None:
    call, east = await bureau(there), there.call.as_(await there.office("东所"))
    before = replace(call, now=call.now.replace(year=2026, month=1, day=31))
    assert await letters.notices(before) == (), "the measures that ask for it begin on 2026-02-01"
    assert await doctor_of_letters(before) == []
    (said,) = await letters.notices(call)
    assert "区局委托东所、西所（罚款、现场处置）" in said
    (said,) = await letters.notices(east)
    assert "西所" not in said
    ((_, right, text),) = await doctor_of_letters(there.call)
    assert (right, "2 个部门没有有效的委托书：东所、西所" in text) == (False, True)
    for n, name in enumerate(("东所", "西所"), 1):
        await letters.lend(call, form(there, entrusted=there.units[name], number=f"{n}号"))
    assert await letters.notices(call) == ()
    assert await doctor_of_letters(there.call) == []
    assert ANNOUNCED.within.days == 60
    last = there.call.today + timedelta(days=364)

    def on(call_: Call, left: int) -> Call:
        return replace(call_, now=call_.now + timedelta(days=364 - left))

    assert await letters.notices(on(east, 61)) == ()
    (said,) = await letters.notices(on(east, 60))
    assert f"到{last.year}年{last.month}月{last.day}日止，还有 60 天，还没有接续的委托书" in said
    later = on(call, 30)
    await letters.lend(
        later,
        form(there, number="3号", published_on=later.today, since=last + timedelta(days=1), last=last + timedelta(days=300)),
    )
    assert await letters.notices(on(east, 20)) == ()
    assert [text for text in await letters.notices(on(call, 20)) if "西所" in text], "the other has none that follows"
    assert not [text for text in await letters.notices(on(call, 20)) if "东所" in text]


@pytest.mark.clause("NAT-CF-21")
async def test_pages_write_it_once_and_say_in_whose_name(there: World, clock) -> None:
    firm = there.enterprises["甲面粉店（示例）"]
    await there.account("bureau", Role.OFFICE, unit="区局")
    async with visiting(there.call.portal, clock) as site:
        clerk = site()
        await clerk.sign_in("bureau", PASSWORD)
        await clerk.post(
            f"/office/enterprises/{firm}/facts",
            {
                **(await clerk.get(f"/office/enterprises/{firm}/facts")).form(f"/office/enterprises/{firm}/facts"),
                "fact_sector": "trade",
            },
        )
        assert "在区局公布委托书之前，不能以区局名义执法" in (await clerk.get(f"/office/enterprises/{firm}")).text
        page = await clerk.get("/office")
        assert "没有有效的委托书：区局委托东所、西所" in page.text
        new = await clerk.get("/office/letters/new")
        # What the law asks of the entrusted stands before whoever entrusts
        assert "行政处罚法第二十一条：受委托的要依法成立" in new.text
        values = {
            **new.form("/office/letters/new"),
            "entrusted": there.units["东所"],
            "number": "1号",
            "powers": ["fine"],
            "fields": ["sector:trade"],
            "published_at": "区政府网站",
            "last": (there.call.today + timedelta(days=90)).isoformat(),
        }
        empty = await clerk.post("/office/letters/new", {**values, "number": "", "last": ""}, check=False)
        assert empty.status == 422
        assert "区政府网站" in empty.response.text
        for _ in range(2):
            made = await clerk.post("/office/letters/new", values, check=False)
            assert made.status == 303
        assert await there.call.db.value("select count(*) from entrustment") == 1
        address = made.response.headers["location"].partition("?")[0]
        shown = (await clerk.get(f"/office/enterprises/{firm}")).text
        assert "执法员，以区局的名义，不超过 1000 元" in shown
        assert "现有的委托书没有把这一项委托给这里" in shown
        assert "以区局的名义执法" in (await clerk.get(address)).text
        assert "有效" in (await clerk.get("/office/letters")).text
        for name, there_is in (("区局", True), ("东所", True), ("纪检", False)):
            unit = await clerk.get(f"/office/units/{there.units[name]}")
            assert bool([one for one in unit.all("a") if one.get("href") == "/office/letters"]) is there_is
        gone = await clerk.post(
            f"{address}/end", {**(await clerk.get(f"{address}/end")).form(f"{address}/end"), "reason": ""}, check=False
        )
        assert gone.status == 422
        await clerk.post(f"{address}/end", {**(await clerk.get(f"{address}/end")).form(f"{address}/end"), "reason": "收回"})
        assert "已终止" in (await clerk.get(address)).text
