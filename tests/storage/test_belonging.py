"""Whose cluster it is: data folders that are moved, copied, put back and taken over; pid files that name somebody else.

Everything is done twice: as the user of the run, and, where that is root, as a spare user whose cluster lies in the data folder.
"""

import asyncio
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from rich.console import Console

from portal.demo import show
from portal.errors import PortalError, SetupError
from portal.settings import Settings
from portal.storage import belonging
from portal.storage.belonging import FolderStanding, Note
from portal.storage.embedded import ROOT_HOME, EmbeddedServer

HERE = Path(__file__).parents[2]
SPARE = "nobody"
# A process of a portal, told on its input what to do; the standard library alone, since a spare user may read no other
STEPS = """
import json, subprocess, sys
from pathlib import Path
from portal.errors import PortalError
from portal.storage.embedded import EmbeddedServer

server = EmbeddedServer(Path(sys.argv[1]), durable=False)
def sql(words):
    to = server.connection("postgres")
    command = [str(server._binaries() / "psql"), "-XAtq", "-h", to["host"], "-U", to["user"], "-d", "postgres", "-c", words]
    told = subprocess.run(command, env={"PGPASSWORD": to["password"]}, capture_output=True, text=True)
    return told.stdout.strip() or told.stderr.strip()

for line in sys.stdin:
    what, words, options = json.loads(line)
    try:
        done = sql(*words) if what == "sql" else server.home if what == "home" else getattr(server, what)(*words, **options)
    except PortalError as error:
        done = f"refused: {error.text}"
    print(json.dumps(str(done)), flush=True)
"""


class PortalProcess:
    """A process that uses the cluster of a data folder."""

    def __init__(self, python: str, user: dict[str, object], data: Path) -> None:
        packages = next(path for path in sys.path if path.endswith("site-packages"))
        self._process = subprocess.Popen(
            [python, "-c", STEPS, str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={"PYTHONPATH": f"{HERE}:{packages}", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "PYTHONDONTWRITEBYTECODE": "1"},
            **user,
        )

    def do(self, what: str, *words: str, **options: bool) -> str:
        """Let it do something; what came of it."""
        self._process.stdin.write(json.dumps([what, words, options]) + "\n")
        self._process.stdin.flush()
        return str(json.loads(self._process.stdout.readline()))

    def end(self) -> None:
        """Let go of the cluster and end."""
        if self._process.poll() is None:
            with self._process:
                self.do("stop")


class Ground:
    """A folder of one user, for data folders of theirs."""

    def __init__(self, name: str) -> None:
        self.folder, self._all, self.homes = Path(tempfile.mkdtemp(prefix="portal-")), [], set()
        self._user, self._python = {}, sys.executable
        if name == SPARE:
            spare = pwd.getpwnam(SPARE)
            self._user = {"user": spare.pw_uid, "group": spare.pw_gid, "extra_groups": []}
            os.chown(self.folder, spare.pw_uid, spare.pw_gid)
            self._python = readable_python(self._user)

    def process(self, name: str) -> PortalProcess:
        """A process that uses the data folder of that name."""
        self._all.append(PortalProcess(self._python, self._user, self.folder / name))
        return self._all[-1]

    def filled(self, name: str, row: str) -> PortalProcess:
        """The same, with a row in its database."""
        made = self.process(name)
        assert made.do("start") == "None"
        made.do("sql", "create table kept (said text)")
        made.do("sql", f"insert into kept values ('{row}')")
        return made

    def shell(self, *words: str) -> None:
        """Do something with the folders, as their user."""
        subprocess.run(words, cwd=self.folder, check=True, **self._user)

    def clean(self) -> None:
        """End and remove what was made here."""
        for one in self._all:
            one.end()
        homes = [ROOT_HOME / name.read_text().strip() for name in self.folder.glob(f"*/{belonging.NAME}")]
        for place in (self.folder, *homes):
            wait_until_stopped(place)
        for home in homes:
            shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(self.folder)


def wait_until_stopped(place: Path) -> None:
    """Whoever served a folder that was moved can't stop its server; that is done behind the last user, a moment later."""
    limit = time.monotonic() + 60
    while left := [at for at in Path("/proc").glob("[0-9]*/cwd") if where_it_runs(at).is_relative_to(place)]:
        assert time.monotonic() < limit, left
        time.sleep(0.05)


def where_it_runs(link: Path) -> Path:
    """The folder in which a process runs; none where it has ended or is not ours to ask about."""
    with suppress(OSError):
        return link.readlink()
    return Path()


def readable_python(user: dict[str, object]) -> str:
    """An interpreter that this user may run."""
    for python in (sys.executable, "/usr/bin/python3"):
        with suppress(OSError, subprocess.CalledProcessError):
            code = "import sys; sys.exit(sys.version_info < (3, 11))"
            subprocess.run([python, "-c", code], check=True, cwd="/", **user)
            return python
    pytest.skip("there is no interpreter that a spare user may run")


@pytest.fixture(params=["the user of the run", SPARE])
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """A place for data folders."""
    if request.param == SPARE and os.geteuid() != 0:
        pytest.skip("another user is tried as root only")
    made = Ground(request.param)
    yield made
    made.clean()


def test_a_folder_that_was_moved_keeps_its_database_and_a_new_one_in_its_place_gets_its_own(ground: Ground) -> None:
    ground.filled("demo", "old").end()
    ground.shell("mv", "demo", "aside")
    new = ground.filled("demo", "new")
    moved = ground.process("aside")
    assert moved.do("start") == "None"
    assert moved.do("sql", "select said from kept") == "old"
    assert new.do("sql", "select said from kept") == "new"
    assert moved.do("moved_from") == str(ground.folder / "demo")
    moved.end()
    assert new.do("sql", "select said from kept") == "new"


def test_who_serves_a_folder_that_is_moved_meanwhile_makes_no_other_in_its_place(ground: Ground) -> None:
    serving = ground.filled("demo", "old")
    ground.shell("mv", "demo", "aside")
    assert "被移走了" in serving.do("start")
    assert not (ground.folder / "demo").exists()
    again = ground.process("aside")
    assert again.do("start") == "None"
    assert again.do("sql", "select said from kept") == "old"
    again.end()


def test_a_copy_neither_works_on_the_originals_database_nor_stops_it(ground: Ground) -> None:
    original = ground.filled("demo", "original")
    ground.shell("cp", "-a", "demo", "copy")
    copy = ground.process("copy")
    told = copy.do("start")
    assert "副本" in told, told
    assert "portal adopt" in told
    copy.do("stop")
    copy.end()
    assert original.do("sql", "select said from kept") == "original"


def test_a_copy_in_the_place_of_the_original_is_still_a_copy(ground: Ground) -> None:
    ground.filled("demo", "original").end()
    ground.shell("mv", "demo", "aside")
    ground.shell("cp", "-a", "aside", "demo")
    assert "副本" in ground.process("demo").do("start")
    original = ground.process("aside")
    assert original.do("start") == "None"
    assert original.do("sql", "select said from kept") == "original"
    assert "副本" in ground.process("demo").do("start")


def test_a_copy_made_of_links_is_a_copy(ground: Ground) -> None:
    ground.filled("demo", "original").end()
    ground.shell("cp", "-al", "demo", "copy")
    assert "副本" in ground.process("copy").do("start")
    assert ground.process("demo").do("start") == "None"


def test_a_copy_that_shares_files_with_the_original_is_not_adopted(ground: Ground) -> None:
    """Two servers that write the same files spoil both; as root the cluster is copied, which ends what links share."""
    first = ground.filled("demo", "original")
    apart = not Path(first.do("home")).is_relative_to(ground.folder)
    wal = Path(first.do("home")) / "cluster" / "pg_wal"
    first.end()
    if not apart:
        ground.shell("cp", "-al", "demo", "linked")
        assert "是链接" in ground.process("linked").do("adopt")
        ground.shell("cp", "-a", "demo", "pointing")
        ground.shell("rm", "-r", "pointing/postgres")
        ground.shell("ln", "-s", str(ground.folder / "demo" / "postgres"), "pointing/postgres")
        assert "是链接" in ground.process("pointing").do("adopt")
        ground.shell("mv", "demo", "moved")
        assert "还有另一个名字" in ground.process("moved").do("start")
        ground.shell("rm", "-r", "linked")
        ground.shell("mv", "moved", "demo")
    # A part of it that lies elsewhere would be one for both
    elsewhere = wal.parent.with_name("wal-elsewhere")
    wal.rename(elsewhere)
    wal.symlink_to(elsewhere)
    ground.shell("cp", "-a", "demo", "copy")
    assert "是链接" in ground.process("copy").do("adopt")
    again = ground.process("demo")
    assert again.do("start") == "None"
    assert again.do("sql", "select said from kept") == "original"


def test_where_no_database_is_and_none_is_to_be_made_nothing_is(ground: Ground) -> None:
    told = ground.process("mistaken").do("start", new=False)
    assert "没有数据库" in told
    assert "portal init" in told
    assert not (ground.folder / "mistaken").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may try what belongs to another user")
def test_root_is_told_whose_portal_it_is(ground: Ground) -> None:
    ground.filled("demo", "theirs").end()
    if ground.folder.stat().st_uid == 0:
        return
    before = sorted(ground.folder.glob("demo/*"))
    with pytest.raises(SetupError, match=f"是用户 {SPARE} 的门户"):
        EmbeddedServer(ground.folder / "demo", durable=False).start()
    assert sorted(ground.folder.glob("demo/*")) == before


def test_a_copy_is_made_one_of_its_own_when_the_original_stands_still(ground: Ground) -> None:
    original = ground.filled("demo", "both")
    ground.shell("cp", "-a", "demo", "copy")
    copy = ground.process("copy")
    told = copy.do("adopt")
    assert told.startswith("refused"), told
    original.end()
    ground.shell("rm", "-r", "copy")
    ground.shell("cp", "-a", "demo", "copy")
    assert "副本" in ground.process("copy").do("start")
    home = copy.do("adopt")
    assert not home.startswith("refused"), home
    assert copy.do("start") == "None"
    copy.do("sql", "insert into kept values ('copy')")
    again = ground.process("demo")
    assert again.do("start") == "None"
    assert again.do("home") != home
    assert again.do("sql", "select said from kept") == "both"
    assert copy.do("sql", "select string_agg(said, ' ' order by said) from kept") == "both copy"
    assert copy.do("adopt").startswith("refused: ")


def test_files_that_were_copied_from_a_running_server_are_not_adopted(ground: Ground) -> None:
    original = ground.filled("demo", "original")
    ground.shell("cp", "-a", "demo", "copy")
    original.do("sql", "insert into kept values ('later')")
    told = ground.process("copy").do("adopt")
    assert told.startswith("refused"), told
    assert original.do("sql", "select count(*) from kept") == "2"


def test_what_was_put_back_from_an_archive_takes_its_database_over_once_the_original_is_gone(ground: Ground) -> None:
    ground.filled("demo", "original").end()
    ground.shell("tar", "-cf", "archive.tar", "demo")
    ground.shell("mkdir", "elsewhere")
    ground.shell("tar", "-xf", "archive.tar", "-C", "elsewhere")
    back = ground.process("elsewhere/demo")
    assert "副本" in back.do("start")
    assert "还在" in back.do("adopt", moved=True)
    ground.shell("mv", "demo", "unfindable")
    ground.shell("rm", "-r", "unfindable")
    assert not back.do("adopt", moved=True).startswith("refused")
    assert back.do("start") == "None"
    assert back.do("sql", "select said from kept") == "original"
    for name in ground.folder.glob(f"elsewhere/*/{belonging.NAME}"):
        back.end()
        shutil.rmtree(ROOT_HOME / name.read_text().strip(), ignore_errors=True)


def test_a_pid_that_is_somebody_elses_by_now_keeps_nothing_from_starting(ground: Ground) -> None:
    first, other = ground.filled("demo", "mine"), ground.filled("other", "other")
    pid_file = Path(first.do("home")) / "cluster" / "postmaster.pid"
    held = pid_file.read_text()
    first.end()
    living = (Path(other.do("home")) / "cluster" / "postmaster.pid").read_text().splitlines()[0]
    for pid in (living, str(os.getpid()), "1"):
        pid_file.write_text(held.replace(held.splitlines()[0], pid, 1))
        shutil.chown(pid_file, *(f(pid_file.parent.stat()) for f in (lambda s: s.st_uid, lambda s: s.st_gid)))
        again = ground.process("demo")
        assert again.do("start") == "None"
        assert again.do("sql", "select said from kept") == "mine"
        again.end()
    # Letting go of one's own never stops the other
    assert other.do("sql", "select said from kept") == "other"


def test_a_making_that_was_cut_off_is_begun_again(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "data", durable=False)
    try:
        server.start()
        server.stop()
        # As if it had ended between the password and the cluster
        (server.home / "cluster").rename(server.home / "cluster.half")
        with pytest.raises(PortalError, match="找不到数据库"):
            server.start()
        (server.home / "making").touch()
        server.start()
        assert not (server.home / "making").exists()
    finally:
        server.destroy()


@pytest.mark.skipif(os.geteuid() != 0, reason="only as root the cluster lies apart from the data folder")
def test_a_new_demo_leaves_the_database_of_the_one_that_was_moved_aside(tmp_path: Path) -> None:
    old, data = EmbeddedServer(tmp_path / "aside", durable=False), tmp_path / "demo"
    first = EmbeddedServer(data, durable=False)
    first.start()
    first.stop()
    data.rename(old.data)
    said = Console(record=True, width=400)
    try:
        asyncio.run(show._prepare(Settings(data=data, public_url="http://example.test"), said))
        assert (old.home / "cluster" / "PG_VERSION").exists()
        assert f"还在 {old.home}，没有动它" in said.export_text()
        old.start()
    finally:
        old.destroy()
        EmbeddedServer(data).destroy()


def test_a_demo_leaves_a_folder_alone_that_is_none(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", public_url="http://example.test")
    settings.data.mkdir()
    (settings.data / "keys.json").write_text("somebody's")
    with pytest.raises(SetupError, match="看不出是示例网站的，没有动它"):
        asyncio.run(show._prepare(settings, Console(record=True)))
    assert [path.name for path in settings.data.iterdir()] == ["keys.json"]
    # One that an earlier version made
    (settings.data / "portal.toml").write_text("demo = true")
    show._refuse_another(settings.data)


def test_an_older_version_noted_the_path_alone(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    (here / belonging.NAME).write_text("postgres-1\n")
    note = Note(name="postgres-1", path=str(there))
    assert belonging.standing(here, Note(name="postgres-1", path=str(here))) is FolderStanding.OWN
    assert belonging.standing(here, note) is FolderStanding.MOVED
    (there / belonging.NAME).write_text("postgres-1\n")
    assert belonging.standing(here, note) is FolderStanding.COPY
    (there / belonging.NAME).write_text("postgres-2\n")
    assert belonging.standing(here, note) is FolderStanding.MOVED
    assert belonging.standing(there, note) is FolderStanding.STRANGE
