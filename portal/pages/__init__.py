"""The doors: controllers, their forms and templates. No rule and no SQL stands here."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from portal.pages.account.routes import ROUTES as ACCOUNT
from portal.pages.custody.routes import ROUTES as CUSTODY
from portal.pages.enterprise.routes import ROUTES as ENTERPRISE
from portal.pages.field.routes import ROUTES as FIELD
from portal.pages.office.routes import ROUTES as OFFICE
from portal.pages.public.routes import ROUTES as PUBLIC

DOORS: Sequence[ControllerRouterHandler] = (*PUBLIC, *FIELD, *OFFICE, *CUSTODY, *ENTERPRISE, *ACCOUNT)
