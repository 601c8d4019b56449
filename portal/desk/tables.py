"""Tables of the desk."""

from piccolo.columns import JSONB, BigInt, BigSerial, Boolean, Date, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table

from portal.storage.columns import public_id


class InboxItem(Table, tablename="inbox_item"):
    """Something that waits for a unit or for one person. ``title`` says what, never the content of a case."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    unit = BigInt(null=True, default=None)
    person = BigInt(null=True, default=None)
    kind = Varchar(length=24)
    subject = Varchar(length=20)
    title = Varchar(length=200)
    due = Date(null=True, default=None)
    created_at = Timestamptz()
    done_at = Timestamptz(null=True, default=None)


class Job(Table, tablename="job"):
    """Long work: what was asked, how far it is, what came of it. ``stopped`` says that whoever asked wants it no more,
    ``deaths`` how often the process that did it died.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    task = Varchar(length=40)
    asked_by = BigInt()
    asked = JSONB()
    state = Varchar(length=12, default="waiting")
    total = Integer(default=0)
    done = Integer(default=0)
    message = Text(default="")
    result = JSONB(default="{}")
    stopped = Boolean(default=False)
    deaths = SmallInt(default=0)
    created_at = Timestamptz()
    finished_at = Timestamptz(null=True, default=None)
