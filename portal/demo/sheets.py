"""Sheets as offices send them, for the example: titles over the header, headings of their own, CSV in GB 18030."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import xlsxwriter

# What the offices of the example call the columns, by the columns' codes
HEADINGS = {
    "units": {"name": "机构名称", "kind": "部门类别", "place": "所属地区", "phone": "值班电话"},
    "grids": {
        "code": "网格编码",
        "name": "网格名称",
        "tier": "网格级别",
        "place": "所属镇街",
        "parent": "上级网格",
        "ground": "所辖村社区",
        "note": "四至",
        "since": "设立日期",
    },
    "people": {
        "name": "姓名",
        "badge": "工号",
        "phone": "联系电话",
        "unit": "工作单位",
        "place": "区划代码",
        "certificate": "执法证号",
    },
    "appointments": {"name": "责任人", "badge": "工号", "post": "职务", "seat": "任职处", "since": "任职时间"},
    "enterprises": {
        "name": "企业名称",
        "credit_code": "社会信用代码",
        "place": "所属村社区",
        "address": "经营地址",
        "grid": "所在网格",
        "contact": "负责人",
        "phone": "手机号码",
        "since": "登记时间",
    },
    "deeds": {
        "day": "巡查日期",
        "duty": "工作内容",
        "subject": "被查单位",
        "name": "巡查人",
        "badge": "工号",
        "points": "巡查要点",
        "note": "巡查情况",
    },
    "charges": {"enterprise": "企业名称", "line": "监管条线", "unit": "监管部门"},
}
IN_CSV = frozenset({"people", "enterprises"})


@dataclass(frozen=True)
class SentSheet:
    """A file as it would arrive: its name and its bytes."""

    name: str
    data: bytes


def sheet_of_an_office(region: str, kind: str, title: str, rows: Sequence[dict[str, str]]) -> SentSheet:
    """A sheet of this kind with these rows; a column that is not among the usual ones is a fact, by its own name."""
    usual = HEADINGS[kind]
    codes = [code for code in usual if any(row.get(code) for row in rows)]
    facts = sorted({key for row in rows for key in row} - set(usual))
    headings = ["序号", *(usual[code] for code in codes), *facts]
    lines = [[str(n), *(row.get(code, "") for code in (*codes, *facts))] for n, row in enumerate(rows, 1)]
    if kind in IN_CSV:
        return SentSheet(f"{region}-{kind}.csv", _csv(title, headings, lines))
    return SentSheet(f"{region}-{kind}.xlsx", _xlsx(title, headings, lines))


def _csv(title: str, headings: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([title, *[""] * (len(headings) - 1)])
    writer.writerow(headings)
    writer.writerows(lines)
    return out.getvalue().encode("gb18030")


def _xlsx(title: str, headings: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
    page = book.add_worksheet()
    page.merge_range(0, 0, 0, len(headings) - 1, title, book.add_format({"bold": True, "align": "center", "font_size": 16}))
    for row, line in enumerate([headings, *lines], 1):
        for column, text in enumerate(line):
            page.write_string(row, column, text)
    page.write_string(len(lines) + 3, 0, "填表人：示例　审核人：示例")
    book.close()
    return out.getvalue()


def day(value: date) -> str:
    """A day as offices write it."""
    return f"{value.year}.{value.month}.{value.day}"
