"""Tables of the storage itself: files that were taken in, and the search index."""

from piccolo.columns import BigInt, BigSerial, Boolean, Bytea, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from portal.storage.columns import Grams, SealedColumn, public_id


class StoredFile(Table, tablename="stored_file"):
    """A file under a generated name. The client's own name is never kept."""

    id = BigSerial(primary_key=True)
    public_id = Varchar(length=20, unique=True, default=public_id)
    name = Varchar(length=80, unique=True)
    kind = Varchar(length=16)
    mime = Varchar(length=40)
    digest = Varchar(length=64)
    size = Integer()
    width = Integer(null=True, default=None)
    height = Integer(null=True, default=None)
    created_at = Timestamptz()


class ShreddedCase(Table, tablename="shredded_case"):
    """A case whose key is gone for good; the list is in every backup, so that putting one back brings none of them back."""

    id = BigSerial(primary_key=True)
    subject = Varchar(length=20, unique=True)


class SentForm(Table, tablename="sent_form"):
    """A form that made something, so that it does so once. ``form`` is its random id and whose session sent it, ``said`` what
    stood in its fields, so that other words are known for such.
    """

    id = BigSerial(primary_key=True)
    form = Varchar(length=120, unique=True)
    made = Varchar(length=80, null=True, default=None)
    said = Text(null=True, default=None)
    sent_at = Timestamptz()


class UnsentForm(Table, tablename="unsent_form"):
    """What somebody has typed in a form that is not sent yet, sealed with a key that the form's id or its account alone gives.

    ``mark`` is the keyed hash of that; ``over``: it was sent, or given up, and nothing that comes late is written over it.
    """

    id = BigSerial(primary_key=True)
    mark = Bytea(unique=True)
    answers = SealedColumn()
    over = Boolean(default=False)
    until = Timestamptz(index=True)


class SearchText(Table, tablename="search_text"):
    """What one thing is found by: its text as it is searched, and the grams of that. One row a thing, by kind and id."""

    id = BigSerial(primary_key=True)
    kind = Varchar(length=16)
    subject = BigInt()
    words = Text()
    grams = Grams()
