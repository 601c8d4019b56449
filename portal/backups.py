"""Backups: everything that the portal keeps, as it was at one moment, sealed with a passphrase; and how it is put back.

Two files. The first holds the rows and the uploaded files; what people wrote is sealed in it with the keys of their cases. These
keys and the portal's own are in the second, which is made anew each time and of which none older than thirty days is kept: a case
that is shredded is gone from every backup a month later, and from all that are put back with the list of what was shredded.
"""

import asyncio
import base64
import fcntl
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import tomllib
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import IO, Any, Self

from portal import __version__
from portal.app import hold_time, open_database, open_portal
from portal.call import Call, Portal
from portal.clock import SHANGHAI
from portal.errors import NotVisible, Refused, SetupError
from portal.ledger.actions import record
from portal.plugins import none
from portal.settings import Settings
from portal.storage import migrations
from portal.storage.embedded import EmbeddedServer
from portal.storage.engine import Database
from portal.storage.files import FileStore
from portal.storage.locks import Lock
from portal.storage.sealed_file import SHORTEST_PASSPHRASE, OpeningReader, SealingWriter, kind_of, mark_of
from portal.storage.seals import Keyring, no_key
from portal.storage.shredding import KEYED, shred
from portal.terms import Text, say
from portal.viewer import SYSTEM

KEYS_KEPT = timedelta(days=30)
PART = 4 * 1024 * 1024
DATA, KEYS = ".backup", ".keys"
UNDER_WAY = "portal.toml.restoring"
VERIFYING = "portal-verify-"
# What lets somebody in, what counts tries, and what was never sent: in no backup
LEFT_OUT = frozenset(
    {"migration", "session", "spending", "sent_form", "unsent_form", "complaint_unsent", "one_time_link", "feedback_draft_photo"}
)
ONLY = {"stored_file": "kind <> 'draft'"}
SAME_WORDS = (
    "set local timezone = 'UTC'",
    "set local datestyle = 'ISO, YMD'",
    "set local intervalstyle = 'postgres'",
    "set local bytea_output = 'hex'",
    "set local extra_float_digits = 1",
)

Tell = Callable[[str, int, int], None]


@dataclass
class Made:
    """What a backup holds: its two files, how many rows and files, and what the register names and the disk lacks. Which older
    files of keys were destroyed, which were not though it was time, with why, and what backups that broke off left behind.
    """

    data: Path
    keys: Path
    rows: int = 0
    files: int = 0
    lacking: list[str] = field(default_factory=list)
    destroyed: list[Path] = field(default_factory=list)
    spared: list[tuple[Path, Text]] = field(default_factory=list)
    halves: list[Path] = field(default_factory=list)


@dataclass
class PutBack:
    """What came of putting a backup back: rows, files, cases that can't be opened any more, every difference, and what is wrong
    with the time here.
    """

    rows: int = 0
    files: int = 0
    shredded: int = 0
    without_key: int = 0
    differences: list[Text] = field(default_factory=list)
    notice: Text | None = None


@dataclass(frozen=True)
class Keys:
    """What a file of keys holds: the portal's keyring, the keys of cases by table and id, and which cases are shredded."""

    ring: bytes
    cases: Mapping[str, Mapping[str, str]]
    shredded: Sequence[str]


def fit(passphrase: str) -> str:
    """The passphrase, unless it is too short to hold."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Refused(say("口令至少 {n} 个字符；可以把几个不相干的词的拼音连起来，再加数字。", n=SHORTEST_PASSPHRASE))
    return passphrase


# Writing


async def back_up(call: Call, folder: Path, passphrase: str, tell: Tell) -> Made:
    """Write a backup into a folder, whole or not at all."""
    fit(passphrase)
    _prepare(folder, call.portal.settings.data)
    mark = _mark(call.portal.keyring)
    made, held = _named(folder, f"portal-{call.now.astimezone(SHANGHAI):%Y%m%d-%H%M%S}")
    halves = _half(made.data), _half(made.keys)
    try:
        async with _snapshot(call) as connection:
            with _Archive(halves[0], passphrase, "data", mark) as archive:
                await _write_data(call, connection, archive, made, tell)
            with _Archive(halves[1], passphrase, "keys", mark) as archive:
                await _write_keys(call, connection, archive)
            cases = await _cases(connection)
        # The keys first: what looks like a backup has them beside it
        halves[1].rename(made.keys)
        halves[0].rename(made.data)
        _sync(folder)
    except BaseException:
        for half in halves:
            half.unlink(missing_ok=True)
        raise
    finally:
        os.close(held)
    _destroy_old_keys(call, made, passphrase, mark, cases)
    made.halves = _broken_off(folder)
    return made


def _broken_off(folder: Path) -> list[Path]:
    """What is left of backups that were killed: whoever is at one holds its first half."""
    halves = sorted(path for what in (DATA, KEYS) for path in folder.glob(f"portal-*{what}.half"))
    return [half for half in halves if not _is_held(half.with_name(half.name.replace(KEYS, DATA))) and half.exists()]


def _prepare(folder: Path, data: Path) -> None:
    _make(folder)
    if folder.resolve().is_relative_to(data.resolve()):
        raise Refused(say("{folder} 在数据文件夹里：数据丢了，备份也跟着丢。请换别处的文件夹。", folder=folder))


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def _mark(ring: Keyring) -> str:
    """What tells a portal's backups from those of others, and nothing else."""
    return ring.derive("backup").hex()[:16]


def _half(path: Path) -> Path:
    return path.with_name(path.name + ".half")


def _named(folder: Path, name: str) -> tuple[Made, int]:
    """The names of a backup that nobody has or is about to have, and the hold on them: several may begin in the same second."""
    for n in count(1):
        again = f"{name}-{n}" if n > 1 else name
        made = Made(folder / f"{again}{DATA}", folder / f"{again}{KEYS}")
        with suppress(FileExistsError):
            held = os.open(_half(made.data), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(held, fcntl.LOCK_EX)
            if not (made.data.exists() or made.keys.exists()):
                return made, held
            _half(made.data).unlink()
            os.close(held)
    raise AssertionError


def _is_held(path: Path) -> bool:
    """Whether somebody is at it still."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(opened)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


async def _cases(connection: Any) -> frozenset[str]:
    """All cases that the register knows, those that are shredded too."""
    every = " union all ".join(
        [*(f"select public_id as id from {table}" for table in KEYED), "select subject from shredded_case"]
    )
    return frozenset(row["id"] for row in await connection.fetch(every))


def _destroy_old_keys(call: Call, made: Made, passphrase: str, mark: str, cases: frozenset[str]) -> None:
    """Remove files of keys beside the new one that were made more than thirty days ago: the new one opens older backups too.

    Not those of another portal, whose backups they alone open; nor those that hold keys of cases that this register never had,
    or has no more: it was put back to an earlier day.
    """
    for path in sorted(made.keys.parent.glob(f"*{KEYS}")):
        age = call.now.timestamp() - path.stat().st_mtime
        if path == made.keys or age <= KEYS_KEPT.total_seconds() or kind_of(path) != "keys" or mark_of(path) not in ("", mark):
            continue
        try:
            keys = read_keys(path, passphrase)
        except Refused:
            if not mark_of(path):
                made.spared.append((path, say("口令打不开它，看不出是不是这个门户的")))
                continue
        else:
            if not mark_of(path) and _mark(Keyring.of(keys.ring.decode())) != mark:
                continue
            if n := len({case for some in keys.cases.values() for case in some} - cases):
                made.spared.append((path, say("里面有 {n} 件来件的密钥，这个门户里没有这些来件", n=n)))
                continue
        path.unlink()
        made.destroyed.append(path)


@asynccontextmanager
async def _snapshot(call: Call) -> AsyncIterator[Any]:
    pool = call.db.pool
    if pool is None:
        raise RuntimeError("the connection pool is not open")
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        for words in SAME_WORDS:
            await connection.execute(words)
        yield connection


class _Archive:
    """A tar archive inside a sealed file."""

    def __init__(self, path: Path, passphrase: str, kind: str, mark: str = "") -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        self._sealing = SealingWriter(self._file, passphrase, kind=kind, of=mark)
        self._tar = tarfile.TarFile.open(fileobj=self._sealing, mode="w|", format=tarfile.PAX_FORMAT)

    def add(self, name: str, data: bytes) -> None:
        """One more member."""
        member = tarfile.TarInfo(name)
        member.size = len(data)
        self._tar.addfile(member, io.BytesIO(data))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        with self._file:
            if kind is None:
                self._tar.close()
                self._sealing.close()
                self._file.flush()
                os.fsync(self._file.fileno())
            else:
                self._sealing.give_up()


async def _write_data(call: Call, connection: Any, archive: _Archive, made: Made, tell: Tell) -> None:
    tables = await _tables(connection)
    settings = replace(call.portal.settings, data=Path("data"), database_url=None)
    sequences = await connection.fetch("select sequencename as name, last_value from pg_sequences where schemaname = 'public'")
    about = {
        "version": __version__,
        "at": call.now.isoformat(),
        "settings": settings.text(),
        "migrations": await migrations.applied(call.db),
        "tables": tables,
        "sequences": {row["name"]: row["last_value"] for row in sequences if row["last_value"] is not None},
    }
    archive.add("about.json", json.dumps(about, ensure_ascii=False).encode())
    checks: dict[str, Any] = {"tables": {}, "files": {}}
    for n, (table, columns) in enumerate(tables.items()):
        tell(say("登记"), n, len(tables))
        checks["tables"][table] = check = await _read_table(connection, table, columns, archive)
        made.rows += check["rows"]
    tell(say("登记"), len(tables), len(tables))
    names = [("files", row["name"]) for row in await connection.fetch("select name from stored_file where kind <> 'draft'")]
    names += [("complaints", row["file"]) for row in await connection.fetch("select file from complaint_photo")]
    for n, (store, name) in enumerate(names):
        tell(say("文件"), n, len(names))
        try:
            data = _store(call.portal, store).read(name)
        except NotVisible:
            if await _named_still(call, store, name):
                made.lacking.append(f"{store}/{name}")
            continue
        archive.add(f"{store}/{name}", data)
        checks["files"][f"{store}/{name}"] = hashlib.sha256(data).hexdigest()
        made.files += 1
    tell(say("文件"), len(names), len(names))
    archive.add("checks.json", json.dumps(checks).encode())


async def _named_still(call: Call, store: str, name: str) -> bool:
    """Whether the register names the file now: one that was removed since the backup began is missed by nobody."""
    table, column = {"files": ("stored_file", "name"), "complaints": ("complaint_photo", "file")}[store]
    return bool(await call.db.value(f"select exists (select from {table} where {column} = $1)", name))


async def _tables(connection: Any) -> dict[str, list[str]]:
    """The tables that are backed up, with their columns but for the keys of cases."""
    rows = await connection.fetch(
        """
        select c.table_name, c.column_name from information_schema.columns c
            join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
        where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER' and c.table_name <> all($1)
        order by c.table_name, c.ordinal_position
        """,
        list(LEFT_OUT),
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        if not (row["table_name"] in KEYED and row["column_name"] == "key"):
            found.setdefault(row["table_name"], []).append(row["column_name"])
    return found


async def _read_table(
    connection: Any,
    table: str,
    columns: Sequence[str],
    archive: _Archive | None,
) -> dict[str, Any]:
    """Read a table in the order of its columns; how many rows, and the digest of them all."""
    digest, held, number = hashlib.sha256(), bytearray(), 0

    def put() -> None:
        nonlocal number
        if archive is not None and held:
            archive.add(f"tables/{table}/{number:08}", bytes(held))
        number += 1
        held.clear()

    async def take(data: bytes) -> None:
        digest.update(data)
        held.extend(data)
        if len(held) >= PART:
            put()

    named = ", ".join(f'"{column}"' for column in columns)
    order = f'"{columns[0]}"' if columns[0] == "id" else named
    where = f" where {ONLY[table]}" if table in ONLY else ""
    status = await connection.copy_from_query(f'select {named} from public."{table}"{where} order by {order}', output=take)
    put()
    return {"rows": int(status.split()[-1]), "sha256": digest.hexdigest()}


async def _write_keys(call: Call, connection: Any, archive: _Archive) -> None:
    cases = {
        table: {
            row["public_id"]: base64.b64encode(row["key"]).decode()
            for row in await connection.fetch(f"select public_id, key from {table}")
        }
        for table in KEYED
    }
    shredded = [row["subject"] for row in await connection.fetch("select subject from shredded_case order by id")]
    archive.add("keyring.json", (call.portal.settings.data / "keys.json").read_bytes())
    archive.add("cases.json", json.dumps(cases).encode())
    archive.add("shredded.json", json.dumps(shredded).encode())


# Putting back


async def put_back(
    data: Path, keys: Path, passphrase: str, into: Path, tell: Tell, *, database_url: str | None = None, durable: bool = True
) -> PutBack:
    """Put a backup into an empty folder as a portal of its own: its settings are written when all of it is there and equal.

    ``durable=False`` is for tests. Raises :class:`Refused` where the folder holds anything, a file is not whole, or the
    passphrase is another.
    """
    if mark_of(data) and mark_of(keys) and mark_of(data) != mark_of(keys):
        raise Refused(
            say("{keys} 是另一个门户的密钥文件，打不开 {data} 里的来件。什么也没有改动。", keys=keys.name, data=data.name)
        )
    held = read_keys(keys, passphrase)
    shredded = _all_shredded(held, keys, passphrase)
    with _opened(data) as file:
        archive = _members(file, passphrase, data.name)
        about = json.loads(next(archive, ("", b"{}"))[1])
        _refuse_newer(about)
        _refuse_used(into)
        if database_url is not None:
            await _refuse_unfit(database_url, durable=durable)
        settings = _prepared(into, about, held, database_url)
        done = PutBack()
        async with open_portal(settings, plugins=none(), create=database_url is None, durable=durable, pool=2) as portal:
            await migrations.forwards(portal.db, about["migrations"][-1])
            try:
                async with portal.db.transaction():
                    await _refuse_filled(portal)
                    await _fill(portal, archive, about, held, shredded, done, tell)
                    done.shredded = await shred(portal.db, shredded)
            except _Differs:
                return done
            await migrations.forwards(portal.db)
            # The clock of this machine may be wrong, and what is there now says how late it is at least
            await hold_time(portal.db, portal.timekeeper)
            done.notice = portal.timekeeper.notice()
            call = Call(portal, SYSTEM, portal.timekeeper())
            what = {"backup": data.name, "at": about["at"], "shredded": done.shredded, "without_key": done.without_key}
            await portal.db.run_tx(partial(record, call, "put_back", "register", "", area="/", data=what))
        _finish(into)
        return done


async def _refuse_unfit(database_url: str, *, durable: bool) -> None:
    """Refuse a database that cannot take a backup in, before anything is made for it."""
    db = Database({"dsn": database_url})
    try:
        await open_database(db, durable=durable, pool=1)
        await migrations.refuse_unfit(db)
    finally:
        await db.close_connection_pool()


async def _refuse_filled(portal: Portal) -> None:
    """Of two who put something into one database at once, one does."""
    free = await portal.db.hold_if_free(Lock.MIGRATIONS)
    if not free or await portal.db.value("select exists (select from ledger_entry)"):
        raise Refused(say("另一次恢复正用着这个数据库，这一次没有改动它。请另建一个空的。"))


class _Differs(Exception):
    """Nothing of it is kept: what is there now is not what was backed up."""


def _opened(path: Path) -> IO[bytes]:
    return path.open("rb")


def _refuse_used(into: Path) -> None:
    if into.exists() and any(into.iterdir()):
        half = say("上次没有放完；") if (into / UNDER_WAY).exists() else ""
        raise Refused(say("{into} 不是空的（{half}没有改动它）。请换一个新文件夹。", into=into, half=half))


def _prepared(into: Path, about: Mapping[str, Any], held: Keys, database_url: str | None) -> Settings:
    """The folder with the settings under a name of what is under way, and the keyring."""
    into.mkdir(parents=True, exist_ok=True)
    settings = Settings(**{**_settings(about), "data": Path("data"), "database_url": database_url})
    settings.write(into / UNDER_WAY)
    settings = Settings.read(into / UNDER_WAY)
    settings.data.mkdir(parents=True)
    with os.fdopen(os.open(settings.data / "keys.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as ring:
        ring.write(held.ring)
    return settings


def _finish(into: Path) -> None:
    (into / UNDER_WAY).rename(into / "portal.toml")


async def verify(data: Path, keys: Path, passphrase: str, tell: Tell) -> PutBack:
    """Put a backup into a folder that is made for it and removed again, and tell every difference."""
    folder = Path(tempfile.mkdtemp(prefix=VERIFYING))
    held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        return await put_back(data, keys, passphrase, folder, tell)
    finally:
        # Made by this very call
        EmbeddedServer(folder / "data").destroy()
        shutil.rmtree(folder)
        os.close(held)


def left_open() -> list[Path]:
    """Folders, and clusters that lie elsewhere, in which a verification that was killed left a register open."""
    found = []
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{VERIFYING}*")):
        if folder.is_dir() and folder.stat().st_uid == os.geteuid() and not _is_held(folder) and folder.exists():
            found.append(folder)
            with suppress(SetupError):
                home = EmbeddedServer(folder / "data").home
                found += [home] if home.exists() and not home.is_relative_to(folder.resolve()) else []
    return found


def read_keys(path: Path, passphrase: str) -> Keys:
    """What a file of keys holds."""
    with path.open("rb") as file:
        found = dict(_members(file, passphrase, path.name, kind="keys"))
    return Keys(found["keyring.json"], json.loads(found["cases.json"]), json.loads(found["shredded.json"]))


def _all_shredded(held: Keys, keys: Path, passphrase: str) -> list[str]:
    """What was shredded by this file of keys, and by all others beside it that the passphrase opens."""
    found = dict.fromkeys(held.shredded)
    for path in sorted(keys.parent.glob(f"*{KEYS}")):
        if path != keys and kind_of(path) == "keys":
            with suppress(Refused):
                found |= dict.fromkeys(read_keys(path, passphrase).shredded)
    return list(found)


def _members(file: IO[bytes], passphrase: str, name: str, *, kind: str = "data") -> Iterator[tuple[str, bytes]]:
    reader = io.BufferedReader(OpeningReader(file, passphrase, kind=kind, name=name), 1024 * 1024)
    with tarfile.open(fileobj=reader, mode="r|") as tar:
        for member in tar:
            opened = tar.extractfile(member)
            if opened is not None:
                yield member.name, opened.read()
    # To the very end: a file that was cut off between two members shows there
    while reader.read(1024 * 1024):
        pass


def _settings(about: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in tomllib.loads(about["settings"]).items()}


def _refuse_newer(about: Mapping[str, Any]) -> None:
    known = migrations.ids()
    if not about.get("migrations") or about["migrations"] != known[: len(about["migrations"])]:
        raise Refused(
            say(
                "备份是门户 {its} 版做的，这个版本（{ours}）放不回来。请用那个版本恢复，再升级。",
                its=about.get("version"),
                ours=__version__,
            )
        )


async def _fill(
    portal: Portal,
    archive: Iterable[tuple[str, bytes]],
    about: Mapping[str, Any],
    held: Keys,
    shredded: Sequence[str],
    done: PutBack,
    tell: Tell,
) -> None:
    """Fill the empty database and the folders, and compare what is there now with what was backed up."""
    connection = portal.db.current().connection
    tables: dict[str, list[str]] = about["tables"]
    for words in SAME_WORDS:
        await connection.execute(words)
    bonds = await connection.fetch(
        "select conrelid::regclass::text as t, quote_ident(conname) as name, pg_get_constraintdef(oid) as text "
        "from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace"
    )
    for bond in bonds:
        await connection.execute(f"alter table {bond['t']} drop constraint {bond['name']}")
    for table in tables:
        await connection.execute(f'alter table public."{table}" disable trigger user; delete from public."{table}"')
    usual = {
        row["table_name"]: row["column_default"]
        for row in await connection.fetch(
            "select table_name, column_default from information_schema.columns "
            "where table_schema = 'public' and column_name = 'key' and table_name = any($1)",
            list(KEYED),
        )
    }
    for table in KEYED:
        await connection.execute(f"alter table {table} alter key drop not null, alter key drop default")
    checks = await _take_in(portal, connection, archive, tables, tell)
    if checks is None:
        done.differences.append(say("备份没有结尾，不完整"))
        raise _Differs
    await _compare(portal, connection, tables, checks, done, tell)
    if done.differences:
        raise _Differs
    for table in KEYED:
        done.without_key += await _bring_keys(connection, table, held.cases.get(table, {}), shredded)
        await connection.execute(f"alter table {table} alter key set not null")
        if usual[table] is not None:
            await connection.execute(f"alter table {table} alter key set default {usual[table]}")
    for name, last in about["sequences"].items():
        await connection.execute("select setval(to_regclass($1), $2)", f'public."{name}"', last)
    for table in tables:
        await connection.execute(f'alter table public."{table}" enable trigger user')
    for bond in bonds:
        await connection.execute(f"alter table {bond['t']} add constraint {bond['name']} {bond['text']}")


async def _take_in(
    portal: Portal,
    connection: Any,
    archive: Iterable[tuple[str, bytes]],
    tables: Mapping[str, Sequence[str]],
    tell: Tell,
) -> dict[str, Any] | None:
    checks = None
    for n, (name, data) in enumerate(archive):
        tell(say("放回"), n, n + 1)
        place, _, rest = name.partition("/")
        if place == "tables":
            table = rest.partition("/")[0]
            await connection.copy_to_table(table, schema_name="public", columns=tables[table], source=io.BytesIO(data))
        elif place in ("files", "complaints"):
            await asyncio.to_thread(_store(portal, place).put, rest, data)
        elif name == "checks.json":
            checks = json.loads(data)
    return checks


async def _bring_keys(
    connection: Any,
    table: str,
    keys: Mapping[str, str],
    shredded: Collection[str],
) -> int:
    """Give the cases their keys; how many have none though they are not shredded. Those get one that opens nothing."""
    rows = [(case, base64.b64decode(key)) for case, key in keys.items()]
    await connection.executemany(f"update {table} set key = $2 where public_id = $1", rows)
    without = await connection.fetch(f"select id, public_id from {table} where key is null")
    await connection.executemany(f"update {table} set key = $2 where id = $1", [(row["id"], no_key()) for row in without])
    return len({row["public_id"] for row in without} - set(shredded))


async def _compare(
    portal: Portal,
    connection: Any,
    tables: Mapping[str, Sequence[str]],
    checks: Mapping[str, Any],
    done: PutBack,
    tell: Tell,
) -> None:
    for n, (table, columns) in enumerate(tables.items()):
        tell(say("核对"), n, len(tables))
        found, wanted = await _read_table(connection, table, columns, None), checks["tables"].get(table)
        done.rows += found["rows"]
        if found != wanted:
            done.differences.append(say("表 {table} 与备份时不同", table=table))
    for name, wanted in checks["files"].items():
        place, _, rest = name.partition("/")
        try:
            same = hashlib.sha256(_store(portal, place).read(rest)).hexdigest() == wanted
        except NotVisible:
            same = False
        done.files += 1
        if not same:
            done.differences.append(say("文件 {name} 与备份时不同", name=name))
    tell(say("核对"), len(tables), len(tables))


def _store(portal: Portal, place: str) -> FileStore:
    return {"files": portal.files, "complaints": portal.complaint_files}[place]
