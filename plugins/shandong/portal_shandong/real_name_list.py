"""The district's own list of responsible people by line (实名制责任人台账): an enterprise a row, with who answers for it.

What the portal makes of a row: its leader and its person in charge, as people; their posts at the enterprise; and for each
line the office that answers for it.
"""

from collections.abc import Mapping, Sequence

Rows = Sequence[Sequence[str]]
Made = dict[str, list[Mapping[str, str]]]

FIRM, CODE, OFFICE = "企业名称", "信用代码", "责任人单位"
LINES = {"行业监管部门": "行业监管", "业务主管部门": "业务主管", "综合监管部门": "综合监管"}
POSTS = {"责任领导": "实名制责任领导", "责任人": "实名制责任人"}
WITHIN = 10


def read(rows: Rows) -> Made | None:
    """The rows of the portal's kinds, or None where this is another sheet."""
    for index, row in enumerate(rows[:WITHIN]):
        heads = ["".join(cell.split()) for cell in row]
        places = {head: n for n, head in enumerate(heads)}
        code = next((n for head, n in places.items() if CODE in head), None)
        if code is not None and {FIRM, OFFICE, *POSTS} <= set(places):
            return _read(rows, index, places, code)
    return None


def _read(rows: Rows, header: int, places: Mapping[str, int], code: int) -> Made:
    made: Made = {"people": [], "appointments": [], "charges": []}
    known: set[tuple[str, str]] = set()
    for number, row in enumerate(rows[header + 1 :], header + 2):

        def cell(head: str, row: Sequence[str] = row) -> str:
            place = places.get(head, len(row))
            return row[place].strip() if place < len(row) else ""

        firm = (row[code].strip() if code < len(row) else "") or cell(FIRM)
        if not firm or not (cell("责任领导") or cell("责任人")):
            continue
        for head, post in POSTS.items():
            name, phone = cell(head), cell(f"{head}电话")
            if not name:
                continue
            if (name, phone) not in known:
                made["people"].append({"#": str(number), "name": name, "phone": phone, "unit": cell(OFFICE)})
                known.add((name, phone))
            made["appointments"].append({"#": str(number), "name": name, "phone": phone, "post": post, "seat": firm})
        for head, line in LINES.items():
            if cell(head):
                made["charges"].append({"#": str(number), "enterprise": firm, "line": line, "unit": cell(head)})
    return made
