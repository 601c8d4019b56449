"""Tables of the ledger. The database itself refuses to change or delete their rows (see the migrations)."""

from piccolo.columns import BigInt, BigSerial, Bytea, Date, Text, Timestamptz, Varchar
from piccolo.table import Table


class Entry(Table, tablename="ledger_entry"):
    """One act: who did what to which thing, when, with what. ``body`` is the canonical text that the chain covers."""

    id = BigSerial(primary_key=True)
    at = Timestamptz()
    actor = BigInt(null=True, default=None)
    actor_name = Varchar(length=80)
    verb = Varchar(length=24)
    kind = Varchar(length=24)
    subject = Varchar(length=64)
    area = Varchar(length=200)
    body = Text()
    prev = Bytea()
    hash = Bytea(unique=True)


class EventRow(Table, tablename="ledger_event"):
    """An event for listeners, from its day on; ``handled_at`` when they were done with it, ``by_name`` who brought it about."""

    id = BigSerial(primary_key=True)
    at = Timestamptz()
    name = Varchar(length=40)
    kind = Varchar(length=24)
    subject = BigInt()
    to = BigInt(null=True, default=None)
    day = Date()
    by_name = Varchar(length=80, default="")
    handled_at = Timestamptz(null=True, default=None)


class StoredEdition(Table, tablename="stored_edition"):
    """An edition as it stood when it came into force here."""

    id = BigSerial(primary_key=True)
    region = Varchar(length=40)
    code = Varchar(length=60, unique=True)
    canonical = Text()
    digest = Varchar(length=64)
    stored_at = Timestamptz()
