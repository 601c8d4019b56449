"""Tables of people. An enterprise seat is an id of a wing above; the migrations bind it as a foreign key."""

from piccolo.columns import BigInt, BigSerial, Date, Varchar
from piccolo.table import Table

from portal.areas.tables import Grid, Jurisdiction, UnitTable
from portal.storage.columns import public_id, reference
from portal.storage.tables import StoredFile


class Person(Table, tablename="person"):
    """A person of the register. ``phone`` is the one that boards show: a work number, never a private one unasked."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    name = Varchar(length=60)
    pinyin = Varchar(length=200)
    phone = Varchar(length=30)
    badge = Varchar(length=40, default="")
    certificate = Varchar(length=60, default="")
    portrait = reference(StoredFile, null=True)
    unit = reference(UnitTable, null=True)
    jurisdiction = reference(Jurisdiction)
    since = Date()
    until = Date(null=True, default=None)
    undone_on = Date(null=True, default=None)


class Appointment(Table, tablename="appointment"):
    """A person at a post's seat (任职): a grid, a unit or an enterprise. ``reason`` is why this departs from what is usual."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    person = reference(Person)
    region = Varchar(length=40)
    edition = Varchar(length=60)
    post = Varchar(length=40)
    grid = reference(Grid, null=True)
    unit = reference(UnitTable, null=True)
    enterprise = BigInt(null=True, default=None)
    reason = Varchar(length=200, default="")
    since = Date()
    until = Date(null=True, default=None)
    undone_on = Date(null=True, default=None)


class Interest(Table, tablename="interest"):
    """A direct interest (直接利害关系) of a person in an enterprise or in another person. Whoever has one stands back (回避).

    ``instead`` is who sees to that enterprise in their place.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    person = reference(Person)
    enterprise = BigInt(null=True, default=None)
    other = reference(Person, null=True)
    instead = reference(Person, null=True)
    kind = Varchar(length=12)
    note = Varchar(length=200, default="")
    since = Date()
    until = Date(null=True, default=None)
