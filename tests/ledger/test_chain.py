"""The chain finds every change, loss and turn of its entries."""

import random
from datetime import UTC, datetime, timedelta

from portal.ledger import rules


def chain(n: int) -> list[dict]:
    """Entries in a chain."""
    prev, made = rules.START, []
    for number in range(1, n + 1):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
        facts = {
            "at": at,
            "actor": number % 3 or None,
            "actor_name": f"甲{number}",
            "verb": "changed",
            "kind": "person",
            "subject": f"s{number}",
            "area": "/x/",
        }
        body = rules.body(**facts, data={"n": number})
        hash_ = rules.link(prev, body)
        made.append({"id": number, **facts, "body": body, "prev": prev, "hash": hash_})
        prev = hash_
    return made


def test_a_whole_chain_has_no_break() -> None:
    assert rules.first_break(chain(200)) is None
    assert rules.first_break([]) is None


def test_any_altered_dropped_or_turned_entry_is_found() -> None:
    chance = random.Random(1)
    for _ in range(1_000):
        entries = chain(12)
        place = chance.randrange(11)
        match chance.choice(("body", "column", "drop", "turn", "hash", "at")):
            case "body":
                entries[place]["body"] = entries[place]["body"].replace("changed", "created")
            case "column":
                entries[place]["actor_name"] = "别人"
            case "drop":
                del entries[place]
            case "turn":
                entries[place], entries[place + 1] = entries[place + 1], entries[place]
            case "hash":
                entries[place]["hash"] = rules.link(b"x", "y")
            case "at":
                entries[place]["at"] += timedelta(seconds=1)
        assert rules.first_break(entries) is not None


def test_a_chunk_is_checked_from_where_the_last_one_ended() -> None:
    entries = chain(10)
    assert rules.first_break(entries[5:], entries[4]["hash"]) is None
    assert rules.first_break(entries[5:]) == 6
