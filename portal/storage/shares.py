"""How the connections that a database allows are shared out: so many for each web process, some for the worker, a few over."""

from dataclasses import dataclass

from portal.errors import SetupError
from portal.terms import say

# The worker's own, those of its queue, and one to look who holds a lock
WORKER, QUEUE = 8, 4
OF_WORKER = WORKER + QUEUE + 2
# Commands beside the server: a backup, a report, the next start's check
OVER = 6
MOST_OFFICE, MOST_PUBLIC = 10, 6
LEAST_OFFICE, LEAST_PUBLIC = 2, 2


@dataclass(frozen=True)
class Shares:
    """The connections of one web process: for who is signed in, and for the public."""

    office: int
    public: int


def shares(allowed: int, workers: int) -> Shares:
    """What each of so many web processes may have, of so many connections; :class:`SetupError` where that is too little."""
    left = allowed - OF_WORKER - OVER
    # One of each process's looks who holds a lock
    each = left // workers - 1
    least = LEAST_OFFICE + LEAST_PUBLIC
    if each < least:
        fitting = left // (least + 1)
        what = say(
            "数据库最多允许 {allowed} 个连接，不够 {workers} 个网页进程用。请把 portal.toml 的 workers 减到 {fitting}，"
            "或把 PostgreSQL 的 max_connections 加 {more}。",
            allowed=allowed,
            workers=workers,
            fitting=fitting,
            more=workers * (least + 1) - left,
        )
        if fitting < 1:
            what = say(
                "数据库最多允许 {allowed} 个连接，网站至少要 {need} 个。请加大 PostgreSQL 的 max_connections。",
                allowed=allowed,
                need=OF_WORKER + OVER + least + 1,
            )
        raise SetupError(what)
    each = min(each, MOST_OFFICE + MOST_PUBLIC)
    public = max(LEAST_PUBLIC, each * MOST_PUBLIC // (MOST_OFFICE + MOST_PUBLIC))
    return Shares(office=each - public, public=public)
