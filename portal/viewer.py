"""Who looks: a frozen value that every query filters by. It knows no database."""

from dataclasses import dataclass, field
from enum import StrEnum

from portal.errors import NotVisible
from portal.terms import say


class Role(StrEnum):
    """What an account was granted for; one account may hold several."""

    ADMINISTRATOR = "administrator"
    OFFICE = "office"
    INSPECTOR = "inspector"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """The person behind a request, as far as rights go.

    ``areas`` are the paths of the jurisdictions whose subtree an office may see; ``units`` the offices in whose name it
    acts; ``enterprise`` the one enterprise that an enterprise account belongs to. The anonymous public has none of these.
    """

    account: int | None = None
    name: str = ""
    person: int | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    units: frozenset[int] = field(default_factory=frozenset)
    areas: tuple[str, ...] = ()
    enterprise: int | None = None

    @property
    def signed_in(self) -> bool:
        """Whether an account stands behind the request."""
        return self.account is not None

    def covers(self, path: str) -> bool:
        """Whether the jurisdiction with this path lies in an area that the viewer's office answers for."""
        return any(path.startswith(area) for area in self.areas)

    def require(self, path: str) -> None:
        """Raise :class:`NotVisible` where the viewer's office does not answer for the jurisdiction."""
        if not self.covers(path):
            raise NotVisible


PUBLIC = Viewer()
SYSTEM = Viewer(name=say("系统"), areas=("/",))
