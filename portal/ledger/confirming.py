"""That somebody asked the office in charge whether a document still holds. The ledger's own entry is the only record of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.call import Call
from portal.clock import day_of
from portal.errors import Refused
from portal.ledger.actions import record
from portal.scheme.book import Scheme
from portal.scheme.validity import title
from portal.scheme.words import Assumption, Basis, Clause
from portal.terms import Text, say

LONGEST = 200


@dataclass(frozen=True)
class Confirmation:
    """That it was found to hold: on which day, and ``by`` whom that was asked and answered."""

    day: date
    by: str


async def confirmations(call: Call) -> Mapping[str, Confirmation]:
    """The last confirmation of each edition, by the edition's own code: another reading of a document is the same document."""
    rows = await call.db.rows("select at, body from ledger_entry where kind = 'edition' and verb = 'confirmed' order by id")
    said = [(json.loads(row["body"])["data"], day_of(row["at"])) for row in rows]
    return {data["edition"]: Confirmation(day, data["by"]) for data, day in said}


async def unconfirmed(call: Call) -> list[Scheme]:
    """The editions in force of which nobody has said yet that their documents still hold."""
    known = await confirmations(call)
    ruling = [scheme for code in call.book.regions if (scheme := call.book.in_force(code, call.today)) is not None]
    return [scheme for scheme in ruling if scheme.edition.code not in known]


async def told_of_unconfirmed(call: Call) -> list[Text]:
    """The same for whoever sets a portal up, with what to ask and how to say that it was answered."""
    return [
        say(
            "“{title}”是否仍然有效，还没有人确认。{why}核实以后请运行 portal scheme confirm {region} --by “谁、怎样核实的”。",
            title=title(scheme),
            why=_why(scheme.edition.in_force.still),
            region=scheme.region.code,
        )
        for scheme in await unconfirmed(call)
    ]


async def confirm(call: Call, region: str, by: str) -> Scheme:
    """Write down who asked the office and was told that the document in force still holds; the edition that it is about."""
    said = " ".join(by.split())
    if not 2 <= len(said) <= LONGEST:
        raise Refused(say("没有记下：请用 --by 写明是谁、怎样向主管部门核实的，最多 {n} 个字。", n=LONGEST))
    scheme = call.book.in_force(region, call.today)
    if scheme is None:
        raise Refused(say("没有记下：地区“{region}”今天没有施行任何方案。", region=region))

    async def work() -> None:
        await record(call, "confirmed", "edition", region, area="", data={"edition": scheme.edition.code, "by": said})

    await call.db.run_tx(work)
    return scheme


def _why(still: Basis | None) -> str:
    match still:
        case Assumption(why=why):
            return why
        case Clause(read_as=read_as):
            return read_as
    return ""
