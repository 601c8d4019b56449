"""What a form makes, it makes once: a second click, or the same form sent from two windows, finds what the first one made."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from portal.storage.engine import Database
from portal.storage.locks import Lock

KEPT_FOR = timedelta(days=2)


async def once(db: Database, form: str, now: datetime, work: Callable[[], Awaitable[str | None]]) -> str | None:
    """What ``work`` made for this form, now or when it was sent before. Where it was refused, the form may be sent again."""

    async def alone() -> str | None:
        await db.hold(Lock.FORM, form)
        before = await db.row("select made from sent_form where form = $1", form)
        if before is not None:
            made: str | None = before["made"]
            return made
        made = await work()
        await db.rows("insert into sent_form (form, made, sent_at) values ($1, $2, $3)", form, made, now)
        return made

    return await db.run_tx(alone)


async def sweep(db: Database, now: datetime) -> None:
    """Forget the forms of which no window can still be open by mistake."""
    await db.rows("delete from sent_form where sent_at < $1", now - KEPT_FOR)
