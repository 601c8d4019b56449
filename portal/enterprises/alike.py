"""Rows of the register that are one human, or one enterprise, by what is written on them: told, never joined."""

from collections import defaultdict
from dataclasses import dataclass

from portal import codes
from portal.call import Call
from portal.terms import Text, say

BADGE, CERTIFICATE, NAME_AND_PHONE, CREDIT_CODE = say("工作证编号"), say("执法证号"), say("姓名和电话"), say("统一社会信用代码")


@dataclass(frozen=True)
class SameThing:
    """Rows that have in common what tells one human, or one enterprise, from others: what that is, and of each row its public id,
    its name and where it is.
    """

    table: str
    by: Text
    rows: tuple[tuple[str, str, str], ...]


async def same_people(call: Call) -> tuple[SameThing, ...]:
    """Those who go on with one badge, one certificate, or one name and telephone, however it is written."""
    rows = await call.db.rows(
        "select p.public_id, p.name, p.phone, human_mark(p.badge) as badge, human_mark(p.certificate) as certificate, "
        "j.name as place from person p join jurisdiction j on j.id = p.jurisdiction "
        "where p.until is null or p.until > $1 order by p.id",
        call.today,
    )
    found: defaultdict[tuple[Text, object], list[tuple[str, str, str]]] = defaultdict(list)
    for row in rows:
        one = (row["public_id"], row["name"], row["place"])
        name, phone = codes.spelled(row["name"]), codes.national(row["phone"])
        for key in ((BADGE, row["badge"]), (CERTIFICATE, row["certificate"]), (NAME_AND_PHONE, (name, phone) if phone else None)):
            if key[1]:
                found[key].append(one)
    return _groups_told("person", found)


async def same_enterprises(call: Call) -> tuple[SameThing, ...]:
    """Those that go on with one credit code, however it is written."""
    rows = await call.db.rows(
        "select e.public_id, e.name, e.credit_code, j.name as place from enterprise e join jurisdiction j on j.id = e.division "
        "where e.credit_code is not null and (e.until is null or e.until > $1) order by e.id",
        call.today,
    )
    found: defaultdict[tuple[Text, object], list[tuple[str, str, str]]] = defaultdict(list)
    for row in rows:
        found[CREDIT_CODE, codes.run_together(row["credit_code"]).upper()].append((row["public_id"], row["name"], row["place"]))
    return _groups_told("enterprise", found)


def _groups_told(table: str, found: dict[tuple[Text, object], list[tuple[str, str, str]]]) -> tuple[SameThing, ...]:
    """Each group once, by the first that it has in common."""
    told: dict[tuple[tuple[str, str, str], ...], SameThing] = {}
    for key, rows in found.items():
        if len(rows) > 1:
            told.setdefault(tuple(rows), SameThing(table, key[0], tuple(rows)))
    return tuple(told.values())
