"""Tables of complaints, apart from all others. Whom and what a complaint is about is sealed with the case's own key.

Nobody can tell from the tables alone who is complained about: even that is sealed. Times of the public are kept to the hour.
"""

from piccolo.columns import JSONB, BigInt, BigSerial, Boolean, Bytea, Date, Integer, SmallInt, Timestamptz, Varchar
from piccolo.table import Table

from portal.areas.tables import UnitTable
from portal.storage.columns import SealedColumn, public_id, reference


class ComplaintUnsent(Table, tablename="complaint_unsent"):
    """What a custodian sent when their session was over, as in the table of the storage's unsent forms, but apart from it."""

    id = BigSerial(primary_key=True)
    mark = Bytea(unique=True)
    answers = SealedColumn()
    over = Boolean(default=False)
    until = Timestamptz(index=True)


class Complaint(Table, tablename="complaint"):
    """A complaint. ``unit`` is the office outside the chain that keeps it; ``number`` is what people call it by.

    ``about`` seals what it is about (board, place, people, topic) and who stood back from it, as JSON; ``chain_head`` and
    ``chain_length`` tell where its chain ends, so that a cut end shows.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    number = Varchar(length=12, unique=True)
    state = Varchar(length=12)
    edition = Varchar(length=60)
    unit = reference(UnitTable)
    key = SealedColumn()
    about = SealedColumn()
    contact = SealedColumn(null=True, default=None)
    form = Bytea(unique=True)
    bucket = Varchar(length=6, index=True)
    receipt = Varchar(length=200)
    due = Date(null=True, default=None)
    due_because = JSONB(default="[]")
    due_awaits = SmallInt(null=True, default=None)
    opened_at = Timestamptz()
    closed_at = Timestamptz(null=True, default=None)
    copied = Boolean(default=False)
    chain_head = Bytea()
    chain_length = Integer()


class ComplaintStep(Table, tablename="complaint_step"):
    """Something that was said: by the reporter (no ``author``), or by a custodian."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    complaint = reference(Complaint)
    step = Varchar(length=12)
    author = BigInt(null=True, default=None)
    text = SealedColumn()
    form = Bytea(unique=True)
    at = Timestamptz()


class ComplaintPhoto(Table, tablename="complaint_photo"):
    """A photo of a step, written anew without metadata and sealed, in the complaints' own folder."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    complaint = reference(Complaint)
    step = reference(ComplaintStep)
    file = Varchar(length=80, unique=True)
    place = Integer()


class TransferSheet(Table, tablename="complaint_sheet"):
    """What a custodian wrote anew for those who look into it (转办单): to whom, in which words, to be replied to by when."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    complaint = reference(Complaint)
    recipient = SealedColumn()
    text = SealedColumn()
    reply_by = Date(null=True, default=None)
    author = BigInt()
    at = Timestamptz()


class Notice(Table, tablename="complaint_notice"):
    """That something waits for the custodians of an office: which kind of thing, never a word of it."""

    id = BigSerial(primary_key=True)
    complaint = reference(Complaint)
    unit = reference(UnitTable)
    kind = Varchar(length=12)
    at = Timestamptz()
    done_at = Timestamptz(null=True, default=None)


class ChainEntry(Table, tablename="complaint_entry"):
    """One act in a complaint's own chain, every reading included. The database refuses to change or delete it."""

    id = BigSerial(primary_key=True)
    complaint = reference(Complaint)
    number = Integer()
    at = Timestamptz()
    actor = BigInt(null=True, default=None)
    verb = Varchar(length=24)
    body = SealedColumn()
    prev = Bytea()
    hash = Bytea(unique=True)


class BreakGlass(Table, tablename="complaint_break_glass"):
    """Two people open a complaint that its custodians can't: asked for with a reason by one, confirmed by another.

    ``complaint`` is empty where the number that they gave is none that they may open; they learn no more than that.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    number = Bytea()
    reason = SealedColumn()
    asked_by = BigInt()
    asked_at = Timestamptz()
    confirmed_by = BigInt(null=True, default=None)
    confirmed_at = Timestamptz(null=True, default=None)
    complaint = reference(Complaint, null=True)
    until = Timestamptz(null=True, default=None)
