"""The ``portal`` command. Thin: each command is one action or query."""

import asyncio
import io
import json
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, Unpack

import asyncpg
import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from portal import __version__, clock, commands
from portal.access.actions import disable_account, enable_account, forget_second, reset_password
from portal.access.queries import account_id
from portal.backups import KEYS, UNDER_WAY, PutBack, back_up, left_open, put_back, verify
from portal.call import Call
from portal.errors import PortalError, SetupError
from portal.imports.importable import KINDS
from portal.imports.outcome import NAMED, OWN, Outcome, Wish
from portal.imports.reports import annotated_copy
from portal.imports.undoing import undo as undo_import
from portal.ledger.adopting import Proposal
from portal.plugin_kit.checking import check
from portal.plugin_kit.writing import new
from portal.plugins import installed, load
from portal.scheme.book import Scheme
from portal.scheme.telling import basis_text
from portal.scheme.validity import title
from portal.settings import Settings, find
from portal.terms import LATER, say
from portal.viewer import Role

T = TypeVar("T")
console = Console(highlight=False, soft_wrap=True)
# Whether it is there and may be read is found out by whoever reads it, and said in words
PATH = click.Path(readable=False, path_type=Path)


class Commands(click.Group):
    """A group whose errors are sentences, not traces."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run, also where the terminal cannot write every character: a question mark is no reason to break off."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        return super().main(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and turn what a person can mend into its text and exit code 1, Ctrl+C into a word and the usual 130."""
        try:
            with ended_in_order():
                return super().invoke(ctx)
        except PortalError as error:
            click.echo(str(error.text), err=True)
        except KeyboardInterrupt:
            click.echo(say("已中断。"), err=True)
            return ctx.exit(130)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if isinstance(error, BrokenPipeError):
                raise
            click.echo(commands.told_of(error), err=True)
        return ctx.exit(1)


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Whoever is told to end, or whose terminal is closed, lets go of the database and removes what is half done first."""
    mine = threading.current_thread() is threading.main_thread()
    # Who set something else for them, as nohup does, means it
    before = [one for one in (signal.SIGTERM, signal.SIGHUP) if mine and signal.getsignal(one) is signal.SIG_DFL]

    def end(number: int, _: object) -> None:
        for one in before:
            signal.signal(one, signal.SIG_IGN)
        sys.exit(128 + number)

    for one in before:
        signal.signal(one, end)
    try:
        yield
    finally:
        for one in before:
            signal.signal(one, signal.SIG_DFL)


def example(text: str) -> dict[str, str]:
    """An epilog with an example."""
    return {"epilog": say("例：{text}", text=text)}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="portal")
@click.option("--config", type=PATH, default=None, help=say("设置文件，默认 ./portal.toml 或 $PORTAL_CONFIG。"))
@click.pass_context
def main(context: click.Context, config: Path | None) -> None:
    """基层安全生产网格公示门户。"""
    context.obj = config


def _settings(context: click.Context) -> tuple[Settings, Path]:
    path = find(context.obj)
    return Settings.read(path), path


def _with(context: click.Context, work: Callable[[Call], Awaitable[T]]) -> T:
    settings, _ = _settings(context)
    done: list[T] = []

    async def kept() -> None:
        # Not returned: Python 3.11 and 3.12 would write out a whole register's outcome for nothing (findings/)
        done.append(await commands.on_portal(settings, work))

    asyncio.run(kept())
    return done[0]


def _print_json(data: object) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


@main.command(**example("portal demo --no-serve"))
@click.option("--no-serve", is_flag=True, help=say("准备好就结束，不启动网站。"))
@click.option("--port", type=int, default=8000, show_default=True)
@click.option("--data", type=PATH, default=Path("var/demo"), show_default=True, help=say("示例数据的文件夹。"))
def demo(no_serve: bool, port: int, data: Path) -> None:
    """用真实区划和虚构的人员、单位建一个示例网站。"""
    from portal.demo.show import run

    run(data, port=port, serve_after=not no_serve, console=console)


@main.command(**example("portal init --region REGION --public-url https://aq.example.gov.cn"))
@click.option("--data", default="var/portal", show_default=True, help=say("数据文件夹。"))
@click.option("--region", "regions", multiple=True, help=say("启用的地区插件，可写几次。"))
@click.option("--public-url", default=None, help=say("公示牌上印的网址；不填则印出来的都是试印。"))
@click.option("--database-url", default=None, help=say("自备的 PostgreSQL 15 以上；不填用自带的。"))
@click.option("--port", type=int, default=8000, show_default=True)
@click.pass_context
def init(
    context: click.Context, data: str, regions: tuple[str, ...], public_url: str | None, database_url: str | None, port: int
) -> None:
    """建一个空的门户：设置文件、密钥、数据库。"""
    path = find(context.obj)
    settings = Settings(
        data=Path(data), plugins=tuple(sorted(regions)), public_url=public_url, database_url=database_url, port=port
    )
    told = commands.init(settings, path)
    console.print(say("已建好：设置在 {path}，数据在 {data}。", path=path, data=Settings.read(path).data))
    for line in told:
        console.print(line, markup=False)
    console.print(say("下一步：portal user create --login admin --name 管理员 --role administrator，然后 portal serve。"))


@main.command(**example("portal migrate"))
@click.pass_context
def migrate(context: click.Context) -> None:
    """把数据库升级到本版本。"""
    settings, _ = _settings(context)
    steps, told = asyncio.run(commands.migrate(settings))
    console.print(say("完成 {n} 步升级。", n=steps))
    for line in told:
        click.echo(line, err=True)


@main.command(**example("portal adopt"))
@click.option("--moved", is_flag=True, help=say("原来的数据文件夹已经没有了：它的数据库从此归这里，不另复制。"))
@click.pass_context
def adopt(context: click.Context, moved: bool) -> None:
    """让复制来的数据文件夹有自己的数据库；原来的不动。"""
    home = commands.adopt_data(_settings(context)[0], moved=moved)
    console.print(say("数据库在 {home}。", home=home))


def passphrase_of(file: Path | None, *, twice: bool) -> str:
    """The passphrase: the first line of a file that others may not read, or what is typed; never an argument."""
    if file is None:
        return str(click.prompt(say("口令"), hide_input=True, confirmation_prompt=say("再输一次") if twice else False, err=True))
    if file.stat().st_mode & 0o077:
        raise SetupError(say("口令文件 {path} 对别的用户可读。请执行 chmod 600 后再试。", path=file))
    try:
        # The mark that some editors begin a file with is no part of it: nobody could type that
        return file.read_text(encoding="utf-8-sig").partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError as error:
        raise SetupError(say("口令文件 {path} 不是 UTF-8 写的文字。请把口令写在第一行，用 UTF-8 保存。", path=file)) from error


PASSPHRASE = click.option(
    "--passphrase-file",
    "secret",
    type=PATH,
    default=None,
    help=say("口令在这个文件的第一行（权限 600）；不写则当场输入。"),
)


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Progress in bars, one for each thing that is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield tell


@main.command(**example("portal backup /mnt/backup --passphrase-file /etc/portal/backup.passphrase"))
@click.argument("folder", type=PATH)
@PASSPHRASE
@click.pass_context
def backup(context: click.Context, folder: Path, secret: Path | None) -> None:
    """把登记和文件按同一时刻加密备份到一个文件夹，可以边用边做；来件的密钥另在一个文件里。"""
    passphrase = passphrase_of(secret, twice=True)
    settings, _ = _settings(context)
    with progress_bars() as tell:
        made = asyncio.run(commands.on_register(settings, lambda call: back_up(call, folder, passphrase, tell)))
    console.print(say("备份：{path}（{rows} 行，{files} 个文件）", path=made.data, rows=made.rows, files=made.files))
    console.print(say("密钥：{path}（请与备份分开存放，只留最新的）", path=made.keys))
    for path in made.destroyed:
        console.print(say("已销毁超过三十天的密钥文件 {path}；别处的也请销毁。", path=path))
    for path, why in made.spared:
        console.print(say("超过三十天的密钥文件 {path} 没有销毁：{why}。确实不要的请自己销毁。", path=path, why=why))
    for path in made.halves:
        console.print(say("{path} 是以前没有做完的备份，没有用，可以删掉。", path=path))
    for name in made.lacking:
        console.print(say("已登记、磁盘上没有的文件：{name}", name=name))
    if made.lacking:
        sys.exit(1)


@main.command(**example("portal restore /mnt/backup/portal-20261130-020000.backup --verify"))
@click.argument("file", type=PATH)
@click.option("--keys", type=PATH, default=None, help=say("密钥文件，默认在备份旁边；用最新的。"))
@click.option("--into", type=PATH, default=None, help=say("放到这个新文件夹里。"))
@click.option("--verify", "trial", is_flag=True, help=say("只放到临时的地方，逐表逐文件核对，然后去掉。"))
@click.option("--database-url", default=None, help=say("放进自备的空数据库；不填用自带的。"))
@PASSPHRASE
def restore(file: Path, keys: Path | None, into: Path | None, trial: bool, database_url: str | None, secret: Path | None) -> None:
    """把备份放到一个新的地方，全部放好才算数；已经粉碎的来件不会回来。"""
    if trial == (into is not None):
        raise click.UsageError(say("请写 --verify 或 --into 新文件夹，只写一个。"))
    if trial and database_url is not None:
        raise click.UsageError(say("--verify 用临时的自带数据库，不用 --database-url。"))
    if not file.exists():
        raise SetupError(say("找不到备份 {path}。", path=file))
    keys = keys or file.with_suffix(KEYS)
    if not keys.exists():
        raise SetupError(say("找不到密钥文件 {path}。请用 --keys 指出最新的密钥文件。", path=keys))
    passphrase = passphrase_of(secret, twice=False)
    for path in left_open():
        click.echo(say("以前有一次核对没有做完，放开的登记还在 {path}，请删掉它。", path=path), err=True)
    begun = into is not None and (into / UNDER_WAY).exists()
    try:
        with progress_bars() as tell:
            if into is None:
                done = asyncio.run(verify(file, keys, passphrase, tell))
            else:
                done = asyncio.run(put_back(file, keys, passphrase, into, tell, database_url=database_url))
    finally:
        if into is not None and not begun and (into / UNDER_WAY).exists():
            click.echo(commands.told_of_half(into, database_url), err=True)
    _tell_put_back(done)
    if done.differences or (into is None and done.without_key):
        sys.exit(1)
    if into is not None:
        console.print(say("放好了。启动：portal --config {path} serve", path=into / "portal.toml"))


def _tell_put_back(done: PutBack) -> None:
    for one in done.differences:
        console.print(one)
    console.print(say("核对 {rows} 行、{files} 个文件，差异：{n}", rows=done.rows, files=done.files, n=len(done.differences)))
    console.print(say("已粉碎、不能再打开的来件：{n} 件；没有密钥的：{m} 件", n=done.shredded, m=done.without_key))
    if done.without_key:
        console.print(
            say(
                "密钥文件比备份旧，有 {m} 件来件因此打不开。请用 --keys 指出更新的密钥文件，换一个新文件夹再放。",
                m=done.without_key,
            )
        )
    if done.notice:
        console.print(done.notice, markup=False)


@main.command(**example("portal serve"))
@click.option("--safe-mode", "safe", is_flag=True, help=say("不用任何插件：只开公示牌页面，从已存的内容给出。"))
@click.option("--strict", is_flag=True, help=say("插件或方案不能用时以 1 退出，不转入安全模式。"))
@click.pass_context
def serve(context: click.Context, safe: bool, strict: bool) -> None:
    """启动网站和后台任务进程；插件不能用时转入安全模式，牌子照常。"""
    from portal.serving import refuse_no_address
    from portal.serving import serve as serve_

    if safe and strict:
        raise click.UsageError(say("--safe-mode 和 --strict 只能写一个。"))
    settings, path = _settings(context)
    refuse_no_address(settings)
    console.print(say("网站：{address}（按 Ctrl+C 停止）", address=settings.reached))
    if settings.reached != settings.address:
        console.print(say('只有本机能打开。别的机器要用的，在前面放反向代理，或在 portal.toml 写 host = "0.0.0.0"。'))
    serve_(settings, path, safe=safe, strict=strict)


@main.command(**example("portal worker"))
@click.pass_context
def worker(context: click.Context) -> None:
    """只启动后台工人（portal serve 已包含）。"""
    from portal.worker import main as work

    work(Settings.served(find(context.obj)))


@main.command(**example("portal doctor"))
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """检查字体、绘图库、数据库、插件和方案、防篡改日志和公示网址。"""
    findings = asyncio.run(commands.doctor(_settings(context)[0]))
    if as_json:
        _print_json([{"what": what, "ok": ok, "say": text} for what, ok, text in findings])
    else:
        for what, ok, text in findings:
            console.print(f"{'✓' if ok else '✗'} {what}：{text}")
    if not all(ok for _, ok, _ in findings):
        sys.exit(1)


@main.group()
def time() -> None:
    """服务器时间。"""


@time.command("confirm", **example("portal time confirm"))
@click.pass_context
def confirm(context: click.Context) -> None:
    """核对过了：服务器现在的时间是对的，按服务器时间办理；时间走快时提前做的事改回来。"""
    at = _with(context, commands.confirm_time)
    console.print(say("按服务器时间办理：{at}。", at=at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")))


@main.group()
def user() -> None:
    """账号。"""


def of_a_role(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which role, and what it is for."""
    for option in (
        click.option("--enterprise", default=None, help=say("单位的统一社会信用代码。")),
        click.option("--person", default=None, help=say("登记的人员：工作证编号，或没有重名时的姓名。")),
        click.option("--unit", default=None, help=say("经办人或投诉受理人所在部门的名称。")),
        click.option("--jurisdiction", default=None, help=say("管理员管辖的辖区代码，不填为全部。")),
        click.option("--role", type=click.Choice([role.value for role in Role]), prompt=say("角色")),
    ):
        command = option(command)
    return command


@user.command(
    "create",
    **example("portal user create --login zhang --name Zhang --role office --jurisdiction 990101 --unit OFFICE"),
)
@click.option("--login", prompt=say("登录名"))
@click.option("--name", prompt=say("姓名"))
@of_a_role
@click.option("--password", default=None, help=say("不填则随机生成并显示一次。"))
@click.pass_context
def create(context: click.Context, /, login: str, name: str, password: str | None, **of: Unpack[commands.OfARole]) -> None:
    """新增一个账号，首次登录须改密码。"""
    shown = _with(context, lambda call: commands.create_user(call, login=login, name=name, password=password, **of))
    console.print(say("已新增 {login}，首次密码：{password}", login=login, password=shown))


@user.command("grant", **example("portal user grant zhang --role custodian --unit OFFICE --person 0001"))
@click.argument("login")
@of_a_role
@click.pass_context
def grant(context: click.Context, /, login: str, **of: Unpack[commands.OfARole]) -> None:
    """增加一项权限；账号还没有对应到人的，同时对应到 --person。"""
    address = _with(context, lambda call: commands.grant_user(call, login, **of))
    console.print(say("{login} 的权限已增加。", login=login))
    if address:
        console.print(say("原来的密码已作废，请把这个一次性链接发给本人重设：{address}", address=address))


@user.command("password", **example("portal user password zhang"))
@click.argument("login")
@click.pass_context
def password(context: click.Context, login: str) -> None:
    """重设密码：生成一个首次密码，旧的登录都退出。"""
    shown = _with(context, lambda call: reset_password(call, login))
    console.print(say("{login} 的首次密码：{password}", login=login, password=shown))


@user.command("link", **example("portal user link zhang"))
@click.argument("login")
@click.pass_context
def link(context: click.Context, login: str) -> None:
    """发一个一次性链接，让本人自己设密码：新账号三天有效，重设十分钟有效。"""
    console.print(_with(context, lambda call: commands.link(call, login)))


@user.command("second", **example("portal user second zhang"))
@click.argument("login")
@click.pass_context
def second(context: click.Context, login: str) -> None:
    """手机丢了：解除二次验证，下次登录重新绑定。"""

    async def work(call: Call) -> None:
        await forget_second(call, await account_id(call, login))

    _with(context, work)
    console.print(say("{login} 的二次验证已解除，下次登录时重新绑定。", login=login))


@user.command("code", **example("portal user code admin"))
@click.argument("login")
@click.pass_context
def code(context: click.Context, login: str) -> None:
    """示例网站的账号现在的验证码。"""
    console.print(_with(context, lambda call: commands.example_code(call, login)))


@user.command("disable", **example("portal user disable zhang"))
@click.argument("login")
@click.pass_context
def disable(context: click.Context, login: str) -> None:
    """停用一个账号：马上退出，不能再登录。"""
    _with(context, lambda call: disable_account(call, login))
    console.print(say("{login} 已停用。", login=login))


@user.command("enable", **example("portal user enable zhang"))
@click.argument("login")
@click.pass_context
def enable(context: click.Context, login: str) -> None:
    """恢复一个停用的账号。"""

    async def work(call: Call) -> None:
        await enable_account(call, await account_id(call, login))

    _with(context, work)
    console.print(say("{login} 已恢复。", login=login))


@main.command("import", **example("portal import enterprises register.xlsx --region REGION --dry-run"))
@click.argument("kind", type=click.Choice([*KINDS, OWN]))
@click.argument("file", type=PATH, required=False)
@click.option("--region", required=True)
@click.option("--dry-run", is_flag=True, help=say("只检查，不导入。"))
@click.option("--good-only", is_flag=True, help=say("只导入没有问题的行；不写则全部没有问题才导入。"))
@click.option("--end-missing", is_flag=True, help=say("表里没有的，从今天起停用。"))
@click.option("--hand-over", is_flag=True, help=say("表里换了人的，原任自前一天离任。"))
@click.option("--template", type=PATH, default=None, help=say("把空模板写到这里。"))
@click.option("--annotated", type=PATH, default=None, help=say("把标了问题的原表写到这里。"))
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def import_(
    context: click.Context,
    kind: str,
    file: Path | None,
    region: str,
    dry_run: bool,
    good_only: bool,
    end_missing: bool,
    hand_over: bool,
    template: Path | None,
    annotated: Path | None,
    as_json: bool,
) -> None:
    """从表格导入辖区、部门、网格、人员、任职、单位、条线监管责任，或本地区自己的表。"""
    if template is not None:
        template.write_bytes(_with(context, lambda call: commands.template(call, region, kind)))
        console.print(say("模板：{path}", path=template))
        return
    if file is None:
        raise click.UsageError(say("请给出表格文件，或用 --template 取模板。"))
    data, wish = file.read_bytes(), Wish(good_only=good_only, end_all=end_missing, hand_over=hand_over)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True)
    ) as bar:
        task = bar.add_task(say("检查") if dry_run else say("导入"), total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        id_, found = _with(
            context,
            lambda call: commands.import_sheet(call, kind=kind, region=region, data=data, wish=wish, dry_run=dry_run, tell=tell),
        )
        if annotated is not None:
            annotated.write_bytes(_with(context, lambda call: annotated_copy(call, id_)))
    _tell_import(found, id_, as_json=as_json, dry_run=dry_run)
    if found.errors and not found.written:
        sys.exit(1)


def _tell_reading(found: Outcome) -> None:
    """How the sheet was read, and what is wrong with it."""
    if found.unread:
        console.print(
            say("读取的是工作表“{name}”，没有读取：{others}", name=found.sheet, others="、".join(found.unread)), markup=False
        )
    for one in found.left_out[:200]:
        console.print(say("第 {n} 行没有作为数据读取（{why}）：{text}", n=one.row, why=one.why, text=one.text), markup=False)
    if unused := [one.heading or one.samples[0] for one in found.columns if not one.code]:
        console.print(say("没有用到的列：{names}", names="、".join(unused)), markup=False)
    for hidden in found.hidden:
        console.print(say("没有读取隐藏的列：{name}", name=hidden), markup=False)
    if found.lacking:
        console.print(say("表里没有认出这些列：{names}", names="、".join(found.lacking)), markup=False)
    for meant in found.replaced:
        told = say(
            "{title}“{said}”按以前的选择读成“{chosen}”，共 {n} 行",
            title=meant.title,
            said=meant.said,
            chosen=meant.chosen,
            n=meant.rows,
        )
        console.print(told, markup=False)
    for name in found.unfound:
        near = "、".join(name.near)
        told = say(
            "{title}“{said}”没有登记过，共 {n} 行。是不是：{near}？", title=name.title, said=name.said, n=name.rows, near=near
        )
        console.print(told, markup=False)
    if found.unfound:
        console.print(say("请在表里改，或用网页导入，在那里写法相同的可以一次更正。"))
    for doubt in found.warnings[:200]:
        console.print(
            say("请核对，第 {row} 行 {column}：{text}", row=doubt.row, column=doubt.title, text=doubt.text), markup=False
        )
    for error in found.errors[:200]:
        console.print(say("第 {row} 行 {column}：{text}", row=error.row, column=error.title, text=error.text), markup=False)


def _tell_import(found: Outcome, id_: str, *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        _print_json({**asdict(found), "import": id_})
        return
    _tell_reading(found)
    counts = say(
        "新增 {came}，修改 {changed}，未变 {same}，停用 {ended}",
        came=found.came,
        changed=found.changed,
        same=found.same,
        ended=found.ended,
    )
    if found.left and not found.ended:
        for left in found.left:
            names = "、".join(left.names[:NAMED]) + ("…" if left.count > NAMED else "")
            console.print(say("{where}已登记、表里没有的 {n} 个，没有改动：{names}", where=left.where, n=left.count, names=names))
        console.print(say("要停用，加 --end-missing。"))
    if found.written:
        console.print(say("已导入：{counts}。撤销用 portal undo {id}", counts=counts, id=id_))
    elif found.errors:
        console.print(say("有 {n} 处要改，没有导入任何内容。", n=len(found.errors)))
        if found.held:
            console.print(say("其中 {n} 行的岗位有人在任。表里换了人的，加 --hand-over，原任自前一天离任。", n=found.held))
    else:
        console.print(
            say("检查通过，没有导入：{counts}", counts=counts) if dry_run else say("没有要导入的：{counts}", counts=counts)
        )


@main.command("export", **example("portal export enterprises --region REGION --out register.xlsx"))
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.option("--region", required=True)
@click.option("--out", type=PATH, required=True, help=say("以 .xlsx 或 .csv 结尾。"))
@click.pass_context
def export(context: click.Context, kind: str, region: str, out: Path) -> None:
    """导出一类登记：表头与模板相同，可以原样导回。"""
    form = out.suffix.removeprefix(".").lower()
    if form not in ("xlsx", "csv"):
        raise click.UsageError(say("--out 请以 .xlsx 或 .csv 结尾。"))
    out.write_bytes(_with(context, lambda call: commands.export(call, region, kind, form)))
    console.print(say("已导出：{path}", path=out))


@main.command("undo", **example("portal undo IMPORT"))
@click.argument("batch")
@click.pass_context
def undo(context: click.Context, batch: str) -> None:
    """撤销一次导入：新增的去掉，改过的还原；以后又动过、用过的，整批不撤。"""
    console.print(say("已撤销 {n} 处。", n=_with(context, lambda call: undo_import(call, batch))))


@main.group()
def boards() -> None:
    """公示牌。"""


@boards.command("print", **example("portal boards print --region REGION --all --size A3 --out boards"))
@click.option("--region", required=True)
@click.option("--grid", default=None, help=say("只生成这个编号的网格和其中的单位。"))
@click.option("--enterprise", default=None, help=say("只生成这家单位（信用代码或名称）。"))
@click.option("--all", "everything", is_flag=True, help=say("生成整个地区。"))
@click.option("--size", type=click.Choice(["A3", "A4"]), default="A3", show_default=True)
@click.option("--out", type=PATH, required=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def print_(
    context: click.Context,
    region: str,
    grid: str | None,
    enterprise: str | None,
    everything: bool,
    size: str,
    out: Path,
    as_json: bool,
) -> None:
    """生成公示牌：每块一个 PDF，按挂牌走的顺序合订一个，另有清单 manifest.csv。没签发过的、需重印的先签发新版。"""
    if (grid is not None) + (enterprise is not None) + everything != 1:
        raise click.UsageError(say("--grid、--enterprise、--all 要且只要写一个。"))
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True)
    ) as bar:
        task = bar.add_task(say("生成"), total=None)
        rows = _with(
            context,
            lambda call: commands.print_boards(
                call,
                region=region,
                grid=grid,
                enterprise=enterprise,
                size=size,
                out=out,
                tell=lambda done, total: bar.update(task, completed=done, total=total),
            ),
        )
    refused = [row for row in rows if row.refused]
    if as_json:
        _print_json([{"code": r.code, "name": r.target.name, "file": r.file, "refused": r.refused} for r in rows])
    else:
        for row in refused:
            console.print(say("没有生成 {name}：{why}", name=row.target.name, why=row.refused))
        console.print(say("已生成 {n} 块（PDF），在 {out}。", n=len(rows) - len(refused), out=out))
    if refused or not rows:
        sys.exit(1)


@main.command(**example("portal clauses --region REGION --json"))
@click.option("--region", default=None)
@click.option("--proofs", type=PATH, default=commands.PROOFS, show_default=True, help=say("测试写下的证明。"))
@click.option("--json", "as_json", is_flag=True)
@click.option("--strict", is_flag=True, help=say("有缺失时以 1 退出。"))
def clauses(region: str | None, proofs: Path, as_json: bool, strict: bool) -> None:
    """每条要求：已由测试证明、已写入方案、不靠规则执行（注明由什么执行），还是还没有。"""
    rows = commands.clauses(load(sorted(installed())).book, region, proofs)
    if as_json:
        _print_json(rows)
    else:
        marks = {"proven": "✓", "stated": "·", "otherwise": "－", "missing": " ", "assumed": "?"}
        for row in rows:
            to_come = f"  → {LATER[row['later']]}" if row["later"] and row["status"] != "proven" else ""
            why = f"  － {row['otherwise']}" if row["otherwise"] else ""
            console.print(f"{marks[row['status']]} {row['id']:<12} {row['kind']}  {row['at']}  {row['gist'][:50]}{to_come}{why}")
        counts = {status: sum(row["status"] == status for row in rows) for status in marks}
        console.print(
            say(
                "已证明 {proven}，已写入方案 {stated}，不靠规则执行 {otherwise}，还没有 {missing}；"
                "国家文件未见全文、暂定的 {assumed}",
                **counts,
            )
        )
    if strict and any(row["status"] not in ("proven", "assumed", "otherwise") and not row["later"] for row in rows):
        sys.exit(1)


@main.command(**example("portal due --region REGION --on 2026-11-22"))
@click.option("--region", required=True, help=say("哪个地区。"))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), default=None, help=say("哪一天，不写是今天。"))
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def due(context: click.Context, region: str, on: datetime | None, as_json: bool) -> None:
    """每项职责在那天所在周期和上一周期：应完成、已完成、待完成、逾期未完成、不计。"""
    day = on.date() if on is not None else clock.day_of(clock.now())
    rows = _with(context, lambda call: commands.due(call, region, day))
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        now, last = row["now"], row["last"]
        where = f"（{row['place']}）" if row["place"] else ""
        rests = " ".join(filter(None, (row["clause"], say("暂定") if row["assumption"] else "")))
        console.print(f"[bold]{row['says']}[/bold]{where}  {row['demand']}  {rests}")
        console.print(say("  {first}–{last}  应完成 {owed}，已完成 {done}，待完成 {due}，不计 {excused}", **now))
        console.print(say("  {first}–{last}  应完成 {owed}，已完成 {done}，逾期未完成 {missed}，不计 {excused}", **last))
    if not rows:
        console.print(say("这个地区那天没有按次计算的职责。"))


@main.group()
def scheme() -> None:
    """地区方案。"""


@scheme.command("show", **example("portal scheme show REGION --edition CODE"))
@click.argument("region")
@click.option("--edition", "code", default=None, help=say("版本代码，不写为现行版本。"))
@click.option("--stored", is_flag=True, help=say("显示已存档的，插件没有启用也可以。"))
@click.option("--json", "as_json", is_flag=True, help=say("与 --stored 同用时是存档原文。"))
@click.pass_context
def scheme_show(context: click.Context, region: str, code: str | None, stored: bool, as_json: bool) -> None:
    """显示一个地区方案的规则和依据：现行版本，或指定的版本。"""
    if stored:

        async def work(call: Call) -> tuple[str, list[dict[str, Any]]]:
            found = await commands.stored_edition(call, region, code)
            return found.text, commands.stored_rules(call, found)

        text, rows = _with(context, work)
        if as_json:
            click.echo(text)
            return
    else:
        book = load(sorted(installed())).book
        rows = commands.rules(book, region, code or commands.edition_on(book, region, clock.day_of(clock.now())))
        if as_json:
            _print_json(rows)
            return
    for row in rows:
        console.print(f"{row['word']:<10} {row['code']:<24} {row['basis']}")


@scheme.command("verify", **example("portal scheme verify REGION"))
@click.argument("region")
@click.pass_context
def scheme_verify(context: click.Context, region: str) -> None:
    """核对插件里的方案与存档：规则是否相同，文字是否一字不差，列出全部差别。"""
    found = _with(context, lambda call: commands.verify_editions(call, region))
    for text, well, differences in found:
        console.print(f"{'✓' if well else '✗'} {text}", markup=False)
        for one in differences:
            console.print(f"  {one}", markup=False)
    if not all(well for _, well, _ in found):
        sys.exit(1)


@scheme.command("adopt", **example("portal scheme adopt REGION"))
@click.argument("region")
@click.option("--yes", is_flag=True, help=say("列出差别以后不再问，用于脚本。"))
@click.pass_context
def scheme_adopt(context: click.Context, region: str, yes: bool) -> None:
    """插件里的规则与存档不同时，从今天起改按插件的办：两份文本都留着，以前办的事照原来的看。"""

    def agree(seen: Proposal) -> bool:
        for old, to, changes in seen.turns:
            console.print(say("“{old}”从今天起由“{new}”代替，差 {n} 处：", old=old, new=to, n=len(changes)), markup=False)
            for change in changes:
                told = say("（只是文字）{change}", change=change) if change.wording else change
                console.print(f"  {told}", markup=False)
        console.print(
            say(
                "采用以后：今天起的任职、网格归属、来件、公示牌和履职任务按新文本；以前办理的事项、签发的公示牌按当时的文本查看。"
                "单位会按新文本重新归类，需重印的公示牌会标出来，请重新签发。两份文本都保存，采用一事记入防篡改日志，不能撤销。"
            )
        )
        return yes or click.confirm(say("采用吗？"), default=False)

    seen = asyncio.run(commands.adopt_editions(_settings(context)[0], region, agree))
    if seen is None:
        console.print(say("没有采用，什么也没有改动。"))
        sys.exit(1)
    console.print(
        say("已采用：{codes}。正在运行的门户半分钟内自己换用，不必重启。", codes="、".join(to for _, to, _ in seen.turns))
    )


@scheme.command("confirm", **example("portal scheme confirm REGION --by NAME"))
@click.argument("region")
@click.option("--by", required=True, help=say("是谁、怎样向主管部门核实的，记入防篡改日志，不公开。"))
@click.option("--yes", is_flag=True, help=say("不再问，用于脚本。"))
@click.pass_context
def scheme_confirm(context: click.Context, region: str, by: str, yes: bool) -> None:
    """记下：已向主管部门核实，这个地区现行方案的文件仍然有效。公开的方案页随之写明核实的日子。"""

    def agree(found: Scheme) -> bool:
        still = found.edition.in_force.still
        console.print(say("“{title}”：{why}", title=title(found), why=basis_text(still) if still else ""), markup=False)
        return yes or click.confirm(say("主管部门确认它仍然有效吗？"), default=False)

    found = asyncio.run(commands.confirm_edition(_settings(context)[0], region, by, agree))
    if found is None:
        console.print(say("没有记下，什么也没有改动。已经失效的，请停用这个地区的插件，或换成新文件的版本。"))
        sys.exit(1)
    console.print(say("已记下：“{title}”经核实仍然有效。", title=title(found)), markup=False)


@main.command(**example("portal plugins --json"))
@click.option("--json", "as_json", is_flag=True)
def plugins(as_json: bool) -> None:
    """列出已安装的插件。"""
    rows = [
        {"name": name, "version": point.dist.version if point.dist else "", "entry": point.value}
        for name, point in sorted(installed().items())
    ]
    if as_json:
        _print_json(rows)
    else:
        for row in rows:
            console.print(f"{row['name']:<16} {row['version']:<10} {row['entry']}")


@main.group()
def plugin() -> None:
    """给插件作者。"""


@plugin.command("new", **example("portal plugin new NAME --dir ~/regions"))
@click.argument("name")
@click.option("--dir", "folder", type=PATH, default=Path(), help=say("写到这个文件夹里，默认当前文件夹。"))
@click.option("--region", default=None, help=say("地区代码，默认与插件同名。"))
@click.option("--title", default=None, help=say("地区的中文名称。"))
def plugin_new(name: str, folder: Path, region: str | None, title: str | None) -> None:
    """写一个新的地区插件：一层网格、一个岗位，能通过检查，再逐条改成您的文件。"""
    target = new(name, folder, region=region, title=title)
    console.print(say("已写好：{folder}", folder=target), markup=False)
    for step in (
        say("1. 检查：portal plugin check {folder}", folder=target),
        say("2. 按文件改 portal_{name}/clauses.py 和 scheme.py，改一处检查一次", name=name),
        say("3. 安装：pip install -e {folder}", folder=target),
        say('4. 启用：在 portal.toml 的 plugins 里加 "{name}"；或先看示例：portal demo', name=name),
    ):
        console.print(step, markup=False)


@plugin.command("check", **example("portal plugin check NAME"))
@click.argument("target", metavar="NAME|FOLDER")
@click.option("--json", "as_json", is_flag=True)
def plugin_check(target: str, as_json: bool) -> None:
    """检查一个地区插件（已安装的名称，或它的文件夹）：哪里不对，在哪一行，怎样改。"""
    found = check(target)
    wrong = [one for one in found if not one.hint]
    if as_json:
        _print_json([one.row() for one in found])
    else:
        for one in found:
            console.print(f"{'·' if one.hint else '✗'} {one}", markup=False)
        hints = say("{n} 条提示", n=len(found) - len(wrong))
        if wrong:
            console.print(say("{name}：{n} 处错误，{hints}", name=target, n=len(wrong), hints=hints))
        else:
            console.print(say("{name}：没有错误，{hints}", name=target, hints=hints))
    if wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
