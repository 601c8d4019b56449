"""Every form that makes something, sent twice and sent by two clicks at once: one thing is made, or a sentence says why not."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from portal.storage import once as once_room
from portal.viewer import Role
from tests.web import access_matrix as matrix
from tests.world import CODES, PASSWORD, World

NEW_CODE = "91330100MA27XFD48T"


@dataclass(frozen=True)
class Making:
    """A form: where it stands for a world, what is filled in, what is counted before and after."""

    address: Callable[[World], str]
    values: Callable[[World], Mapping[str, Any]]
    counted: str
    where: str = ""
    needs: tuple[str, ...] = field(default=())


def soon(world: World) -> str:
    """A day ahead."""
    return (world.call.today + timedelta(days=3)).isoformat()


MAKING: dict[str, Making] = {
    "/office/jurisdictions/new": Making(
        lambda w: f"/office/jurisdictions/new?in={w.places['东镇']}",
        lambda _: {"code": "9901001009", "name": "新村", "kind": "village"},
        "jurisdiction",
    ),
    "/office/units/new": Making(
        lambda w: f"/office/units/new?in={w.places['东镇']}",
        lambda _: {"kind": "station", "name": "东二所", "phone": "0512-01000009"},
        "unit",
    ),
    "/office/grids/new": Making(
        lambda w: f"/office/grids/new?in={w.places['东镇']}&tier=patch",
        lambda w: {"name": "新片", "code": "示例新片", "since": w.call.today.isoformat()},
        "grid",
    ),
    "/office/people/new": Making(
        lambda w: f"/office/people/new?in={w.places['东镇']}",
        lambda _: {"name": "新人", "phone": "0512-02000099", "badge": "示例新"},
        "person",
    ),
    "/office/enterprises/new": Making(
        lambda w: f"/office/enterprises/new?in={w.places['东镇']}",
        lambda w: {"name": "新厂（示例）", "credit_code": "", "division": w.places["甲村"], "address": "示例路9号"},
        "enterprise",
    ),
    "/office/appointments/new": Making(
        lambda w: f"/office/appointments/new?kind=grid&seat={w.grids['丁村格']}&post=keeper&person={w.people['李格长']}",
        lambda w: {"since": w.call.today.isoformat()},
        "appointment",
    ),
    "/office/people/{id_:str}/interests": Making(
        lambda w: f"/office/people/{w.people['李格长']}/interests",
        lambda w: {"enterprise": CODES["flour"], "kind": "share", "since": w.call.today.isoformat()},
        "interest",
    ),
    "/office/enterprises/{id_:str}/charges": Making(
        lambda w: f"/office/enterprises/{w.enterprises['甲面粉店（示例）']}/charges",
        lambda w: {"line": "fire", "unit": w.units["东所"], "since": w.call.today.isoformat()},
        "charge",
    ),
    "/office/deeds/new": Making(
        lambda w: f"/office/deeds/new?region=sample&duty=walk&of={w.enterprises['甲面粉店（示例）']}&day=2026-03-01",
        lambda _: {"note": "都看了", "points": ["仓库"], "day": "2026-03-01"},
        "deed",
    ),
}
# What is changed in a form that was sent, and comes again
OTHER: dict[str, Callable[[World], Mapping[str, str]]] = {
    "/office/jurisdictions/new": lambda _: {"name": "另村"},
    "/office/units/new": lambda _: {"phone": "0512-01000008"},
    "/office/grids/new": lambda _: {"name": "另片"},
    "/office/people/new": lambda _: {"phone": "0512-02000098"},
    "/office/enterprises/new": lambda _: {"address": "示例路10号"},
    "/office/appointments/new": lambda w: {"since": soon(w)},
    "/office/people/{id_:str}/interests": lambda w: {"since": soon(w)},
    "/office/enterprises/{id_:str}/charges": lambda w: {"since": soon(w)},
    "/office/deeds/new": lambda _: {"note": "另有发现"},
}
# Forms that make something and are tried elsewhere, and what makes nothing: steps, ends, changes of what is there
ELSEWHERE = {
    "/door",
    "/door/again",
    "/send",
    "/receipt",
    "/enterprise/site-link",
    "/sign-in",
    "/link/{secret:str}",
    "/site/{secret:str}",
    "/second",
    "/sign-out",
    "/account/password",
    "/account/deputies",
    "/office/import",
    "/office/import/{id_:str}/columns",
    "/office/import/{id_:str}/correct",
    "/office/boards/issue",
    "/office/boards/print",
    "/office/boards/{code:str}/hung",
    "/office/due/{region:str}/{key:str}/excuse",
    "/office/jurisdictions/{id_:str}/refinements",
    "/office/filings/new",
    "/office/letters/new",
    "/office/accounts/new",
    "/office/accounts/{id_:str}/grants",
    "/office/enterprises/{id_:str}/facts",
    "/custody/two",
    "/office/corrections/{kind:str}/{id_:str}",
    "/office/enterprises/{id_:str}/site-link",
    "/field/enterprises/{id_:str}/site-link",
}


@pytest.fixture
async def office(site, world: World):
    """The district's office at its desk."""
    await world.account("bureau", Role.OFFICE, unit="区局")
    await world.also("bureau", Role.OFFICE, unit="东所")
    visitor = site()
    await visitor.sign_in("bureau", PASSWORD)
    return visitor


async def counted(world: World, making: Making) -> int:
    """How many there are."""
    return int(await world.call.db.value(f"select count(*) from {making.counted}"))


async def filled(office, world: World, name: str) -> tuple[str, dict[str, Any]]:
    """The form as a browser would send it: where to, and with what."""
    making = MAKING[name]
    address = making.address(world)
    target = address.partition("?")[0]
    page = await office.get(address)
    return target, {**page.form(target), **making.values(world)}


@pytest.mark.parametrize("name", sorted(MAKING))
async def test_sent_twice_and_by_two_clicks_at_once_it_makes_one_thing(office, world: World, name: str) -> None:
    before = await counted(world, MAKING[name])
    target, values = await filled(office, world, name)
    assert values["once"]
    answers = await asyncio.gather(*(office.post(target, values, check=False) for _ in range(3)))
    assert [one.status for one in answers] == [303, 303, 303], [one.text[:300] for one in answers]
    assert len({one.response.headers["location"] for one in answers}) == 1
    assert (await office.post(target, values, check=False)).status == 303
    assert await counted(world, MAKING[name]) == before + 1


@pytest.mark.parametrize("name", sorted(MAKING))
async def test_sent_again_with_other_words_it_makes_nothing_and_keeps_them(office, world: World, name: str) -> None:
    """The back key shows the form as it was sent; what is changed in it then is not dropped as if it had been sent."""
    target, values = await filled(office, world, name)
    first = await office.post(target, values, check=False)
    before = await counted(world, MAKING[name])
    other = OTHER[name](world)
    page = await office.post(target, {**values, **other})
    assert page.status == 422
    assert "这张表单已经提交过" in page.text
    ((field, typed),) = other.items()
    assert page.form(target)[field] == typed
    assert f"已提交的是“{MAKING[name].values(world).get(field, '')}" in page.text
    assert f"现在填的是“{typed}”（没有提交）" in page.text
    assert f'href="{first.response.headers["location"].partition("?")[0]}' in page.response.text
    assert await counted(world, MAKING[name]) == before
    assert page.form(target)["once"] != values["once"]
    # The same as at first is still answered as at first
    same = await office.post(target, values, check=False)
    assert (same.status, same.response.headers["location"]) == (303, first.response.headers["location"])


async def test_other_words_of_a_form_that_was_sent_can_be_sent_as_a_new_one(office, world: World) -> None:
    target, values = await filled(office, world, "/office/people/new")
    await office.post(target, values, check=False)
    page = await office.post(target, {**values, "name": "另一人", "badge": "示例另"})
    assert (await office.post(target, page.form(target), check=False)).status == 303
    assert await world.call.db.value("select count(*) from person where badge in ('示例新', '示例另')") == 2


@pytest.mark.parametrize("name", sorted(MAKING))
async def test_without_the_mark_of_our_page_it_makes_nothing_and_keeps_what_was_typed(office, world: World, name: str) -> None:
    before = await counted(world, MAKING[name])
    target, values = await filled(office, world, name)
    page = await office.post(target, {**values, "_token": "old"})
    assert "请再按一次" in page.text
    shown = page.form(target)
    typed = {key: value for key, value in MAKING[name].values(world).items() if isinstance(value, str) and value}
    assert {key: shown.get(key) for key in typed} == typed
    assert await counted(world, MAKING[name]) == before
    assert (await office.post(target, {**values, **shown})).status == 303
    assert await counted(world, MAKING[name]) == before + 1


@pytest.mark.parametrize("name", sorted(MAKING))
async def test_from_two_windows_at_once_it_makes_things_or_says_why_not(office, world: World, name: str) -> None:
    forms = [await filled(office, world, name) for _ in range(2)]
    answers = await asyncio.gather(*(office.post(target, values, check=False) for target, values in forms))
    late = await office.post(*(await filled(office, world, name)), check=False)
    for one in (*answers, late):
        assert one.status in (303, 422), one.text[:300]
        if one.status == 422:
            assert any(ord(letter) > 0x4E00 for letter in one.text)
    assert 303 in {one.status for one in answers}


async def test_a_day_of_another_decade_is_refused_at_the_day(office, world: World) -> None:
    far = "2062-03-01"
    for name in ("/office/appointments/new", "/office/people/{id_:str}/interests", "/office/enterprises/{id_:str}/charges"):
        target, values = await filled(office, world, name)
        before = await counted(world, MAKING[name])
        for day in {"since", "until"} & {*values}:
            refused = await office.post(target, {**values, day: far})
            assert (refused.status, "太远了（今天是" in refused.text) == (422, True), (name, day)
            assert refused.form(target)[day] == far
        assert await counted(world, MAKING[name]) == before


async def test_what_was_refused_may_be_sent_again_with_the_same_form(office, world: World) -> None:
    target, values = await filled(office, world, "/office/people/new")
    assert (await office.post(target, {**values, "phone": "1"}, check=False)).status == 422
    assert (await office.post(target, values)).status == 303


async def test_nobody_gets_what_another_made_by_a_form_that_they_copied(site, office, world: World) -> None:
    target, values = await filled(office, world, "/office/people/new")
    assert (await office.post(target, values)).status == 303
    await world.account("other", Role.OFFICE, unit="西所")
    other = site("10.0.0.7")
    await other.sign_in("other", PASSWORD)
    _, own = await filled_at(other, f"/office/people/new?in={world.places['西镇']}")
    answer = await other.post(target, {**own, "once": values["once"], "name": "西人", "phone": "0512-02000088"}, check=False)
    assert answer.status == 303
    assert await world.call.db.value("select count(*) from person where name = '西人'") == 1


async def filled_at(visitor, address: str) -> tuple[str, dict[str, Any]]:
    """A form as it stands."""
    target = address.partition("?")[0]
    return target, (await visitor.get(address)).form(target)


async def test_forms_are_forgotten_after_some_days(office, world: World) -> None:
    target, values = await filled(office, world, "/office/people/new")
    await office.post(target, values)
    await once_room.sweep(world.call.db, world.call.now + timedelta(days=1))
    assert await world.call.db.value("select count(*) from sent_form") == 1
    await once_room.sweep(world.call.db, world.call.now + timedelta(days=3))
    assert await world.call.db.value("select count(*) from sent_form") == 0


def test_every_form_that_may_make_something_is_tried() -> None:
    """A new address that forms are sent to has to be put into one of the two lists here."""
    sent = {path for group in vars(matrix).values() if isinstance(group, set) for method, path in group if method == "POST"}
    steps = {path for path in sent if path.rstrip("}").rpartition("/")[2] in STEPS or "{outside" in path or "{request_" in path}
    assert sent - steps - set(MAKING) == ELSEWHERE & sent


STEPS = {
    "change",
    "end",
    "reopen",
    "step",
    "contact",
    "stand-back",
    "move",
    "sheet",
    "confirm",
    "decline",
    "withdraw",
    "accept",
    "return",
    "check",
    "take",
    "undo",
    "drop",
    "stop",
    "revoke",
    "hand-over",
    "link",
    "begin",
    "add",
    "turn",
}
