"""The account door's controllers."""

from portal.pages.account.account import AccountPages, SignInPages, SignOut
from portal.pages.account.links import LinkPages
from portal.pages.account.second import SecondPages
from portal.pages.account.unsent import UnsentPages

ROUTES = (SignInPages, SecondPages, LinkPages, SignOut, AccountPages, UnsentPages)
