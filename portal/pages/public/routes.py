"""The public door's controllers."""

from portal.pages.public.board import PublicBoardPages
from portal.pages.public.feedback import FeedbackPages
from portal.pages.public.home import HomePages
from portal.pages.public.receipt import ReceiptPages
from portal.pages.public.schemes import SchemePages

ROUTES = (HomePages, PublicBoardPages, FeedbackPages, ReceiptPages, SchemePages)
