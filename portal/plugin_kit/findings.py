"""What a check of a plugin finds: errors, which keep it from running, and hints."""

from dataclasses import dataclass

from portal.plugin_kit.lines import Place
from portal.terms import say


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing to mend: the place in the source, the rule or file, what is wrong, how to mend it."""

    place: Place | None
    where: str
    what: str
    mend: str
    hint: bool = False

    def __str__(self) -> str:
        parts = dict.fromkeys(str(part) for part in (self.place, self.where) if part and str(part))
        return say("{where}：{what}。{mend}", where=" ".join(parts), what=self.what, mend=self.mend)

    def row(self) -> dict[str, str | int | None]:
        """For programs."""
        file, line = (self.place.file, self.place.line) if self.place else (None, None)
        return {
            "level": "hint" if self.hint else "error",
            "file": file,
            "line": line,
            "where": self.where,
            "what": self.what,
            "mend": self.mend,
        }
