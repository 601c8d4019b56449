"""What the commands do, as functions of a call: one action or query each."""

import asyncio
import errno
import importlib.util
import json
import os
import subprocess
import tomllib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

import asyncpg

from portal.access.actions import NewAccount, add_grant, create_account
from portal.access.granting import Granted, WantedRole, granted
from portal.access.links import invite
from portal.access.passwords import invented
from portal.access.queries import account_id
from portal.access.second import current
from portal.app import migrated, open_portal, ready, turn_back
from portal.areas.letters import unlent
from portal.areas.queries import paths_of_code, units_called
from portal.areas.schemes import ruling
from portal.boards import batch
from portal.boards.public_url import only_trial
from portal.boards.queries import targets
from portal.call import Call
from portal.complaints import chain
from portal.enterprises.alike import same_enterprises, same_people
from portal.errors import PluginError, Refused, SetupError, unusable
from portal.imports import batches, exports, templates
from portal.imports.outcome import NAMED, Outcome, Tell, Wish
from portal.ledger.actions import record, told_of_editions
from portal.ledger.adopting import Proposal, adopt, proposal
from portal.ledger.confirming import confirm, confirmations, told_of_unconfirmed
from portal.ledger.queries import adoptions, first_break, stored_editions
from portal.obligations import queries
from portal.obligations.tallies import Figures
from portal.plugins import load, none
from portal.scheme import national
from portal.scheme.book import Book, Scheme
from portal.scheme.canonical import Unread, canonical, read
from portal.scheme.keeping import Misfit, Stored, difference, settle
from portal.scheme.telling import basis_text
from portal.scheme.validity import ANNOUNCED, title, validity
from portal.scheme.windows import Window
from portal.scheme.words import Assumption, Clause, Region
from portal.settings import Settings
from portal.storage import migrations
from portal.storage.embedded import QUIET, EmbeddedServer
from portal.storage.troubles import unavailable
from portal.terms import Text, say
from portal.viewer import CONSOLE, SYSTEM, Role
from portal.workshop.fonts import FAMILIES, undrawable

T = TypeVar("T")
PROOFS = Path("var/proofs.json")
RARE = "".join(map(chr, (0x5B89, 0x5168, 0x20BB7, 0x36C3)))


def told_of(error: OSError | asyncpg.PostgresError | asyncpg.InterfaceError) -> Text:
    """What the disk or the database refused a command, what was kept, and what to do."""
    return say("{why}这条命令没有做完；没有做完的一步已经退回，登记没有留下半截。改正以后可以再运行。", why=refused(error))


def refused(error: OSError | asyncpg.PostgresError | asyncpg.InterfaceError) -> Text:
    """What the disk or the database refuses, and what to do."""
    where = error.filename if isinstance(error, OSError) and error.filename is not None else ""
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, asyncpg.DiskFullError) or number in (errno.ENOSPC, errno.EDQUOT):
        return say("磁盘满了{where}，请腾出空间。", where=_at(where))
    if number in (errno.EACCES, errno.EPERM):
        return say("没有权限{where}。请用门户自己的用户运行，或改正这里的权限。", where=_at(where))
    if number == errno.EROFS:
        return say("不能写{where}：那里是只读的。", where=_at(where))
    if isinstance(error, OSError) and where:
        return say("不能用 {path}：{why}。", path=where, why=unusable(error))
    return say("{what}（{error}）", what=unavailable(error) or say("数据库或系统拒绝了。"), error=error or type(error).__name__)


def _at(where: object) -> Text:
    return say("（{path}）", path=where) if where else Text("")


def told_of_half(into: Path, database_url: str | None) -> Text:
    """What a restore that broke off, or that found differences, leaves behind, and what to do."""
    half = say("没有放完：{into} 里的不算数，不能启动。备份没有改动；请换一个新文件夹再来，这个可以删掉。", into=into)
    if database_url is not None:
        return say("{half}数据库也另建一个空的。", half=half)
    with suppress(SetupError):
        home = EmbeddedServer(into / "data").home
        if home.exists() and not home.is_relative_to(into.resolve()):
            return say("{half}它的数据库在 {home}，也可以删掉。", half=half, home=home)
    return half


async def on_portal(settings: Settings, work: Callable[[Call], Awaitable[T]]) -> T:
    """Do something on a running portal, as whoever gives the command."""
    async with open_portal(settings, pool=3) as portal:
        call = Call(portal, CONSOLE, portal.timekeeper())
        await ready(call)
        return await work(call)


async def on_register(settings: Settings, work: Callable[[Call], Awaitable[T]]) -> T:
    """The same with the register and no plugin: one that cannot be used must not keep anybody from it."""
    async with open_portal(settings, plugins=none(), pool=3) as portal:
        call = Call(portal, CONSOLE, portal.timekeeper())
        await migrated(call)
        return await work(call)


def init(settings: Settings, path: Path) -> list[Text]:
    """Make an empty portal: settings, keyring, database, all migrations; what is to be known of the editions."""
    if path.exists():
        raise SetupError(
            say(
                "{path} 已经存在，没有改动它。要另建一个，请用 --config 指定别的文件；是手写的设置、还没有数据库的，"
                "先把它改名，再运行 portal init。",
                path=path,
            )
        )
    placed = Settings.of(tomllib.loads(settings.text()), path)
    load(placed.plugins, seconds=placed.plugin_seconds)
    # The settings come last: what was broken off before is gone on with by the same command
    _, told = asyncio.run(migrate(placed, create=True))
    settings.write(path)
    return told


async def migrate(settings: Settings, *, create: bool = False) -> tuple[int, list[Text]]:
    """Bring the database up to this version and store the editions in force; how many steps that took, and what is to be known
    of the editions and of rows that are one human or one enterprise.
    """
    async with open_portal(settings, plugins=none(), create=create, pool=2) as portal:
        steps = await migrations.forwards(portal.db)
        # The database is the core's alone: a plugin that cannot be used keeps it from no upgrade
        try:
            loaded = replace(portal, plugins=load(settings.plugins, seconds=settings.plugin_seconds))
            await ready(call := Call(loaded, SYSTEM, loaded.timekeeper()))
        except PluginError as error:
            raise PluginError(say("数据库已完成 {n} 步升级。{text}", n=steps, text=error.text)) from error
        return steps, [*told_of_editions(call), *await told_of_unconfirmed(call), *await told_of_the_same(call)]


async def confirm_time(call: Call) -> datetime:
    """A person says that the machine's time is right: go by it from now on, and turn back what was done too early."""
    held = call.portal.timekeeper.confirmed()
    mine = replace(call, now=held.at)
    await turn_back(mine)
    await call.db.run_tx(partial(record, mine, "changed", "clock", "", area="/", data={"at": held.at.isoformat()}))
    call.portal.timekeeper.keep(held)
    return held.at


def adopt_data(settings: Settings, *, moved: bool) -> Path:
    """Make the copy of a data folder one with a database of its own; where its files are."""
    if settings.database_url is not None:
        raise Refused(say("用的是自备的数据库（database_url），没有可以接管的；副本请改用它自己的 database_url。"))
    return EmbeddedServer(settings.data).adopt(moved=moved)


class OfARole(TypedDict):
    """What a deployer says of a role: codes and names, None where they say nothing."""

    role: str
    jurisdiction: str | None
    unit: str | None
    person: str | None
    enterprise: str | None


async def create_user(call: Call, *, login: str, name: str, password: str | None, **of: Unpack[OfARole]) -> str:
    """Make an account; its first password."""
    found = await _granted(call, **of)
    shown = password or invented()
    await create_account(call, NewAccount(login=login, name=name, password=shown, person=found.person, grants=(found.grant,)))
    return shown


async def grant_user(call: Call, login: str, **of: Unpack[OfARole]) -> str:
    """Give an account one more role; the address of a link for its owner where they must choose a new password for it."""
    found = await _granted(call, **of)
    anew = await add_grant(call, await account_id(call, login), found.grant, person=found.person)
    return await link(call, login) if anew else ""


async def _granted(
    call: Call, *, role: str, jurisdiction: str | None, unit: str | None, person: str | None, enterprise: str | None
) -> Granted:
    wanted = Role(role)
    area = "/" if wanted is Role.ADMINISTRATOR else None
    if jurisdiction is not None:
        area = _the_one(await paths_of_code(call, jurisdiction), jurisdiction, say("辖区代码"))
    unit_id = _the_one(await units_called(call, unit), unit, say("部门")) if unit is not None else None
    return await granted(call, WantedRole(role=wanted, area=area, unit=unit_id, person=person or "", enterprise=enterprise or ""))


def _the_one(found: Sequence[T], value: str, what: Text) -> T:
    if len(found) != 1:
        raise Refused(say("登记的有 {n} 个{what}为“{value}”，需要正好一个。", n=len(found), what=what, value=value))
    return found[0]


async def link(call: Call, login: str) -> str:
    """The address of a one-time link by which the account's owner chooses a password."""
    return f"{call.portal.settings.address}/link/{await invite(call, await account_id(call, login))}"


async def example_code(call: Call, login: str) -> str:
    """The code that the second factor of an example portal's account wants now."""
    if not call.portal.settings.demo:
        raise Refused(say("只有示例网站可以这样取验证码。手机遗失的，请用 portal user second 解除，再重新绑定。"))
    return await current(call, login)


def _scheme(call: Call, region: str) -> Scheme:
    _refuse_unknown_region(call.book, region)
    return ruling(call, region)


def _refuse_unknown_region(book: Book, region: str) -> None:
    if region not in book.regions:
        raise Refused(say("没有启用地区“{region}”。已启用：{all}", region=region, all="、".join(book.regions) or "无"))


async def template(call: Call, region: str, kind: str) -> bytes:
    """The empty sheet of a region for one kind."""
    return await templates.template(call, _scheme(call, region), kind)


async def export(call: Call, region: str, kind: str, form: str) -> bytes:
    """One kind of the register as a spreadsheet."""
    _refuse_unknown_region(call.book, region)
    return await exports.export(call, region, kind, form)


async def import_sheet(
    call: Call, *, kind: str, region: str, data: bytes, wish: Wish, dry_run: bool, tell: Tell
) -> tuple[str, Outcome]:
    """Check a sheet and, unless it is a dry run or anything is wrong, take it in; the import's id and what came of it."""
    _scheme(call, region)
    id_ = await batches.bring(call, kind=kind, region=region, data=data)
    found = await batches.check(call, id_, wish, tell=tell)
    if not dry_run and (wish.good_only or not found.errors):
        found = await batches.take_in(call, id_, wish, tell=tell)
    return id_, found


async def print_boards(
    call: Call, *, region: str, grid: str | None, enterprise: str | None, size: str, out: Path, tell: Callable[[int, int], None]
) -> list[batch.DrawnBoard]:
    """Print boards into a folder with a manifest."""
    _refuse_unknown_region(call.book, region)
    wanted = await targets(call, region=region, grid=grid, enterprise=enterprise)
    if not wanted:
        raise Refused(say("没有找到要生成公示牌的网格或单位。"))
    rows = []
    async for one in batch.draw_all(call, wanted, size=size, out=out):
        rows.append(one)
        tell(len(rows), len(wanted))
    await batch.note_printed(call, region=region, count=sum(not row.refused for row in rows), size=size, area="/")
    return rows


def clauses(book: Book, region: str | None, proofs: Path) -> list[dict[str, Any]]:
    """Each row of the register: what rules state it, what tests proved it in the last run, and which part of the portal that is
    still to come will, where none does yet, or how it is kept otherwise. Then what we assumed of texts of the state that we have
    not read whole.
    """
    proven: dict[str, list[str]] = json.loads(proofs.read_text()) if proofs.exists() else {}
    used: dict[str, list[str]] = {}
    for scheme in book.schemes:
        for row in rules_of_edition(scheme):
            for id_ in (*row["clauses"], *row["assumed"]):
                used.setdefault(id_, []).append(f"{row['word']} {row['code']}")
    registers = {code: one.clauses for code, one in book.regions.items()} | {"common": (*national.REGISTER, *national.LAW)}
    later = {clause.id: part for one in book.regions.values() for part, rows in one.later for clause in rows}
    later |= {clause.id: part for part, rows in national.LATER for clause in rows}
    otherwise = {clause.id: why for one in book.regions.values() for clause, why in one.otherwise}
    otherwise |= {one.id: one.what for text in national.TEXTS for one in text.rests if one.basis in national.OTHERWISE}
    rows = []
    for code, register in registers.items():
        for clause in register if region in (None, code) else ():
            tests, stated, why = proven.get(clause.id, []), used.get(clause.id, []), otherwise.get(clause.id)
            status = "proven" if tests else "stated" if stated else "otherwise" if why else "missing"
            rows.append(
                {
                    "id": clause.id,
                    "region": code,
                    "kind": clause.kind,
                    "status": status,
                    "rules": stated,
                    "tests": tests,
                    "at": clause.at,
                    "gist": clause.gist,
                    "later": later.get(clause.id),
                    "otherwise": why,
                }
            )
    rows.extend(
        {
            "id": one.id,
            "region": "common",
            "kind": "A",
            "status": "assumed",
            "rules": used.get(one.id, []),
            "tests": [],
            "at": text.document.number or text.document.title,
            "gist": one.basis.why,
            "later": None,
            "otherwise": None,
        }
        for text in national.TEXTS
        if region in (None, "common")
        for one in text.rests
        if isinstance(one.basis, Assumption)
    )
    return rows


async def due(call: Call, region: str, on: date) -> list[dict[str, Any]]:
    """Each demand of a region's duties on a day, with its windows, figures and clause."""
    _scheme(call, region)
    return [
        {
            "duty": one.duty.code,
            "who": one.duty.who,
            "or_who": list(one.duty.or_who),
            "force": one.duty.force,
            "says": one.duty.says,
            "act": one.duty.act,
            "demand": one.now.demand.says,
            "place": one.refined or None,
            "clause": one.duty.basis.id if isinstance(one.duty.basis, Clause) else None,
            "assumption": one.duty.basis.why if isinstance(one.duty.basis, Assumption) else one.duty.basis.read_as or None,
            "to": list(one.duty.to),
            "attends": list(one.duty.attends),
            "now": _window(one.now.window, one.figures, "due"),
            "last": _window(one.last.window, one.missed, "missed"),
        }
        for one in await queries.summary(call, region, on)
    ]


def _window(window: Window, figures: Figures, left: str) -> dict[str, Any]:
    first, last = window.first.isoformat(), window.last.isoformat()
    stand = {"owed": figures.owed, "done": figures.done, left: figures.open, "excused": figures.excused}
    return {"first": first, "last": last, **stand}


def rules(book: Book, region: str, code: str | None = None) -> list[dict[str, Any]]:
    """The rules of a region with what they rest on; of one edition, or of all."""
    return [row for scheme in _chosen(book, region, code) for row in rules_of_edition(scheme)]


def _chosen(book: Book, region: str, code: str | None) -> tuple[Scheme, ...]:
    _refuse_unknown_region(book, region)
    found = tuple(scheme for scheme in book.schemes_of(region) if code in (None, scheme.edition_id))
    if not found:
        raise Refused(
            say("没有版本“{code}”。已有：{all}", code=code, all="、".join(one.edition_id for one in book.schemes_of(region)))
        )
    return found


def edition_on(book: Book, region: str, on: date) -> str:
    """The code of the edition by which a region is read on a day: the one in force, else the last that was."""
    _refuse_unknown_region(book, region)
    scheme = book.in_force_or_nearest(region, on)
    return scheme.edition_id if scheme is not None else ""


def rules_of_edition(scheme: Scheme) -> list[dict[str, Any]]:
    """The rules of an edition with what they rest on."""
    rows = []
    for rule in scheme.edition.rules:
        bases = [getattr(rule, "basis", None), *(part.basis for part in getattr(rule, "sections", ()))]
        bases += [term.basis for term in (getattr(rule, "accept", None), getattr(rule, "answer", None)) if term]
        code = getattr(rule, "code", None) or getattr(rule, "klass", None) or getattr(rule, "kind", "")
        said = "；".join(basis_text(basis) for basis in bases if basis is not None)
        ids = [basis.id for basis in bases if isinstance(basis, Clause)]
        assumed = [id_ for id_, assumption in national.ASSUMED.items() if assumption in bases]
        word = rule.word if isinstance(rule, Unread) else type(rule).__name__
        rows.append(
            {"word": word, "code": str(code), "basis": said, "clauses": ids, "assumed": assumed, "edition": scheme.edition_id}
        )
    in_force = scheme.edition.in_force
    ids = [basis.id for basis in (in_force.basis, in_force.still) if isinstance(basis, Clause)]
    rows.append(
        {
            "word": "InForce",
            "code": scheme.edition_id,
            "basis": "、".join(ids),
            "clauses": ids,
            "assumed": [],
            "edition": scheme.edition_id,
        }
    )
    return rows


async def stored_edition(call: Call, region: str, code: str | None) -> Stored:
    """An edition as it was stored: the one that is asked for, else the one in force, else the latest."""
    stored = {one.code: one for one in await stored_editions(call, region)}
    now = call.book.in_force(region, call.today)
    wanted = code or (now.edition_id if now is not None and now.edition_id in stored else next(reversed(stored), ""))
    if wanted not in stored:
        known = "、".join(stored) or say("无")
        raise Refused(say("没有存档的版本“{code}”：版本在施行那天存档。已存档：{all}", code=wanted or region, all=known))
    return stored[wanted]


def stored_rules(call: Call, stored: Stored) -> list[dict[str, Any]]:
    """The rules of a stored edition, read back."""
    region = call.book.regions.get(stored.region) or Region(code=stored.region, name=stored.region, editions=(), clauses=())
    return rules_of_edition(Scheme(region, read(stored.text), "", stored.code))


async def verify_editions(call: Call, region: str) -> list[tuple[Text, bool, tuple[str, ...]]]:
    """For each stored text of a region's editions: what to say of it, whether all is well, how the plugin differs."""
    stored, acts = await stored_editions(call, region), await adoptions(call)
    stated = call.portal.plugins.book
    settled = settle(stated, stored, acts)
    wrong = {one.stored.code: one for one in settled.conflicts.get(region, ())}
    given_up = {code: act.day for act in acts for code in act.instead_of}
    found: list[tuple[Text, bool, tuple[str, ...]]] = []
    for one in stored:
        scheme = stated.with_id(one.edition)
        conflict, day = wrong.get(one.code), given_up.get(one.code)
        if conflict is not None and conflict.how is Misfit.DAMAGED:
            found.append((say("版本 {code} 的存档被改动过：文本和它的校验值对不上", code=one.code), False, ()))
        elif conflict is not None and scheme is None:
            said = (str(say("插件里没有这一版：请在插件里恢复它，或运行 portal scheme adopt {region}。", region=region)),)
            found.append((say("版本 {code} 与存档不同", code=one.code), False, said))
        elif conflict is not None and scheme is not None:
            found.append((say("版本 {code} 与存档不同", code=one.code), False, tuple(map(str, difference(one, scheme)))))
        elif day is not None:
            found.append((say("版本 {code} 自 {day}起由另一份文本代替，那以前办的事照它看", code=one.code, day=day), True, ()))
        elif scheme is None or one.text == canonical(scheme.edition):
            found.append((say("版本 {code} 与存档一致", code=one.code), True, ()))
        else:
            changes = tuple(map(str, difference(one, scheme)))
            found.append((say("版本 {code} 的规则与存档一致，只有说明文字不同", code=one.code), True, changes))
    if not found:
        _refuse_unknown_region(stated, region)
        raise Refused(say("“{region}”还没有存档的版本：版本在施行那天存档。", region=region))
    return found


async def confirm_edition(settings: Settings, region: str, by: str, agree: Callable[[Scheme], bool]) -> Scheme | None:
    """Write down that the office says that a region's document still holds, if whoever is shown it agrees; None if not."""

    async def work(call: Call) -> Scheme | None:
        scheme = call.book.in_force(region, call.today)
        if scheme is not None and not agree(scheme):
            return None
        return await confirm(call, region, by)

    return await on_portal(settings, work)


async def adopt_editions(settings: Settings, region: str, agree: Callable[[Proposal], bool]) -> Proposal | None:
    """Let what the plugin states of a region rule from today on, if whoever is shown the differences agrees; None if not."""

    async def work(call: Call) -> Proposal | None:
        seen = await proposal(call, region)
        if not agree(seen):
            return None
        await adopt(call, seen)
        return seen

    return await on_portal(settings, work)


Finding = tuple[str, bool, str]
MOST_ALIKE = 50
PAGES_OF = {"person": "people", "enterprise": "enterprises"}


# The State Council announces a year's holidays in the last months of the year before
ANNOUNCED_FROM = 11


def doctor_of_holidays(today: date, announced: int) -> Finding:
    """Whether deadlines can be counted: until which year the holidays are known. From November on it says that the next year's
    are missing; that is no fault yet before the year has begun.
    """
    missing = announced + 1
    if missing > today.year and not (missing == today.year + 1 and today.month >= ANNOUNCED_FROM):
        return say("放假安排"), True, say("收录到 {year} 年", year=announced)
    text = say(
        "还没有 {year} 年的放假安排（国务院办公厅一般在上一年十一月前后公布）。按工作日算、跨到 {year} 年的期限，"
        "先按周末和法定节日算，页面上标为暂定；公布后请升级门户，期限会自动重新计算。",
        year=missing,
    )
    return say("放假安排"), missing > today.year, text


async def doctor(settings: Settings) -> list[Finding]:
    """What must be right for boards and pages: (what, whether it is, what to do)."""
    missing = undrawable(RARE)
    advice = say("缺字“{x}”。apt 安装 fonts-noto-cjk fonts-hanazono（需要 {f}）", x="".join(missing), f="、".join(FAMILIES))
    found: list[Finding] = [
        (say("字体"), not missing, advice if missing else say("齐全")),
        (say("绘图库 pango"), *_library("pango-1.0", "libpango-1.0-0")),
        (say("字体子集 harfbuzz-subset"), *_library("harfbuzz-subset", "libharfbuzz-subset0")),
    ]
    try:
        async with open_portal(settings, plugins=none(), pool=2) as portal:
            call = Call(portal, SYSTEM, portal.timekeeper())
            await migrated(call)
            found.append((say("数据库"), True, (await call.db.settings("server_version"))["server_version"]))
            found.append(await doctor_of_log(call))
            wrong = portal.timekeeper.notice()
            found.append(doctor_of_holidays(call.today, portal.working_days.announced))
            found.append((say("时间"), wrong is None, wrong or say("与门户的记录一致")))
            found.extend(doctor_of_folder(settings))
            found.extend(await doctor_of_plugins(call))
            found += [(say("登记"), True, told) for told in await told_of_the_same(call)]
            broken = await first_break(call)
            found.append((say("防篡改日志"), broken is None, say("完整") if broken is None else say("第 {n} 条被改动", n=broken)))
            cut = await chain.first_break(call)
            found.append((say("投诉记录链"), not cut, say("有改动或缺失") if cut else say("完整")))
            trial = await only_trial(call)
            told = say("能打开本网站") if trial is None else say("印出的牌子都是试印：{why}", why=trial)
            found.append((say("公示网址"), trial is None or settings.demo or settings.public_url is None, told))
    except SetupError as error:
        found.append((say("数据库"), False, error.text))
    except OSError as error:
        found.append((say("数据文件夹"), False, refused(error)))
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        found.append((say("数据库"), False, refused(error)))
    return found


async def doctor_of_log(call: Call) -> Finding:
    """Whether the database's own log keeps nothing of what people write: it would quote statements that fail."""
    set_ = await call.db.settings(*QUIET)
    loud = [f"{name} = {QUIET[name]}" for name, value in set_.items() if value != QUIET[name]]
    advice = say("数据库的日志会记下出错的语句，来件的内容可能在里面。请这样设置：{all}", all="；".join(loud))
    return say("数据库日志"), not loud, advice if loud else say("不记语句和内容")


async def told_of_the_same(call: Call) -> list[Text]:
    """Rows of the register that are one human, or one enterprise, by what is written on them; nothing joins them but people."""
    found = [*await same_people(call), *await same_enterprises(call)]
    told = []
    for one in found[:MOST_ALIKE]:
        rows = "、".join(f"{name}（{place}，/office/{PAGES_OF[one.table]}/{id_}）" for id_, name, place in one.rows[:NAMED])
        rows += say("等 {n} 条", n=len(one.rows)) if len(one.rows) > NAMED else ""
        told.append(say("{by}相同，像是同一个：{rows}。请核对；确是同一个的，留一条，其余停用", by=one.by, rows=rows))
    if len(found) > MOST_ALIKE:
        told.append(say("还有 {n} 组像是同一个的，处理完上面这些再看", n=len(found) - MOST_ALIKE))
    return told


def doctor_of_folder(settings: Settings) -> list[Finding]:
    """Whether everything in the data folder may be written, where it lay before, and whose clusters stay behind where it lies
    now.
    """
    what = say("数据文件夹")
    folders = [settings.data, *(settings.data / name for name in ("files", "complaints", "jobs"))]
    below = [
        one for folder in folders[1:] if folder.is_dir() and os.access(folder, os.R_OK | os.X_OK) for one in folder.iterdir()
    ]
    shut = [one for one in (*folders, *below) if one.is_dir() and not os.access(one, os.R_OK | os.W_OK | os.X_OK)]
    told = say("{folder} 不能写，照片和文件存不进去。请改正权限，或用门户自己的用户运行。", folder=shut[0]) if shut else None
    found: list[Finding] = [(what, False, told)] if told else []
    if settings.database_url is not None:
        return found
    server = EmbeddedServer(settings.data)
    if before := server.moved_from():
        found.append((what, True, say("从 {before} 移来", before=before)))
    found += [(what, True, say("以前放在这里的数据的数据库还在 {old}，没有动它", old=old)) for old in server.orphans()]
    return found


async def doctor_of_plugins(call: Call) -> list[Finding]:
    """Whether the plugins can be used with what is stored of their editions, and how long these hold."""
    settings = call.portal.settings
    try:
        loaded = load(settings.plugins, seconds=settings.plugin_seconds)
        await ready(call := replace(call, portal=replace(call.portal, plugins=loaded)))
    except PluginError as error:
        return [(say("插件"), False, error.text)]
    unadopted = call.portal.unadopted
    regions = loaded.book.regions
    return [
        (say("插件"), True, "、".join(loaded.named) or say("没有启用")),
        *((say("方案：{region}", region=regions[code].name), False, why) for code, why in unadopted.items()),
        *((say("方案的文字"), True, told) for told in told_of_editions(call) if told not in unadopted.values()),
        *doctor_of_editions(call.book, call.today),
        *await doctor_of_still(call),
        *await doctor_of_letters(call),
    ]


def _some(names: list[str]) -> str:
    """The first of many names."""
    some = "、".join(names[:NAMED])
    return say("{names}等", names=some) if len(names) > NAMED else some


async def doctor_of_letters(call: Call) -> list[Finding]:
    """Powers that a scheme lends, and that no published letter lends today: what is done by them is done without right."""
    lacking: dict[str, list[str]] = {}
    for one in await unlent(call):
        lacking.setdefault(one.lender_name, []).append(one.entrusted_name)
    return [
        (
            say("委托书"),
            False,
            say(
                "{lender}委托执法的 {n} 个部门没有有效的委托书：{units}。请委托的部门公布后，到“委托书”登记",
                lender=lender,
                n=len(names),
                units=_some(names),
            ),
        )
        for lender, names in lacking.items()
    ]


def doctor_of_editions(book: Book, on: date) -> list[Finding]:
    """How long each region's scheme still holds; that one ended is wrong, that one ends is told from half a year before."""
    found: list[Finding] = []
    for code, region in book.regions.items():
        holds = validity(book, code, on)
        said = holds.notice or say("有现行版本")
        if holds.days_left is not None:
            said = say("{notice}（{why}）", notice=said, why=basis_text(ANNOUNCED.basis))
        found.append((say("方案：{region}", region=region.name), holds.now is not None, said))
    return found


async def doctor_of_still(call: Call) -> list[Finding]:
    """Whether somebody asked the office that each document in force still holds. It is no fault of the portal's, and said until
    somebody did.
    """
    known, what = await confirmations(call), say("文件是否仍然有效")
    told = [(what, True, one) for one in await told_of_unconfirmed(call)]
    ruling = [scheme for code in call.book.regions if (scheme := call.book.in_force(code, call.today)) is not None]
    asked = [(title(one), known[one.edition.code]) for one in ruling if one.edition.code in known]
    return [
        *told,
        *((what, True, say("“{title}”{day}核实过：{by}", title=name, day=one.day, by=one.by)) for name, one in asked),
    ]


def _library(name: str, package: str) -> tuple[bool, str]:
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False)  # our own words
    there = f"lib{name}" in listed.stdout or importlib.util.find_spec(name) is not None
    return there, say("已安装") if there else say("没有。apt 安装 {package}", package=package)
