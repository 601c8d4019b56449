"""The words that people read: one name for a thing, whole sentences, and after each form a sentence about what was done."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes

from portal.pages.office.enterprises import EnterprisePages
from portal.pages.office.grids import GridPages
from portal.pages.office.jurisdictions import JurisdictionPages
from portal.pages.office.people import PeoplePages
from portal.pages.office.register import RegisterPages, ReopenPages
from portal.pages.office.units import UnitPages
from portal.terms import CASE_STEP, COMPLAINT_STEP, say
from portal.web.pages import SAID
from tests.test_architecture import ROOT

PAGES = ROOT / "portal" / "pages"
# Whom these speak to: who writes a plugin, who deploys and tries
WRITERS = ("portal/plugin_kit/", "portal/demo/", "portal/workshop/", "portal/scheme/check", "portal/scheme/kinds.py")

# Words that officials do not use or citizens may misread, with what is said instead
NOT_SAID = {
    "指纹": "校验值",
    "保管": "受理",
    "推定": "暂定",
    "不真实": "需重印",
    "牌号": "公示牌编号",
    "投诉此人": "投诉网格人员",
    "来件人": "反映人、投诉人",
    "被反映的人": "被投诉人",
    "追问": "请补充情况",
    "送给": "转交、由……办理",
    "督促答复": "督办",
    "漏做": "逾期未完成",
    "应做": "应完成",
    "已做": "已完成",
    "待做": "待完成",
    "应尽职责": "履职任务",
    "五全": "覆盖和履职情况",
    "细化": "本地更严规定",
    "归处": "所属网格",
    "所归": "所属网格",
    "归入": "纳入网格",
    "归到": "纳入网格",
    "未归": "未纳入网格",
    "登记里": "登记的",
    "对应到": "关联",
    "当然兼任": "依职务兼任",
    "任命": "安排任职",
    "缺口": "岗位空缺",
    "第二重": "二次验证",
    "收下": "上传",
    "印好": "已生成",
    "成批": "批量",
    "镇街": "乡镇（街道）",
    "已超期": "已逾期",
    "怎么办": "操作",
    "这条线": "无隶属关系",
    "账本": "防篡改日志",
    "后台工人": "后台任务",
    "逐字核对": "不写没有核对过的话",
    "反悔": "撤回",
    "开账号": "新建账号",
    "手机丢了": "手机遗失",
    "没有看懂": "无法识别",
    "没有办成": "没有办理成功",
    "别担心": "不哄人",
}
# What pages say to nobody, not even to officials: what only whoever deploys can do, and what only we call so
NOT_ON_PAGES = dict.fromkeys(("portal.toml", "portal serve", "portal user", "portal doctor"), "联系部署人员") | {"门户": "本网站"}
# What officials say, and citizens do not know
NOT_TO_CITIZENS = {"条线": "部门", "二次验证": "工作人员才有", "辖区": "地区"}
EXCEPT = {("牌号", "portal/imports/kinds/enterprises.py"): "门牌号 is of an address"}

# Figures among characters stand between blanks; periods are written as documents write them, a sheet is named without
AMONG = re.compile(r"[\u4e00-\u9fff]\{(n|now|held|minutes|idle)\}|\{(n|now|held|minutes|idle)\}[\u4e00-\u9fff]")
PERIODS = ("portal/scheme/calendar.py", "portal/scheme/refining.py", "portal/obligations/rules.py", "portal/imports/templates.py")


@cache
def parsed(path: Path) -> ast.Module:
    """A module of ours."""
    return ast.parse(path.read_text())


def calls(path: Path, *names: str) -> Iterator[ast.Call]:
    """The calls of functions with these names."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


@cache
def said() -> tuple[tuple[str, str], ...]:
    """Every sentence that is marked for people, with the file that it stands in."""
    found = []
    for path in sorted((ROOT / "portal").rglob("*.py")):
        if not path.relative_to(ROOT).as_posix().startswith(WRITERS):
            for call in calls(path, "say"):
                found += [(path, one.value) for one in call.args if isinstance(one, ast.Constant)]
    env = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for path in sorted((ROOT / "portal").rglob("*.html")):
        for call in env.parse(path.read_text()).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_":
                found += [(path, one.value) for one in call.args if isinstance(one, nodes.Const)]
    return tuple((path.relative_to(ROOT).as_posix(), str(text)) for path, text in found)


def to_citizens(file: str) -> bool:
    """Whether somebody reads it who is not signed in."""
    return file.startswith(("portal/pages/public/", "portal/web/templates/errors/", "portal/web/templates/components/public"))


def wrong_words(words: dict[str, str], files: Iterator[tuple[str, str]]) -> list[str]:
    """Where one of the words is said all the same."""
    return [
        f"{file}：“{text}”里的“{word}”，说“{better}”"
        for file, text in files
        for word, better in words.items()
        if word in text and (word, file) not in EXCEPT
    ]


def test_no_word_that_officials_do_not_use_or_citizens_misread_is_said() -> None:
    assert len(said()) > 2_000
    assert wrong_words(NOT_SAID, iter(said())) == []


def test_pages_name_no_command_and_citizens_read_no_word_of_offices() -> None:
    pages = [(file, text) for file, text in said() if file.endswith(".html")]
    assert wrong_words(NOT_ON_PAGES, iter(pages)) == []
    citizens = [(file, text) for file, text in said() if to_citizens(file)]
    assert len(citizens) > 150
    assert wrong_words(NOT_TO_CITIZENS, iter(citizens)) == []


def test_each_exception_is_still_needed() -> None:
    assert [key for key in EXCEPT if not any(key[0] in text for file, text in said() if file == key[1])] == []


def test_figures_stand_between_blanks_and_dates_end_in_their_own_word() -> None:
    own = [(file, text) for file, text in said() if not file.startswith(PERIODS)]
    assert [found for found in own if AMONG.search(found[1])] == []
    dates = re.compile(r"\{(since|until)\} [\u4e00-\u9fff]|已于 \{day\} ")
    assert [found for found in own if dates.search(found[1])] == []


def test_a_date_in_a_sentence_is_written_as_people_write_it() -> None:
    assert say("已于 {day}停用。", day=date(2026, 11, 28)) == "已于 2026年11月28日停用。"
    for path in sorted((ROOT / "portal").rglob("*.py")):
        for call in calls(path, "say"):
            assert "isoformat" not in ast.unparse(call), (path, call.lineno)


# What is said after a form


def kinds(base: type[RegisterPages]) -> list[str]:
    """The subjects whose pages do what this base does."""
    every: list[type[RegisterPages]] = [JurisdictionPages, UnitPages, GridPages, PeoplePages, EnterprisePages]
    return [one.kind for one in every if issubclass(one, base)]


def acts(node: ast.expr) -> list[str]:
    """The acts that an argument of ``go`` may name."""
    match node:
        case ast.Constant(value=str(act)):
            return [act]
        case ast.IfExp(body=one, orelse=other):
            return acts(one) + acts(other)
        case ast.JoinedStr(values=[ast.FormattedValue(value=ast.Attribute(attr="kind")), ast.Constant(value=str(end))]):
            return [f"{kind}{end}" for kind in kinds(ReopenPages if end == "_reopened" else RegisterPages)]
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), ast.FormattedValue(value=ast.Name(id="step"))]):
            steps = CASE_STEP if start == "case_" else COMPLAINT_STEP
            return [f"{start}{step}" for step in steps if step not in ("add", "turn")]
        case ast.Name(id="said"):  # handed on by a helper, whose calls are looked at
            return []
    raise AssertionError(ast.unparse(node))


def named() -> list[tuple[str, str]]:
    """Every act that some page goes on with, and where."""
    found = []
    for path in sorted(PAGES.rglob("*.py")):
        for call in calls(path, "go", "_said", "_propose"):
            at = {"go": 1, "_said": 2, "_propose": 3}[call.func.id if isinstance(call.func, ast.Name) else ""]
            if len(call.args) > at:
                found += [(act, f"{path.relative_to(ROOT)}:{call.lineno}") for act in acts(call.args[at])]
    return found


def test_every_act_that_a_page_goes_on_with_has_its_sentence_and_none_is_left_over() -> None:
    found = named()
    assert len(found) > 60
    assert [where for act, where in found if act not in SAID] == []
    assert set(SAID) - {act for act, _ in found} == set()


def test_no_sentence_is_said_after_two_acts_and_no_act_is_done_in_two_ways() -> None:
    sentences = [str(text) for text in SAID.values()]
    assert sorted(sentences) == sorted(set(sentences))
    acts_ = [act for act, _ in named()]
    assert sorted(act for act in set(acts_) if acts_.count(act) > 1 and act != "asked") == []


def test_a_sentence_about_an_act_says_that_it_was_done() -> None:
    assert [text for text in SAID.values() if not re.search("已|正在", text) or len(text) < 5] == []
