"""The district's own list of responsible people by line (实名制责任人台账): an enterprise a row, with who answers for it.

What the portal makes of a row: its leader and its person in charge, as people; their posts at the enterprise; and for each
line the office that answers for it. Each cell says in which column of the list it stands, so that a mistake is told there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Rows = Sequence[Sequence[str]]
Made = dict[str, list[Mapping[str, str]]]

FIRM, CODE, OFFICE = "企业名称", "信用代码", "责任人单位"
LINES = {"行业监管部门": "行业监管", "业务主管部门": "业务主管", "综合监管部门": "综合监管"}
# Each with a phone, and with an office where the list has one: that of the person is not that of the leader
POSTS = {"责任领导": "实名制责任领导", "责任人": "实名制责任人"}
PHONE, UNIT = "{}电话", "{}单位"
REMARKS = ("注", "说明", "备注", "合计", "填表", "填报", "制表", "审核")
WITHIN = 10


@dataclass(frozen=True)
class Line:
    """A row of the list: its number, that of the row with the headings, where these stand, and its cells."""

    number: int
    header: int
    places: Mapping[str, int]
    cells: Sequence[str]

    def __getitem__(self, head: str) -> str:
        place = self.places.get(head, len(self.cells))
        return self.cells[place].strip() if place < len(self.cells) else ""

    def made(self, heads: Mapping[str, str], **more: str) -> dict[str, str]:
        """A row of the portal: its columns by the headings under which they stand, and what is no cell of the list.

        That, and what the list has no column for, stands at the first of the headings.
        """
        first = self.places[next(iter(heads.values()))]
        at = {code: self.places.get(head, first) for code, head in heads.items()} | dict.fromkeys(more, first)
        return {
            "#": str(self.number),
            "@": str(self.header),
            **{code: self[head] for code, head in heads.items()},
            **more,
            **{f"@{code}": str(place + 1) for code, place in at.items()},
        }


def read(rows: Rows) -> Made | None:
    """The rows of the portal's kinds, or None where this is another sheet."""
    for index, row in enumerate(rows[:WITHIN]):
        places = {"".join(cell.split()): n for n, cell in enumerate(row)}
        code = next((head for head in places if CODE in head), None)
        if code is not None and {FIRM, OFFICE, *POSTS} <= set(places):
            lines = [Line(number, index + 1, places, cells) for number, cells in enumerate(rows[index + 1 :], index + 2)]
            return _read([line for line in lines if not _is_no_data(line)], code)
    return None


def _is_no_data(line: Line) -> bool:
    """Whether a row is empty, the headings again at the top of a printed page, or a remark, in cells that were merged or not."""
    filled = ["".join(cell.split()) for cell in line.cells if cell.strip()]
    merged = len(filled) > 1 and len(set(filled)) == 1
    return set(filled) <= set(line.places) or merged or filled[0].startswith(REMARKS)


def _read(lines: Sequence[Line], code: str) -> Made:
    made: Made = {"people": [], "appointments": [], "charges": []}
    people: dict[tuple[str, str, str], Mapping[str, str]] = {}
    for line in lines:
        firm = code if line[code] else FIRM
        for head, post in POSTS.items():
            phone, unit = PHONE.format(head), UNIT.format(head)
            if line[head] or line[phone]:
                digits = "".join(filter(str.isdecimal, line[phone]))
                person = line.made({"name": head, "phone": phone, "unit": unit}, place="")
                people.setdefault((line[head], digits, line[unit]), person)
            if line[head]:
                made["appointments"].append(line.made({"name": head, "phone": phone, "seat": firm}, post=post))
        made["charges"] += [
            line.made({"unit": head, "enterprise": firm}, line=name) for head, name in LINES.items() if line[head]
        ]
    placed = {(name, digits) for name, digits, unit in people if unit}
    made["people"] = [person for (*who, unit), person in people.items() if unit or tuple(who) not in placed]
    return made
