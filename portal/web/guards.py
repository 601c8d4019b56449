"""Who may open which door. What one may see behind it is decided by the queries."""

from litestar.exceptions import NotAuthorizedException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from portal.viewer import Role
from portal.web.requests import AnyConnection, known_of, viewer_of

CHANGE_PASSWORD = "/account"  # noqa: S105 - an address
SIGN_OUT = "/sign-out"


class MustChange(NotAuthorizedException):
    """Signed in with a first password that must be changed before anything else."""


def signed_in(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Somebody is signed in."""
    known = known_of(connection)
    if known is None:
        raise NotAuthorizedException
    if known.must_change and not connection.scope["path"].startswith((CHANGE_PASSWORD, SIGN_OUT)):
        raise MustChange


def only(*roles: Role) -> Guard:
    """A guard that lets in accounts with one of the roles; for all others the door does not exist."""

    def guard(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        signed_in(connection, handler)
        if not viewer_of(connection).roles & frozenset(roles):
            raise NotFoundException

    return guard


office = only(Role.OFFICE, Role.ADMINISTRATOR)
field = only(Role.INSPECTOR)
enterprise = only(Role.ENTERPRISE)
