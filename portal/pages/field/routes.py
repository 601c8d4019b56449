"""The field door's controllers."""

from portal.pages.field.today import FieldPages
from portal.pages.office.cases import FieldCases

ROUTES = (FieldPages, FieldCases)
