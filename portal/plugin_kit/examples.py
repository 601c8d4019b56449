"""The example tables of a plugin, from which ``portal demo`` makes a register: whether they fit each other and the scheme."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from portal.areas.rules import LEVEL, grounds_told, made_of, stands
from portal.plugin_kit.findings import Finding
from portal.plugin_kit.lines import Place
from portal.scheme.book import Scheme
from portal.scheme.problem import listed
from portal.scheme.words import Ground, Kind, Region
from portal.terms import JURISDICTION_KIND, say

TABLES = {
    "divisions": ("code", "name", "kind", "parent", "region"),
    "units": ("kind", "name", "division", "phone"),
    "grids": ("tier", "name", "division", "code", "parent", "divisions", "area_note"),
}
CODE = re.compile(r"[0-9A-Za-z-]{2,20}")
MARKED = re.compile("示例")
LEAVES = ("village", "community")


@dataclass(frozen=True)
class ExampleLine:
    """A row of a table with its line in the file."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


@dataclass
class ExampleTables:
    """The example of one plugin: its rows, and its divisions with the codes of those around them."""

    package: Path
    rows: dict[str, list[ExampleLine]] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def wrong(self, table: str, line: int | None, what: str, mend: str, *, hint: bool = False) -> Finding:
        """Something to mend in a table."""
        place = Place(f"{self.package.name}/example/{table}", line)
        return Finding(place=place, where="", what=what, mend=mend, hint=hint)


def check(package: Path, regions: Sequence[Region]) -> Iterator[Finding]:
    """What is wrong with the example; nothing where the plugin has none."""
    folder = package / "example"
    if not folder.is_dir():
        return
    tables = ExampleTables(package)
    readme = folder / "README.md"
    if not readme.is_file() or not MARKED.search(readme.read_text(encoding="utf-8", errors="replace")):
        what, mend = say("没有说明区划取自哪里、哪些是示例"), say("写几句：区划的来源，其余是虚构的示例")
        yield tables.wrong("README.md", None, what, mend, hint=True)
    broken = [finding for name in TABLES for finding in _read(tables, folder, name)]
    yield from broken
    if broken:
        return
    yield from _divisions(tables, regions)
    root = next((line for line in tables.rows["divisions"] if line["region"]), None)
    region = next((one for one in regions if root is not None and one.code == root["region"]), None)
    if region is None or not region.editions:
        return
    edition = max(region.editions, key=lambda one: one.in_force.since or date.min)
    scheme = Scheme(region, edition, "")
    yield from _units(tables, scheme)
    yield from _grids(tables, scheme)


def _read(tables: ExampleTables, folder: Path, name: str) -> Iterator[Finding]:
    file, columns = f"{name}.csv", TABLES[name]
    tables.rows[name] = []
    try:
        text = (folder / file).read_text(encoding="utf-8")
    except FileNotFoundError:
        yield tables.wrong(file, None, say("没有这个文件"), say("写上表头：{head}", head=",".join(columns)))
        return
    except UnicodeDecodeError as error:
        line = (folder / file).read_bytes()[: error.start].count(b"\n") + 1
        yield tables.wrong(file, line, say("不是 UTF-8 编码"), say("另存为 UTF-8（不带 BOM）的 CSV"))
        return
    if text.startswith("\ufeff"):
        yield tables.wrong(file, 1, say("文件以 BOM 开头，第一列会认不出"), say("另存为 UTF-8（不带 BOM）的 CSV"))
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = next(reader, [])
        if tuple(head) != columns:
            what = say("表头是 {head}", head=",".join(head) or say("空的"))
            yield tables.wrong(file, 1, what, say("写成 {head}", head=",".join(columns)))
            return
        for cells in reader:
            if len(cells) == len(columns):
                tables.rows[name].append(ExampleLine(reader.line_num, dict(zip(columns, cells, strict=True))))
            else:
                what = say("有 {n} 格，应有 {wanted} 格", n=len(cells), wanted=len(columns))
                yield tables.wrong(file, reader.line_num, what, say("空的也要留逗号；格里有逗号的用引号括起来"))
    except csv.Error as error:
        yield tables.wrong(file, reader.line_num, say("读不懂：{error}", error=error), say("检查引号是否成对"))


def _divisions(tables: ExampleTables, regions: Sequence[Region]) -> Iterator[Finding]:
    file, codes = "divisions.csv", {region.code for region in regions}
    for line in tables.rows["divisions"]:
        code, kind, parent = line["code"], line["kind"], line["parent"]
        if not CODE.fullmatch(code):
            yield tables.wrong(file, line.number, say("代码“{code}”不行", code=code), say("只用数字、字母和横线，2 到 20 个字符"))
        elif code in tables.paths:
            yield tables.wrong(file, line.number, say("代码 {code} 写了两次", code=code), say("每个区划一行"))
        if kind not in JURISDICTION_KIND:
            mend = say("可以写：{all}", all=listed(JURISDICTION_KIND))
            yield tables.wrong(file, line.number, say("没有“{kind}”这种区划", kind=kind), mend)
        if parent and parent not in tables.paths:
            what = say("上级区划 {code} 不在前面", code=parent)
            yield tables.wrong(file, line.number, what, say("先写上级，再写下级；代码要一样"))
        around = tables.kinds.get(parent, "")
        if kind in LEVEL and around in LEVEL and LEVEL[kind] <= LEVEL[around] and not kind == around == "zone":
            what = say("{inner}写在{outer}里面", inner=JURISDICTION_KIND[kind], outer=JURISDICTION_KIND[around])
            yield tables.wrong(file, line.number, what, say("改正 kind 或 parent"))
        if line["region"] and line["region"] not in codes:
            what = say("本插件没有地区“{code}”", code=line["region"])
            yield tables.wrong(file, line.number, what, say("可以写：{all}", all=listed(codes)))
        if not line["name"].strip():
            yield tables.wrong(file, line.number, say("没有名称"), say("写区划的名称"))
        tables.paths[code] = f"{tables.paths.get(parent, '/')}{code}/"
        tables.kinds[code] = kind
    if not any(line["region"] for line in tables.rows["divisions"]):
        what = say("没有一行写明归哪个地区的方案管")
        yield tables.wrong(file, None, what, say("在本地区那一行的 region 写 {all}", all=listed(codes)))
    if not set(LEAVES) & set(tables.kinds.values()):
        what = say("没有村或社区，示例企业无处可放")
        yield tables.wrong(file, None, what, say("至少写一个 kind 是 village 或 community 的区划"))


def _units(tables: ExampleTables, scheme: Scheme) -> Iterator[Finding]:
    file, seen = "units.csv", set[tuple[str, str]]()
    for line in tables.rows["units"]:
        unit, place = scheme.units.get(line["kind"]), tables.kinds.get(line["division"])
        if unit is None:
            mend = say("可以写：{all}", all=listed(scheme.units))
            yield tables.wrong(file, line.number, say("方案里没有部门“{kind}”", kind=line["kind"]), mend)
        if place is None:
            yield _no_division(tables, file, line, line["division"])
        elif unit is not None and not stands(unit, place):
            what = say(
                "“{unit}”设在{at}，这里是{place}",
                unit=unit.name,
                at=grounds_told(unit),
                place=JURISDICTION_KIND.get(place, place),
            )
            yield tables.wrong(file, line.number, what, say("改正 division，或方案里的 at"))
        if not line["phone"].strip() or not line["name"].strip():
            yield tables.wrong(file, line.number, say("没有名称或电话"), say("都要写；示例电话的本地号以 0 开头，打不通"))
        if (line["name"], line["division"]) in seen:
            yield tables.wrong(file, line.number, say("同一处有两个“{name}”", name=line["name"]), say("改名或删去一行"))
        seen.add((line["name"], line["division"]))
    there = {line["kind"] for line in tables.rows["units"]}
    signing = {code for board in scheme.boards.values() for code in (board.issuer, board.supervision)}
    for code in sorted((signing & set(scheme.units)) - there):
        what = say("没有“{unit}”，公示牌签发不了", unit=scheme.units[code].name)
        yield tables.wrong(file, None, what, say("加一行 kind 是 {code} 的部门", code=code))
    complaint = scheme.routes.get(Kind.COMPLAINT)
    ends = {complaint.else_outside} if complaint is not None else set()
    ends |= {topic.outside for topic in scheme.topics(Kind.COMPLAINT) if topic.outside is not None}
    for code in sorted(ends & set(scheme.units) - there):
        what = say("没有“{unit}”，示例里不能投诉", unit=scheme.units[code].name)
        yield tables.wrong(file, None, what, say("加一行 kind 是 {code} 的部门", code=code), hint=True)


def _no_division(tables: ExampleTables, file: str, line: ExampleLine, code: str) -> Finding:
    return tables.wrong(file, line.number, say("区划 {code} 不在 divisions.csv 里", code=code), say("在那里加一行，或改正代码"))


def _grids(tables: ExampleTables, scheme: Scheme) -> Iterator[Finding]:
    file, codes = "grids.csv", {line["code"]: line for line in tables.rows["grids"] if line["code"]}
    names = {line["name"]: line for line in tables.rows["grids"]}
    seen, ground = set[str](), set[tuple[str, str]]()
    for line in tables.rows["grids"]:
        tier = scheme.tiers.get(line["tier"])
        if line["code"] and line["code"] in seen:
            yield tables.wrong(file, line.number, say("编号 {code} 写了两次", code=line["code"]), say("每个网格一个编号"))
        seen.add(line["code"])
        if line["division"] not in tables.kinds:
            yield _no_division(tables, file, line, line["division"])
        if tier is None:
            mend = say("可以写：{all}", all=listed(scheme.tiers))
            yield tables.wrong(file, line.number, say("方案里没有层级“{tier}”", tier=line["tier"]), mend)
            continue
        if tier.of is Ground.ENTERPRISE:
            what = say("“{tier}”的网格就是企业，随企业登记产生", tier=tier.name)
            yield tables.wrong(file, line.number, what, say("删去这一行"))
        place = tables.kinds.get(line["division"])
        if place is not None and not made_of(tier, place):
            what = say(
                "“{tier}”由{of}构成，这里是{place}",
                tier=tier.name,
                of=grounds_told(tier),
                place=JURISDICTION_KIND.get(place, place),
            )
            yield tables.wrong(file, line.number, what, say("改正 division 或 tier"))
        yield from _parent(tables, scheme, line, {**names, **codes}.get(line["parent"]))
        for code in line["divisions"].split():
            if code not in tables.kinds:
                yield _no_division(tables, file, line, code)
            elif (line["tier"], code) in ground:
                what = say("区划 {code} 已经在同一层的另一个网格里", code=code)
                yield tables.wrong(file, line.number, what, say("一个区划在一层里只归一个网格"))
            ground.add((line["tier"], code))
    yield from _uncovered(tables, scheme)


def _parent(tables: ExampleTables, scheme: Scheme, line: ExampleLine, parent: ExampleLine | None) -> Iterator[Finding]:
    file, wanted = "grids.csv", scheme.tiers[line["tier"]].within
    if wanted is None:
        if line["parent"]:
            what = say("这一层上面没有网格，却写了上级“{parent}”", parent=line["parent"])
            yield tables.wrong(file, line.number, what, say("把 parent 空着，或在方案里写 within"))
    elif parent is None:
        what = say("没有上级网格“{parent}”", parent=line["parent"]) if line["parent"] else say("没有写上级网格")
        name = scheme.tiers[wanted].name if wanted in scheme.tiers else wanted
        yield tables.wrong(file, line.number, what, say("parent 写一个“{tier}”的编号", tier=name))
    elif parent["tier"] != wanted:
        what = say("上级“{parent}”的层级是 {tier}，应是 {wanted}", parent=line["parent"], tier=parent["tier"], wanted=wanted)
        yield tables.wrong(file, line.number, what, say("改正 parent"))


def _uncovered(tables: ExampleTables, scheme: Scheme) -> Iterator[Finding]:
    """Villages whose enterprises would belong to no grid, where all their grids are made of divisions."""
    for placement in scheme.placements.values():
        tiers = [scheme.tiers[code] for code in placement.tiers if code in scheme.tiers]
        if not tiers or any(tier.of is Ground.ENTERPRISE for tier in tiers):
            continue
        lines = [line for line in tables.rows["grids"] if line["tier"] in placement.tiers]
        if any(scheme.tiers[line["tier"]].of is Ground.DRAWN and not line["divisions"] for line in lines):
            continue  # enterprises are named into these
        ground = {code for line in lines for code in line["divisions"].split() or [line["division"]]}
        bare = [
            code
            for code, kind in tables.kinds.items()
            if kind in LEAVES and not any(f"/{part}/" in tables.paths[code] for part in ground)
        ]
        if bare:
            what = say(
                "{n} 个村、社区（{code} 等）不在任何网格里，那里的“{klass}”类企业归不了网格",
                n=len(bare),
                code=bare[0],
                klass=placement.klass,
            )
            yield tables.wrong("grids.csv", None, what, say("补上网格，或把它们写进 divisions"), hint=True)
