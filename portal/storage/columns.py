"""Column types of our own, and the ids that the public may see."""

import secrets
from typing import Any

from piccolo.columns import Bytea, ForeignKey, Text
from piccolo.columns.base import OnDelete, OnUpdate
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

# A byte holds 32 eight times over, so that the letters are as even as the byte
LETTERS = b"0123456789abcdefghjkmnpqrstvwxyz" * 8


def public_id() -> str:
    """A random id of 20 letters and digits (100 bits) for use in addresses. Internal ids never leave the house."""
    return secrets.token_bytes(20).translate(LETTERS).decode()


class SealedColumn(Bytea):
    """Bytes that only a key can open: the domain ``sealed``, which the database refuses to fill with anything else."""

    @property
    def column_type(self) -> str:
        """The domain that the first migration makes."""
        return "SEALED"


class Grams(Text):
    """What something is found by, as PostgreSQL's ``tsvector``: without places, so that nothing is ranked by them."""

    @property
    def column_type(self) -> str:
        """PostgreSQL's own."""
        return "TSVECTOR"


SEALED_DOMAIN = "create domain sealed as bytea check (value is null or (octet_length(value) >= 29 and get_byte(value, 0) = 1))"


def reference(table: type[Table] | LazyTableReference, *, null: bool = False) -> ForeignKey[Any]:
    """A foreign key that refuses to orphan a row: nothing of the register is deleted by cascade."""
    return ForeignKey(table, null=null, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
