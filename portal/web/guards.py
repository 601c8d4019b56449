"""Who may open which door. What one may see behind it is decided by the queries."""

from litestar import Request
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.status_codes import HTTP_503_SERVICE_UNAVAILABLE
from litestar.types import Guard

from portal.access import put_by
from portal.access.queries import Stage
from portal.call import Call
from portal.viewer import PUBLIC, Role
from portal.web.bodies import SAFE, TOKEN_FIELD, read_body
from portal.web.requests import AnyConnection, AnyRequest, known_of, viewer_of, web_of

CHANGE_PASSWORD = "/account"  # noqa: S105 - an address
PASSWORD = "/account/password"  # noqa: S105 - an address
CUSTODY = "/custody"
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


class TooLate(NotAuthorizedException):
    """Something was sent when its session was over. ``kept``: it is put by, to be shown again after signing in."""

    def __init__(self, *, kept: bool) -> None:
        super().__init__()
        self.kept = kept


async def signed_in(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Somebody is signed in. What is sent when the session is over is put by for its account."""
    known = known_of(connection)
    path = connection.scope["path"]
    if known is None:
        request: AnyRequest = Request(connection.scope, connection.receive, connection.send)
        if request.method in SAFE:
            raise NotAuthorizedException
        raise TooLate(kept=await _put_by(request))
    if known.stage is not Stage.IN and path != SIGN_OUT:
        raise MustConfirm
    if known.must_change and not path.startswith((CHANGE_PASSWORD, SIGN_OUT)):
        raise MustChange


async def account(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Somebody with an account of their own is signed in, not one who came in by a link on site."""
    await signed_in(connection, handler)
    if viewer_of(connection).account is None:
        raise NotFoundException


def only(*roles: Role) -> Guard:
    """A guard that lets in accounts with one of the roles; for all others the door does not exist."""

    async def guard(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        await signed_in(connection, handler)
        if not viewer_of(connection).roles & frozenset(roles):
            raise NotFoundException

    return guard


office = only(Role.OFFICE, Role.ADMINISTRATOR)
field = only(Role.INSPECTOR)
enterprise = only(Role.ENTERPRISE)
administrator = only(Role.ADMINISTRATOR)
custodian = only(Role.CUSTODIAN)


async def _put_by(request: AnyRequest) -> bool:
    """Put a form by whose session is over; whether that was done."""
    web, path, token = web_of(request), request.scope["path"], request.scope["state"].get("token")
    if not token or path == PASSWORD:
        return False
    body = await read_body(request)
    try:
        call = Call(web.portal, PUBLIC, web.clock())
        account = await put_by.whose(call, token, body.get(TOKEN_FIELD))
        if account is None:
            return False
        fields = {name: values for name, values in body.fields.items() if name != TOKEN_FIELD}
        form = put_by.PutBy(path, fields, files=bool(body.uploads))
        return await put_by.put_by(call, account, form, apart=path.startswith(CUSTODY))
    finally:
        body.close()
