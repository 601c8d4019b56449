"""What can go wrong in words that a person can act on.

An action raises :class:`Refused` when a rule says no, :class:`NotVisible` for what does not exist or may not be seen
(the two are never told apart). Pages turn them into answers.
"""

from portal.terms import Text, say


class PortalError(Exception):
    """Base of all errors whose text may be shown to the reader."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


class Refused(PortalError):
    """A rule says no; ``field`` names the form field to which the reason belongs, if one does."""

    def __init__(self, text: Text, *, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


class NotVisible(PortalError):
    """There is no such thing for this viewer (answered as 404 whether it exists or not)."""

    def __init__(self) -> None:
        super().__init__(say("没有找到，或者您无权查看。"))


class SetupError(PortalError):
    """The portal cannot start or the command cannot run; the text says what to do next."""


class PluginError(SetupError):
    """A plugin, or the schemes that it states, cannot be used; the text names it and the way out."""


class Busy(Refused):
    """Somebody else holds what this would change, or did so first; nothing was done, and the same may be tried again."""


class Conflict(Refused):
    """The database refused what contradicts another row; ``sqlstate`` says how."""

    def __init__(self, text: Text, *, field: str | None, sqlstate: str) -> None:
        super().__init__(text, field=field)
        self.sqlstate = sqlstate


class Unavailable(PortalError):
    """The database takes nothing now: it is on its way up or down, or full. The same may be tried again later."""
