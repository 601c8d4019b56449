"""The enterprise door's controllers."""

from portal.pages.enterprise.own import EnterpriseDoor

ROUTES = (EnterpriseDoor,)
