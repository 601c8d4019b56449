"""The demo from nothing to a running site: database, three regions, printed boards, accounts, address."""

import asyncio
import io
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from importlib.resources.abc import Traversable
from pathlib import Path

import qrcode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from portal.access.actions import NewAccount, NewGrant
from portal.access.passwords import invented
from portal.access.queries import enterprise_with_account
from portal.app import open_portal, ready
from portal.areas import queries as area_queries
from portal.boards import batch
from portal.boards.decoding import codes_in
from portal.boards.queries import Target, targets
from portal.call import Call
from portal.demo.register import DemoRegion, ExampleAccount, faces, folders, make_account
from portal.enterprises.queries import classes
from portal.errors import SetupError
from portal.ledger.actions import told_of_editions
from portal.plugins import installed
from portal.scheme.book import Scheme
from portal.serving import refuse_no_address, serve
from portal.settings import Settings, lan_address
from portal.storage import migrations
from portal.storage.embedded import EmbeddedServer
from portal.storage.files import digest
from portal.terms import ROLE, say
from portal.viewer import SYSTEM, Role

ENTERPRISE_BOARDS = 3
# Lies in a demo's folder from the first on
BEGUN = "demo.begun"


def run(data: Path, *, port: int, serve_after: bool, console: Console) -> None:
    """Make the demo if it is not there, print its sample boards, say how to use it, and serve it."""
    path = data / "portal.toml"
    settings = Settings(
        data=data.resolve(),
        plugins=tuple(sorted(installed())),
        public_url=f"http://{lan_address()}:{port}",
        host="0.0.0.0",  # noqa: S104 - phones in the same network shall reach it
        port=port,
        demo=True,
    )
    if not settings.plugins:
        raise SetupError(say("没有安装任何地区插件。请用 ./run demo 启动，它会先装好。"))
    if serve_after:
        refuse_no_address(settings)
    accounts, address = asyncio.run(_prepare(settings, console))
    # Only now: whoever upgrades and fails goes back to the old version with the settings that it knows
    replace(settings, data=Path()).write(path)
    _tell(settings, accounts, address, console)
    if serve_after:
        console.print(say("按 Ctrl+C 停止。"))
        serve(settings, path)


async def _prepare(settings: Settings, console: Console) -> tuple[list[ExampleAccount], str]:
    kept = settings.data / "accounts.json"
    _refuse_another(settings.data)
    for old in EmbeddedServer(settings.data).orphans():
        console.print(say("以前放在 {data} 的数据移走了或删掉了，它的数据库还在 {old}，没有动它。", data=settings.data, old=old))
    async with open_portal(settings, create=True, pool=4) as portal:
        await migrations.forwards(portal.db)
        call = Call(portal, SYSTEM, portal.timekeeper())
        await ready(call)
        for line in told_of_editions(call):
            console.print(line, markup=False)
        accounts = [ExampleAccount(**row) for row in json.loads(kept.read_text())] if kept.exists() else []
        if new := await _not_there(call, accounts):
            accounts += await _fill(call, new, console, administrator=not accounts)
            _keep(kept, accounts)
        return accounts, await _boards(call, settings.data / "boards", console)


def _refuse_another(data: Path) -> None:
    """Leave a folder alone that is not a demo's: a portal's register may lie in it."""
    known = (data / BEGUN, data / "accounts.json")
    if data.exists() and any(data.iterdir()) and not any(path.exists() for path in known) and not _is_demo(data / "portal.toml"):
        raise SetupError(say("{data} 里已经有别的内容，看不出是示例网站的，没有动它。请用 --data 指一个新文件夹。", data=data))
    data.mkdir(parents=True, exist_ok=True)
    (data / BEGUN).touch()


def _is_demo(path: Path) -> bool:
    with suppress(SetupError):
        return Settings.read(path).demo
    return False


async def _not_there(call: Call, accounts: Sequence[ExampleAccount]) -> list[tuple[Scheme, Traversable]]:
    """The regions that have no example here yet: all of them, or those that came with an upgrade."""
    begun = await area_queries.regions(call.db)
    logins = tuple(account.login for account in accounts)
    new = [
        (scheme, folder)
        for scheme, folder in folders(call)
        if not any(login.startswith(f"{scheme.region.code}-") for login in logins)
    ]
    if (not accounts and await area_queries.has_places(call.db)) or any(scheme.region.code in begun for scheme, _ in new):
        raise SetupError(say("上次没有建完。请移走或删掉 {data} 再运行一次。", data=call.portal.settings.data))
    return new


def _keep(path: Path, accounts: list[ExampleAccount]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump([asdict(account) for account in accounts], file, ensure_ascii=False, indent=1)


async def _fill(
    call: Call, regions: Sequence[tuple[Scheme, Traversable]], console: Console, *, administrator: bool
) -> list[ExampleAccount]:
    accounts: list[ExampleAccount] = []
    if administrator:
        password, grant = invented(), NewGrant(role=Role.ADMINISTRATOR, area="/")
        new = NewAccount(login="admin", name="示例管理员", password=password, must_change=False, grants=(grant,))
        await make_account(call, new)
        accounts.append(ExampleAccount("administrator", "admin", password, "/office"))
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)

        stored = await faces(call)
        for scheme, folder in regions:
            example = DemoRegion(call, scheme, folder, stored)
            await example.fill(tell)
            accounts += example.accounts
    return accounts


async def _boards(call: Call, out: Path, console: Console) -> str:
    """Print sample boards of each region and read their codes back; the address of one of them.

    Each region's begin with its enterprise that has an account: what is sent from that board reaches an inbox that one can open.
    """
    address, printed = "", 0
    for scheme in {scheme.region.code: scheme for scheme, _ in folders(call)}.values():
        region = scheme.region.code
        folder = out / region
        first = await enterprise_with_account(call, region)
        samples = _samples(await targets(call, region=region), await classes(call, region), first)
        drawn = [one async for one in batch.draw_all(call, samples, size="A3", out=folder)]
        for one in drawn:
            if one.refused:  # an example has posts that nobody holds, and a small one may have them just here
                console.print(say("没有印示例公示牌 {name}：{why}", name=one.target.name, why=one.refused))
        rows = [(folder, one) for one in drawn if not one.refused]
        if not rows:
            raise SetupError(say("一块示例公示牌也没有印出来：{name}，{why}", name=drawn[0].target.name, why=drawn[0].refused))
        small = folder / "A4"
        again = [replace(rows[0][1].target, board=rows[0][1].code)]
        rows += [(small, one) async for one in batch.draw_all(call, again, size="A4", out=small)]
        for where, one in rows:
            data = (where / one.file).read_bytes()
            if digest(data) != one.digest or set(await call.portal.workshop.do(codes_in, data)) != {one.address}:
                raise SetupError(say("印出来的二维码读不回来：{file}", file=one.file))
            printed += 1
        address = next((one.address for _, one in rows if one.target.of == "enterprise"), rows[0][1].address)
    console.print(say("印了 {n} 块示例公示牌，二维码全部读回一致：{out}", n=printed, out=out))
    return address


def _samples(all_: tuple[Target, ...], classes: dict[str, str | None], first: str | None) -> list[Target]:
    """One grid's board, the board of the enterprise ``first``, and of enterprises of other classes where there are any."""
    grids = [one for one in all_ if one.of == "grid"]
    firms = sorted((one for one in all_ if one.of == "enterprise"), key=lambda one: one.id != first)
    seen = {classes[firm.id]: firm for firm in reversed(firms)}
    varied = sorted(seen.values(), key=firms.index)
    others = [firm for firm in firms if firm not in varied]
    return [grids[-1], *(varied + others)[:ENTERPRISE_BOARDS]]


def _tell(settings: Settings, accounts: list[ExampleAccount], address: str, console: Console) -> None:
    console.print(say("\n网站：{address}（同一网络里的手机也能打开）", address=settings.address))
    console.print(say("登录：{address}/sign-in", address=settings.address))
    for account in accounts:
        console.print(f"  {account.login:<22} {account.password}  {account.door:<12} {ROLE[account.role]}")
    console.print(
        say(
            "\n管理员和投诉受理人登录要验证码，另开一个终端取：portal --config {path} user code admin",
            path=settings.data / "portal.toml",
        )
    )
    console.print(say("各部门交来的表格（导入用的原件）：{path}", path=settings.data / "sheets"))
    console.print(say("\n扫这块公示牌：{address}", address=address))
    code = qrcode.QRCode(border=2)
    code.add_data(address)
    text = io.StringIO()
    code.print_ascii(out=text, invert=True)
    console.print(text.getvalue())
