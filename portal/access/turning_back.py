"""What a clock that ran ahead left behind in who may come in. Budgets heal by themselves (``throttle.py``)."""

from portal.access.second import STEP_SECONDS
from portal.call import Call


async def turn_back(call: Call) -> None:
    """Bring sessions, links and second factors back that lie ahead of now; how long each holds stays the same."""
    for sql in (
        "update session set ends_at = ends_at - (created_at - $1), created_at = $1 where created_at > $1",
        "update session set seen_at = $1 where seen_at > $1",
        "update one_time_link set expires_at = expires_at - (made_at - $1), made_at = $1 where made_at > $1",
    ):
        await call.db.rows(sql, call.now)
    # A code counts once: what was used counts up to now at most
    step = int(call.now.timestamp()) // STEP_SECONDS
    await call.db.rows("update account set second_step = $1 where second_step > $1", step)
