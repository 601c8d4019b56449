"""Jurisdictions (辖区): provinces, cities, districts, zones, towns, villages, by their codes."""

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from portal import codes
from portal.areas import actions as areas
from portal.areas.queries import FULL_NAME
from portal.areas.rules import LEVEL, fits_within
from portal.errors import Refused
from portal.imports.columns import Column, Row, plain
from portal.imports.kinds.kind import TOWN_ALSO, SheetKind, Tables, Work, at_columns, cell_or_register
from portal.imports.known import Thing
from portal.scheme.book import Scheme
from portal.storage.engine import Record
from portal.terms import JURISDICTION_KIND, Text, also, say

# How many digits for statistics the division of a kind has; a zone may have any, or a code of its own
DIGITS = {"province": 2, "city": 4, "district": 6, "town": 9, "village": 12, "community": 12}
OF_DIGITS = {2: "province", 4: "city", 6: "district", 9: "town"}
# What offices write for a kind
WORDS: Mapping[str, tuple[str, ...]] = {
    "province": also("省", "直辖市", "自治区", "省级"),
    "city": also("市", "地级市", "设区市", "自治州", "盟", "市级", "地级"),
    "district": also("区", "县", "县级市", "市辖区", "自治县", "旗", "区县", "县区", "县（区）", "县（市、区）", "区级", "县级"),
    "zone": also("经济开发区", "经开区", "高新区", "功能区", "园区", "工业园区", "产业园区", "旅游度假区", "风景区"),
    "town": also(
        *("镇", "乡", "街道", "乡镇", "镇街", "街镇", "民族乡", "苏木", "街道办", "街道办事处", "镇（乡、街道）", "乡镇（街道）"),
        *("乡镇街道", "建制镇", "乡（镇）", "镇级", "乡级"),
    ),
    "village": also("行政村", "建制村", "村委会", "村民委员会", "嘎查"),
    "community": also("居委会", "社区居委会", "居民委员会", "社区居民委员会", "居", "城市社区", "农村社区", "村改社区"),
}
# How their names end; the lists of the statistics have some that are cut short: 某某社区居民委会
COMMUNITY = re.compile(also(r"(?:社区[^村]*|居(?:民|委|民委)[员会]*)$")[0])
VILLAGE = re.compile(also(r"(?:村(?:民|委|民委)?[员会]*|嘎查)$")[0])
LEAVES = ("village", "community")
DEEPEST = 12  # no path is long enough for more
PLACE = f"""
    select j.public_id, j.code, j.name, j.kind, j.path, j.region, j.until, {FULL_NAME.format(path="j.path")} as full_name,
        p.public_id as parent, p.code as parent_code, p.name as parent_name, {FULL_NAME.format(path="p.path")} as parent_full_name
    from jurisdiction j left join jurisdiction p on p.id = j.parent
"""


class Jurisdictions(SheetKind):
    """Jurisdictions, in any order: a village may stand before its town."""

    code, title = "jurisdictions", say("辖区")
    tables: ClassVar[Tables] = Tables("jurisdiction")
    at_once = 1_000_000  # all: what lies around a place may stand anywhere below it

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """Code, name, parent, kind, and the scheme where it begins to govern."""
        return (
            Column(
                code="code",
                exact=True,
                title=say("区划代码"),
                also=(
                    *("行政区划代码", "统计用区划代码", "统计用区划和城乡划分代码", "辖区代码", "区划编码", "行政区划编码"),
                    *("村（社区）代码", "村社区代码", "村居代码", "代码", "编码"),
                ),
                required=True,
                of="division",
                most=20,
                hint=say("必填。统计用区划代码：县 6 位，镇 9 位，村、社区 12 位，后面补零也行；开发区可以自编，带字母或横线。"),
            ),
            Column(
                code="name",
                of="firm",
                exact=True,
                title=say("辖区名称"),
                also=(
                    *("区划名称", "行政区划名称", "行政区名称", "村（社区）名称", "村社区名称", "村居名称", "社区名称", "村名"),
                    "名称",
                ),
                required=True,
                most=60,
                hint=say("必填。"),
            ),
            Column(
                code="parent",
                among=("places",),
                title=say("上级辖区"),
                also=(
                    *(
                        "上级",
                        "上级单位",
                        "上级区划",
                        "上级行政区划",
                        "上级名称",
                        "上级代码",
                        "上级区划代码",
                        "上级/所属乡镇（街道）",
                    ),
                    *("所属辖区", "所属区划", "乡镇名称", "乡镇街道名称", "街道名称", *TOWN_ALSO),
                ),
                hint=say("上级辖区的名称或代码，可以在同一张表里。代码说得清的可以不填：村归代码前 9 位的镇。"),
            ),
            Column(
                code="kind",
                title=say("类别"),
                also=("类型", "辖区类型", "辖区类别", "区划类型", "区划类别", "级别", "行政级别"),
                choices=tuple(JURISDICTION_KIND.values()),
                words=tuple((word, JURISDICTION_KIND[kind]) for kind, words in WORDS.items() for word in words),
                hint=say("从列表选。代码和名称说得清的可以不填；开发区要填。"),
            ),
            Column(
                code="region",
                title=say("启用的方案"),
                also=("适用方案", "监管方案", "方案"),
                choices=(say("{name}", name=scheme.region.name),),
                hint=say("只在方案管辖的最上一级填，下级自动适用。"),
            ),
        )

    def key(self, row: Row) -> tuple[str, str]:
        """The code."""
        return row["code"], "code"

    def calls(self, row: Row) -> tuple[str, str]:
        """The place around it."""
        return row["parent"] or _above(row["code"]), "parent"

    async def order(self, work: Work, rows: Sequence[Row]) -> list[Row]:
        """From the top down."""
        around = {name: row for row in rows if _kind(row) not in LEAVES for name in (row["code"], plain(row["name"]))}

        def depth(row: Row) -> int:
            for n in range(DEEPEST):
                said = row["parent"]
                above = around.get(codes.division(said)) or around.get(plain(said)) if said else around.get(_above(row["code"]))
                if above is None:
                    return n
                row = above
            return DEEPEST

        return sorted(rows, key=depth)

    async def there(self, work: Work, row: Row) -> str | None:
        """The place with that code."""
        now = await self._now(work, row)
        return now["public_id"] if now is not None else None

    async def add(self, work: Work, row: Row) -> str:
        """A new place below one that the viewer's office answers for, or at the top for an administrator."""
        kind = _kind(row)
        if not kind:
            raise Refused(say("看不出“{name}”是哪一类，请填写，如村、社区、开发区", name=row["name"]), field="kind")
        _check_digits(row["code"], kind)
        parent = await self._parent(work, row, kind)
        if parent is not None:
            await self._check_place(work, row, kind, parent)
        region = work.scheme.region.code if row["region"] else None
        form = areas.JurisdictionForm(
            code=row["code"],
            name=row["name"],
            kind=kind,
            parent=parent["public_id"] if parent is not None else None,
            region=region,
        )
        id_ = await at_columns(areas.add_jurisdiction(work.call, form), {})
        await self._know(work, id_)
        return id_

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Another name; what else the row says must be so already."""
        now = await work.call.db.row(f"{PLACE} where j.public_id = $1", id_)
        if now is None or now["until"] is not None:
            gone = now["name"] if now is not None else row["name"]
            raise Refused(say("代码 {code} 是“{name}”的，它已经停用，不能再用", code=row["code"], name=gone), field="code")
        if row["kind"] and row["kind"] != JURISDICTION_KIND[now["kind"]]:
            what = say("登记的类别是“{kind}”，不能改；登记错了的，停用后另建", kind=JURISDICTION_KIND[now["kind"]])
            raise Refused(what, field="kind")
        if row["region"] and now["region"] != work.scheme.region.code:
            raise Refused(say("“{name}”不是这个方案管辖的最上一级，这一格请空着", name=now["name"]), field="region")
        if row["parent"] and not await self._lies_in(work, row, now):
            above = now["parent_name"] or say("没有上级")
            raise Refused(say("登记的上级辖区是“{name}”，不能改；确实改划的，停用后另建", name=above), field="parent")
        name = cell_or_register(now["name"], row["name"], plain)
        if name == now["name"]:
            return False
        if not work.call.viewer.covers(now["path"]):
            raise Refused(say("“{name}”不在您负责的辖区里，不能改名。请把这一行去掉", name=now["name"]), field="code")
        await areas.rename_jurisdiction(work.call, id_, name)
        await self._know(work, id_)
        return True

    async def all(self, work: Work) -> Sequence[Thing]:
        """All places below those that the viewer answers for; each told with what it lies in."""
        rows = await work.call.db.rows(
            "select j.public_id, j.name, p.path, j.kind from jurisdiction j join jurisdiction p on p.id = j.parent "
            "where exists (select from jurisdiction r where r.region = $1 and starts_with(j.path, r.path)) "
            "and (j.until is null or j.until > $2) and j.path like any($3) and j.path <> all($4)",
            work.scheme.region.code,
            work.call.today,
            [area + "%" for area in work.call.viewer.areas],
            list(work.call.viewer.areas),
        )
        return [Thing(row["public_id"], row["name"], row["path"], JURISDICTION_KIND[row["kind"]]) for row in rows]

    async def end(self, work: Work, id_: str) -> None:
        """It is no more."""
        await areas.end_jurisdiction(work.call, id_, work.call.today)

    async def _now(self, work: Work, row: Row) -> Record | None:
        spellings = list(codes.division_spellings(row["code"]))
        return await work.call.db.row(f"{PLACE} where j.code = any($1)", spellings)

    async def _parent(self, work: Work, row: Row, kind: str) -> Record | None:
        """The place that the row says it lies in, else the one that its code says; None at the top, which a sheet of a district
        may well say lies in a city that is not in the register.
        """
        code, top = row["code"], work.call.viewer.covers("/") and (kind == "province" or bool(row["region"]))
        if row["parent"]:
            return await self._called(work, row, kind, top=top)
        if top:
            return None
        above = _above(code)
        found = await self._places(work, list(codes.division_spellings(above))) if above else []
        if not found:
            what = say("请填写上级辖区。最上一级由系统管理员登记")
            if above:
                what = say(
                    "没有填上级辖区，而代码 {code} 所属的 {above} 还没有登记。请填写，或先登记 {above}", code=code, above=above
                )
            raise Refused(_or_top(what, work, kind) if above else what, field="parent")
        return found[0]

    async def _called(self, work: Work, row: Row, kind: str, *, top: bool) -> Record | None:
        said = row["parent"]
        found = await self._places(
            work, [*codes.division_spellings(said), *(one.id for one in work.known.places.all(said))], said
        )
        fitting = [one for one in found if LEVEL[one["kind"]] < LEVEL[kind] or one["kind"] == kind == "zone"]
        inside = [one for one in fitting if _begins_as(row["code"], one["path"])]
        mine = [one for one in inside or fitting if work.call.viewer.covers(one["path"])]
        chosen = mine or inside or fitting
        if len(chosen) > 1:
            what = say("有 {n} 个{what}叫“{text}”，请改填代码或编号", n=len(chosen), what=self.title, text=said)
            raise Refused(what, field="parent")
        if not chosen and found:
            fits_within(kind, found[0]["kind"])
        if not chosen and not top:
            what = say("没有登记名为“{text}”的{what}", text=said, what=self.title)
            raise Refused(_or_top(what, work, kind), field="parent")
        return chosen[0] if chosen else None

    async def _places(self, work: Work, called: Sequence[str], name: str = "") -> list[Record]:
        """Places that go on, by code, public id, or a name that stands above the region too."""
        rows = await work.call.db.rows(
            f"{PLACE} where (j.code = any($1) or j.public_id = any($1) or $2::text like '%' || j.name) "
            "and (j.until is null or j.until > $3) order by length(j.path)",
            list(called),
            plain(name),
            work.call.today,
        )
        known = {*called, plain(name)}
        return [row for row in rows if known & {row["code"], row["public_id"], plain(row["name"]), plain(row["full_name"])}]

    async def _lies_in(self, work: Work, row: Row, now: Record) -> bool:
        """Whether the place lies in what the row calls its parent."""
        said = row["parent"]
        if now["parent"] is None:
            return not await self._places(work, list(codes.division_spellings(said)), said)
        names = {plain(now["parent_name"]), plain(now["parent_full_name"]), *codes.division_spellings(now["parent_code"])}
        return bool({plain(said), codes.division(said)} & names) or now["parent"] in {
            one.id for one in work.known.places.all(said)
        }

    async def _check_place(self, work: Work, row: Row, kind: str, parent: Record) -> None:
        """:class:`Refused` where it may not be there: whose it is, what is in what, and what its code says."""
        if not work.call.viewer.covers(parent["path"]):
            what = say("“{name}”不在您负责的辖区里，只能在自己的辖区下面登记", name=parent["full_name"])
            raise Refused(what, field="parent" if row["parent"] else "code")
        try:
            fits_within(kind, parent["kind"])
        except Refused as error:
            raise Refused(error.text, field="kind" if row["kind"] else "parent") from error
        if codes.is_division_number(row["code"]) and not _begins_as(row["code"], parent["path"]):
            what = say(
                "代码 {code} 不是“{name}”的：应以 {begin} 开头。请核对代码和上级；确实改划而代码没改的，到“辖区”页面单独登记",
                code=row["code"],
                name=parent["name"],
                begin=_number_around(parent["path"]),
            )
            raise Refused(what, field="code")
        alike = await work.call.db.rows(
            "select j.name, j.code from jurisdiction j join jurisdiction p on p.id = j.parent "
            "where p.public_id = $1 and (j.until is null or j.until > $2)",
            parent["public_id"],
            work.call.today,
        )
        if same := next((one for one in alike if plain(one["name"]) == plain(row["name"])), None):
            what = say(
                "“{parent}”下面已经有“{name}”，代码是 {code}。是同一个的，代码请填它的；是两个的，名称要分得开",
                parent=parent["name"],
                name=same["name"],
                code=same["code"],
            )
            raise Refused(what, field="code")

    async def _know(self, work: Work, id_: str) -> None:
        """Rows further down may name it."""
        row = await work.call.db.row(f"{PLACE} where j.public_id = $1", id_)
        if row is not None:
            thing = Thing(id_, row["full_name"], row["path"], row["kind"])
            work.known.places.add(thing, (row["code"], row["name"], row["full_name"], f"{row['parent_name'] or ''}{row['name']}"))


def _kind(row: Row) -> str:
    """The kind of a place: as the row says, else as its code and name say; "" where they do not."""
    if row["kind"]:
        return next(kind for kind, name in JURISDICTION_KIND.items() if name == row["kind"])
    if not codes.is_division_number(row["code"]):
        return ""
    if (kind := OF_DIGITS.get(len(row["code"]))) is not None:
        return kind
    name = plain(row["name"])
    return "community" if COMMUNITY.search(name) else "village" if VILLAGE.search(name) else ""


def _above(code: str) -> str:
    """The code of the division around the one with this number for statistics, "" where it does not say."""
    length = next((n for n in reversed(codes.DIVISION_LENGTHS) if n < len(code)), 0)
    return codes.division(code[:length]) if codes.is_division_number(code) else ""


def _or_top(what: Text, work: Work, kind: str) -> Text:
    """What is said of a place whose parent is not there, with what to do where it may be the top itself."""
    if kind in (*LEAVES, "town"):
        return what
    return say(
        "{what}。如果按方案监管的最上一级就是它，请加一列“启用的方案”，这一行填“{region}”（由系统管理员导入）",
        what=what,
        region=work.scheme.region.name,
    )


def _check_digits(code: str, kind: str) -> None:
    if code.isdecimal() and not codes.is_division_number(code):
        what = say(
            "“{code}”有 {n} 位。统计用区划代码是省 2 位、市 4 位、县 6 位、镇 9 位、村和社区 12 位；自编的代码请带字母或横线",
            code=code,
            n=len(code),
        )
        raise Refused(what, field="code")
    wanted = DIGITS.get(kind)
    if code.isdecimal() and wanted is not None and len(code) != wanted:
        what = say(
            "{kind}的统计用区划代码是 {wanted} 位，“{code}”是 {n} 位（后面的零不算）。请核对代码和类别",
            kind=JURISDICTION_KIND[kind],
            wanted=wanted,
            code=code,
            n=len(code),
        )
        raise Refused(what, field="code")


def _number_around(path: str) -> str:
    """The number for statistics of the smallest division on a path that has one; a zone may lie in between."""
    return next((code for code in reversed(path.strip("/").split("/")) if codes.is_division_number(codes.division(code))), "")


def _begins_as(code: str, path: str) -> bool:
    return code.startswith(codes.division(_number_around(path)))
