"""What was asked for is done later: by then, and before it is kept, the rights of whoever asked are asked again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.access.actions import disable_account, reset_password, sign_in
from portal.access.deputies import cover, end_cover
from portal.access.queries import known_browser
from portal.boards import jobs as printing
from portal.call import Call
from portal.desk.queries import job as job_of
from portal.errors import NotVisible, Refused
from portal.imports import batches, jobs, queries
from portal.people.actions import end_person
from portal.viewer import PUBLIC, Role, Viewer
from portal.workshop.pool import Workshop
from tests.imports.test_imports import sheet
from tests.world import PASSWORD, World, make_person

LOGIN, PERSON, NEW = "east", "吴执法", "新人（示例）"
SHEET = sheet(["姓名", "工号", "电话", "辖区"], [NEW, "", "0512-01000078", "东镇"], ["钱东", "东1", "0512-09999999", "东镇"])


async def seen_as(call: Call, login: str) -> Viewer:
    """Who an account is when it signs in."""
    done = await sign_in(call.as_(PUBLIC), login=login, password=PASSWORD, address="10.0.0.1", device=None)
    found = await known_browser(call.as_(PUBLIC), done.token)
    assert found is not None
    return found.viewer


async def disabled(world: World) -> None:
    await disable_account(world.call, LOGIN)


async def role_ended(world: World) -> None:
    await world.call.db.rows(
        "update access_grant g set until = $1 from account a where a.id = g.account and login = $2", world.call.today, LOGIN
    )


async def area_changed(world: World) -> None:
    await world.call.db.rows(
        "update access_grant g set area = '/99/9901/9901002/' from account a where a.id = g.account and login = $1", LOGIN
    )


async def left(world: World) -> None:
    await end_person(world.call, world.people[PERSON], world.call.today)


async def password_reset(world: World) -> None:
    await reset_password(world.call, LOGIN)


LOSSES = (disabled, role_ended, area_changed, left, password_reset)
Loss = Callable[[World], Awaitable[None]]


async def asked(world: World) -> tuple[Call, str]:
    """An account of the eastern town, and a sheet that it brought: of somebody new, and of another telephone."""
    await make_person(world, "钱东", place="东镇", badge="东1")
    await world.account(LOGIN, Role.OFFICE, unit="东所", person=PERSON)
    mine = world.call.as_(await seen_as(world.call, LOGIN))
    return mine, await batches.bring(mine, kind="people", region="sample", data=SHEET)


async def register(world: World) -> str:
    """All people of the register, and every entry about them, as one mark."""
    return str(
        await world.call.db.value(
            "select md5((select string_agg(p::text, '|' order by p.id) from person p where p.until is null) || "
            "(select count(*) from ledger_entry where verb in ('imported', 'undone'))::text)"
        )
    )


async def during(call: Call, work: Callable[[], Awaitable[object]]) -> None:
    """Do it beside the transaction that goes on here."""
    await asyncio.get_running_loop().create_task(_awaited(work), context=Context())


async def _awaited(work: Callable[[], Awaitable[object]]) -> None:
    await work()


def losing_when_heard(world: World, loss: Loss) -> Call:
    """The worker's call, in which the account loses its rights while the first change is already done."""
    lost = False

    async def hear(_: Call, __: object) -> bool:
        nonlocal lost
        if not lost:
            lost = True
            await during(world.call, lambda: loss(world))
        return False

    return replace(world.call, portal=replace(world.call.portal, listeners=(hear,)))


@pytest.mark.parametrize("loss", LOSSES)
async def test_whoever_lost_their_rights_since_gets_nothing_done(world: World, loss: Loss) -> None:
    mine, id_ = await asked(world)
    job = await jobs.ask(mine, id_, "check")
    await loss(world)
    await jobs.import_rows(world.call, job)
    assert (await queries.batch(world.call, id_)).state == "failed"
    found = await job_of(world.call, job)
    assert (found.state, "操作没有完成" in found.message) == ("failed", True)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("running", [False, True])
async def test_no_sheet_is_taken_in_for_who_may_not_any_more(world: World, loss: Loss, *, running: bool) -> None:
    mine, id_ = await asked(world)
    await jobs.import_rows(world.call, await jobs.ask(mine, id_, "check"))
    assert (await queries.batch(world.call, id_)).state == "checked"
    job = await jobs.ask(mine, id_, "take")
    before = await register(world)
    if running:
        await jobs.import_rows(losing_when_heard(world, loss), job)
    else:
        await loss(world)
        await jobs.import_rows(world.call, job)
    if loss is not left:
        assert await register(world) == before
    assert await world.call.db.value("select count(*) from person where name = $1", NEW) == 0
    assert (await queries.batch(world.call, id_)).state == "checked"
    assert "操作没有完成" in (await job_of(world.call, job)).message


@pytest.mark.parametrize("running", [False, True])
async def test_no_sheet_is_taken_back_for_who_may_not_any_more(world: World, *, running: bool) -> None:
    mine, id_ = await asked(world)
    await jobs.import_rows(world.call, await jobs.ask(mine, id_, "check"))
    await jobs.import_rows(world.call, await jobs.ask(mine, id_, "take"))
    before, job = await register(world), await jobs.ask(mine, id_, "undo")
    if running:
        await jobs.import_rows(losing_when_heard(world, disabled), job)
    else:
        await disabled(world)
        await jobs.import_rows(world.call, job)
    assert await register(world) == before
    assert (await queries.batch(world.call, id_)).state == "taken"
    assert "操作没有完成" in (await job_of(world.call, job)).message


async def test_no_board_is_issued_for_who_may_not_any_more(world: World) -> None:
    mine, _ = await asked(world)

    class Disabling(Workshop):
        """After the first board is drawn the account is disabled."""

        drawn = 0

        async def do(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            made = function(*args, **kwargs)
            if isinstance(made, bytes):
                self.drawn += 1
                if self.drawn == 1:
                    await disabled(world)
            return made

    workshop = Disabling()
    job = await printing.ask_batch(mine, region="sample", grid=None, size="A4")
    await printing.print_boards(replace(world.call, portal=replace(world.call.portal, workshop=workshop)), job)
    found = await job_of(world.call, job)
    assert (found.state, found.done, "操作没有完成" in found.message) == ("failed", 1, True)
    assert await world.call.db.value("select count(*) from board where version > 0") == 1


async def test_what_a_deputy_asked_for_and_brought_ends_with_the_absence(world: World) -> None:
    await world.account("west", Role.OFFICE, unit="西所")
    west = world.call.as_(await seen_as(world.call, "west"))
    await world.account("west-2", Role.OFFICE, unit="西所")
    await world.also("west-2", Role.OFFICE, unit="东所")
    other = await world.call.db.value("select public_id from account where login = 'west-2'")
    absent = world.call.as_(await seen_as(world.call, "west-2"))
    await cover(
        absent,
        await world.call.db.value("select public_id from account where login = 'west'"),
        world.call.today,
        world.call.today + timedelta(days=3),
    )
    both = world.call.as_(await seen_as(world.call, "west"))
    assert len(both.viewer.areas) == 2
    id_ = await batches.bring(both, kind="people", region="sample", data=SHEET)
    await batches.check(both, id_)
    job = await jobs.ask(both, id_, "take")
    assert (await queries.batch(both, id_)).id == id_
    await end_cover(west, await world.call.db.value("select public_id from deputy"))
    await jobs.import_rows(world.call, job)
    assert "权限在提交以后有了变化" in (await job_of(world.call, job)).message
    assert other
    for ask in (queries.batch(west, id_), job_of(west, job)):
        with pytest.raises(NotVisible):
            await ask
    assert await queries.batches(west) == ()


async def test_a_job_is_nobodys_who_has_no_account(world: World) -> None:
    mine, id_ = await asked(world)
    job = await jobs.ask(mine, id_, "check")
    for ask in (job_of(world.call.as_(PUBLIC), job), queries.batch(world.call.as_(PUBLIC), id_)):
        with pytest.raises(NotVisible):
            await ask
    with pytest.raises(Refused):
        await jobs.ask(mine, id_, "take")
