"""A complaint's own chain: every act and every reading, linked, sealed, and refused by the database to be changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.call import Call
from portal.complaints.tables import ChainEntry
from portal.ledger.rules import START, link
from portal.storage.engine import Record
from portal.storage.seals import CannotOpen, Key


@dataclass(frozen=True)
class ComplaintAct:
    """One entry as a custodian sees it."""

    at: datetime
    verb: str
    who: str
    data: Mapping[str, str]


async def append(call: Call, complaint: Record, verb: str, data: Mapping[str, str] | None = None) -> None:
    """Add an act to the chain, in the caller's transaction, in which the complaint's row is locked."""
    row = await call.db.row("select chain_head, chain_length, public_id, key from complaint where id = $1", complaint["id"])
    if row is None:
        raise RuntimeError("the complaint is gone")
    number, prev = row["chain_length"] + 1, row["chain_head"]
    body = {
        "complaint": row["public_id"],
        "number": number,
        "at": call.now.isoformat(),
        "actor": call.viewer.account,
        "verb": verb,
        "who": call.viewer.name,
        "data": dict(data or {}),
    }
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    head = link(prev, text)
    key = call.portal.keyring.unwrap(row["key"], f"complaint {row['public_id']}")
    await ChainEntry(
        complaint=complaint["id"],
        number=number,
        at=call.now,
        actor=call.viewer.account,
        verb=verb,
        body=key.seal_text(text, f"entry {row['public_id']} {number}"),
        prev=prev,
        hash=head,
    ).save()
    await call.db.rows("update complaint set chain_head = $2, chain_length = $3 where id = $1", complaint["id"], head, number)


async def acts(call: Call, complaint: int, public_id: str, key: Key) -> tuple[ComplaintAct, ...]:
    """What was done with a complaint, the newest first."""
    rows = await call.db.rows("select number, at, body from complaint_entry where complaint = $1 order by number desc", complaint)
    found = []
    for row in rows:
        body = json.loads(key.open_text(row["body"], f"entry {public_id} {row['number']}"))
        found.append(ComplaintAct(row["at"], body["verb"], body["who"], body["data"]))
    return tuple(found)


async def first_break(call: Call) -> bool:
    """Whether any complaint's chain was altered, reordered, or cut, at its end too. Reads all of them."""
    for complaint in await call.db.rows(
        "select id, public_id, key, chain_head, chain_length from complaint where public_id not in "
        "(select subject from shredded_case) order by id"
    ):
        if await _broken(call, complaint):
            return True
    return False


async def _broken(call: Call, complaint: Record) -> bool:
    prev, number = START, 0
    try:
        key = call.portal.keyring.unwrap(complaint["key"], f"complaint {complaint['public_id']}")
        for row in await call.db.rows("select * from complaint_entry where complaint = $1 order by number", complaint["id"]):
            number += 1
            text = key.open_text(row["body"], f"entry {complaint['public_id']} {row['number']}")
            said = json.loads(text)
            told = (said["complaint"], said["number"], said["actor"], said["verb"], datetime.fromisoformat(said["at"]))
            if (
                told != (complaint["public_id"], number, row["actor"], row["verb"], row["at"])
                or row["prev"] != prev
                or row["hash"] != link(prev, text)
            ):
                return True
            prev = row["hash"]
    except CannotOpen:
        return True
    return (prev, number) != (complaint["chain_head"], complaint["chain_length"])
