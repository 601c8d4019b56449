"""The command, as a deployer uses it: an empty portal, accounts, a sheet, boards, a look at everything; and what it says of mistakes."""

import asyncio
import csv
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner, Result

from portal import commands
from portal.backups import read_keys
from portal.boards.decoding import codes_in
from portal.call import Call
from portal.cli import main
from portal.demo.register import DemoRegion, faces, folders
from portal.settings import Settings
from portal.storage.embedded import EmbeddedServer
from portal.timekeeping import Timekeeper

# What all of them stand on is made once
REGION = "lishui"


def portal(config: Path, *words: str, code: int = 0, typed: str | None = None) -> Result:
    """Run the command; it ends with this code and never with a trace."""
    result = CliRunner().invoke(main, ["--config", str(config), *words], input=typed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory):
    """An empty portal on a server of its own, made by the command."""
    folder = tmp_path_factory.mktemp("deployer")
    path = folder / "portal.toml"
    result = portal(path, "init", "--data", str(folder / "data"), "--region", REGION)
    assert "portal user create" in result.output
    yield path
    EmbeddedServer(folder / "data").destroy()


@pytest.fixture(scope="module")
def register(config: Path) -> Path:
    """The same with the region's example register in it."""

    async def fill(call: Call) -> None:
        ((scheme, folder),) = folders(call)
        await DemoRegion(call, scheme, folder, (await faces(call))[:2], wanted=3).fill(lambda *_: None)

    asyncio.run(commands.on_portal(Settings.read(config), fill))
    return config


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    """All commands with their words."""
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += every_command(command, (*path, name))
        else:
            found.append(((*path, name), command))
    return found


@pytest.mark.parametrize(
    ("words", "command"), every_command(main), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_each_command_says_what_it_does_with_an_example(words: tuple[str, ...], command: click.Command) -> None:
    text = CliRunner().invoke(main, [*words, "--help"]).output
    assert command.help, words
    assert f"例：portal {' '.join(words)}" in text
    for option in command.params:
        assert isinstance(option, click.Argument) or option.opts


def test_init_makes_a_portal_and_never_overwrites_one(config: Path) -> None:
    data = Settings.read(config).data
    assert stat.S_IMODE((data / "keys.json").stat().st_mode) == 0o600
    before = config.read_bytes()
    assert "已经存在，没有改动它" in portal(config, "init", "--region", REGION, code=1).output
    assert config.read_bytes() == before


def test_init_with_an_unknown_region_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "portal.toml"
    assert "“nowhere”没有安装" in portal(path, "init", "--data", str(tmp_path / "data"), "--region", "nowhere", code=1).output
    assert not path.exists()


def test_without_settings_it_says_how_to_make_them(tmp_path: Path) -> None:
    assert "portal init" in portal(tmp_path / "none.toml", "migrate", code=1).output


def test_a_database_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    path = tmp_path / "portal.toml"
    url = "postgresql://someone:very-secret@127.0.0.1:1/portal"
    result = portal(path, "init", "--data", str(tmp_path / "data"), "--database-url", url, code=1)
    assert "very-secret" not in result.output
    assert "数据库" in result.output
    assert not path.exists()


def test_migrate_twice_does_nothing_the_second_time(config: Path) -> None:
    assert "完成 0 步升级" in portal(config, "migrate").output


def test_an_account_is_made_with_a_first_password_that_is_shown_once(register: Path) -> None:
    made = portal(register, "user", "create", "--login", "root", "--name", "示例管理员", "--role", "administrator")
    assert "首次密码" in made.output
    assert (
        "root"
        in portal(register, "user", "create", "--login", "root", "--name", "又一个", "--role", "administrator", code=1).output
    )
    office = ["user", "create", "--login", "bureau", "--name", "示例经办", "--role", "office"]
    assert "部门" in portal(register, *office, code=1).output
    assert "正好一个" in portal(register, *office, "--jurisdiction", "999", code=1).output
    portal(register, *office, "--jurisdiction", division(register), "--unit", unit(register))
    assert "首次密码" in portal(register, "user", "password", "bureau").output
    assert "没有登录名" in portal(register, "user", "password", "nobody", code=1).output


def test_the_deployer_gives_a_role_and_enables_an_account_at_once(register: Path) -> None:
    portal(
        register,
        "user",
        "create",
        "--login",
        "deputy",
        "--name",
        "示例管理员",
        "--role",
        "office",
        "--jurisdiction",
        division(register),
    )
    given = portal(register, "user", "grant", "deputy", "--role", "administrator")
    assert "/link/" in given.output
    assert "已经有这项权限" in portal(register, "user", "grant", "deputy", "--role", "administrator", code=1).output
    portal(register, "user", "disable", "deputy")
    assert "已恢复" in portal(register, "user", "enable", "deputy").output
    assert ask(register, "select active from account where login = 'deputy'")


def ask(config: Path, sql: str):
    """One value of the portal's database."""

    async def work(call: Call):
        return await call.db.value(sql)

    return asyncio.run(commands.on_portal(Settings.read(config), work))


def division(config: Path) -> str:
    """The code of the region's top."""
    return ask(config, "select code from jurisdiction where region is not null limit 1")


def unit(config: Path) -> str:
    """The name of one of its units."""
    return ask(config, "select name from unit order by id limit 1")


def test_a_sheet_is_tried_then_taken_in_whole(register: Path, tmp_path: Path) -> None:
    import xlsxwriter
    from python_calamine import CalamineWorkbook

    template, sheet = tmp_path / "template.xlsx", tmp_path / "register.xlsx"
    portal(register, "import", "enterprises", "--region", REGION, "--template", str(template))
    head = CalamineWorkbook.from_path(str(template)).get_sheet_by_index(0).to_python()[0]
    village = ask(register, "select code from jurisdiction where kind in ('village', 'community') order by id limit 1")

    def write(*names: str) -> None:
        book = xlsxwriter.Workbook(str(sheet))
        page = book.add_worksheet()
        page.write_row(0, 0, head)
        for n, name in enumerate(names, 1):
            values = {"单位名称": name, "村或社区": village, "详细地址": "示例路1号", "宗地企业": "是" if name else ""}
            if name.startswith("注"):
                values = {"单位名称": name}
            page.write_row(n, 0, [next((value for key, value in values.items() if key in title), "") for title in head])
        book.close()

    count = "select count(*) from enterprise"
    before = ask(register, count)
    write("新一店（示例）", "")
    wrong = portal(register, "import", "enterprises", str(sheet), "--region", REGION, code=1)
    assert "第 3 行" in wrong.output
    assert "没有导入任何内容" in wrong.output
    write("新一店（示例）", "新二店（示例）", "注：[/填表人]")
    assert (
        "第 4 行没有作为数据读取（表下的说明）：注：[/填表人]"
        in portal(register, "import", "enterprises", str(sheet), "--region", REGION, "--dry-run").output
    )
    write("新一店（示例）", "新二店（示例）")
    assert (
        "检查通过，没有导入：新增 2"
        in portal(register, "import", "enterprises", str(sheet), "--region", REGION, "--dry-run").output
    )
    assert ask(register, count) == before
    done = json.loads(portal(register, "import", "enterprises", str(sheet), "--region", REGION, "--json").stdout)
    assert (done["rows"], done["came"], done["errors"], done["written"]) == (2, 2, [], True)
    assert ask(register, count) == before + 2
    assert "已撤销 2 处" in portal(register, "undo", done["import"]).output
    assert ask(register, count) == before


def test_boards_are_printed_with_a_manifest(register: Path, tmp_path: Path) -> None:
    out = tmp_path / "boards"
    words = ["boards", "print", "--region", REGION, "--size", "A4", "--out", str(out), "--json"]
    rows = json.loads(portal(register, *words, "--grid", "YQ01").stdout)
    (name,) = {row["name"] for row in rows} & {ask(register, "select name from grid where code = 'YQ01'")}
    printed = [row for row in rows if not row["refused"]]
    assert name in {row["name"] for row in printed}
    with (out / "manifest.csv").open(encoding="utf-8-sig") as file:
        listed = list(csv.DictReader(file))
    assert len(listed) == len(rows)
    assert {path.name for path in out.glob("**/*.pdf")} == {"合订 A4.pdf", *(Path(row["file"]).name for row in printed)}
    (address,) = codes_in((out / printed[0]["file"]).read_bytes())
    assert printed[0]["code"].upper() in address.upper()
    ask(register, "update enterprise set name = '\ue000店（示例）' where id = (select max(id) from enterprise) returning id")
    refused = json.loads(portal(register, *words, "--enterprise", "\ue000店（示例）", code=1).stdout)
    assert "\ue000" in refused[0]["refused"]


def test_boards_print_wants_exactly_one_choice(register: Path, tmp_path: Path) -> None:
    words = ["boards", "print", "--region", REGION, "--out", str(tmp_path)]
    assert "只要写一个" in portal(register, *words, code=2).output
    assert "没有找到" in portal(register, *words, "--enterprise", "没有这家", code=1).output
    assert (
        "没有启用地区“x”" in portal(register, "boards", "print", "--region", "x", "--all", "--out", str(tmp_path), code=1).output
    )


def test_doctor_names_a_plugin_that_cannot_be_used_and_looks_at_the_rest(config: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    replace(Settings.read(config), plugins=("nowhere",)).write(other)
    found = {row["what"]: row for row in json.loads(portal(other, "doctor", "--json", code=1).stdout)}
    assert [what for what, row in found.items() if not row["ok"]] == ["插件"]
    assert "插件“nowhere”没有安装" in found["插件"]["say"]
    assert "防篡改日志" in found


def test_doctor_finds_everything_in_order_and_says_what_is_not(register: Path) -> None:
    found = {row["what"]: row for row in json.loads(portal(register, "doctor", "--json").stdout)}
    assert all(row["ok"] for row in found.values())
    assert {"字体", "数据库", "防篡改日志", "公示网址"} <= set(found)

    async def tamper(call: Call) -> None:
        async def work() -> None:
            await call.db.rows("set local session_replication_role = replica")
            await call.db.rows("update ledger_entry set body = body || ' ' where id = 3")

        await call.db.run_tx(work)

    asyncio.run(commands.on_portal(Settings.read(register), tamper))
    assert "✗ 防篡改日志：第 3 条被改动" in portal(register, "doctor", code=1).output


def test_a_deployer_says_who_answered_that_a_document_still_holds(config: Path) -> None:
    def asked() -> list[str]:
        found = json.loads(CliRunner().invoke(main, ["--config", str(config), "doctor", "--json"]).stdout)
        return [row["say"] for row in found if row["what"] == "文件是否仍然有效" and row["ok"]]

    (before,) = asked()
    assert "是否仍然有效，还没有人确认" in before
    assert f"portal scheme confirm {REGION}" in before
    assert (
        "没有记下：地区“x”今天没有施行任何方案"
        in portal(config, "scheme", "confirm", "x", "--by", "钱某", "--yes", code=1).output
    )
    told = portal(config, "scheme", "confirm", REGION, "--by", "钱某", code=1, typed="n\n")
    assert "没有记下，什么也没有改动" in told.output
    assert asked() == [before]
    assert "经核实仍然有效" in portal(config, "scheme", "confirm", REGION, "--by", "政策法规科钱某（示例）", "--yes").output
    (after,) = asked()
    assert "核实过：政策法规科钱某（示例）" in after


def test_a_scheme_is_shown_stored_and_verified(config: Path) -> None:
    assert "LS-3b" in portal(config, "scheme", "show", REGION).output
    code = json.loads(portal(config, "scheme", "show", REGION, "--json").stdout)[0]["edition"]
    named = portal(config, "scheme", "show", REGION, "--edition", code).output
    assert named == portal(config, "scheme", "show", REGION).output
    assert {*named.splitlines()} == {*portal(config, "scheme", "show", REGION, "--edition", code, "--stored").output.splitlines()}
    assert f'"code":"{code}"' in portal(config, "scheme", "show", REGION, "--stored", "--json").output
    assert f"没有版本“x”。已有：{code}" in portal(config, "scheme", "show", REGION, "--edition", "x", code=1).output
    assert f"已存档：{code}" in portal(config, "scheme", "show", REGION, "--edition", "x", "--stored", code=1).output
    assert f"✓ 版本 {code} 与存档一致" in portal(config, "scheme", "verify", REGION).output
    assert json.loads(portal(config, "scheme", "show", REGION, "--json").stdout)
    assert "没有启用地区" in portal(config, "scheme", "verify", "x", code=1).output


def test_an_altered_edition_stops_its_own_region_and_no_other_command(config: Path) -> None:
    async def write(call: Call, stored: str) -> str:
        text = str(await call.db.value("select canonical from stored_edition"))

        async def work() -> None:
            await call.db.rows("set local session_replication_role = replica")
            await call.db.rows(
                "update stored_edition set canonical = $1, digest = $2",
                stored or text,
                sha256((stored or text).encode()).hexdigest(),
            )

        await call.db.run_tx(work)
        return text

    settings = Settings.read(config)
    text = asyncio.run(commands.on_portal(settings, lambda call: write(call, "")))
    asyncio.run(commands.on_portal(settings, lambda call: write(call, text.replace("网格长助理", "网格助理", 1))))
    try:
        assert "没有登录名为“nobody”的账号" in portal(config, "user", "disable", "nobody", code=1).output
        stopped = portal(config, "due", "--region", REGION, code=1).output
        assert "没有启用地区" in stopped or "还没有采用" in stopped
        told = portal(config, "migrate").output
        for word in (
            "规则与",
            "不同，差 1 处",
            "网格助理",
            "网格长助理",
            "只有地区",
            f"portal scheme adopt {REGION}",
            "scheme verify",
        ):
            assert word in told, word
        found = portal(config, "scheme", "verify", REGION, code=1).output
        assert "✗" in found
        assert "名称由“网格助理（环保）”改为“网格长助理（环保）”" in found
        assert "网格助理" in portal(config, "scheme", "show", REGION, "--stored", "--json").output
        findings = {row["what"]: row for row in json.loads(portal(config, "doctor", "--json", code=1).stdout)}
        assert [row["say"] for what, row in findings.items() if not row["ok"] and "还原插件" in row["say"]]
        # Shown and not agreed to, nothing is changed
        refused = portal(config, "scheme", "adopt", REGION, code=1, typed="n\n").output
        assert "名称由“网格助理（环保）”改为“网格长助理（环保）”" in refused
        assert "没有采用，什么也没有改动" in refused
        assert ask(config, "select count(*) from stored_edition") == 1
    finally:
        asyncio.run(commands.on_portal(settings, lambda call: write(call, text)))
    for words, said in ((["adopt", REGION, "--yes"], "没有要采用的"), (["adopt", "x", "--yes"], "没有启用地区“x”。已启用")):
        assert said in portal(config, "scheme", *words, code=1).output


def test_clauses_tell_what_is_proven_stated_and_missing(config: Path, tmp_path: Path) -> None:
    proofs = tmp_path / "proofs.json"
    proofs.write_text(json.dumps({"LS-3a": ["tests/x.py::test_y"]}))
    rows = {row["id"]: row for row in json.loads(portal(config, "clauses", "--json", "--proofs", str(proofs)).stdout)}
    assert rows["LS-3a"]["status"] == "proven"
    assert rows["LS-3b"]["status"] == "stated"
    assert rows["LS-5"]["status"] in {"missing", "stated"}
    assert {"WZ-13", "SD-17a", "PB-1", "NAT-AQF-73.2"} <= set(rows)
    # What we took of a text of the state that we have not read whole is told as such, with the rules that rest on it
    taken = rows["NAT-2018-19-days"]
    assert (taken["status"], taken["at"], taken["tests"]) == ("assumed", "安监总财〔2018〕19号", [])
    assert "未见全文，以主管部门解释为准" in taken["gist"]
    assert "Route report" in taken["rules"]
    # What no rule states and none will, is told with what executes it
    assert (rows["CZ-6.4"]["status"], rows["LS-3b"]["otherwise"]) == ("otherwise", None)
    assert rows["CZ-6.4"]["otherwise"] in portal(config, "clauses", "--region", "changzhou", "--proofs", str(proofs)).output
    assert (rows["NAT-AQF-76"]["status"], rows["NAT-AQF-76"]["otherwise"][:2]) == ("otherwise", "不做")
    assert rows["WZ-21"]["rules"] == ["InForce wuzhong-trial"]
    only = json.loads(portal(config, "clauses", "--json", "--region", "wuzhong", "--proofs", str(proofs)).stdout)
    assert {row["region"] for row in only} == {"wuzhong"}
    portal(config, "clauses", "--strict", "--proofs", str(proofs), code=1)


def test_plugins_are_listed_and_checked(config: Path) -> None:
    names = [row["name"] for row in json.loads(portal(config, "plugins", "--json").stdout)]
    assert names == ["changzhou", "lishui", "shandong", "tianjin", "wuzhong"]
    assert "没有错误" in portal(config, "plugin", "check", "wuzhong").output
    assert "没有安装" in portal(config, "plugin", "check", "x", code=1).output


def test_what_the_disk_refuses_is_a_sentence(config: Path, tmp_path: Path) -> None:
    (secret := tmp_path / "secret").write_text("five crows and a barrel")
    secret.chmod(0o600)
    (tmp_path / "file").touch()
    told = portal(config, "backup", str(tmp_path / "file" / "kept"), "--passphrase-file", str(secret), code=1).output
    assert f"不能用 {tmp_path}/file/kept" in told
    assert "改正以后可以再运行" in told
    portal(tmp_path, "doctor", code=1)
    secret.write_bytes(b"\xff\xfe five crows and a barrel")
    assert "UTF-8" in portal(config, "backup", str(tmp_path / "kept"), "--passphrase-file", str(secret), code=1).output
    portal(config, "restore", str(secret), "--verify", "--database-url", "postgresql://x", code=2)


def test_what_cannot_be_connected_to_says_what_to_look_at(config: Path, tmp_path: Path) -> None:
    """The embedded server, as if it were one of the deployer's own; and places where there is none."""
    server = EmbeddedServer(Settings.read(config).data)
    server.start(new=False)
    try:
        own = {**server.connection(), "host": server.socket}
        for url, said in (
            ("postgresql://portal:very-secret@/portal?host={host}", "核对用户名、密码"),
            ("postgresql://portal:{password}@/nowhere?host={host}", "createdb"),
            ("postgresql://portal:x@no-such-host.invalid/portal", "找不到这台主机"),
            ("postgresql://portal:x@127.0.0.1:1/portal", "没有数据库应答"),
        ):
            path = tmp_path / "portal.toml"
            Settings(data=tmp_path / "data", database_url=url.format(**own)).write(path)
            for words in (["doctor"], ["serve"], ["user", "disable", "nobody"]):
                told = portal(path, *words, code=1).output
                assert said in told
                assert "very-secret" not in told
                assert str(own["password"]) not in told
    finally:
        server.stop()


def test_a_data_folder_that_is_a_file_and_a_lost_password_are_told(config: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "data 要是一个文件夹" in portal(tmp_path / "new.toml", "init", "--data", str(tmp_path / "file"), code=1).output
    path = tmp_path / "portal.toml"
    path.write_text('data = "file"')
    for words in (["doctor"], ["serve"], ["migrate"]):
        assert "data 要是一个文件夹" in portal(path, *words, code=1).output
    password = Settings.read(config).data / "postgres.password"
    kept = password.read_bytes()
    try:
        password.write_text("another\n")
        assert f"{password} 里的数据库密码不对" in portal(config, "doctor", code=1).output
    finally:
        password.write_bytes(kept)


def test_the_doctor_goes_on_to_the_end_where_a_file_is_in_the_way(config: Path) -> None:
    generation = Settings.read(config).data / "public.generation"
    generation.rename(kept := generation.with_name("kept"))
    generation.mkdir()
    try:
        found = {row["what"]: row for row in json.loads(portal(config, "doctor", "--json", code=1).stdout)}
        assert f"{generation}：那里是文件夹，不是文件" in found["数据文件夹"]["say"]
        assert "字体" in found
    finally:
        generation.rmdir()
        kept.rename(generation)


def test_a_register_whose_keys_are_lost_gets_no_others(config: Path, tmp_path: Path) -> None:
    data = Settings.read(config).data
    (data / "keys.json").rename(tmp_path / "keys.json")
    try:
        told = portal(tmp_path / "again.toml", "init", "--data", str(data), "--region", REGION, code=1).output
        assert "找不到密钥文件" in told
        assert not (data / "keys.json").exists()
        assert not (tmp_path / "again.toml").exists()
    finally:
        (tmp_path / "keys.json").rename(data / "keys.json")


def test_a_backup_needs_no_plugin(config: Path, tmp_path: Path) -> None:
    (secret := tmp_path / "secret").write_text("\ufefffive crows and a barrel\n")
    secret.chmod(0o600)
    without = config.with_name("pulled.toml")
    replace(Settings.read(config), plugins=("pulled",)).write(without)
    assert "“pulled”没有安装" in portal(without, "user", "disable", "nobody", code=1).output
    portal(without, "backup", str(tmp_path / "kept"), "--passphrase-file", str(secret))
    (made,) = (tmp_path / "kept").glob("*.keys")
    assert read_keys(made, "five crows and a barrel").ring, "the mark of an editor is no part of the passphrase"


def test_who_is_told_to_end_removes_what_is_half_done(config: Path, tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\nfrom portal.cli import ended_in_order\nsignal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "with ended_in_order():\n    try:\n        os.kill(os.getpid(), signal.SIGHUP)\n        signal.pause()\n"
        "    finally:\n        print('removed')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (128 + signal.SIGHUP, "removed\n")


def test_a_backup_is_made_and_verified_by_commands_and_the_passphrase_is_never_an_argument(
    register: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text("五只乌鸦喝了三桶蓝墨水 又飞走了\n")
    secret.chmod(0o644)
    assert "chmod 600" in portal(register, "backup", str(tmp_path / "kept"), "--passphrase-file", str(secret), code=1).output
    secret.chmod(0o600)
    made = portal(register, "backup", str(tmp_path / "kept"), "--passphrase-file", str(secret)).output
    (data,) = (tmp_path / "kept").glob("*.backup")
    assert str(data) in made
    told = portal(register, "restore", str(data), "--verify", "--passphrase-file", str(secret)).output
    assert "差异：0" in told
    assert "没有密钥的：0 件" in told
    typed = CliRunner().invoke(main, ["restore", str(data), "--verify"], input="something else altogether\n")
    assert typed.exit_code == 1
    assert "口令不对" in typed.output
    for words in (["--verify", "--into", str(tmp_path / "new")], []):
        assert CliRunner().invoke(main, ["restore", str(data), *words]).exit_code == 2
    for path, command in every_command(main):
        options = [name for one in command.params for name in one.opts]
        assert not [name for name in options if "passphrase" in name and name != "--passphrase-file"], path


def test_a_time_that_does_not_fit_is_told_by_the_doctor_and_ends_when_a_person_confirms(config: Path) -> None:
    keeper = Timekeeper(Settings.read(config).data / "clock.json")
    state = keeper.confirmed()
    keeper.keep(replace(state, at=state.at + timedelta(days=3)))
    told = CliRunner().invoke(main, ["--config", str(config), "doctor"])
    assert "✗ 时间：服务器时间比门户已有的记录早" in told.output
    assert "portal time confirm" in told.output
    assert keeper() > state.at + timedelta(days=2)
    portal(config, "time", "confirm")
    assert keeper.notice() is None
    assert keeper() < state.at + timedelta(days=1)
    assert "✓ 时间：" in CliRunner().invoke(main, ["--config", str(config), "doctor"]).output


def test_ctrl_c_ends_a_server_with_all_that_it_started_and_without_a_word(register: Path, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = tmp_path / "portal.toml"
    replace(Settings.read(register), port=port).write(own)
    with (tmp_path / "said").open("w+") as said:
        command = [sys.executable, "-m", "portal.cli", "--config", str(own), "serve"]
        # A terminal sends it to everybody in the foreground
        process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)
        try:
            until = time.monotonic() + 90
            while process.poll() is None and time.monotonic() < until:
                with suppress(httpx.HTTPError):
                    if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == httpx.codes.OK:
                        break
                time.sleep(0.05)
            # The worker is still on its way up
            os.killpg(process.pid, signal.SIGINT)
            assert process.wait(60) == 0
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        said.seek(0)
        # Long lines are broken where the terminal ends
        where, _, more = re.sub(r"\s", "", said.read()).partition("（按Ctrl+C停止）")
        assert where.startswith("网站：http://")
        assert more == '只有本机能打开。别的机器要用的，在前面放反向代理，或在portal.toml写host="0.0.0.0"。'
