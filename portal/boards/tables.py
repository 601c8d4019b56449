"""Tables of boards."""

from piccolo.columns import JSONB, BigInt, BigSerial, Boolean, Date, Integer, Timestamptz, Varchar
from piccolo.table import Table

from portal.areas.tables import Grid, Jurisdiction
from portal.enterprises.tables import Enterprise
from portal.storage.columns import reference


class NoticeBoard(Table, tablename="board"):
    """A board on a wall. Its page is drawn from this one row: what is printed, what is true now, and the difference.

    ``hung`` is the oldest version that may still hang: that of which an office said last that it hangs.
    """

    id = BigSerial(primary_key=True)
    code = Varchar(length=12, unique=True)
    of = Varchar(length=12)
    region = Varchar(length=40)
    edition = Varchar(length=60)
    grid = reference(Grid, null=True)
    enterprise = reference(Enterprise, null=True)
    jurisdiction = reference(Jurisdiction)
    version = Integer()
    hung = Integer(default=0)
    issued_on = Date()
    trial = Boolean()
    printed = JSONB()
    live = JSONB()
    changed = JSONB()
    stale_since = Date(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    revoked_why = Varchar(length=200, default="")


class WaitingBoard(Table, tablename="board_waiting"):
    """A board that much has changed for and that is still to be brought up to date. Its page says so."""

    id = BigSerial(primary_key=True)
    board = reference(NoticeBoard)
    since = Timestamptz()


class BoardVersion(Table, tablename="board_version"):
    """What a board said when it was issued. The database refuses to change it."""

    id = BigSerial(primary_key=True)
    board = reference(NoticeBoard)
    number = Integer()
    facts = JSONB()
    digest = Varchar(length=64)
    edition = Varchar(length=60)
    trial = Boolean()
    issued_at = Timestamptz()
    issued_by = BigInt(null=True, default=None)


class BoardSource(Table, tablename="board_source"):
    """What a board's facts were taken from, so that a change finds exactly the boards that it touches."""

    id = BigSerial(primary_key=True)
    board = reference(NoticeBoard)
    kind = Varchar(length=12)
    subject = BigInt()


class NamedBefore(Table, tablename="board_named"):
    """Somebody whom a board named ``until`` a day, and no more: people may still complain about them."""

    id = BigSerial(primary_key=True)
    board = reference(NoticeBoard)
    person = BigInt()
    until = Date()
