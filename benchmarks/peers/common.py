"""What the peers share: the template with all that it asks for, and the facts of a board put together from joined rows."""

import copy
import json
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from portal import plugins
from portal.settings import Settings, find
from portal.storage.embedded import EmbeddedServer
from portal.viewer import PUBLIC
from portal.web.static_files import StaticFiles
from portal.web.templates import environment

SETTINGS = Settings.read(find())
BODY = "BENCH_BODY"
SAMPLE = "BENCH_SAMPLE"


def connection() -> dict[str, Any]:
    """How to reach the database that the benchmark started."""
    return EmbeddedServer(SETTINGS.data).connection()


def renderer() -> Callable[[SimpleNamespace], str]:
    """Fills the portal's board page."""
    loaded = plugins.load(SETTINGS.plugins)
    template = environment(StaticFiles()).get_template("public/board.html")
    today = datetime.now(UTC)

    def render(board: SimpleNamespace) -> str:
        return template.render(
            board=board,
            facts=board.live,
            lead=board.live["lead"],
            viewer=PUBLIC,
            signed_in=False,
            must_change=False,
            roles=set(),
            door="/account",
            settings=SETTINGS,
            book=loaded.book,
            today=today,
            safe=False,
            asleep=(),
            token_field=Markup,
            path=f"/b/{board.code}",
            said=None,
        )

    return render


def from_row(row: Mapping[str, Any]) -> SimpleNamespace:
    """The board of a stored facts row, as the portal keeps it."""
    return SimpleNamespace(
        code=row["code"],
        version=row["version"],
        issued_on=row["issued_on"],
        trial=row["trial"],
        live=json.loads(row["live"]),
        changed=json.loads(row["changed"]),
    )


class Joined:
    """Facts put together from rows of the register; what a project would keep in its settings comes from one sample."""

    def __init__(self) -> None:
        self._sample = json.loads(os.environ[SAMPLE])

    def __call__(
        self,
        *,
        code: str,
        version: int,
        issued_on: date,
        trial: bool,
        enterprise: str,
        address: str,
        grid: str,
        grid_code: str,
        places: Iterable[str],
        lead: Mapping[str, Any],
        units: Mapping[str, tuple[str, str]],
    ) -> SimpleNamespace:
        """The board."""
        facts = copy.copy(self._sample)
        facts["enterprise"] = {"name": enterprise, "address": address}
        facts["grid"] = {**facts["grid"], "name": grid, "code": grid_code, "area": "、".join(places)}
        facts["lead"] = {**facts["lead"], **lead}
        for part, (name, phone) in units.items():
            facts[part] = {"name": name, "phone": phone}
        return SimpleNamespace(code=code, version=version, issued_on=issued_on, trial=trial, live=facts, changed=[])
