"""The office door's controllers."""

from portal.pages.office.accounts import AccountsPages
from portal.pages.office.appointments import AppointmentPages
from portal.pages.office.asks import AskPages
from portal.pages.office.boards import OfficeBoardPages
from portal.pages.office.cases import OfficeCases
from portal.pages.office.corrections import CorrectionPages
from portal.pages.office.deeds import DeedPages, ExcusePages
from portal.pages.office.desk import DeskPages
from portal.pages.office.due import DuePages
from portal.pages.office.enterprises import EnterprisePages
from portal.pages.office.exports import ExportPages
from portal.pages.office.filings import FilingPages
from portal.pages.office.grids import GridPages
from portal.pages.office.imports import ImportPages
from portal.pages.office.jurisdictions import JurisdictionPages
from portal.pages.office.letters import LetterPages
from portal.pages.office.outside import OutsidePages
from portal.pages.office.people import PeoplePages
from portal.pages.office.refinements import RefinementPages
from portal.pages.office.units import UnitPages

ROUTES = (
    DeskPages,
    DuePages,
    DeedPages,
    ExcusePages,
    RefinementPages,
    LetterPages,
    JurisdictionPages,
    UnitPages,
    GridPages,
    FilingPages,
    OutsidePages,
    PeoplePages,
    AppointmentPages,
    CorrectionPages,
    EnterprisePages,
    ImportPages,
    ExportPages,
    OfficeBoardPages,
    OfficeCases,
    AccountsPages,
    AskPages,
)
