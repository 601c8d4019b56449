"""The account door's controllers."""

from portal.pages.account.account import AccountPages, SignInPages

ROUTES = (SignInPages, AccountPages)
