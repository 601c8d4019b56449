"""Tables of budgets."""

from piccolo.columns import BigSerial, DoublePrecision, Timestamptz, Varchar
from piccolo.table import Table


class Spending(Table, tablename="spending"):
    """How much somebody spent of a budget until ``until`` (see :mod:`portal.budgets.throttle`); the key is a keyed hash of the
    hour. The table is not written ahead: what it holds reaches no log and no copy of one, and a crash forgets it.
    """

    id = BigSerial(primary_key=True)
    key = Varchar(length=64, unique=True)
    spent = DoublePrecision()
    at = Timestamptz()
    until = Timestamptz()
