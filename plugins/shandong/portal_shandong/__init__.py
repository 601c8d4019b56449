"""A Shandong district: three tiers by class of enterprise, and three lines beside them, everybody by name."""

from collections.abc import Mapping, Sequence

from portal.hookspecs import Plugin
from portal.scheme.words import Region
from portal_shandong import real_name_list
from portal_shandong.scheme import SHANDONG


class Shandong(Plugin):
    """States one region and reads its own list of responsible people."""

    def portal_regions(self) -> Sequence[Region]:
        """The Shandong district."""
        return (SHANDONG,)

    def portal_import_rows(self, region: str, rows: Sequence[Sequence[str]]) -> Mapping[str, Sequence[Mapping[str, str]]] | None:
        """The real-name list: people, their posts at enterprises, and the office of each line."""
        return real_name_list.read(rows) if region == "shandong" else None


plugin = Shandong()
