"""What a form makes, it makes once: a second click, or the same form sent from two windows, finds what the first one made.

Sent again with other words (shown by the back key, edited), it makes nothing and says so: see
``docs/decisions/0047-a-form-sent-again-with-other-words.md``.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from portal.errors import Refused
from portal.storage.engine import Database
from portal.storage.locks import Lock
from portal.terms import Text

KEPT_FOR = timedelta(days=2)


class SentBefore(Refused):
    """The form was sent before and said something else: nothing was done with what it says now. ``made`` is what it made, and
    ``said`` what it said, where that is known.
    """

    def __init__(self, text: Text, *, made: str = "", said: str = "") -> None:
        super().__init__(text)
        self.made, self.said = made, said


async def once(
    db: Database, form: str, now: datetime, work: Callable[[], Awaitable[str | None]], *, said: str, otherwise: Text
) -> str | None:
    """What ``work`` made for this form, now or when it was sent before. Where it was refused, the form may be sent again.

    :class:`SentBefore` with the text ``otherwise`` where it said something else than ``said`` then.
    """

    async def alone() -> str | None:
        await db.hold(Lock.FORM, form)
        before = await db.row("select made, said from sent_form where form = $1", form)
        if before is not None:
            made: str | None = before["made"]
            # Of one that was sent to an earlier release nobody knows what it said
            if before["said"] not in (None, said):
                raise SentBefore(otherwise, made=made or "", said=before["said"])
            return made
        made = await work()
        await db.rows("insert into sent_form (form, made, said, sent_at) values ($1, $2, $3, $4)", form, made, said, now)
        return made

    return await db.run_tx(alone)


async def sweep(db: Database, now: datetime) -> None:
    """Forget the forms of which no window can still be open by mistake."""
    await db.rows("delete from sent_form where sent_at < $1", now - KEPT_FOR)
