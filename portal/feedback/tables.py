"""Tables of feedback. What a person wrote is sealed with the case's own key; times of the public are kept to the hour."""

from piccolo.columns import JSONB, BigInt, BigSerial, Boolean, Bytea, Date, Integer, SmallInt, Timestamptz, Varchar
from piccolo.table import Table

from portal.areas.tables import Jurisdiction, UnitTable
from portal.boards.tables import NoticeBoard
from portal.people.tables import Person
from portal.storage.columns import SealedColumn, public_id, reference
from portal.storage.tables import StoredFile


class Case(Table, tablename="feedback_case"):
    """A contact or a report. ``topic`` is what the reporter chose at the door, empty where nothing was.

    ``form`` is the keyed hash of the client's form id: sent twice, it is one case. ``grave``: the reporter said that somebody
    died or was badly hurt; ``above`` is the office of the district that sees it too.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    kind = Varchar(length=12)
    topic = Varchar(length=40, default="")
    state = Varchar(length=12)
    region = Varchar(length=40)
    edition = Varchar(length=60)
    board = reference(NoticeBoard, null=True)
    enterprise = BigInt(null=True, default=None)
    jurisdiction = reference(Jurisdiction)
    unit = reference(UnitTable, null=True)
    person = reference(Person, null=True)
    grave = Boolean(default=False)
    above = reference(UnitTable, null=True)
    route_because = JSONB()
    due = Date(null=True, default=None)
    due_because = JSONB(default="[]")
    due_awaits = SmallInt(null=True, default=None)
    key = SealedColumn()
    contact = SealedColumn(null=True, default=None)
    form = Bytea(unique=True)
    bucket = Varchar(length=6, index=True)
    receipt = Varchar(length=200)
    opened_at = Timestamptz()
    closed_at = Timestamptz(null=True, default=None)


class CaseStep(Table, tablename="feedback_step"):
    """A step of a case: what the reporter or the office said, and when. ``author`` is the account, never the reporter."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    case = reference(Case)
    step = Varchar(length=12)
    author = BigInt(null=True, default=None)
    author_name = Varchar(length=80, default="")
    text = SealedColumn()
    form = Bytea(unique=True)
    at = Timestamptz()


class CasePhoto(Table, tablename="feedback_photo"):
    """A photo of a step: written anew without metadata, stored sealed with the case's key."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    case = reference(Case)
    step = reference(CaseStep)
    file = reference(StoredFile)
    place = Integer()


class DraftPhoto(Table, tablename="feedback_draft_photo"):
    """A photo that was uploaded with a form that is not sent yet. Sealed with a key that only the form's id gives."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    form = Bytea(index=True)
    file = reference(StoredFile)
    thumb = SealedColumn()
    created_at = Timestamptz()
