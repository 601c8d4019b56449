"""The district's ledger of factories (工厂网格台账): a factory a row, with the head of its grid and the leader bound to it."""

from collections.abc import Mapping, Sequence

Rows = Mapping[str, Sequence[Mapping[str, str]]]

FIRM = "工厂"
# Each post that a row may fill: the headings of its holder's name, phone, and of where they are registered
POSTS = (
    ("企业网格长", "网格长手机", ("place", "所在镇街")),
    ("包联领导", "包联领导手机", ("unit", "包联领导单位")),
)
HEADINGS = {FIRM, *(heading for name, phone, (_, home) in POSTS for heading in (name, phone, home))}


def read(rows: Sequence[Sequence[str]]) -> Rows | None:
    """The rows of the portal's kinds, or None where this is another sheet."""
    for index, head in enumerate(rows[:5]):
        places = {cell.strip(): n for n, cell in enumerate(head)}
        if set(places) >= HEADINGS:
            return _made(rows, index, places)
    return None


def _made(rows: Sequence[Sequence[str]], header: int, places: Mapping[str, int]) -> Rows:
    people: dict[tuple[str, str], dict[str, str]] = {}
    held = []
    for number, row in enumerate(rows[header + 1 :], header + 2):
        at = {"#": str(number), "@": str(header + 1)}
        seat = _cell("seat", row, places[FIRM])
        for post, phone, (code, home) in POSTS:
            person = at | _cell("name", row, places[post]) | _cell("phone", row, places[phone])
            if person["name"]:
                people.setdefault((person["name"], person["phone"]), person | _cell(code, row, places[home]))
                held.append(person | seat | {"post": post})
    return {"people": list(people.values()), "appointments": held}


def _cell(code: str, row: Sequence[str], place: int) -> dict[str, str]:
    return {code: row[place].strip(), f"@{code}": str(place + 1)}
