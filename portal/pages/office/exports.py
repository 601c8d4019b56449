"""The office's lists as spreadsheets: what a page shows page by page, whole, and as it was searched for.

The register itself goes out with the headings of its templates, from the import page. Complaints go out nowhere.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from litestar import Controller, get
from litestar.params import FromPath
from litestar.response import Response

from portal.access.queries import accounts
from portal.areas.queries import jurisdictions
from portal.boards.queries import boards
from portal.call import Call
from portal.clock import day_of
from portal.errors import NotVisible
from portal.feedback.queries import cases
from portal.imports.exports import spreadsheet
from portal.people.queries import gaps_in_areas
from portal.scheme.decision import Because
from portal.scheme.telling import basis_place
from portal.storage.lists import Wanted
from portal.terms import CASE_STATE, JURISDICTION_KIND, KIND, ROLE, Text, say
from portal.web import guards
from portal.web.lists import wanted_of
from portal.web.pages import PRIVATE
from portal.web.requests import AnyRequest, GivenCall

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
EVERYTHING = 1_048_576  # more than a sheet holds is refused, and nothing is cut off
YES, NO = say("是"), say("否")
Cells = list[list[object]]


def sheet_download(data: bytes, name: str, form: str) -> Response[bytes]:
    """A spreadsheet as a download."""
    told = {"content-disposition": f"attachment; filename={name}.{form}"}
    return Response(data, media_type=XLSX if form == "xlsx" else CSV, headers={**PRIVATE, **told})


async def _jurisdictions(call: Call, wanted: Wanted) -> Cells:
    return [
        [row.full_name, JURISDICTION_KIND[row.kind], row.code, row.since, row.until]
        for row in (await jurisdictions(call, wanted)).rows
    ]


async def _boards(call: Call, wanted: Wanted) -> Cells:
    return [
        [
            row.code,
            row.name,
            row.grid_name,
            row.version,
            row.issued_on,
            YES if row.stale_since is None else NO,
            YES if row.trial else NO,
            YES if row.revoked else NO,
        ]
        for row in (await boards(call, wanted)).rows
    ]


async def _cases(call: Call, wanted: Wanted) -> Cells:
    return [
        [
            KIND[row.kind],
            row.about,
            CASE_STATE[row.state],
            row.due,
            YES if row.overdue else NO,
            YES if row.due_awaits else NO,
            day_of(row.opened_at),
        ]
        for row in (await cases(call, wanted)).rows
    ]


async def _gaps(call: Call, _: Wanted) -> Cells:
    return [
        [
            gap.value.name,
            gap.value.seat.name,
            gap.value.held,
            gap.value.lacking,
            YES if gap.value.inferred else NO,
            _bases(gap.because),
        ]
        for _, gap in await gaps_in_areas(call)
    ]


def _bases(because: Sequence[Because]) -> str:
    return "、".join(basis_place(one.basis) for one in because)


async def _accounts(call: Call, wanted: Wanted) -> Cells:
    if not call.viewer.administers:
        raise NotVisible
    return [
        [
            row.login,
            row.name,
            row.person_name or "",
            "、".join(ROLE[role] for role in row.roles),
            YES if row.active else NO,
            YES if row.second else NO,
            day_of(row.seen_at) if row.seen_at else None,
        ]
        for row in (await accounts(call, wanted)).rows
    ]


@dataclass(frozen=True)
class Listing:
    """A list that may be taken out: its title, its headings, its rows, and what it may be filtered by."""

    title: Text
    headings: tuple[Text, ...]
    rows: Callable[[Call, Wanted], Awaitable[Cells]]
    filters: tuple[str, ...] = ()


LISTS: Mapping[str, Listing] = {
    "jurisdictions": Listing(
        say("辖区"), (say("名称"), say("类型"), say("代码"), say("启用日期"), say("停用日期")), _jurisdictions
    ),
    "boards": Listing(
        say("公示牌"),
        (
            say("公示牌编号"),
            say("挂在"),
            say("网格"),
            say("版次"),
            say("签发日期"),
            say("与登记一致"),
            say("试印"),
            say("已作废"),
        ),
        _boards,
        ("stale",),
    ),
    "cases": Listing(
        say("群众来件"),
        (say("种类"), say("反映对象"), say("状态"), say("期限"), say("已逾期"), say("期限暂定"), say("收到日期")),
        _cases,
        ("kind",),
    ),
    "gaps": Listing(
        say("岗位空缺"),
        (say("岗位"), say("所在网格或部门"), say("现有人数"), say("空缺人数"), say("要求有暂定的内容"), say("依据")),
        _gaps,
    ),
    "accounts": Listing(
        say("账号"),
        (say("登录名"), say("姓名"), say("登记的人员"), say("角色"), say("在用"), say("二次验证"), say("最近登录")),
        _accounts,
        ("role",),
    ),
}


class ExportPages(Controller):
    """Lists to take away."""

    path = "/office/export"
    guards = [guards.office]

    @get("/{name:str}/{form:str}")
    async def take(self, request: AnyRequest, call: GivenCall, name: FromPath[str], form: FromPath[str]) -> Response[bytes]:
        """The list as it is filtered on its page."""
        listing = LISTS.get(name)
        if listing is None or form not in ("xlsx", "csv"):
            raise NotVisible
        wanted = replace(wanted_of(request, *listing.filters), after="", size=EVERYTHING)
        rows = await listing.rows(call, wanted)
        data = await spreadsheet(call, name, listing.title, listing.headings, rows, form)
        return sheet_download(data, f"{name}-{call.today.isoformat()}", form)
