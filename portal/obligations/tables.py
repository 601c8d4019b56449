"""Tables of obligations. A subject is an enterprise, a grid, a unit or a person; the migration keeps it to exactly one."""

from piccolo.columns import Array, BigInt, BigSerial, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from portal.areas.tables import Grid, UnitTable
from portal.enterprises.tables import Enterprise
from portal.people.tables import Person
from portal.storage.columns import public_id, reference


class Deed(Table, tablename="deed"):
    """Something done that fulfils a duty (履职记录): by whom, on what, on which day. Withdrawn ones stay and count no more.

    Without an enterprise, grid or unit it is the ``person`` themselves who owed it. ``at`` is the time of the day, or "" where
    nobody said it: several visits of a day are several deeds, and count once.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    region = Varchar(length=40)
    edition = Varchar(length=60)
    duty = Varchar(length=40)
    enterprise = reference(Enterprise, null=True)
    grid = reference(Grid, null=True)
    unit = reference(UnitTable, null=True)
    person = reference(Person, null=True)
    day = Date()
    at = Varchar(length=5, default="")
    note = Text(default="")
    points = Array(base_column=Varchar(length=80), default=list)
    attended = Array(base_column=Varchar(length=80), default=list)
    written_at = Timestamptz()
    written_by = BigInt(null=True, default=None)
    withdrawn_at = Timestamptz(null=True, default=None)
    withdrawn_why = Varchar(length=200, default="")
    undone_on = Date(null=True, default=None)


class DeedDoer(Table, tablename="deed_doer"):
    """Somebody who did a deed together with its ``person``: one visit, however many came."""

    id = BigSerial(primary_key=True)
    deed = reference(Deed)
    person = reference(Person)


class Excuse(Table, tablename="excuse"):
    """Why a duty was not done in one window, given by an office that may say so (情况说明)."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    region = Varchar(length=40)
    duty = Varchar(length=40)
    enterprise = reference(Enterprise, null=True)
    grid = reference(Grid, null=True)
    unit = reference(UnitTable, null=True)
    person = reference(Person, null=True)
    first = Date()
    last = Date()
    why = Varchar(length=200)
    written_at = Timestamptz()
    written_by = BigInt(null=True, default=None)
    withdrawn_at = Timestamptz(null=True, default=None)


class Tally(Table, tablename="tally"):
    """How many things owe a demand in a window and how they stand: kept, since counting a province takes seconds.

    ``place`` is a town or anything above one; ``owed`` to ``excused`` are its own figures with those of its villages,
    ``all_owed`` to ``all_excused`` those of everything in it. ``version`` is that of the place when it was counted (see
    ``place_version``).
    """

    id = BigSerial(primary_key=True)
    what = Varchar(length=160)
    first = Date()
    at = Date()
    closed = Boolean()
    place = BigInt()
    owed = Integer()
    done = Integer()
    excused = Integer()
    all_owed = Integer()
    all_done = Integer()
    all_excused = Integer()
    version = BigInt()


class PlaceVersion(Table, tablename="place_version"):
    """A number of a place that every write moves which may change how obligations in it stand: those of a duty, where it falls
    on days of a month; without a duty, all. The moves that were not added yet are not in it.
    """

    id = BigSerial(primary_key=True)
    place = BigInt()
    duty = Varchar(length=40)
    month = Date()
    n = BigInt()


class PlaceMove(Table, tablename="place_move"):
    """A move of a place's version. Rows of their own, so that nobody who writes waits for somebody else."""

    id = BigSerial(primary_key=True)
    place = BigInt()
    duty = Varchar(length=40)
    month = Date()
