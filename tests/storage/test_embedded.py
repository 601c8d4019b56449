"""The embedded server: scram, private files, a user of its own as root, no permission of any folder above changed."""

import asyncio
import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import asyncpg
import pytest

from portal.call import Call
from portal.commands import doctor_of_log
from portal.errors import SetupError
from portal.storage.embedded import LOGS, ROOT_HOME, SYSTEM_USER, EmbeddedServer, copy_whole
from portal.storage.engine import Database


@pytest.fixture
def own(tmp_path: Path):
    """A server of this test's own."""
    server = EmbeddedServer(tmp_path / "data", durable=False)
    yield server
    server.destroy()


def modes_above(path: Path) -> dict[Path, int]:
    """The permissions of every folder above."""
    return {parent: stat.S_IMODE(parent.stat().st_mode) for parent in path.parents if parent.exists()}


async def test_it_starts_keeps_what_it_was_told_and_changes_no_folder_above(own: EmbeddedServer) -> None:
    own.data.parent.chmod(0o700)
    before = modes_above(own.data) | modes_above(ROOT_HOME)
    own.start()
    connection = await asyncpg.connect(**own.connection("postgres"))
    await connection.execute("create table kept as select 1 as n")
    await connection.close()
    own.stop()
    own.start()
    connection = await asyncpg.connect(**own.connection("postgres"))
    assert await connection.fetchval("select n from kept") == 1
    assert await connection.fetchval("show listen_addresses") == ""
    assert await connection.fetchval("show data_checksums") == "on"
    await connection.close()
    assert {path: mode for path, mode in modes_above(own.data).items() if path in before} == {
        path: before[path] for path in modes_above(own.data) if path in before
    }


async def test_a_wrong_password_is_refused_and_the_right_one_is_private(own: EmbeddedServer) -> None:
    own.start()
    wrong = own.connection("postgres") | {"password": "wrong"}
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(**wrong)
    assert stat.S_IMODE((own.data / "postgres.password").stat().st_mode) == 0o600
    rules = (own.home / "cluster" / "pg_hba.conf").read_text()
    assert not [line for line in rules.splitlines() if line.split()[-1:] == ["trust"]]
    assert not (own.home / "initial-password").exists()
    assert stat.S_IMODE(own.home.stat().st_mode) == 0o700


CANARY = "金丝雀在矿井里"


def logged(server: EmbeddedServer) -> str:
    """All that the server ever wrote of what it did."""
    return "".join(path.read_text(errors="replace") for path in server.home.rglob("*.log"))


async def test_the_log_keeps_nothing_of_a_statement_whatever_goes_wrong_with_it(own: EmbeddedServer) -> None:
    own.start()
    connection = await asyncpg.connect(**own.connection("postgres"))
    await connection.execute("create table said (text varchar(20) unique check (text <> 'x'), n int)")
    await connection.execute(f"insert into said values ('{CANARY}', 1)")
    for sql, *values in (
        (f"insert into said values ('{CANARY}', 2)",),
        ("insert into said (text) values ($1)", CANARY),
        ("select $1::text::int", CANARY),
        (f"select '{CANARY}'::int",),
        (f"select '{CANARY}' frm nowhere",),
        ("select $1::text::jsonb", CANARY),
        (f"do $$ begin raise exception '{CANARY}' using detail = '{CANARY}', hint = '{CANARY}'; end $$",),
        (f"do $$ begin raise warning '{CANARY}'; end $$",),
    ):
        with contextlib.suppress(asyncpg.PostgresError):
            await connection.fetch(sql, *values)
    await connection.execute("set statement_timeout = 50")
    with pytest.raises(asyncpg.QueryCanceledError):
        await connection.execute(f"select pg_sleep(60), '{CANARY}'")
    await connection.execute("set statement_timeout = 0")
    # A process that is killed at its statement: the server tells of it, and would tell the statement
    pid = await connection.fetchval("select pg_backend_pid()")
    dying = asyncio.create_task(connection.execute(f"select pg_sleep(60), '{CANARY}'"))
    other = await asyncpg.connect(**own.connection("postgres"))
    while not await other.fetchval("select query like '%pg_sleep%' from pg_stat_activity where pid = $1", pid):
        await asyncio.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises((asyncpg.PostgresError, OSError, asyncpg.InterfaceError)):
        await dying
    for one in (connection, other):
        one.terminate()
    own.stop()
    assert "was terminated by signal 9" in logged(own)
    assert CANARY not in logged(own), [line for line in logged(own).splitlines() if CANARY in line]
    assert list(own.home.glob("log/*.log"))


def test_the_log_is_turned_over_and_stays_small(own: EmbeddedServer) -> None:
    own.start()
    for n in range(40):
        (own.home / "log" / f"server-20260101-0000{n:02}.log").write_text("x")
    own.start()
    kept = sorted(path.name for path in (own.home / "log").iterdir())
    assert len(kept) == LOGS
    assert kept[-2] == "server-20260101-000039.log"


async def test_the_doctor_names_what_makes_a_server_log_statements(own: EmbeddedServer) -> None:
    own.start()
    db = Database(own.connection("postgres"))
    await db.open(durable=False, most=1)
    asked = cast("Call", SimpleNamespace(db=db))
    assert (await doctor_of_log(asked))[1]
    await db.rows("set log_min_error_statement = error")
    _, right, said = await doctor_of_log(asked)
    assert not right
    assert said.endswith("：log_min_error_statement = panic")
    await db.close_connection_pool()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a user of its own")
def test_as_root_the_server_runs_as_its_own_user_from_a_place_that_it_can_read(own: EmbeddedServer) -> None:
    own.start()
    pid = (own.home / "cluster" / "postmaster.pid").read_text().splitlines()[0]
    owner = Path(f"/proc/{pid}").stat().st_uid
    assert owner != 0
    told = subprocess.run(["id", "-nu", str(owner)], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == SYSTEM_USER
    assert own.home.is_relative_to("/var/lib/portal")


def test_two_processes_share_it_and_the_last_one_stops_it(own: EmbeddedServer) -> None:
    own.start()
    code = (
        "import sys; from pathlib import Path; from portal.storage.embedded import EmbeddedServer\n"
        "s = EmbeddedServer(Path(sys.argv[1]), durable=False); s.start(); s.stop()"
    )
    subprocess.run([sys.executable, "-c", code, str(own.data)], check=True)
    alive = own.home / "cluster" / "postmaster.pid"
    assert alive.exists()
    own.stop()
    assert not alive.exists()


KILLED = """
import ctypes, os, signal, sys
from pathlib import Path
from portal.storage.embedded import EmbeddedServer
if sys.argv[2] == "unburied":
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # orphans become ours, and we never bury them: what a container without init does
server = EmbeddedServer(Path(sys.argv[1]))
server.start()
first = int((server.home / "cluster/postmaster.pid").read_text().split()[0])
os.kill(first, signal.SIGKILL)
server.start()
assert int((server.home / "cluster/postmaster.pid").read_text().split()[0]) != first
"""


@pytest.mark.parametrize("buried", ["buried", "unburied"])
def test_a_killed_server_is_started_again(own: EmbeddedServer, buried: str) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(own.data), buried], check=True)
    own.start()


def test_a_server_whose_last_user_was_killed_is_stopped(own: EmbeddedServer) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from portal.storage.embedded import EmbeddedServer\n"
        "EmbeddedServer(Path(sys.argv[1]), durable=False).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    own.start()
    subprocess.run([sys.executable, "-c", code, str(own.data)], check=False)
    time.sleep(1)
    assert own._runs(), "somebody still uses it"
    own.stop()
    subprocess.run([sys.executable, "-c", code, str(own.data)], check=False)
    until = time.monotonic() + 30
    while own._runs() and time.monotonic() < until:
        time.sleep(0.1)
    assert not own._runs()
    own.start()
    assert own._runs()


def test_a_cluster_of_another_major_version_is_refused_with_the_way_out(own: EmbeddedServer) -> None:
    own.start()
    own.stop()
    (own.home / "cluster" / "PG_VERSION").write_text("9\n")
    with pytest.raises(SetupError, match="PostgreSQL 9"):
        own.start()


def test_a_long_path_gets_a_short_private_socket_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("很长的文件夹" * 8)
    server = EmbeddedServer(deep, durable=False)
    try:
        server.start()
        assert len(str(server.socket / ".s.PGSQL.5432").encode()) < 107
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    finally:
        server.destroy()


@pytest.mark.skipif(os.geteuid() != 0, reason="only as root the cluster lies apart from the data folder")
def test_a_data_folder_that_was_removed_gets_a_new_cluster_and_the_old_one_is_named(own: EmbeddedServer) -> None:
    own.start()
    own.stop()
    old = own.home
    for path in own.data.iterdir():
        path.unlink()
    again = EmbeddedServer(own.data, durable=False)
    again.start()
    try:
        assert again.home != old
        assert again.orphans() == [old]
    finally:
        again.destroy()
        EmbeddedServer(own.data)
        subprocess.run(["rm", "-rf", str(old)], check=True)


def test_what_cannot_be_copied_whole_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    program = tmp_path / "program"
    (program / "bin").mkdir(parents=True)
    (program / "bin" / "postgres").write_text("program")
    copy_whole({program: "a/b", tmp_path / "not there": "c"}, tmp_path / "copy")
    assert [path.name for path in (tmp_path / "copy" / "a" / "b").rglob("*")] == ["bin", "postgres"]
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o755
    for n in range(40):
        # What no copy can be made of, as nothing can where the disk is full
        os.mkfifo(program / f"pipe {n}")
    with pytest.raises(SetupError, match="没有能把数据库的程序放到") as told:
        copy_whole({program: "a/b"}, tmp_path / "second")
    assert str(told.value.text).count("pipe ") == 1
    assert not (tmp_path / "second").exists()
