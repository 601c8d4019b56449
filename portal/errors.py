"""What can go wrong in words that a person can act on.

An action raises :class:`Refused` when a rule says no, :class:`NotVisible` for what does not exist or may not be seen
(the two are never told apart). Pages turn them into answers.
"""

import errno

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


# What the system says of a file or folder that it does not let us use
WHY_UNUSABLE = {
    errno.ENOENT: say("没有这个文件或文件夹"),
    errno.EACCES: say("没有权限"),
    errno.EPERM: say("没有权限"),
    errno.EISDIR: say("那里是文件夹，不是文件"),
    errno.ENOTDIR: say("路径里有一段是文件，不是文件夹"),
    errno.EEXIST: say("那里已经有一个同名的文件"),
    errno.EROFS: say("那里是只读的"),
    errno.ENOSPC: say("磁盘满了"),
    errno.EDQUOT: say("磁盘配额用完了"),
    errno.ELOOP: say("链接绕成了圈"),
    errno.ENAMETOOLONG: say("名称太长"),
    errno.EIO: say("磁盘读写出错"),
    errno.EMFILE: say("打开的文件太多"),
}


def unusable(error: OSError) -> Text:
    """Why a file or folder cannot be used, as people say it; as the system does where nobody foresaw it."""
    return WHY_UNUSABLE.get(error.errno or 0) or say("{error}", error=error.strerror or type(error).__name__)
