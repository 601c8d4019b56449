"""Who may open which door. What one may see behind it is decided by the queries."""

from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.status_codes import HTTP_503_SERVICE_UNAVAILABLE
from litestar.types import Guard

from portal.access.queries import Stage
from portal.viewer import Role
from portal.web.requests import AnyConnection, known_of, viewer_of

CHANGE_PASSWORD = "/account"  # noqa: S105 - an address
SIGN_OUT = "/sign-out"
SECOND = "/second"


class MustChange(NotAuthorizedException):
    """Signed in with a first password that must be changed before anything else."""


class MustConfirm(NotAuthorizedException):
    """Signed in with a password, and the second factor is still to be shown or set up."""


class NotNow(HTTPException):
    """This door needs what safe mode does without."""

    status_code = HTTP_503_SERVICE_UNAVAILABLE


def only_from_facts(_: AnyConnection, handler: BaseRouteHandler) -> None:
    """In safe mode: only what is answered from stored facts (``opt: from_facts``), before anything else is asked."""
    if not handler.opt.get("from_facts"):
        raise NotNow


def half_in(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """A password was given, and the second factor is still to come."""
    known = known_of(connection)
    if known is None:
        raise NotAuthorizedException
    if known.stage is Stage.IN:
        raise NotFoundException


def signed_in(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Somebody is signed in."""
    known = known_of(connection)
    path = connection.scope["path"]
    if known is None:
        raise NotAuthorizedException
    if known.stage is not Stage.IN and path != SIGN_OUT:
        raise MustConfirm
    if known.must_change and not path.startswith((CHANGE_PASSWORD, SIGN_OUT)):
        raise MustChange


def account(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Somebody with an account of their own is signed in, not one who came in by a link on site."""
    signed_in(connection, handler)
    if viewer_of(connection).account is None:
        raise NotFoundException


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
administrator = only(Role.ADMINISTRATOR)
custodian = only(Role.CUSTODIAN)
