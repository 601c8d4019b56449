"""Plugins that misbehave, each in its own way, under the real `portal serve`: the boards on the walls stay alive in all."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from portal import commands
from portal.app import open_portal
from portal.boards.actions import issue
from portal.call import Call
from portal.cli import main
from portal.clock import now
from portal.demo.register import DemoRegion, faces, folders
from portal.serving import try_plugins
from portal.settings import Settings
from portal.storage.embedded import EmbeddedServer
from portal.viewer import SYSTEM

HOSTILE = Path(__file__).parent / "hostile"
ROOT = Path(__file__).parent.parent.parent
REGION = "lishui"
SECONDS = 4
OUT = "从 portal.toml 的 plugins 中去掉它"
SAFE = "安全模式启动"


@dataclass
class Prepared:
    """A portal with a register in it and a board on a wall."""

    folder: Path
    board: str
    phone: str
    photo: str
    facts: list[str]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """One for all of them; its database server runs on between them."""
    folder = tmp_path_factory.mktemp("hostile")
    path, server = folder / "portal.toml", EmbeddedServer(folder / "data")
    server.start()
    try:
        done = CliRunner().invoke(main, ["--config", str(path), "init", "--data", str(folder / "data"), "--region", REGION])
        assert done.exit_code == 0, done.output

        async def fill(call: Call) -> dict:
            ((scheme, of),) = folders(call)
            await DemoRegion(call, scheme, of, (await faces(call))[:2], wanted=3).fill(lambda *_: None)
            firm = await call.db.value(
                "select e.public_id from enterprise e join placement p on p.enterprise = e.id where p.grid is not null limit 1"
            )
            return dict(await call.db.row("select code, live from board where code = $1", await issue(call, "enterprise", firm)))

        row = asyncio.run(commands.on_portal(Settings.read(path), fill))
        live = json.loads(row["live"])
        people = [one for section in live["sections"] for one in section.get("people", [])] + [live["lead"]]
        said = [
            live["lead"]["name"],
            live["lead"]["phone"],
            live["grid"]["name"],
            live["enterprise"]["name"],
            live["complaint"]["phone"],
        ]
        photo = next(one["photo"] for one in people if one["photo"])
        yield Prepared(folder, row["code"], live["lead"]["phone"], photo, said)
    finally:
        server.destroy()


def on_path(name: str, site: Path) -> str:
    """Install a hostile plugin as pip would: its package, and beside it what its distribution says of itself."""
    project = tomllib.loads((HOSTILE / name / "pyproject.toml").read_text())["project"]
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = "\n".join(f"{key} = {value}" for key, value in project["entry-points"]["portal.plugins"].items())
    (info / "entry_points.txt").write_text(f"[portal.plugins]\n{points}\n")
    return f"{site}:{HOSTILE / name}"


@dataclass
class Running:
    """A portal that is served, and what it has said."""

    process: subprocess.Popen
    address: str
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text()

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.address + path, timeout=30)


@contextmanager
def served(
    prepared: Prepared, tmp_path: Path, *words: str, plugins: tuple[str, ...] = (REGION,), path: str = ""
) -> Iterator[Running]:
    """`portal serve` on the prepared data, until the test has seen enough; it ends at once when told to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config, log = tmp_path / "portal.toml", tmp_path / "log"
    settings = {"data": str(prepared.folder / "data"), "plugins": plugins, "port": port, "plugin_seconds": SECONDS}
    Settings(**{**settings, "data": prepared.folder / "data"}).write(config)
    env = {**os.environ, "PYTHONPATH": f"{os.environ.get('PYTHONPATH', '')}:{ROOT}:{path}"}
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli", "--config", str(config), "serve", *words],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=out,
        )
    running = Running(process, f"http://127.0.0.1:{port}", log)
    try:
        until = time.monotonic() + 90
        while process.poll() is None and time.monotonic() < until:
            try:
                if running.get("/healthz").status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield running
    finally:
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        assert time.monotonic() - begun < 30


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


CASES = {
    "raises": ("“raises”在 portal_regions 中出错：integer division or modulo by zero", OUT),
    "hangs": (f"“hangs”导入时 {SECONDS} 秒没有做完", OUT),
    "shadows": ("“shadows”无法导入：Shadows.portal_routes is not a hook", OUT),
    "stale": ("“stale”是为接口版本 99 写的，本门户是 1。它的版本是 9.9.9，门户是 0.1.0", OUT),
    "doubles": ("“lishui”由两个安装包同时提供：portal-hostile-doubles 和 portal-lishui", "请卸载其中一个"),
    "claims": ("地区“lishui”由插件“claims”和“lishui”同时声明", "只能启用其中一个"),
    "mutates": ("“mutates”改动了门户本身：portal.scheme.national.HOTLINES", OUT),
    "unimportable": ("“unimportable”无法导入：No module named 'nowhere_at_all'", OUT),
    "endless": ("“endless”的 portal_regions 给出了不是方案的东西：> 100", OUT),
    "patches": ("“patches”改动了门户本身：portal.web.guards.administrator", OUT),
    "exits": ("“exits”在启动时没有做完就停住，或结束了进程", OUT),
}
GOES_ON = {
    "overrides": (
        "“overrides”带的 templates/errors 不起作用：模板不在本插件自己的文件夹里",
        "移到 templates/overrides/ 下",
    ),
    "migrates": ("“migrates”带的 migrations 不起作用：插件不能带数据库升级", "去掉它"),
    "slow": ("“slow”用了 ", "启动因此变慢"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_plugin_does_at_start_is_found_out_in_a_process_of_its_own(
    name: str, prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`portal serve` goes on in safe mode wherever that process tells of trouble; the drill serves with each of them."""
    plugins = tuple(sorted({REGION, REGION if name == "doubles" else name}))
    settings = Settings(data=prepared.folder / "data", plugins=plugins, plugin_seconds=SECONDS)
    settings.write(config := tmp_path / "portal.toml")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{on_path(name, tmp_path / 'site')}")
    report = try_plugins(settings, config)
    said, way = CASES[name]
    assert said in report.trouble
    assert way in report.trouble
    assert not report.fit


def board_stays_alive(name: str, prepared: Prepared, tmp_path: Path) -> None:
    """Served with a plugin that cannot be used: the board says all that it said, all else is closed, and it is told why."""
    plugin = REGION if name == "doubles" else name
    with served(prepared, tmp_path, plugins=tuple(sorted({REGION, plugin})), path=on_path(name, tmp_path / "site")) as running:
        page = running.get(f"/b/{prepared.board}")
        assert page.status_code == 200, running.said
        for fact in prepared.facts:
            assert fact in page.text
        for said in (*CASES[name], SAFE):
            assert said in running.said
        closed = running.get("/sign-in")
        assert (closed.status_code, closed.headers["retry-after"]) == (503, "600")
        assert "taken over" not in page.text + closed.text
        assert "12350" in closed.text


def test_the_board_stays_alive_with_a_plugin_that_cannot_be_used(prepared: Prepared, tmp_path: Path) -> None:
    board_stays_alive("raises", prepared, tmp_path)


def test_what_has_no_effect_is_told_and_everything_goes_on(prepared: Prepared, tmp_path: Path) -> None:
    path = ":".join(on_path(name, tmp_path / "site") for name in GOES_ON)
    with served(prepared, tmp_path, plugins=(REGION, *GOES_ON), path=path) as running:
        page = running.get(f"/b/{prepared.board}")
        assert page.status_code == 200, running.said
        assert prepared.phone in page.text
        for said, way in GOES_ON.values():
            assert said in running.said
            assert way in running.said
        assert SAFE not in running.said
        assert running.get("/sign-in").status_code == 200
        for address in ("/sign-in", "/nowhere", "/", f"/b/{prepared.board}"):
            assert "taken over" not in running.get(address).text


def test_safe_mode_imports_no_plugin_and_shows_the_same_facts(prepared: Prepared, tmp_path: Path) -> None:
    """A plugin that ends whatever imports it is enabled, and nothing ends; what the page shows comes from its row."""
    site = on_path("exits", tmp_path / "site")
    (tmp_path / "safe").mkdir()
    (tmp_path / "normal").mkdir()
    with served(prepared, tmp_path / "normal") as running:
        normal = running.get(f"/b/{prepared.board}").text
    with served(prepared, tmp_path / "safe", "--safe-mode", plugins=("exits", REGION), path=site) as running:
        page = running.get(f"/b/{prepared.board}")
        assert page.status_code == 200
        doors = ("举报隐患", "给我留言", "投诉网格人员", "的监管依据")
        expected = re.sub(
            r"<form class=\"doors\".*?</form>|<p class=\"faint\"><a href=\"/schemes/.*?</p>", "", normal, flags=re.DOTALL
        )
        told = "网上暂时不能留言、举报、投诉，请拨打本页的电话。"
        assert words_of(page.text).replace(f" {told}", "", 1) == words_of(expected)
        assert not [one for one in doors if one in page.text]
        assert page.text.count("tel:") == normal.count("tel:")
        photo = running.get(f"/b/{prepared.board}/photo/{prepared.photo}")
        assert (photo.status_code, photo.headers["content-type"]) == (200, "image/jpeg")
        for address in ("/", "/privacy", "/find?code=" + prepared.board, "/leave", "/healthz"):
            assert running.get(address).status_code in (200, 303), address
        assert running.get("/nowhere").status_code == 404
        for address in (
            "/office",
            "/office/grids",
            "/account",
            "/schemes",
            f"/schemes/{REGION}",
            "/receipt",
            "/sign-in",
            "/custody",
        ):
            answer = running.get(address)
            assert answer.status_code == 503, address
            assert answer.headers["retry-after"] == "600"
            assert "公示牌页面下方“投诉受理”的电话" in answer.text
            assert 'href="tel:12350"' in answer.text
            assert 'href="tel:12345"' in answer.text
        for address, form in (("/door", {"board": prepared.board, "kind": "report"}), ("/send", {"kind": "complaint"})):
            answer = httpx.post(running.address + address, data=form, timeout=30)
            assert answer.status_code == 503, address
            assert "这次没有提交" in answer.text
        # It has no child at all, and ps then ends with 1
        below = ["ps", "-o", "args=", "--ppid", str(running.process.pid)]
        assert "worker" not in subprocess.run(below, capture_output=True, text=True, check=False).stdout
    assert SAFE in running.said


def test_strict_ends_with_the_reason(prepared: Prepared, tmp_path: Path) -> None:
    with served(prepared, tmp_path, "--strict", plugins=(REGION, "raises"), path=on_path("raises", tmp_path / "site")) as running:
        assert running.process.wait(timeout=60) == 1
    assert "“raises”在 portal_regions 中出错" in running.said
    assert SAFE not in running.said


def test_other_commands_name_the_plugin_and_end(prepared: Prepared, tmp_path: Path) -> None:
    config = tmp_path / "portal.toml"
    Settings(data=prepared.folder / "data", plugins=(REGION, "raises")).write(config)
    env = {**os.environ, "PYTHONPATH": f"{os.environ.get('PYTHONPATH', '')}:{ROOT}:{on_path('raises', tmp_path / 'site')}"}
    for words, said in (["scheme", "verify", REGION], "“raises”"), (["migrate"], "数据库已完成 0 步升级。插件“raises”"):
        command = [sys.executable, "-m", "portal.cli", "--config", str(config), *words]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert said in done.stderr
        assert OUT in done.stderr


def test_an_edition_that_was_altered_leaves_the_boards_alive(prepared: Prepared, tmp_path: Path) -> None:
    async def alter(call: Call, digest: str) -> str:
        async def work() -> str:
            old = await call.db.value("select digest from stored_edition")
            await call.db.rows("set local session_replication_role = replica")
            await call.db.rows("update stored_edition set digest = $1", digest)
            return old

        return await call.db.run_tx(work)

    async def on(digest: str) -> str:
        async with open_portal(Settings.read(prepared.folder / "portal.toml"), safe=True) as portal:
            return await alter(Call(portal, SYSTEM, now()), digest)

    kept = asyncio.run(on("altered"))
    try:
        with served(prepared, tmp_path) as running:
            assert prepared.phone in running.get(f"/b/{prepared.board}").text
            assert "文本和它的校验值对不上" in running.said
            assert OUT in running.said
            assert SAFE not in running.said, "only this region waits"
            assert running.get("/office").status_code != 503
            assert "还没有采用" in running.get(f"/schemes/{REGION}").text
        with served(prepared, tmp_path, "--strict") as running:
            assert running.process.wait(timeout=60) == 1
        assert "文本和它的校验值对不上" in running.said
    finally:
        asyncio.run(on(kept))
