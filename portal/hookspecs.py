"""The few things that the portal asks of a plugin. Each hook has a user among the regions; a new one needs one too.

A plugin is an instance of a subclass of :class:`Plugin`, named by an entry point in the group ``portal.plugins``::

    class Sample(Plugin):
        def portal_regions(self) -> Sequence[Region]:
            return (SAMPLE,)

    plugin = Sample()
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pluggy

from portal.scheme.words import Region

hookspec = pluggy.HookspecMarker("portal")
hookimpl = pluggy.HookimplMarker("portal")


class Specs:
    """The hooks with their exact signatures. Called once at start, or inside an action; never while a GET is answered.

    Only the plugin that states a region is asked about it. What is handed over cannot be changed, what comes back is checked and
    copied, and both have a limit of time.
    """

    @hookspec
    def portal_regions(self) -> Sequence[Region]:
        """The regions that this plugin states. Example: ``return (SAMPLE,)``."""
        return ()

    @hookspec(firstresult=True)
    def portal_grid_code(self, region: str, tier: str, division: str, number: int) -> str | None:
        """The code of a new grid, or None to leave it to the portal (division code and three digits).

        ``division`` is the code of the jurisdiction that it lies in, ``number`` counts from 1 within region, tier and
        division. Example: ``return f"P{number:02d}" if region == "sample" and tier == "patch" else None``.
        """
        return None

    @hookspec(firstresult=True)
    def portal_import_rows(self, region: str, rows: Sequence[Sequence[str]]) -> Mapping[str, Sequence[Mapping[str, str]]] | None:
        """A district's own spreadsheet as rows that the portal takes in, or None where it is not one that the plugin knows.

        ``rows`` are all rows of a worksheet as text, titles included; a workbook's worksheets are asked one by one. The result
        gives for ``units``, ``grids``, ``outside_grids``, ``people``, ``enterprises``, ``appointments`` and ``charges`` their
        rows, taken in in this order, with the columns' codes as keys and under ``"#"`` the row's number in the spreadsheet,
        counted from 1.

        So that a mistake stands at the cell of the sheet and under its heading, a row may also say under ``"@"`` in which row
        of the spreadsheet the headings are, and under ``"@name"`` from which of its columns ``name`` came, both counted from 1.
        Example: ``return {"people": [{"#": "3", "@": "2", "name": rows[2][1], "@name": "2", "phone": rows[2][4]}]}``.
        """
        return None


PARTS = ("units", "grids", "outside_grids", "people", "enterprises", "appointments", "charges")
HOOKS = frozenset(name for name in vars(Specs) if name.startswith("portal_"))


class Plugin(Specs):
    """Base of all plugins: override the hooks that you need, with the same signature, so that the type checker helps.

    ``api`` is the version of these hooks that the plugin was written for.
    """

    api: ClassVar[int] = 1

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, member in vars(cls).items():
            if name in HOOKS:
                hookimpl(member)
            elif name.startswith("portal_"):
                known = ", ".join(sorted(HOOKS))
                raise TypeError(f"{cls.__qualname__}.{name} is not a hook of the portal (there are: {known})")
