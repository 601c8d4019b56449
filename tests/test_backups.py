"""Backups: all that is kept at one moment, sealed; put back it is the same portal, and what was shredded stays gone."""

import asyncio
import errno
import gc
import io
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from portal import backups
from portal.access.actions import sign_in
from portal.app import open_portal
from portal.backups import KEYS, Made, back_up, put_back
from portal.boards.actions import issue
from portal.call import Call
from portal.clock import now
from portal.complaints import chain
from portal.complaints.queries import behind, complaints
from portal.errors import Refused, SetupError
from portal.feedback import drafts
from portal.feedback.queries import photo as photo_of
from portal.ledger.queries import first_break
from portal.storage import migrations
from portal.storage.columns import public_id
from portal.storage.embedded import EmbeddedServer
from portal.storage.sealed_file import CHUNK, OpeningReader, SealingWriter
from portal.storage.seals import CannotOpen, Key, Keyring
from portal.storage.shredding import shred
from portal.timekeeping import Timekeeper
from portal.viewer import PUBLIC, SYSTEM, Role
from tests.complaints.test_complaints import FLOUR, complain
from tests.feedback.test_feedback import opened, opening
from tests.world import PASSWORD, World, make_custodian, picture

SECRET = "五只乌鸦喝了三桶蓝墨水 又飞走了"
CHEAP = {"n": 2**10, "r": 8, "p": 1}


def quiet(what: str, done: int, total: int) -> None:
    """Nobody looks."""


@pytest_asyncio.fixture
async def elsewhere(server: EmbeddedServer, world: World, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database for what is put back; its address."""
    config = server.connection("postgres")
    name = f"restored_{public_id()}"
    maintenance = await asyncpg.connect(**config)
    await maintenance.execute(f"create database {name}")
    yield f"postgresql://portal:{config['password']}@/{name}?host={config['host']}"
    migrations.bind(world.call.db)
    await maintenance.execute(f"drop database {name} with (force)")
    await maintenance.close()


async def emptied(address: str) -> None:
    """The database as it was at first."""
    connection = await asyncpg.connect(address)
    await connection.execute("drop schema public cascade; create schema public")
    await connection.close()


@asynccontextmanager
async def restored(world: World, folder: Path) -> AsyncIterator[Call]:
    """The portal that was put back, running."""
    settings = backups.Settings.read(folder / "portal.toml")
    async with open_portal(settings, plugins=world.call.portal.plugins, durable=False, pool=4) as portal:
        yield Call(portal, SYSTEM, world.call.now)
    migrations.bind(world.call.db)


async def made(world: World, folder: Path, call: Call | None = None) -> Made:
    """A backup of the world."""
    return await back_up(call or world.call, folder, SECRET, quiet)


async def test_what_is_put_back_is_the_same_portal(world: World, elsewhere: str, tmp_path: Path) -> None:
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    keeper = await make_custodian(world, "keeper", "郑纪检")
    await world.account("east", Role.OFFICE, unit="东所")
    form = public_id()
    await drafts.keep_photo(world.call, form, picture())
    receipt, case = await opened(world, opening(board, form=form, text="锅炉漏气"))
    told, _ = await complain(world, board, text="他收了钱")
    unsent = public_id()
    await drafts.keep_photo(world.call, unsent, picture("#123"))
    await sign_in(world.call, login="east", password=PASSWORD, address="10.1.0.1", device=None)
    with pytest.raises(Refused):
        await sign_in(world.call, login="east", password="wrong wrong wrong", address="10.1.0.1", device=None)
    live = await world.call.db.value("select live from board where code = $1", board)

    backup = await made(world, tmp_path / "kept")
    assert oct(backup.data.stat().st_mode & 0o777) == oct(backup.keys.stat().st_mode & 0o777) == "0o600"
    done = await put_back(backup.data, backup.keys, SECRET, tmp_path / "new", quiet, database_url=elsewhere, durable=False)
    assert [str(one) for one in done.differences] == []
    assert (done.rows, done.files, done.without_key, done.shredded) == (backup.rows, backup.files, 0, 0)
    assert backup.rows > 100
    async with restored(world, tmp_path / "new") as call:
        assert await call.db.value("select count(*) from spending") == 0
        assert await first_break(call) is None
        assert not await chain.first_break(call)
        assert await call.db.value("select live from board where code = $1", board) == live
        seen = await behind(call.as_(PUBLIC), receipt)
        assert seen.steps[0].text == "锅炉漏气"
        assert (await behind(call.as_(PUBLIC), told)).said[0].text == "他收了钱"
        photo = await call.db.value("select public_id from feedback_photo")
        assert (await photo_of(call.as_(await world.office("东所")), case, photo))[:2] == b"\xff\xd8"
        assert len(await complaints(call.as_(keeper), closed=False)) == 1
        await sign_in(call, login="east", password=PASSWORD, address="10.1.0.2", device=None)
        assert await call.db.value("select count(*) from session") == 1
        assert await call.db.value("select count(*) from feedback_draft_photo") == 0
        # What is new gets a number of its own
        await issue(call, "enterprise", world.enterprises["丙小店（示例）"])
        assert await first_break(call) is None


async def another(world: World, case: str) -> str:
    """A case like that one, with an id, a form and a key of its own: a hundred receipts would take minutes to hash."""
    id_, call = public_id(), world.call
    row = dict(await call.db.row("select * from feedback_case where public_id = $1", case))
    key = call.portal.keyring.wrap(Key.new(), f"case {id_}")
    row |= {"public_id": id_, "form": id_.encode(), "key": key}
    del row["id"]
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await call.db.rows(f"insert into feedback_case ({', '.join(row)}) values ({places})", *row.values())
    return id_


async def test_a_hundred_shredded_cases_are_in_no_backup_that_is_put_back(world: World, elsewhere: str, tmp_path: Path) -> None:
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    ids = [(await opened(world, opening(board, text="一件事")))[1]]
    while len(ids) < 99:
        ids.append(await another(world, ids[0]))
    await make_custodian(world, "keeper", "郑纪检")
    await complain(world, board)
    ids.append(await world.call.db.value("select public_id from complaint"))
    old = await made(world, tmp_path / "old")

    async def readable(keys: Path, folder: Path) -> int:
        await emptied(elsewhere)
        await put_back(old.data, keys, SECRET, folder, quiet, database_url=elsewhere, durable=False)
        done = 0
        async with restored(world, folder) as call:
            for table, place in (("feedback_case", "case"), ("complaint", "complaint")):
                for row in await call.db.rows(f"select public_id, key from {table}"):
                    try:
                        call.portal.keyring.unwrap(row["key"], f"{place} {row['public_id']}")
                        done += 1
                    except CannotOpen:
                        pass
            assert not await chain.first_break(call) or done
        return done

    # As long as nothing is shredded, all of them open: what is counted below can be counted
    assert await readable(old.keys, tmp_path / "1") == 100
    async with world.call.db.transaction():
        assert await shred(world.call.db, ids) == 100
    new = await made(world, tmp_path / "new", replace(world.call, now=world.call.now + timedelta(hours=1)))
    assert await readable(new.keys, tmp_path / "2") == 0
    # With the old keys too, once the list lies beside them
    new.keys.rename(old.keys.parent / new.keys.name)
    assert await readable(old.keys, tmp_path / "3") == 0


async def test_a_difference_is_named_and_nothing_of_it_is_kept(world: World, elsewhere: str, tmp_path: Path) -> None:
    backup = await made(world, tmp_path / "kept")
    changed = tmp_path / "kept" / "changed.backup"
    with backup.data.open("rb") as file, backups._Archive(changed, SECRET, "data") as archive:
        for name, data in backups._members(file, SECRET, "x"):
            archive.add(
                name, data.replace("面粉店".encode(), "米粉店".encode()) if name.startswith("tables/enterprise/") else data
            )
    done = await put_back(changed, backup.keys, SECRET, tmp_path / "new", quiet, database_url=elsewhere, durable=False)
    assert [str(one) for one in done.differences] == ["表 enterprise 与备份时不同"]
    assert not (tmp_path / "new" / "portal.toml").exists()
    connection = await asyncpg.connect(elsewhere)
    assert await connection.fetchval("select count(*) from enterprise") == 0
    await connection.close()
    with pytest.raises(Refused, match="上次没有放完"):
        await put_back(backup.data, backup.keys, SECRET, tmp_path / "new", quiet, database_url=elsewhere, durable=False)
    with pytest.raises(SetupError, match="数据库不是空的"):
        await put_back(backup.data, backup.keys, SECRET, tmp_path / "newer", quiet, database_url=elsewhere, durable=False)
    assert not (tmp_path / "newer").exists()


async def test_a_file_that_the_register_names_and_the_disk_lacks_is_told(world: World, tmp_path: Path) -> None:
    name = await world.call.db.value("select name from stored_file limit 1")
    world.call.portal.files.remove(name)
    assert (await made(world, tmp_path / "kept")).lacking == [f"files/{name}"]


async def test_keys_are_destroyed_after_a_month_and_nothing_else_is(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    first = await made(world, folder)
    (folder / f"other{KEYS}").write_text("somebody else's")
    for path in folder.iterdir():
        os.utime(path, (world.call.now.timestamp(),) * 2)
    later = await made(world, folder, replace(world.call, now=world.call.now + timedelta(days=29)))
    assert later.destroyed == []
    last = await made(world, folder, replace(world.call, now=world.call.now + timedelta(days=31)))
    assert last.destroyed == [first.keys]
    kept = {path.name for path in folder.iterdir()}
    assert kept == {f"other{KEYS}", *(one.name for one in (first.data, later.data, later.keys, last.data, last.keys))}


async def test_keys_that_alone_open_something_are_kept_beside_those_of_another_portal(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    await opened(world, opening(board, text="一件事"))
    first = await made(world, folder)
    # Another portal keeps its backups here too
    ring = Keyring.open(tmp_path / "other.json", create=True)
    foreign = await made(world, folder, replace(world.call, portal=replace(world.call.portal, keyring=ring)))
    for path in folder.iterdir():
        os.utime(path, (world.call.now.timestamp(),) * 2)
    # The register was put back to a day before that case came in
    await world.call.db.rows("update feedback_case set public_id = 'another' where true")
    last = await made(world, folder, replace(world.call, now=world.call.now + timedelta(days=31)))
    assert last.destroyed == []
    assert [(path, "1 件来件" in why) for path, why in last.spared] == [(first.keys, True)]
    assert foreign.keys.exists()
    with pytest.raises(Refused, match="另一个门户的密钥文件"):
        await put_back(last.data, foreign.keys, SECRET, tmp_path / "new", quiet)
    assert not (tmp_path / "new").exists()


async def test_backups_of_the_same_second_have_names_of_their_own(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    both = await asyncio.gather(made(world, folder), made(world, folder))
    again = await made(world, folder)
    assert (
        len({one.data for one in (*both, again)}) == len(list(folder.glob("*.backup"))) == len(list(folder.glob("*.keys"))) == 3
    )
    for one in (*both, again):
        assert backups.read_keys(one.keys, SECRET).ring
        with one.data.open("rb") as file:
            assert [name for name, _ in backups._members(file, SECRET, "x")][-1] == "checks.json"
    assert [one.halves for one in (*both, again)] == [[], [], []]
    halves = [folder / f"portal-20260101-00000{n}" for n in (0, 1)]
    left = [halves[0].with_suffix(".backup.half"), halves[0].with_suffix(".keys.half"), halves[1].with_suffix(".keys.half")]
    for half in left:
        half.touch()
    assert sorted((await made(world, folder)).halves) == left
    with pytest.raises(Refused, match="在数据文件夹里"):
        await made(world, world.call.portal.settings.data / "kept")


async def test_who_puts_back_with_older_keys_is_told_how_many_cases_these_lack(
    world: World, elsewhere: str, tmp_path: Path
) -> None:
    before = await made(world, tmp_path / "before")
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    await opened(world, opening(board, text="一件事"))
    after = await made(world, tmp_path / "after")
    done = await put_back(after.data, before.keys, SECRET, tmp_path / "new", quiet, database_url=elsewhere, durable=False)
    assert (done.without_key, done.shredded) == (1, 0)
    async with restored(world, tmp_path / "new") as call:
        row = await call.db.row("select * from ledger_entry order by id desc limit 1")
        assert (row["verb"], row["kind"]) == ("put_back", "register")
        assert after.data.name in row["body"]
        assert await first_break(call) is None


async def test_no_backup_holds_what_lets_in_or_counts_or_was_not_sent(world: World, tmp_path: Path) -> None:
    backup = await made(world, tmp_path / "kept")
    with backup.data.open("rb") as file:
        names = [name for name, _ in backups._members(file, SECRET, "x")]
        tables = {name.split("/")[1] for name in names if name.startswith("tables/")}
    assert "enterprise" in tables
    everything = [
        row["t"] for row in await world.call.db.rows("select tablename as t from pg_tables where schemaname = 'public'")
    ]
    short = {one for one in everything if re.search("session|throttle|draft|link", one)}
    assert short <= backups.LEFT_OUT, "a table of what passes is in backups"
    with pytest.raises(Refused, match="至少"):
        await back_up(world.call, tmp_path / "kept", "short", quiet)


def sealed(data: bytes, passphrase: str = SECRET, kind: str = "data") -> bytes:
    """A sealed file."""
    file = io.BytesIO()
    with SealingWriter(file, passphrase, kind=kind, cost=CHEAP) as writer:
        for n in range(0, len(data), 100_000):
            writer.write(data[n : n + 100_000])
    return file.getvalue()


def unsealed(data: bytes, passphrase: str = SECRET, kind: str = "data") -> bytes:
    """What is in it."""
    return io.BufferedReader(OpeningReader(io.BytesIO(data), passphrase, kind=kind, name="备份")).read()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 77])
def test_a_sealed_file_opens_as_it_was(size: int) -> None:
    data = os.urandom(size)
    assert unsealed(sealed(data)) == data


def test_a_sealed_file_that_was_changed_in_any_way_does_not_open() -> None:
    data = sealed(os.urandom(2 * CHUNK + 77))
    line, part = data.index(b"\n") + 1, CHUNK + 16
    with pytest.raises(Refused, match="口令不对"):
        unsealed(data, "another passphrase altogether")
    with pytest.raises(Refused, match="不是门户的密钥文件"):
        unsealed(data, kind="keys")
    for no in (b"", b"text\n", b"{}\n", b'{"is": 1}\n', os.urandom(9000), data[: line // 2]):
        with pytest.raises(Refused, match="不是门户的备份文件"):
            unsealed(no)
    greedy = data.replace(b'"n": 1024', b'"n": 1099511627776')
    with pytest.raises(Refused, match="不是门户的备份文件"):
        unsealed(greedy)
    first, second, third = data[line : line + part], data[line + part : line + 2 * part], data[line + 2 * part :]
    wrong = [
        data[:-1],
        data[: line + part],
        data[: line + 2 * part],
        data + b"x",
        data[:line],
        data[:line] + second + first + third,
        data[:line] + first + third,
        data[:line] + first + second + second + third,
        data.replace(b'"kind"', b'"kinD"', 1).replace(b'"kinD"', b'"kind"', 1)[:-3],
    ]
    for place in (line, line + part - 1, line + part, len(data) - 1, line + part + 7):
        wrong.append(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    for changed in wrong:
        with pytest.raises(Refused):
            unsealed(changed)


async def test_who_puts_into_a_database_what_another_one_did_meanwhile_leaves_it_as_it_is(
    world: World, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two who begin at once both find the database empty."""
    backup = await made(world, tmp_path / "kept")
    await put_back(backup.data, backup.keys, SECRET, tmp_path / "first", quiet, database_url=elsewhere, durable=False)
    connection = await asyncpg.connect(elsewhere)
    await connection.execute("update enterprise set contact = '后来改的'")

    async def found_empty(_: object) -> None:
        pass

    monkeypatch.setattr(migrations, "refuse_unfit", found_empty)
    with pytest.raises(Refused, match="另一次恢复"):
        await put_back(backup.data, backup.keys, SECRET, tmp_path / "second", quiet, database_url=elsewhere, durable=False)
    assert await connection.fetchval("select count(*) from enterprise where contact <> '后来改的'") == 0
    await connection.close()


async def test_where_the_clock_is_behind_what_is_put_back_it_is_told_and_not_used(
    world: World, elsewhere: str, tmp_path: Path
) -> None:
    late = now() + timedelta(days=40)
    later = replace(world.call, now=late)
    await issue(later, "enterprise", world.enterprises[FLOUR])
    backup = await made(world, tmp_path / "kept", later)
    done = await put_back(backup.data, backup.keys, SECRET, tmp_path / "new", quiet, database_url=elsewhere, durable=False)
    assert "早39 天" in str(done.notice)
    assert Timekeeper(tmp_path / "new" / "data" / "clock.json")() >= late
    async with restored(world, tmp_path / "new") as call:
        assert await call.db.value("select min(at) >= $1 from ledger_entry where verb = 'put_back'", late)


def test_a_backup_that_breaks_off_says_no_more_when_it_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)

    def broken_off() -> None:
        with backups._Archive(tmp_path / "half", SECRET, "data") as archive:
            archive.add("a", b"b" * 3 * CHUNK)
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        broken_off()
    gc.collect()
    assert told == []
