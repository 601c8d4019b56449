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
    CUSTODIAN = "custodian"


# Whoever may open every door of an area, or read what a complainant wrote, proves it with a second thing that they have
TWO_FACTORS = frozenset({Role.ADMINISTRATOR, Role.CUSTODIAN})


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """The person behind a request, as far as rights go.

    ``areas`` are the paths of the jurisdictions whose subtree an office may see; ``units`` the offices in whose name it
    acts; ``enterprise`` the one enterprise that an enterprise account belongs to. The anonymous public has none of these.
    ``administers`` are the paths below which the viewer manages accounts; ``custody`` the offices outside the chain whose
    complaints it keeps; ``stands_for`` the people whose absence it covers. ``on_site`` marks a person who came in by an
    enterprise's one-time link and has no account.
    """

    account: int | None = None
    name: str = ""
    person: int | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    units: frozenset[int] = field(default_factory=frozenset)
    areas: tuple[str, ...] = ()
    enterprise: int | None = None
    administers: tuple[str, ...] = ()
    custody: frozenset[int] = field(default_factory=frozenset)
    stands_for: frozenset[int] = field(default_factory=frozenset)
    on_site: bool = False

    @property
    def signed_in(self) -> bool:
        """Whether an account stands behind the request, or somebody on site with a link."""
        return self.account is not None or self.on_site

    @property
    def of_the_house(self) -> bool:
        """Whether it is the portal itself, or whoever has its machine in hand."""
        return self.account is None and self.administers == ("/",)

    @property
    def people(self) -> frozenset[int]:
        """The viewer's own person and those whose absence it covers: whose personal matters reach it."""
        return self.stands_for | ({self.person} if self.person is not None else frozenset())

    def covers(self, path: str) -> bool:
        """Whether the jurisdiction with this path lies in an area that the viewer's office answers for."""
        return any(path.startswith(area) for area in self.areas)

    def asked(self, account: int | None, areas: list[str]) -> bool:
        """Whether something that an account asked for, while it saw these areas, is the viewer's own and still lies within what
        it may see; the system sees all.
        """
        return self.of_the_house or (
            self.account is not None and self.account == account and all(self.covers(area) for area in areas)
        )

    def require(self, path: str) -> None:
        """Raise :class:`NotVisible` where the viewer's office does not answer for the jurisdiction."""
        if not self.covers(path):
            raise NotVisible


PUBLIC = Viewer()
# Who gives a command on the machine: no account, and yet somebody
CONSOLE = Viewer(name=say("部署人员（命令）"), areas=("/",), administers=("/",))
SYSTEM = Viewer(name=say("系统"), areas=("/",), administers=("/",))
