"""Tables of imports: what a sheet brought, row by row, so that it can be undone."""

from piccolo.columns import JSONB, Array, BigInt, BigSerial, Date, Timestamptz, Varchar
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from portal.storage.columns import public_id, reference
from portal.storage.tables import StoredFile


class ImportBatch(Table, tablename="import_batch"):
    """A sheet that somebody brought: checked, then perhaps taken in, then perhaps undone. ``result`` is what came of it,
    ``corrections`` what names on it were chosen to mean; ``areas`` is what they saw by then, ``area`` the largest of it.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    kind = Varchar(length=16)
    region = Varchar(length=40)
    area = Varchar(length=200)
    areas = Array(base_column=Varchar(length=200), default=list)
    file = reference(StoredFile, null=True)
    state = Varchar(length=12, default="waiting")
    result = JSONB(default="{}")
    corrections = JSONB(default="{}")
    asked_by = BigInt(null=True, default=None)
    asked_at = Timestamptz()
    taken_on = Date(null=True, default=None)
    undone_at = Timestamptz(null=True, default=None)


class ImportHeading(Table, tablename="import_heading"):
    """What somebody of an area said of the columns of a sheet: its kind, the mark of its header (``shape``), and what stands at
    each place (``columns``).
    """

    id = BigSerial(primary_key=True)
    kind = Varchar(length=16)
    region = Varchar(length=40)
    area = Varchar(length=200)
    shape = Varchar(length=32)
    columns = JSONB()
    said_by = BigInt(null=True, default=None)
    said_at = Timestamptz()


class ImportMeaning(Table, tablename="import_meaning"):
    """What somebody of an area chose to be meant by a name that nothing is called, by the ``sort`` of what it calls."""

    id = BigSerial(primary_key=True)
    region = Varchar(length=40)
    area = Varchar(length=200)
    sort = Varchar(length=80)
    said = Varchar(length=200)
    meant = Varchar(length=200)
    said_by = BigInt(null=True, default=None)
    said_at = Timestamptz()


class ImportRow(Table, tablename="import_row"):
    """Something that an import touched: as it stood ``before`` (nothing where it came new) and right ``after``."""

    id = BigSerial(primary_key=True)
    batch = reference(LazyTableReference("ImportBatch", module_path=__name__))
    kind = Varchar(length=16)
    subject = BigInt()
    name = Varchar(length=160)
    deed = Varchar(length=8)
    before = JSONB(null=True, default=None)
    after = JSONB(null=True, default=None)
