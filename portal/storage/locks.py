"""Every advisory lock of the portal, in the order in which they are taken: who holds one asks only for later ones.

Rows of the register are locked before any of these, boards and ledger at the very end of a transaction, when it changes nothing
else any more. So two writers wait for one another at worst for an instant, and not in a circle.
"""

from enum import IntEnum


class Lock(IntEnum):
    """What only one transaction at a time does, all over or for one key."""

    MIGRATIONS = 7_003_000
    NAMED = 7_003_010  # what is called by a name: read, compare, write
    FORM = 7_003_011  # a form that the public sent, so that it counts once
    DUE_EVENTS = 7_003_002
    TURNING = 7_003_012  # following another edition
    IMPORTS = 7_003_013  # taking a sheet of a region in, from its last look at what others brought until the commit
    BOARDS = 7_003_005  # gathering the facts of a region's boards, until the commit
    LEDGER = 7_003_001  # linking entries to the chain, until the commit
