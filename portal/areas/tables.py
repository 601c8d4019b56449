"""Tables of areas. Everything that can end has ``since`` and ``until``: until is the first day on which it no longer holds."""

from piccolo.columns import JSONB, BigInt, BigSerial, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from portal.storage.columns import public_id, reference


class Jurisdiction(Table, tablename="jurisdiction"):
    """A division of the country (辖区), or a zone that counts as one. ``path`` runs from the top: ``/32/3205/320506/``."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    code = Varchar(length=20, unique=True)
    name = Varchar(length=60)
    pinyin = Varchar(length=200)
    kind = Varchar(length=12)
    parent = reference(LazyTableReference("Jurisdiction", module_path=__name__), null=True)
    path = Varchar(length=200, unique=True)
    region = Varchar(length=40, null=True, default=None)
    since = Date()
    until = Date(null=True, default=None)


class UnitTable(Table, tablename="unit"):
    """An office or organisation (部门、单位) of a kind that its region's scheme knows.

    One that is ``only_chosen`` serves the grids that name it; else it serves what lies in its jurisdiction and names no other.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    region = Varchar(length=40)
    kind = Varchar(length=40)
    name = Varchar(length=80)
    pinyin = Varchar(length=200)
    phone = Varchar(length=30)
    jurisdiction = reference(Jurisdiction)
    only_chosen = Boolean(default=False)
    since = Date()
    until = Date(null=True, default=None)
    undone_on = Date(null=True, default=None)


class Grid(Table, tablename="grid"):
    """A grid (网格) of a tier. ``area_note`` tells its borders in words, as the board does.

    ``enterprise`` is the one that the grid is, where its tier says so: an id of a wing above, bound by the migrations.
    ``served_by`` is the office that serves it where several of a kind could.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    region = Varchar(length=40)
    edition = Varchar(length=60)
    tier = Varchar(length=40)
    code = Varchar(length=40)
    name = Varchar(length=80)
    pinyin = Varchar(length=200)
    area_note = Text(default="")
    jurisdiction = reference(Jurisdiction)
    parent = reference(LazyTableReference("Grid", module_path=__name__), null=True)
    enterprise = BigInt(null=True, default=None)
    served_by = reference(UnitTable, null=True)
    since = Date()
    until = Date(null=True, default=None)
    undone_on = Date(null=True, default=None)


class GridGround(Table, tablename="grid_ground"):
    """A division that lies in a grid. Enterprises there belong to it, where their class's tier says so."""

    id = BigSerial(primary_key=True)
    grid = reference(Grid)
    division = reference(Jurisdiction)
    since = Date()
    until = Date(null=True, default=None)


class Refinement(Table, tablename="refinement"):
    """A figure of a region's scheme that a place made stricter (细化): which, what it is there, and who says so.

    ``figure`` names it as in :mod:`portal.scheme.refining`, ``months`` to ``number`` are its value, whichever it is made of.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    region = Varchar(length=40)
    edition = Varchar(length=60)
    jurisdiction = reference(Jurisdiction)
    figure = Varchar(length=80)
    months = Integer(default=0)
    weeks = Integer(default=0)
    days = Integer(default=0)
    working_days = Integer(default=0)
    number = Integer(default=0)
    document = Varchar(length=120)
    clause = Varchar(length=60)
    gist = Varchar(length=200)
    written_at = Timestamptz()
    written_by = BigInt(null=True, default=None)
    since = Date()
    until = Date(null=True, default=None)


class Entrustment(Table, tablename="entrustment"):
    """A letter by which an office lends powers (委托书): from whom to whom, which powers toward which fields, where and when it
    was published, and its period. ``until`` is the first day on which it no longer holds; where it was withdrawn before that,
    ``ended_on`` is the day, with the reason.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    region = Varchar(length=40)
    edition = Varchar(length=60)
    lender = reference(UnitTable)
    entrusted = reference(UnitTable)
    number = Varchar(length=60)
    powers = JSONB()
    fields = JSONB()
    published_on = Date()
    published_at = Varchar(length=300)
    since = Date()
    until = Date()
    ended_on = Date(null=True, default=None)
    ended_why = Text(default="")
    written_at = Timestamptz()
    written_by = BigInt(null=True, default=None)


class GridFiling(Table, tablename="filing"):
    """Grids of one place that were filed together (备案), with whom, and what came of it.

    ``form`` is the id that the form had before it was sent: sent twice, filed once.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    form = Varchar(length=20, unique=True)
    region = Varchar(length=40)
    edition = Varchar(length=60)
    rule = Varchar(length=40)
    jurisdiction = reference(Jurisdiction)
    unit = reference(UnitTable)
    office = reference(UnitTable)
    filed_on = Date()
    filed_by_name = Varchar(length=80)
    state = Varchar(length=12, default="waiting")
    number = Varchar(length=60, default="")
    reason = Text(default="")
    decided_on = Date(null=True, default=None)


class FiledGrid(Table, tablename="filed_grid"):
    """A grid as it was filed, and as it had last been put on file before."""

    id = BigSerial(primary_key=True)
    filing = reference(GridFiling)
    grid = reference(Grid)
    before = JSONB(null=True, default=None)
    drawn = JSONB()


class OutsideGrid(Table, tablename="outside_grid"):
    """A grid of another system (such as 综治网格), and the grid of ours that it lies in, once somebody said so."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    region = Varchar(length=40)
    system = Varchar(length=40)
    code = Varchar(length=40)
    name = Varchar(length=80)
    jurisdiction = reference(Jurisdiction)
    grid = reference(Grid, null=True)
    since = Date()
    until = Date(null=True, default=None)
    undone_on = Date(null=True, default=None)
