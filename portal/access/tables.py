"""Tables of access. Person, unit and enterprise are ids of the wings below; the migrations bind them as foreign keys."""

from piccolo.columns import BigInt, BigSerial, Boolean, Date, Timestamptz, Varchar
from piccolo.table import Table

from portal.storage.columns import SealedColumn, public_id, reference


class Account(Table, tablename="account"):
    """A way to sign in; it may belong to a person of the register.

    ``second`` is the sealed secret of its second factor, ``second_step`` the time step of the last code that was taken, so
    that no code counts twice.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    login = Varchar(length=40, unique=True)
    name = Varchar(length=80)
    password = Varchar(length=200)
    person = BigInt(null=True, default=None)
    must_change = Boolean(default=False)
    active = Boolean(default=True)
    second = SealedColumn(null=True, default=None)
    second_step = BigInt(default=0)
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
    """A signed-in browser. Only the hash of its token is kept; neither address nor browser is.

    ``confirmed`` says that the second factor was shown. Behind a session that a link opened on site stands no account but
    an ``enterprise``, and the name that the person gave; it ends at ``ends_at``.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    token = Varchar(length=64, unique=True)
    account = reference(Account, null=True)
    confirmed = Boolean(default=False)
    enterprise = BigInt(null=True, default=None)
    name = Varchar(length=80, default="")
    ends_at = Timestamptz(null=True, default=None)
    csrf = Varchar(length=64)
    created_at = Timestamptz()
    seen_at = Timestamptz()


class OneTimeLink(Table, tablename="one_time_link"):
    """An address that works once and not for long. Only the hash of its secret is kept.

    ``purpose``: ``invitation`` and ``reset`` let the account choose its password; ``site`` lets somebody on the premises of
    an enterprise in for some hours.
    """

    id = BigSerial(primary_key=True)
    token = Varchar(length=64, unique=True)
    purpose = Varchar(length=12)
    account = reference(Account, null=True)
    enterprise = BigInt(null=True, default=None)
    made_by = reference(Account, null=True)
    made_at = Timestamptz()
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)


class Deputy(Table, tablename="deputy"):
    """Somebody covers an absence (代办): from ``since`` until the day before ``until`` they see what the absent one would."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    absent = reference(Account)
    deputy = reference(Account)
    since = Date()
    until = Date()
    undone_on = Date(null=True, default=None)


class Ask(Table, tablename="access_ask"):
    """What one administrator asks to do with an account that holds a sensitive role, or would; another human confirms it.

    ``deed`` says what: an ask to make an account has no ``account`` yet, but the ``login`` and ``name`` that it is to have; a
    role is given as in :class:`Grant`, and ``ending`` is the grant to end. ``outcome`` says how it ended, and is empty before.
    """

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    deed = Varchar(length=8)
    account = reference(Account, null=True)
    login = Varchar(length=40, default="")
    name = Varchar(length=80, default="")
    person = BigInt(null=True, default=None)
    role = Varchar(length=16, default="")
    area = Varchar(length=200, null=True, default=None)
    unit = BigInt(null=True, default=None)
    enterprise = BigInt(null=True, default=None)
    ending = reference(Grant, null=True)
    asked_by = reference(Account)
    asked_at = Timestamptz()
    outcome = Varchar(length=10, default="")
    ended_by = reference(Account, null=True)
    ended_at = Timestamptz(null=True, default=None)
