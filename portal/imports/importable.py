"""What may be imported: for each subject its columns, how a row is known again, and the action that takes it in.

Everything goes through the same actions as the forms of an office, so a sheet can do nothing that a form could not.
"""

from collections.abc import Mapping

from portal.imports.kinds.areas import Grids, OutsideGrids, Units
from portal.imports.kinds.deeds import Deeds
from portal.imports.kinds.enterprises import Charges, Enterprises
from portal.imports.kinds.jurisdictions import Jurisdictions
from portal.imports.kinds.kind import SheetKind
from portal.imports.kinds.people import Appointments, People

SUBJECTS = (Jurisdictions, Units, Grids, OutsideGrids, People, Appointments, Enterprises, Charges, Deeds)
KINDS: Mapping[str, SheetKind] = {kind.code: kind() for kind in SUBJECTS}
