"""What a place makes stricter, on the pages: what is typed, refused, ended, and read when nothing can be added."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal.areas import refining
from portal.areas.refining import RefinementForm
from portal.call import Portal
from portal.plugins import assemble
from portal.scheme.words import Every
from portal.viewer import Role
from tests.browse import Page, Visitor, visiting
from tests.sample_region.later import ENDING, Stated
from tests.world import PASSWORD, World

RULE = {"document": "东镇细则（示例）", "clause": "第三条", "gist": "每周一遍（示例）"}


@pytest.fixture
async def office(site, world: World) -> Visitor:
    """The district's office, signed in."""
    await world.account("east", Role.OFFICE, unit="区局")
    visitor = site()
    await visitor.sign_in("east", PASSWORD)
    return visitor


async def refine(office: Visitor, world: World, value: int, unit: str, **more: str) -> Page:
    """Fill the eastern town's form and send it."""
    address = f"/office/jurisdictions/{world.places['东镇']}/refinements"
    values = {"figure": "duty:study:every", "value": str(value), "unit": unit} | RULE | more
    return await office.send(await office.get(address), values, action=address)


@pytest.mark.parametrize(("value", "unit"), [(12_500, "months"), (600_000, "weeks"), (54, "weeks")])
async def test_a_huge_rhythm_is_refused_at_its_field_and_nothing_typed_is_lost(
    office: Visitor, world: World, value: int, unit: str
) -> None:
    refused = await refine(office, world, value, unit)
    assert refused.status == 422
    assert "1 到 12 个月或 1 到 53 周之间" in refused.text
    action = f"/office/jurisdictions/{world.places['东镇']}/refinements"
    assert {"value": str(value), "unit": unit}.items() | RULE.items() <= refused.form(action).items()
    for address in ("/office", "/office/due", "/office/due/alls"):
        assert (await office.get(address)).status == 200


async def test_what_was_planned_and_will_never_hold_is_still_listed_and_says_so(office: Visitor, world: World) -> None:
    assert (await refine(office, world, 2, "weeks", since="2026-06-01")).status == 303
    page = await office.follow(await refine(office, world, 1, "weeks", since="2026-05-01"))
    assert "2026年6月1日，未施行即停用" in page.text
    assert len([link for link in page.links() if link.endswith("/end")]) == 1


async def test_when_the_edition_has_lapsed_what_is_stored_is_shown_and_why_nothing_is_added(
    portal: Portal, world: World, clock
) -> None:
    own = RefinementForm(figure="duty:study:every", value=Every(weeks=2), **{**RULE, "gist": "两周一次（示例）"})
    await refining.refine(world.call, world.places["东镇"], own)
    await world.account("east", Role.OFFICE, unit="区局")
    clock.now = datetime(2027, 1, 4, 2, tzinfo=UTC)
    address = f"/office/jurisdictions/{world.places['东镇']}/refinements"
    async with visiting(replace(portal, plugins=assemble({"sample": Stated(ENDING)})), clock) as site:
        office = site()
        await office.sign_in("east", PASSWORD)
        page = await office.get(address)
        assert page.status == 200
        for text in ("看护员：每年学两次（周期）", "每2周一次", "已于2026年12月31日到期"):
            assert text in page.text
        assert not [form for form in page.all("form") if form.get("action") == address]
        late = await office.post(
            address,
            {
                "_token": page.form()["_token"],
                "figure": "duty:study:every",
                "value": "1",
                "unit": "weeks",
                "since": "2027-01-04",
                **RULE,
            },
        )
        assert (late.status, "已于2026年12月31日到期" in late.text) == (422, True)
