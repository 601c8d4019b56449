"""One mechanism for "why": a value and what it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from portal.scheme.words import Assumption, Basis, Clause

Value_co = TypeVar("Value_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Because:
    """One reason: the basis, in whose edition it stands, and what it meant in this matter (``note``)."""

    basis: Basis
    edition: str
    note: str = ""

    def kept(self) -> dict[str, str]:
        """The reason as it is stored beside the row that it explains; readable without the region's plugin."""
        row = {"edition": self.edition, "note": self.note}
        match self.basis:
            case Clause(id_, at, gist, read_as=read_as):
                return row | {"clause": id_, "at": at, "gist": gist} | ({"read_as": read_as} if read_as else {})
            case Assumption(why):
                return row | {"assumption": why}

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> "Because":
        """The inverse of :meth:`kept`."""
        basis: Basis
        if "clause" in row:
            basis = Clause(row["clause"], row["at"], row["gist"], read_as=row.get("read_as", ""))
        else:
            basis = Assumption(row["assumption"])
        return cls(basis=basis, edition=row["edition"], note=row["note"])


@dataclass(frozen=True)
class Decision(Generic[Value_co]):
    """What was decided and why. A decision without a reason is a programming error."""

    value: Value_co
    because: tuple[Because, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.because:
            raise ValueError("a decision needs a reason")

    def kept(self) -> list[dict[str, str]]:
        """The reasons in stored form."""
        return [reason.kept() for reason in self.because]
