"""Tables of access. Person, unit and enterprise are ids of wings above; the migrations bind them as foreign keys."""

from piccolo.columns import BigInt, BigSerial, Boolean, Date, Integer, Timestamptz, Varchar
from piccolo.table import Table

from portal.storage.columns import public_id, reference


class Account(Table, tablename="account"):
    """A way to sign in; it may belong to a person of the register."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    login = Varchar(length=40, unique=True)
    name = Varchar(length=80)
    password = Varchar(length=200)
    person = BigInt(null=True, default=None)
    must_change = Boolean(default=False)
    active = Boolean(default=True)
    created_at = Timestamptz()


class Grant(Table, tablename="access_grant"):
    """A role that an account was given: for a jurisdiction's subtree, in a unit's name, or for one enterprise."""

    id = BigSerial(primary_key=True)
    account = reference(Account)
    role = Varchar(length=16)
    area = Varchar(length=200, null=True, default=None)
    unit = BigInt(null=True, default=None)
    enterprise = BigInt(null=True, default=None)
    since = Date()
    until = Date(null=True, default=None)


class Session(Table, tablename="session"):
    """A signed-in browser. Only the hash of its token is kept; neither address nor browser is."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    token = Varchar(length=64, unique=True)
    account = reference(Account)
    csrf = Varchar(length=64)
    created_at = Timestamptz()
    seen_at = Timestamptz()


class Throttle(Table, tablename="sign_in_throttle"):
    """Failed sign-ins of one account from one device or network; the key is a keyed hash, no address is stored."""

    id = BigSerial(primary_key=True)
    key = Varchar(length=64, unique=True)
    failures = Integer()
    last_at = Timestamptz()
