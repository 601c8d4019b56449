"""Every kind of mistake that a plugin may have is named in plain words, with the line to mend and how to mend it.

The mistakes are made in the region of the guide, one at a time: a text is replaced by another, in a file of the plugin.
"""

import json
import re
import shutil
import sys
import time
from dataclasses import fields, replace
from datetime import date
from importlib.metadata import EntryPoint
from itertools import combinations, product
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from portal.cli import main
from portal.errors import SetupError
from portal.plugin_kit.checking import check, importable
from portal.plugin_kit.lines import Lines, sources
from portal.plugins import GROUP
from portal.scheme import national
from portal.scheme.checks import findings
from portal.scheme.predicates import holds, worlds
from portal.scheme.words import (
    AllOf,
    AnyOf,
    Assumption,
    Class,
    Clause,
    Duty,
    Edition,
    Every,
    Fact,
    InForce,
    Is,
    Kind,
    N,
    Not,
    Per,
    Region,
    Route,
    Rule,
    Section,
    Who,
)
from portal.scheme.worlds import Search
from tests.docs.guide import followed
from tests.plugins.conftest import REGIONS
from tests.sample_region.scheme import SAMPLE

SCHEME, CLAUSES, INIT = (f"portal_harbour/{name}.py" for name in ("scheme", "clauses", "__init__"))
ROOT = Path(__file__).parent.parent.parent
WORDS = (*Rule.__args__, Clause, Section, Edition, InForce, Region)
UNITS, GRIDS, DIVISIONS = (f"portal_harbour/example/{name}.csv" for name in ("units", "grids", "divisions"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin of the guide, without a mistake."""
    return followed(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def harbour(sound: Path, tmp_path: Path) -> Path:
    """A copy to make mistakes in."""
    return shutil.copytree(sound, tmp_path / sound.name)


def spoilt(folder: Path, file: str, old: str, new: str) -> int:
    """Replace the first ``old`` by ``new``; the line where that begins (a ``¦`` in ``new`` marks another one)."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"the guide has no {old!r} any more"
    text = text.replace(old, new, 1)
    at = text.index("¦") if "¦" in new else text.index(new) if new else 0
    path.write_text(text.replace("¦", ""), encoding="utf-8")
    return text[:at].count("\n") + 1


def named(folder: Path, what: str, *, hint: bool = False) -> tuple[str, int | None, str]:
    """The finding that says so: its file, its line, and how to mend it."""
    found = check(str(folder), [])
    one = next((one for one in found if what in one.what and one.hint is hint), None)
    assert one is not None, [str(one) for one in found]
    return (one.place.file, one.place.line, one.mend) if one.place else ("", None, one.mend)


ERRORS = [
    # classes and placement
    (
        'when=Not(AnyOf((Is("central"), KEY, SHOP)))',
        'when=Is("nowhere")',
        "不存在的事实“nowhere”",
        "已有的事实：central、hazardous、size",
    ),
    ('when=Is("central"), basis', 'when=Is("central", "maybe"), basis', "没有“maybe”这个值", "no、yes"),
    ('name="小场所", when=SHOP', 'name="小场所", when=Is("size", "shop")', "同时属于", "收窄"),
    (
        '    Placement(klass="shop", tiers=("village",), basis=hb.FIRMS),\n',
        "",
        "没有写归入哪一层网格",
        'Placement(klass="shop", …)',
        'Class(code="shop"',
    ),
    (
        'Placement(klass="central", direct="bureau"',
        'Placement(klass="central", tiers=("town",), direct="bureau"',
        "既归入网格，又由部门直接监管",
        "只写其中一个",
    ),
    ('Placement(klass="central", direct="bureau"', 'Placement(klass="central"', "既不归入网格，也不由部门直接监管", "direct="),
    (
        '    Placement(klass="shop"',
        '    Placement(klass="key", tiers=("village",), basis=hb.GRIDS),\n    Placement(klass="shop"',
        "同一个代码写了2次",
        "删去重复",
        'Placement(klass="key", tiers=("village",)',
    ),
    # tiers
    (
        'of=Ground.ENTERPRISE, within="village"',
        'of=Ground.ENTERPRISE, within="firm"',
        "层级互相包含：firm → firm",
        "删去其中一个 within",
    ),
    (
        'of=Ground.TOWN, within="port"',
        'of=Ground.TOWN, within="village"',
        "由乡镇（街道）构成，却在由村（社区）构成的“村级网格”里面",
        "对调",
    ),
    (
        'Tier(code="village", name="村级网格", of=Ground.VILLAGE, within="town"',
        'Tier(code="village", name="村级网格", of=Ground.VILLAGE, within="firm"',
        "里面不能再有网格",
        "更大的一层",
    ),
    (
        'klass="key", tiers=("firm",), basis=hb.FIRMS),\n    Placement(klass="plant", tiers=("firm",)',
        'klass="key", tiers=("village",), basis=hb.FIRMS),\n    Placement(klass="plant", tiers=("village",)',
        "永远不会有网格",
        'tiers=("firm",)',
        'Tier(code="firm"',
    ),
    # posts that nobody can hold
    ('per=(Per(tier="firm"),)', "per=()", "谁也不能担任", "用 per="),
    ('per=(Per(tier="firm"),)', 'per=(Per(tier="firms"),)', "不存在的层级“firms”", "已有的层级"),
    ('per=(Per(unit="fire-brigade"),)', 'per=(Per(unit="brigade"),)', "不存在的部门“brigade”", "fire-brigade"),
    ('per=(Per(klass="key"),)', 'per=(Per(klass="keys"),)', "不存在的类别“keys”", "central、key、plant、shop"),
    ('per=(Per(klass="key"),)', 'per=(Per(klass="key", tier="port"),)', "要且只要写 tier、unit、klass 之一", "拆成几个 Per"),
    (
        'Per(tier="village", inside=STREET)',
        'Per(tier="village", inside=STREET, beyond=("982490",))',
        "一处也不剩",
        "改正 inside 或 beyond",
    ),
    (
        'Per(tier="village", where="community")',
        'Per(tier="village", where="town")',
        "没有由“town”构成的网格",
        "community、village",
    ),
    ("count=N(0, 2)", "count=N(3, 2)", "人数上限 2 小于下限", "N(下限, 上限)"),
    ("count=N(0, 2)", "count=N(0, 0)", "谁也不能担任", "N(下限, 上限)"),
    ('ex_officio="station-head"', 'ex_officio="emergency-head"', "绕成了一圈：emergency-head → emergency-head", "删去"),
    (
        'name="应急办主任",\n        per=(Per(unit="station"),)',
        'name="应急办主任",\n        ¦per=(Per(unit="bureau"),)',
        "那个岗位不设在“bureau”",
        "per 写成一样",
    ),
    ('ex_officio="station-head"', 'ex_officio="station-heads"', "不存在的岗位“station-heads”", "已有的岗位"),
    (
        'name="企业安全员",\n        per=(Per(tier="firm"),),',
        'name="企业安全员",\n        per=(Per(tier="firm"),),\n        ¦filled_by=("warden",),',
        "或不设在同样的地方",
        "filled_by",
    ),
    (
        'name="企业安全员",\n        per=(Per(tier="firm"),),',
        'name="企业安全员",\n        per=(Per(tier="firm"),),\n        ¦filled_by=("firm-warden",),',
        "那是它自己",
        "filled_by",
    ),
    (
        'name="企业安全员",\n        per=(Per(tier="firm"),),',
        'name="企业安全员",\n        per=(Per(tier="firm"),),\n        ¦filled_by=("firm-wardens",),',
        "不存在的岗位“firm-wardens”",
        "已有的岗位",
    ),
    (
        'name="网格长", per=(Per(tier="port"), Per(tier="town"))',
        'name="网格长", answers_to=("warden",), per=(Per(tier="port"), Per(tier="town"))',
        "绕成了一圈：",
        "删去其中一个 answers_to",
    ),
    (
        'who="bound-leader",\n        says="每季度到所包企业走访督促",\n        act=Act.PATROL,\n        on=(Per(klass="key"),),',
        'says="每季度到所包企业走访督促",\n        ¦act=Act.PATROL,',
        "没有写谁来做，也没有写对什么做",
        "on=(Per(unit=…),)",
    ),
    (
        '        act=Act.PATROL,\n        on=(Per(klass="key"),)',
        '        on=(Per(klass="key"),)',
        "写了 on，却没有 act",
        "Act.PATROL",
    ),
    (
        'act=Act.PATROL,\n        on=(Per(klass="key"),)',
        'act=Act.PATROL,\n        ¦on=(Per(klass="shop"),)',
        "够不着“小场所”类企业，没有人欠它",
        "改 who",
    ),
    (
        'act=Act.PATROL,\n        on=(Per(klass="key"),)',
        'act=Act.PATROL,\n        ¦on=(Per(tier="town"),)',
        "够不着“镇级网格”网格，没有人欠它",
        "改 who",
    ),
    (
        'act=Act.TRAINING,\n        on=(Per(unit="station"),)',
        'who="station-head",\n        act=Act.TRAINING,\n        ¦on=(Per(tier="port"),)',
        "“安监站站长”设在“镇安监站”，够不着“港区网格”网格",
        "改 who",
    ),
    (
        'act=Act.TRAINING,\n        on=(Per(unit="station"),)',
        'act=Act.TRAINING,\n        ¦on=(Per(tier="town"),)',
        "on 里有不是部门的",
        "Per(unit=…)",
    ),
    ('Duty(code="firm-rounds", who="firm-warden", ', 'Duty(code="firm-rounds", ', "没有写谁来做", "who="),
    ("every=Every(months=6)", "every=Every()", "只要写 months、weeks 之一", "Every(months=2)"),
    ("every=Every(months=6)", "every=Every(months=24)", "每24个月一次，计数的周期太长", "months=12 或 weeks=53"),
    ("times_a_year=4", "times_a_year=400", "一年 400 次做不到", "1 到 366"),
    ('points=("消防通道", "用电")', 'points=("消防通道、楼梯", "用电")', "要点“消防通道、楼梯”里有分隔号", "分成几个要点"),
    (
        '    Duty(code="advice"',
        '    Duty(\n        code="again", who="bound-leader", says="每月走访", act=Act.PATROL, on=(Per(klass="key"),), ¦every=MONTHLY, basis=hb.VISITS,\n    ),\n    Duty(code="advice"',
        "这里每月一次，而 leader-visit 是每季度一次",
        "留下一个",
    ),
    # who may do it in law
    (
        'act=Act.PATROL,\n        on=(Per(klass="key"),)',
        '¦act=Act.CHECK,\n        on=(Per(klass="key"),)',
        "“包保领导”没有执法资格，不能检查",
        "写 act=Act.PATROL",
    ),
    (
        'act=Act.PATROL,\n            on=(Per(klass="*"),)',
        'act=Act.CHECK,\n            on=(Per(klass="*"),)',
        "“网格员”没有执法资格，不能检查",
        "capacity=Capacity.ENFORCE",
    ),
    (
        'Duty(code="firm-rounds", who="firm-warden", says="每天班前看一遍本单位", basis',
        'Duty(code="firm-rounds", who="firm-warden", says="每天班前看一遍本单位", act=Act.CHECK, on=(Per(tier="firm"),), every=Every(weeks=1), basis',
        "“企业安全员”没有执法资格，不能检查",
        "写 act=Act.PATROL",
    ),
    (
        'act=Act.MEETING,\n        on=(Per(unit="bureau"),)',
        '¦act=Act.CHECK,\n        on=(Per(unit="bureau"),)',
        "没有写由哪个执法岗位检查",
        "act=Act.SUPERVISION",
    ),
    (
        'act=Act.PATROL,\n        on=(Per(klass="key"),)',
        '¦act=Act.SUPERVISION,\n        on=(Per(klass="key"),)',
        "督查是对网格、部门和人员的，不能对企业",
        "act=Act.PATROL",
    ),
    (
        'Duty(code="firm-rounds", who="firm-warden", ',
        'Duty(code="firm-rounds", who="firm-warden", or_who=("warden",), ',
        "写了 or_who，却没有写 on",
        "其余的岗位写进 or_who",
    ),
    (
        '    Duty(code="advice"',
        '    Duty(\n        code="again", who="bound-leader", says="每季度去看", act=Act.PATROL, on=(Per(klass="key"),), every=QUARTERLY, ¦formerly=("每季度到所包企业走访督促",), basis=hb.VISITS,\n    ),\n    Duty(code="advice"',
        "“每季度到所包企业走访督促”也是这个岗位另一条职责的说法",
        "只写给其中一条",
    ),
    (
        'says="每天班前看一遍本单位"',
        '¦formerly=("班前看一遍",), says="每天班前看一遍本单位"',
        "写了 formerly，却没有 act",
        "Act.PATROL",
    ),
    (
        'who="bound-leader",\n        says',
        'who="bound-leader",\n        ¦or_who=("leader",),\n        says',
        "不存在的岗位“leader”",
        "已有的岗位",
    ),
    (
        'who="bound-leader",\n        says="每季度到所包企业走访督促",\n        act=Act.PATROL,\n        on',
        'who="bound-leader",\n        or_who=("firm-warden", "direct-officer"),\n        says="每季度到所包企业走访督促",\n        act=Act.PATROL,\n        ¦on',
        "“直接监管责任人”设在“中央企业”类企业，够不着“重点企业”类企业",
        "改 who",
    ),
    ('to=("station",)', 'to=("stations",)', "不存在的部门“stations”", "已有的部门"),
    ('attends=("station-head",)', 'attends=("chief",)', "不存在的岗位“chief”", "已有的岗位"),
    ('on=(Per(klass="*"),),', 'on=(Per(klass="*"), Per(tier="village")),', "on 里既有企业，又有网格，算不到一起", "分成几条职责"),
    ('on=(Per(klass="*"),),', 'on=(Per(klass="shop", tier="firm"),),', "够不着“企业网格”网格里的“小场所”类企业", "改 who"),
    (
        'on=(Per(klass="*"),),',
        'on=(Per(unit="station", tier="firm"),),',
        "on 的一个 Per 要写 tier、unit、klass 之一，或 klass 和 tier",
        "拆成几个 Per",
    ),
    ("count=N(0, 2)", "count=N(0, 2), usual=3", "原则上 3 人，不在人数上下限之内", "改正 usual"),
    (
        'per=(Per(tier="firm"),),',
        'per=(Per(tier="firm"),),\n        ¦every_office=True,',
        "写了 every_office，却没有写是哪个部门的人",
        "staffed_by",
    ),
    (
        'per=(Per(tier="firm"),),',
        'per=(Per(tier="firm"),),\n        ¦everyone=True,',
        "写了 everyone，却没有写是哪个部门的人",
        "staffed_by",
    ),
    (
        'per=(Per(tier="firm"),),',
        'per=(Per(tier="firm"),),\n        ¦staffing=Force.MUST,',
        "写了 staffing，却没有写是哪个部门的人",
        "staffed_by",
    ),
    ("limit_yuan=50_000", 'toward=Is("nowhere"), limit_yuan=50_000', "不存在的事实“nowhere”", "central"),
    (
        'by="station", at="bureau"',
        'by="bureau", at="station"',
        "报送的“区应急管理局”不比备案的“镇安监站”更靠近网格",
        "by 写镇一级",
    ),
    # powers, lines, filing
    ('limit_yuan=50_000, above="bureau"', "limit_yuan=50_000", "没有写超过的交给谁", "above="),
    ('limit_yuan=50_000, above="bureau"', 'above="bureau"', "却没有上限", "limit_yuan"),
    ('posts=("officer",), limit', "posts=(), limit", "没有写谁有这项职权", "posts="),
    (
        'posts=("officer",), limit_yuan=50_000, above="bureau"',
        'posts=("warden",), limit_yuan=50_000, above="bureau"',
        "“网格员”没有执法资格，不能有执法职权",
        "ENFORCE",
    ),
    (
        'posts=("officer",), limit_yuan=50_000, above="bureau"',
        'posts=("station-head",)',
        "“安监站站长”没有执法资格，不能有执法职权",
        "从 posts 去掉",
    ),
    ('unit="fire-brigade", posts', 'unit="fire", posts', "不存在的部门“fire”", "fire-brigade"),
    ('tiers=("village",), by="station"', 'tiers=("villages",), by="station"', "不存在的层级“villages”", "已有的层级"),
    # boards
    ('shows=Shown.LINES, lines=("fire", "port")', "shows=Shown.LINES", "栏目“条线责任人”没有内容", "lines=(…,)"),
    (
        'shows=Shown.WORDS,\n        says=("发现险情先撤离，再报告。", "不向监管人员送钱送物。"),',
        "shows=Shown.WORDS,",
        "栏目“请您记住”没有内容",
        "says=(…,)",
    ),
    (
        'shows=Shown.SERVICES, posts=("warden",)',
        'shows=Shown.SERVICES, posts=("head",)',
        "栏目“服务”没有内容：这些岗位没有写服务",
        "serves=True",
    ),
    (
        'shows=Shown.DUTIES, posts=("firm-warden", *WARDEN_POSTS)',
        'shows=Shown.DUTIES, posts=("head",)',
        "栏目“职责”没有内容：这些岗位没有写职责",
        "Duty(who=…",
    ),
    ('code="words"', 'code="people"', "有两个栏目叫“people”", "各自的 code", "sections=SECTIONS"),
    (
        'leads=("firm-warden", "direct-officer", *WARDEN_POSTS, "head")',
        'leads=("bound-leader",)',
        "网格的牌上不会有“包保领导”",
        "至少要有一个",
    ),
    (
        'leads=("firm-warden", "direct-officer", *WARDEN_POSTS, "head")',
        'leads=("firm-warden", *WARDEN_POSTS, "head")',
        "“中央企业”类企业的牌上没有主要责任人",
        "leads 里加一个",
    ),
    ('leads=("firm-warden", "direct-officer", *WARDEN_POSTS, "head")', "leads=()", "没有写牌上的主要责任人", "leads="),
    (
        'for of in ("grid", "enterprise")',
        'for of in ("grid", "grids")',
        "没有生产经营单位的公示牌",
        'Board(of="enterprise", …)',
        "rules=(",
    ),
    (
        "rules=(*UNITS",
        'rules=(Board(code="more", of="grid", title="x", leads=("head",), issuer="bureau", supervision="bureau", sections=(), basis=hb.BOARD), *UNITS',
        "网格的公示牌写了2块：more、grid-board",
        "留下一块",
        "of=of",
    ),
    # routes
    ('else_outside="12350"', 'else_outside="bureau"', "最后还是到“区应急管理局”，没有出这条线", "outside=True"),
    (
        'else_outside="12350"',
        '¦else_outside="12345"',
        "举报最后到 12345（政务服务便民热线），它不受理举报，会转回主管部门",
        "gist 里写上 12345",
    ),
    ('else_outside="12350"', 'else_outside="12388"', "举报最后到 12388（纪检监察举报电话），它不受理举报", '改为："12350"'),
    ('else_outside="12350"', 'else_outside="12369"', "12369 已经停用", '改为："12345"'),
    (
        'else_outside="discipline"',
        '¦else_outside="12345"',
        "投诉最后到 12345（政务服务便民热线），它不受理投诉，会转回主管部门",
        '"12388"',
    ),
    ('else_outside="discipline"', '¦else_outside="12350"', "投诉最后到 12350（安全生产举报投诉热线），它不受理投诉", '"12388"'),
    ('supervision="bureau",', 'supervision="bureau", hotlines=(),', "牌上的公共热线写了 0 个", "hotlines="),
    ('supervision="bureau",', 'supervision="bureau", hotlines=("12350", "12399"),', "不存在的热线“12399”", "12388"),
    ('else_outside="12350"', 'else_outside="12399"', "不存在的外部渠道“12399”", "12345"),
    (
        "Route(kind=Kind.COMPLAINT, to=()",
        'Route(kind=Kind.COMPLAINT, to=(Who(unit="bureau"),)',
        "投诉会到被投诉人的条线里",
        "outside=True",
    ),
    ('name="刁难单位"', 'name="刁难单位", outside="bureau"', "“刁难单位”的投诉会到被投诉人的条线里", "outside=True"),
    (
        'answered_by="station",\n',
        "\n",
        "没有写由哪个部门兜底",
        "answered_by",
        'to=(Who(post="warden"), Who(post="street-warden")',
    ),
    (
        '    Route(kind=Kind.COMPLAINT, to=(), else_outside="discipline", basis=SILENT),\n',
        "",
        "没有写办理路径：投诉",
        "Kind.COMPLAINT",
        "rules=(",
    ),
    (
        "    Route(kind=Kind.COMPLAINT",
        '    Route(kind=Kind.REPORT, to=(), else_outside="12345", basis=SILENT),\n    Route(kind=Kind.COMPLAINT',
        "同一个代码写了2次",
        "删去重复",
    ),
    # who says so
    (
        'SILENT = Assumption("文件没有写投诉由谁受理；投诉不能回到本条线，故取区纪检监察机关。" + national.DISCIPLINE_MAY_REFUSE)',
        'SILENT = Assumption(" ")',
        "假设没有写理由",
        "为何这样取值",
        'Unit(code="discipline"',
    ),
    (
        'basis=hb.LEADERS),\n    Fact(code="size"',
        'basis=hb.Clause("HB-99", "第九十九条", "没有登记"),),\n    Fact(code="size"',
        "HB-99 不在本方案的条款表里",
        "clauses.py 登记",
        'Fact(code="hazardous"',
    ),
    ("(hb.ASSESSED,)", '(hb.ASSESSED, hb.Clause("HB-98", "第九十八条", "没有登记"))', "HB-98 不在条款表里", "clauses.py 登记"),
    # editions
    (
        "since=date(2026, 1, 1)",
        "since=date(2026, 1, 1), until=date(2025, 1, 1)",
        "到 2025年1月1日止，却从 2026年1月1日起",
        "since 或 until",
    ),
    ("since=date(2026, 1, 1)", "since=date(2026, 1, 1), everywhere=date(2027, 1, 1)", "没有写试点在哪里", "pilot="),
    (
        "since=date(2026, 1, 1)",
        "since=date(2026, 1, 1), pilot=STREET, everywhere=date(2025, 1, 1)",
        "不晚于开始试点的",
        "everywhere",
    ),
    ("still=hb.IN_FORCE, ", "", "没有写这份文件现在是否仍然有效", "still=Assumption(…)", "since=date(2026, 1, 1)"),
    (
        'title="示例港区网格',
        'title="示例港区（试行）网格',
        "文件名里有“试行”，又没有写到哪天止",
        "还要向谁核实",
        "since=date(2026, 1, 1)",
    ),
    (
        "since=date(2026, 1, 1)",
        "since=date(2026, 1, 1), until=date(2029, 12, 31), ends_from=date(2029, 1, 1)",
        "写了 ends_from，却没有写最迟到哪天止、为什么这样取",
        "assumed 写理由",
    ),
    # what a word takes
    (
        'posts=("fire-officer",), required',
        'posts=("fire-officer"), required',
        "posts 要写由文字组成的元组，现在是'fire-officer'",
        "逗号",
    ),
    ("of=Ground.VILLAGE, within", 'of="village", within', "of 要写Ground或由Ground组成的元组，现在是'village'", "Ground.VILLAGE"),
    ("*POWERS,", "POWERS,", "rules 要写由", "前面加 *", "rules=("),
    ("            rules=(*UNITS", "            rules=[*UNITS", "不是合法的 Python", "括号", "rules=["),
    # what does not even import
    (', lent_by="bureau", basis=hb.OFFICERS)', ', lent_by="bureau")', "Power 缺少 basis", "Assumption", 'Power(code="fine"'),
    ('hint="生产、储存', 'hnit="生产、储存', "Fact 没有 hnit", "hint", 'Fact(code="hazardous"'),
    ("basis=hb.FILED", "basis=hb.FILLED", "没有 FILLED", "改正拼写"),
    ("of=Ground.VILLAGE", "of=Ground.VILAGE", "没有 VILAGE", "VILLAGE"),
    ("    Duty,\n", "", "Duty 没有定义", "portal.scheme.words 导入", "        Duty("),
    ("    Duty,\n", "    Duties,\n", "没有 Duties", "改正拼写", "from portal.scheme.words"),
    ('Unit(code="bureau", ', 'Unit("bureau", ', "Unit 的每一项都要写名字", 'Unit(code="…", …)'),
    ('AnyOf((Is("central"), Is("hazardous")))', 'AnyOf(Is("central"), Is("hazardous"))', "AnyOf 写多了，只有 of", "写成元组"),
    ('留一项“其他”。")', '留一项“其他”。", hb.CONDUCT)', "Assumption 写多了，只有 why", "去掉"),
]


@pytest.mark.parametrize("case", ERRORS, ids=[f"{n}" for n in range(len(ERRORS))])
def test_a_mistake_in_the_scheme_is_named_with_its_line(case: tuple[str, ...], harbour: Path) -> None:
    old, new, what, mend, *line = case
    at = spoilt(harbour, SCHEME, old, new)
    if line:
        text = (harbour / SCHEME).read_text().splitlines()
        at = next(n for n, one in enumerate(text, 1) if line[0] in one)
    file, number, how = named(harbour, what)
    assert mend in how
    assert (file, number) == (SCHEME, at)


HINTS = [
    (
        SCHEME,
        'act=Act.MEETING,\n        on=(Per(unit="bureau"),),\n        every=Every(months=6),',
        'act=Act.MEETING,\n        on=(Per(unit="bureau"),),',
        "没有写多久一次",
        "条款.taken(",
    ),
    (
        SCHEME,
        'leads=("firm-warden", "direct-officer", *WARDEN_POSTS, "head")',
        'leads=("firm-warden", "direct-officer", *WARDEN_POSTS)',
        "“港区网格、镇级网格”的牌上没有主要责任人",
        "leads 里加一个",
    ),
    (SCHEME, "times_a_year=4", "times_a_year=12", "一年只有 4 个周期，却要求至少 12 次", "改正其中一个"),
    (
        SCHEME,
        'act=Act.PATROL,\n        on=(Per(klass="key"),),\n        every=QUARTERLY,\n        times_a_year=4,',
        "every=QUARTERLY,",
        "写了 every，却没有 act",
        "加 act=",
    ),
    (
        SCHEME,
        '    Class(code="central"',
        '    Fact(code="idle", name="停产", basis=hb.FIRMS),\n    Class(code="central"',
        "没有任何类别或职权问到这个事实",
        "删去",
    ),
    (
        SCHEME,
        "    Filing(",
        '    Tier(code="spare", name="备用", of=Ground.DRAWN, basis=hb.GRIDS),\n    Filing(',
        "没有企业归入这一层",
        "删去",
    ),
    (SCHEME, 'posts=("fire-officer",)', 'posts=("head",)', "“网格长”不设在这条线的部门里", "Per(unit=…)"),
    (
        SCHEME,
        'says="每天班前看一遍本单位"',
        'says="每天班前检查本单位"',
        "“每天班前检查本单位”会印在没有执法资格的岗位的职责里",
        "巡查、督促或协助",
    ),
    (SCHEME, 'issuer="bureau"', 'issuer="station"', "“港区网格”大于“镇安监站”的辖区", "issuer"),
    (
        SCHEME,
        'to=(Who(unit="station"), Who(unit="bureau"))',
        'to=(Who(unit="station"),)',
        "举报到不了区（县）一级的部门",
        "to 里加一个",
    ),
    (SCHEME, "since=date(2026, 1, 1)", "since=None", "没有写何时起施行", "assumed"),
    (
        CLAUSES,
        "\nCLAUSES = ",
        'MORE = Clause("HB-20", "第二十条", "还有一条。")\n\nCLAUSES = ',
        "没有规则引用这一条",
        "otherwise",
    ),
]


OTHERWISE = "    later=((Later.OFFICES, (hb.ASSESSED,)),),\n"


def test_a_clause_that_no_rule_states_is_explained_and_no_hint_is_left(harbour: Path) -> None:
    spoilt(harbour, SCHEME, OTHERWISE, '    otherwise=((hb.ASSESSED, "由部门自己办，本网站不参与。"),),\n')
    assert check(str(harbour), []) == []


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ('(hb.ASSESSED, " ")', "otherwise 里没有写理由"),
        ('(hb.ASSESSED, "由部门办。"), (hb.BOARD, "由牌子执行。")', "却有规则或 later 写了它"),
        ('(hb.ASSESSED, "由部门办。"), (replace(hb.BOARD, id="HB-99"), "没有。")', "otherwise 里的条款 HB-99 不在条款表里"),
    ],
)
def test_an_explanation_says_something_of_a_clause_that_has_no_rule(harbour: Path, said: str, what: str) -> None:
    spoilt(harbour, SCHEME, OTHERWISE, f"    otherwise=({said},),\n")
    spoilt(harbour, SCHEME, "from datetime import date\n", "from dataclasses import replace\nfrom datetime import date\n")
    assert any(what in one.what and not one.hint for one in check(str(harbour), []))


def test_a_duty_without_a_rhythm_is_explained_by_what_was_taken(harbour: Path) -> None:
    old = (
        'every=Every(months=6),\n        attends=("station-head",),\n        force=Force.IN_PRINCIPLE,\n        basis=hb.REPORTS,'
    )
    new = old.replace("every=Every(months=6),\n        ", "").replace(
        "hb.REPORTS", 'hb.REPORTS.taken("没有写多久一次，由区局定。")'
    )
    spoilt(harbour, SCHEME, old, new)
    assert check(str(harbour), []) == []


@pytest.mark.parametrize("case", HINTS, ids=[f"{n}" for n in range(len(HINTS))])
def test_what_is_worth_a_second_look_is_a_hint(case: tuple[str, ...], harbour: Path) -> None:
    file, old, new, what, mend = case
    at = spoilt(harbour, file, old, new)
    found, number, how = named(harbour, what, hint=True)
    assert mend in how
    assert (found, number) == (file, at)
    assert not [one for one in check(str(harbour), []) if not one.hint]


def test_a_report_ends_at_a_general_number_only_where_a_document_names_it() -> None:
    (edition,) = SAMPLE.editions
    named_ = Clause("SA-9", "第九条", "举报打12345。")

    def said(basis: Clause | Assumption) -> list[str]:
        rules = tuple(
            replace(one, else_outside="12345", basis=basis) if isinstance(one, Route) and one.kind is Kind.REPORT else one
            for one in edition.rules
        )
        region = replace(SAMPLE, clauses=(*SAMPLE.clauses, named_), editions=(replace(edition, rules=rules),))
        return [one.what for one in findings(region, "sample") if "12345" in one.what]

    refused = ["举报最后到 12345（政务服务便民热线），它不受理举报，会转回主管部门"]
    assert said(SAMPLE.clauses[-1]) == refused
    assert said(Assumption("取12345。")) == refused
    assert said(named_) == said(national.ENVIRONMENT_BY_12345) == []


def test_a_class_that_leaves_a_gap_is_told_with_an_example(harbour: Path) -> None:
    spoilt(harbour, SCHEME, 'when=Not(AnyOf((Is("central"), KEY, SHOP)))', 'when=AllOf((Is("size", "plant"), Is("hazardous")))')
    file, line, mend = named(harbour, "中央企业=否，有危险化学品=否，规模=企业 的企业不属于任何一类")
    first = next(n for n, one in enumerate((harbour / SCHEME).read_text().splitlines(), 1) if "    Class(" in one)
    assert (file, line) == (SCHEME, first)
    assert "加一类" in mend


TWO = [
    ("since=date(2026, 6, 1)", "since=date(2026, 1, 1)", False, "同一天起施行"),
    ("since=date(2026, 6, 1)", "since=date(2026, 6, 1)", True, "而版本 harbour-2026 写明到 2026年12月31日才止"),
    ("since=date(2026, 6, 1)", "since=date(2027, 3, 1)", True, "中间没有方案"),
]


@pytest.mark.parametrize(("old", "new", "hint", "what"), TWO)
def test_editions_that_do_not_follow_each_other_are_told(harbour: Path, old: str, new: str, hint: bool, what: str) -> None:
    more = """        Edition(
            code="harbour-b", documents=(DOCUMENT,), in_force=InForce(since=date(2026, 6, 1), still=hb.IN_FORCE, basis=hb.IN_FORCE),
            rules=(*UNITS, *GRIDS, *ENTERPRISES, *LINES, *POSTS, *POWERS, *DUTIES, *BOARDS, *ROUTES),
        ),
    ),
)
"""
    text = (harbour / SCHEME).read_text()
    text = text.replace("since=date(2026, 1, 1)", "since=date(2026, 1, 1), until=date(2026, 12, 31)")
    (harbour / SCHEME).write_text(re.sub(r"    \),\n\)\n$", more, text))
    assert "harbour-b" in (harbour / SCHEME).read_text()
    spoilt(harbour, SCHEME, old, new)
    file, line, _ = named(harbour, what, hint=hint)
    lines = (harbour / SCHEME).read_text().splitlines()
    assert file == SCHEME
    assert line is not None
    assert new in lines[line - 1]


def test_an_edition_that_begins_while_the_first_has_no_end_takes_over() -> None:
    """A stored edition is never given an end afterwards: without one it holds until the next begins."""
    first = SAMPLE.editions[0]
    second = replace(first, code="sample-2027", in_force=replace(first.in_force, since=date(2027, 1, 1)))
    said = [one.what for one in findings(replace(SAMPLE, editions=(first, second)), "sample")]
    assert not any("施行" in one or "中间" in one for one in said)
    twice = [one.what for one in findings(replace(SAMPLE, editions=(first, first)), "sample")]
    assert "2 个版本用了同一个代码" in twice


TABLES = [
    (
        UNITS,
        "bureau,示例港区应急管理局（示例）,982490,",
        "bureau,示例港区应急管理局（示例）,982491,",
        "区划 982491 不在 divisions.csv 里",
        "加一行",
    ),
    (UNITS, "bureau,", "bureaux,", "方案里没有部门“bureaux”", "bureau"),
    (
        UNITS,
        "station,示例镇安监站（示例）,982490001,",
        "station,示例镇安监站（示例）,982490,",
        "“镇安监站”设在乡镇（街道），这里是区（县）",
        "division",
    ),
    (UNITS, ",982490,0512-01000003", ",982490,¦", "没有名称或电话", "都要写"),
    (
        GRIDS,
        "town,示例镇网格,982490001,HG001,HG,,",
        "town,示例镇网格,982490001,HG001,HX,,",
        "没有上级网格“HX”",
        "“港区网格”的编号",
    ),
    (
        GRIDS,
        "village,东村网格,982490001001,,HG001,,",
        "village,东村网格,982490001001,,HG,,",
        "上级“HG”的层级是 port，应是 town",
        "parent",
    ),
    (
        GRIDS,
        "village,东村网格,982490001001,,HG001,,",
        "hamlet,东村网格,982490001001,,HG001,,",
        "方案里没有层级“hamlet”",
        "village",
    ),
    (
        GRIDS,
        "village,东村网格,982490001001,",
        "village,东村网格,982490001,",
        "“村级网格”由村（社区）构成，这里是乡镇（街道）",
        "division 或 tier",
    ),
    (GRIDS, "village,东村网格,982490001001,", "village,东村网格,982490001009,", "区划 982490001009 不在", "加一行"),
    (GRIDS, "village,东村网格,982490001001,,HG001,,", "firm,东村油库网格,982490001001,,HG001,,", "网格就是企业", "删去这一行"),
    (
        GRIDS,
        "town,示例街道网格,982490002,HG002,HG,,",
        "town,示例街道网格,982490002,HG001,HG,,",
        "编号 HG001 写了两次",
        "一个编号",
    ),
    (GRIDS, "port,示例港区网格,982490,HG,,,", "port,示例港区网格,982490,HG,,", "有 6 格，应有 7 格", "逗号"),
    (
        DIVISIONS,
        "982490001001,东村（示例）,village,982490001,",
        "982490001001,东村（示例）,village,982490003,",
        "上级区划 982490003 不在前面",
        "先写上级",
    ),
    (DIVISIONS, "982490001001,东村（示例）,village,", "982490001001,东村（示例）,hamlet,", "没有“hamlet”这种区划", "village"),
    (DIVISIONS, "982490001002,西村", "982490001001,西村", "代码 982490001001 写了两次", "一行"),
    (DIVISIONS, "district,,harbour", "district,,harbor", "本插件没有地区“harbor”", "harbour"),
    (
        DIVISIONS,
        "code,name,kind,parent,region",
        "code,name,kind,region",
        "表头是 code,name,kind,region",
        "code,name,kind,parent,region",
    ),
    (DIVISIONS, "982490001001,东村（示例）", '982490001001,"东村（示例）', "读不懂", "引号"),
]


@pytest.mark.parametrize("case", TABLES, ids=[f"{n}" for n in range(len(TABLES))])
def test_a_mistake_in_the_example_tables_is_named_with_its_row(case: tuple[str, ...], harbour: Path) -> None:
    file, old, new, what, mend = case
    at = spoilt(harbour, file, old, new)
    found, line, how = named(harbour, what)
    assert mend in how
    assert found == file
    assert line == at or "读不懂" in what


def test_tables_in_another_encoding_are_told(harbour: Path) -> None:
    path = harbour / UNITS
    text = path.read_text()
    path.write_bytes(text.encode("gb18030"))
    assert named(harbour, "不是 UTF-8 编码")[:2] == (UNITS, 2)
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert named(harbour, "以 BOM 开头")[:2] == (UNITS, 1)
    path.unlink()
    assert named(harbour, "没有这个文件")[0] == UNITS


def test_an_office_that_signs_boards_is_missed(harbour: Path) -> None:
    spoilt(harbour, UNITS, "bureau,示例港区应急管理局（示例）,982490,0512-01000001\n", "")
    assert named(harbour, "没有“区应急管理局”，公示牌签发不了")[:2] == (UNITS, None)


# The package


def test_imports_templates_migrations_versions(harbour: Path) -> None:
    at = spoilt(
        harbour,
        SCHEME,
        "from portal.scheme import national\n",
        "from portal.scheme import national\n¦from portal.web import forms\n",
    )
    assert named(harbour, "导入了 portal.web")[:2] == (SCHEME, at)
    (harbour / "portal_harbour/templates/layouts").mkdir(parents=True)
    assert named(harbour, "模板不在本插件自己的文件夹里")[0] == "portal_harbour/templates/layouts"
    (harbour / "portal_harbour/migrations").mkdir()
    assert named(harbour, "插件不能带数据库升级")[2] == "去掉它"
    line = spoilt(harbour, "pyproject.toml", 'version = "0.1.0"', 'version = "0.0.9"')
    assert named(harbour, "版本是 0.0.9")[:2] == ("pyproject.toml", line)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("plugin = Harbour()", "plugin = Harbour", "不是 portal.hookspecs.Plugin 的实例"),
        ("    def portal_regions(self)", "    api = 99\n\n    def portal_regions(self)", "是为接口版本 99 写的"),
        ("        return (REGION,)", "        return 1 / 0", "ZeroDivisionError"),
        ("        return (REGION,)", '        return ("harbour",)', "portal_regions 要给出 Region，给了 str"),
        ("        place = f", "        place = {}[tier] or f", "portal_grid_code 给“港区网格”的网格编号时出错：KeyError: 'port'"),
        ("        place = f", "        return 7\n        place = f", "portal_grid_code 给“港区网格”的网格编号是 7"),
        ("def portal_grid_code", "def portal_grid_codes", "is not a hook"),
    ],
)
def test_a_plugin_that_fails_is_told_at_its_line(harbour: Path, old: str, new: str, what: str) -> None:
    at = spoilt(harbour, INIT, old, new)
    file, line, mend = named(harbour, what)
    assert mend
    if "1 / 0" in new:
        assert (file, line) == (INIT, at)


# Two plugins


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, source: str) -> EntryPoint:
    """Another plugin, as if it were installed."""
    package = folder / f"portal_{name}"
    package.mkdir()
    (package / "__init__.py").write_text(source)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, f"portal_{name}", raising=False)
    return EntryPoint(name, f"portal_{name}:plugin", GROUP)


OTHER = """
from dataclasses import fields, replace
from portal.hookspecs import Plugin
from tests.sample_region.scheme import SAMPLE
class P(Plugin):
    def portal_regions(self):
        return ({region},)
    {more}
plugin = P()
"""


@pytest.mark.parametrize(
    ("region", "more", "what"),
    [
        ('replace(SAMPLE, code="harbour")', "", "地区“harbour”由插件“harbour”和“other”同时声明"),
        (
            'replace(SAMPLE, editions=(replace(SAMPLE.editions[0], code="harbour-2026"),))',
            "",
            "版本代码由地区“harbour”（插件“harbour”）和“sample”（插件“other”）同时使用",
        ),
        (
            "SAMPLE",
            "def portal_grid_code(self, region, tier, division, number): return 'X'",
            "插件“other”的 portal_grid_code 也替插件“harbour”的地区“harbour”作答",
        ),
        (
            "SAMPLE",
            "def portal_import_rows(self, region, rows): raise SystemExit(3)",
            "插件“other”的 portal_import_rows 对插件“harbour”的地区“harbour”出错：SystemExit: 3",
        ),
    ],
)
def test_a_clash_names_both_plugins(
    harbour: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, region: str, more: str, what: str
) -> None:
    other = installed(tmp_path, monkeypatch, "other", OTHER.format(region=region, more=more))
    assert any(what in one.what and not one.hint for one in check(str(harbour), [other]))


def test_names_and_packages_that_two_plugins_use_are_told(harbour: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch, "other", OTHER.format(region="SAMPLE", more=""))
    same_name = EntryPoint("harbour", "portal_other:plugin", GROUP)
    said = [one.what for one in check(str(harbour), [same_name])]
    assert any("portal_other:plugin" in one and "两个安装包里的插件都叫“harbour”" in one for one in said)
    same_package = EntryPoint("wharf", "portal_harbour:plugin", GROUP)
    said = [one.what for one in check(str(harbour), [same_package])]
    assert any("插件“harbour”和“wharf”用同一个包 portal_harbour" in one for one in said)


@pytest.mark.parametrize("module", ["raise SystemExit(3)", OTHER.format(region="'harbour'", more="")])
def test_another_plugin_that_fails_is_a_hint_and_stops_nothing(
    harbour: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    other = installed(tmp_path, monkeypatch, "other", module)
    found = check(str(harbour), [other])
    assert [one.hint for one in found] == [True]
    assert "“other”无法导入，没有与它比对" in found[0].what


# The lines


def test_a_line_that_would_be_a_guess_is_not_given(harbour: Path) -> None:
    """A post that is made from another one stands on no line of its own."""
    path = harbour / SCHEME
    text = path.read_text().replace(
        "POWERS = (", 'from dataclasses import replace\nPOSTS = (*POSTS, replace(POSTS[0], code="odd", line="x"))\nPOWERS = ('
    )
    path.write_text(text)
    assert named(harbour, "不存在的条线“x”")[:2] == (SCHEME, None)


def test_the_same_rule_written_twice_is_shown_at_the_second(harbour: Path) -> None:
    line = 'Unit(code="fire-brigade", name="区消防救援大队", at=Ground.DISTRICT, basis=hb.TWO_LINES)'
    at = spoilt(harbour, SCHEME, f"    {line},\n", f"    {line},\n¦    {line},\n")
    assert named(harbour, "同一个代码写了2次")[:2] == (SCHEME, at)


@pytest.mark.parametrize("name", ["harbour", *REGIONS])
def test_the_line_of_every_rule_is_where_it_was_made(name: str, sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python itself was when it made each rule, clause and section: the line that is found is that one, or none."""
    made: dict[int, tuple[object, str, int]] = {}
    for word in WORDS:
        monkeypatch.setattr(word, "__init__", _noting(word.__init__, made))
    folder = sound if name == "harbour" else ROOT / "plugins" / name
    with importable(f"portal_{name}", folder):
        regions = EntryPoint(name, f"portal_{name}:plugin", GROUP).load().portal_regions()
        texts = sources(folder / f"portal_{name}")
        modules = {file: vars(sys.modules[module]) for file in texts if (module := _module(file)) in sys.modules}
        lines, found = Lines(texts, modules), 0
        for one in _everything(regions):
            _, file, line = made[id(one)]
            place = lines.of(one)
            assert (
                place is None
                or place.line is None
                or (place.file, place.line) == (Path(file).relative_to(folder).as_posix(), line)
            ), one
            found += place is not None and place.line is not None
    assert found >= 0.9 * len(_everything(regions))


@pytest.mark.parametrize(("pattern", "line"), [("{code}-{post}", None), ("secret-{post}", 4)])
def test_a_code_put_together_without_a_word_of_its_own_is_no_sign_of_the_line(pattern: str, line: int | None) -> None:
    source = (
        "A = [\n    Duty(code=code, says=says) for code, says in X\n]\n"
        f'B = [Duty(code=f"{pattern}", says=says) for code, post, says in Y]\n'
    )
    place = Lines({"portal_x/scheme.py": source}, {}).of(Duty(code="secret-general", says="不外泄", basis=Assumption("没有写")))
    assert place is not None
    assert place.line == line


def _noting(init, made):
    def noted(self, *args, **kwargs):
        init(self, *args, **kwargs)
        caller = sys._getframe(1)
        made[id(self)] = (self, caller.f_code.co_filename, caller.f_lineno)

    return noted


def _module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _everything(regions) -> list[object]:
    """All rules, sections, editions, clauses and regions."""
    found: list[object] = [*regions]
    for region in regions:
        found += [*region.clauses, *region.editions, *(edition.in_force for edition in region.editions)]
        for edition in region.editions:
            found += [*edition.rules, *(part for rule in edition.rules for part in getattr(rule, "sections", ()))]
    return found


# The command


def test_the_command_tells_errors_from_hints_and_exits_so(harbour: Path) -> None:
    def run(*more: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["plugin", "check", str(harbour), *more])
        return result.exit_code, result.output

    assert run()[0] == 0
    spoilt(harbour, SCHEME, "times_a_year=4", "times_a_year=12")
    code, output = run()
    assert code == 0
    assert "· portal_harbour/scheme.py:" in output
    assert "没有错误，1 条提示" in output
    at = spoilt(harbour, SCHEME, "count=N(0, 2)", "count=N(3, 2)")
    code, output = run()
    assert code == 1
    assert f"✗ portal_harbour/scheme.py:{at} harbour-2026 Post helper：人数上限 2 小于下限" in output
    code, output = run("--json")
    assert code == 1
    rows = json.loads(output)
    assert [row["level"] for row in rows] == ["error", "hint"]
    assert (rows[0]["file"], rows[0]["line"], rows[0]["where"]) == (SCHEME, at, "harbour-2026 Post helper")
    assert "N(下限, 上限)" in rows[0]["mend"]


def test_what_is_no_plugin_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="没有 pyproject.toml，不是一个插件"):
        check(str(tmp_path), [])
    (tmp_path / "pyproject.toml").write_text("[project")
    with pytest.raises(SetupError, match="读不懂"):
        check(str(tmp_path), [])
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    with pytest.raises(SetupError, match="门户找不到插件"):
        check(str(tmp_path), [])
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\n[project.entry-points."portal.plugins"]\nx = "portal_x:plugin"\n'
    )
    with pytest.raises(SetupError, match="没有入口所写的包 portal_x"):
        check(str(tmp_path), [])


def test_checking_a_folder_leaves_nothing_behind(harbour: Path) -> None:
    path, modules = list(sys.path), dict(sys.modules)
    check(str(harbour), [])
    assert sys.path == path
    assert {name: module for name, module in sys.modules.items() if name.startswith("portal_harbour")} == {
        name: module for name, module in modules.items() if name.startswith("portal_harbour")
    }


# Many facts

BASIS = Assumption("示例")


def _facts(n: int) -> tuple[Fact, ...]:
    return tuple(Fact(code=f"f{one}", name=f"事实{one}", basis=BASIS) for one in range(n))


def test_many_facts_are_answered_where_the_classes_are_told_apart_one_by_one() -> None:
    """Forty facts have a million million combinations; the gap is found all the same, and that nothing overlaps."""
    firsts = [AllOf((Is(f"f{n}"), *(Not(Is(f"f{m}")) for m in range(n)))) for n in range(40)]
    chain = tuple(Class(code=f"c{n}", name=f"类{n}", when=when, basis=BASIS) for n, when in enumerate(firsts))
    began = time.monotonic()
    said = [one.what for one in findings(_with(_facts(40), chain), "x")]
    assert any("的企业不属于任何一类" in one for one in said)
    assert not any("同时属于" in one or "组合太多" in one for one in said)
    assert time.monotonic() - began < 20


def test_a_question_that_would_take_for_ever_is_given_up_and_said_so() -> None:
    """Nine pigeons in eight holes, one in each: there is no such enterprise, but only all combinations tell."""
    at = {(p, h): Is(f"f{p * 8 + h}") for p, h in product(range(9), range(8))}
    somewhere = [AnyOf(tuple(at[p, h] for h in range(8))) for p in range(9)]
    alone = [Not(AllOf((at[p, h], at[q, h]))) for h in range(8) for p, q in combinations(range(9), 2)]
    pigeons = AllOf((*somewhere, *alone))
    classes = (Class(code="a", name="甲", when=pigeons, basis=BASIS), Class(code="b", name="乙", when=Not(pigeons), basis=BASIS))
    began = time.monotonic()
    found = [one for one in findings(_with(_facts(72), classes), "x") if "事实的组合太多，没有全部核对" in one.what]
    assert [one.hint for one in found] == [True]
    assert "少数几个事实" in found[0].mend
    assert time.monotonic() - began < 20


def _with(facts: tuple[Fact, ...], classes: tuple[Class, ...]) -> Region:
    kept = tuple(rule for rule in SAMPLE.editions[0].rules if not isinstance(rule, Fact | Class))
    return replace(SAMPLE, editions=(replace(SAMPLE.editions[0], rules=(*kept, *facts, *classes)),))


FACTS = (
    Fact(code="a", name="甲", basis=BASIS),
    Fact(code="b", name="乙", values=(("x", "一"), ("y", "二"), ("z", "三")), basis=BASIS),
    Fact(code="c", name="丙", basis=BASIS),
)
LEAVES = st.sampled_from([Is(fact.code, value) for fact in FACTS for value, _ in fact.choices])
PREDICATES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(AllOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=12,
)


@given(PREDICATES)
def test_the_search_finds_an_example_exactly_where_there_is_one(predicate) -> None:
    found = Search({fact.code: fact for fact in FACTS}).example(predicate)
    true = [world for world in worlds(FACTS) if holds(predicate, world)]
    assert (found is not None) == bool(true)
    if found is not None:
        assert all(holds(predicate, {**world, **found}) for world in worlds(FACTS))


# Anything may stand anywhere

ODD = (
    None,
    "",
    "nowhere",
    "*",
    -1,
    True,
    (),
    ("nowhere",),
    [],
    object(),
    N(3, 2),
    N(-1),
    Per(),
    Per(tier="nowhere"),
    (Per(klass="*", where="x", inside=("1",), beyond=("1",)), Per()),
    Every(),
    (Who(),),
    AnyOf(()),
    Is("nowhere"),
    Not(AllOf(())),
    Assumption(""),
    Clause("", "", ""),
    (SAMPLE,),
    date.min,
)


def test_whatever_stands_in_a_rule_is_told_and_never_an_error_of_ours(harbour: Path) -> None:
    """Each field of each rule, of the edition and of the region holds odd things, one at a time."""
    with importable("portal_harbour", harbour):
        region = EntryPoint("harbour", "portal_harbour:plugin", GROUP).load().portal_regions()[0]
    edition = region.editions[0]
    unlike = list({type(rule): rule for rule in edition.rules}.values())
    cases = [(old, field.name, odd) for old in unlike for field in fields(old) for odd in ODD]
    assert len(cases) > 1500
    for old, field, odd in cases:
        changed = tuple(replace(one, **{field: odd}) if one is old else one for one in edition.rules)
        _told(replace(region, editions=(replace(edition, rules=changed),)))
    for field, odd in product(fields(edition), ODD):
        _told(replace(region, editions=(replace(edition, **{field.name: odd}),)))
    for field, odd in product(fields(edition.in_force), ODD):
        _told(replace(region, editions=(replace(edition, in_force=replace(edition.in_force, **{field.name: odd})),)))
    for field, odd in product(fields(region), ODD):
        _told(replace(region, **{field.name: odd}))


def _told(region: Region) -> None:
    for one in findings(region, "x"):
        assert one.what
        assert one.mend
        assert str(one)
