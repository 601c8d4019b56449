"""Tables of enterprises."""

from piccolo.columns import JSONB, BigSerial, Date, Varchar
from piccolo.table import Table

from portal.areas.tables import Grid, Jurisdiction, UnitTable
from portal.storage.columns import public_id, reference


class Enterprise(Table, tablename="enterprise"):
    """An enterprise (生产经营单位). ``drawn_grid`` says in which drawn grid the address lies, where no division tells."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    region = Varchar(length=40)
    credit_code = Varchar(length=18, null=True, default=None)
    name = Varchar(length=120)
    pinyin = Varchar(length=200)
    division = reference(Jurisdiction)
    address = Varchar(length=200, default="")
    drawn_grid = reference(Grid, null=True)
    contact = Varchar(length=60, default="")
    phone = Varchar(length=30, default="")
    since = Date()
    until = Date(null=True, default=None)
    undone_on = Date(null=True, default=None)


class EnterpriseFact(Table, tablename="enterprise_fact"):
    """What was true of an enterprise from when to when; one timeline per fact, without overlaps."""

    id = BigSerial(primary_key=True)
    enterprise = reference(Enterprise)
    fact = Varchar(length=40)
    value = Varchar(length=40)
    since = Date()
    until = Date(null=True, default=None)


class PlacementRow(Table, tablename="placement"):
    """Where an enterprise belonged from when to when, and why; one timeline per enterprise, without overlaps."""

    id = BigSerial(primary_key=True)
    enterprise = reference(Enterprise)
    outcome = Varchar(length=16)
    klass = Varchar(length=40, null=True, default=None)
    grid = reference(Grid, null=True)
    because = JSONB()
    edition = Varchar(length=60)
    since = Date()
    until = Date(null=True, default=None)


class Charge(Table, tablename="charge"):
    """An office that answers for an enterprise on a line (条线), from when to when; one at a time on each line."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    enterprise = reference(Enterprise)
    line = Varchar(length=40)
    unit = reference(UnitTable)
    since = Date()
    until = Date(null=True, default=None)
    undone_on = Date(null=True, default=None)
