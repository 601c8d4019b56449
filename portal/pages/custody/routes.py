"""The custody door's controllers."""

from portal.pages.custody.complaints import ComplaintPages
from portal.pages.custody.glass import GlassPages

ROUTES = (ComplaintPages, GlassPages)
