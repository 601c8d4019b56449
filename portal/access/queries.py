"""From a session's token to a viewer, in one query."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from portal.access import rules
from portal.call import Call
from portal.viewer import Role, Viewer

SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Known:
    """A signed-in browser: who it is, and the secret that its forms carry."""

    viewer: Viewer
    csrf: str
    must_change: bool
    session: str


@dataclass(frozen=True)
class SessionRow:
    """One of the viewer's sessions."""

    id: str
    created_at: datetime
    seen_at: datetime


async def known(call: Call, token: str) -> Known | None:
    """Who is behind the token, or None where the session is over or never was."""
    row = await call.db.row(
        """
        select s.id, s.public_id, s.csrf, s.seen_at, a.id as account, a.name, a.person, a.must_change,
            coalesce((select json_agg(json_build_object('role', g.role, 'area', g.area, 'unit', g.unit,
                'enterprise', g.enterprise)) from access_grant g
                where g.account = a.id and g.since <= $4 and (g.until is null or g.until > $4)), '[]') as grants
        from session s join account a on a.id = s.account left join person p on p.id = a.person
        where s.token = $1 and a.active and s.seen_at > $2 and s.created_at > $3 and (p.until is null or p.until > $4)
        """,
        sha256(token.encode()).hexdigest(), call.now - rules.IDLE, call.now - rules.ABSOLUTE, call.today,
    )  # fmt: skip
    if row is None:
        return None
    if row["seen_at"] < call.now - SEEN_EVERY:
        await call.db.rows("update session set seen_at = $1 where id = $2", call.now, row["id"])
    grants = json.loads(row["grants"])
    viewer = Viewer(
        account=row["account"],
        name=row["name"],
        person=row["person"],
        roles=frozenset(Role(grant["role"]) for grant in grants),
        units=frozenset(grant["unit"] for grant in grants if grant["unit"] is not None),
        areas=tuple(sorted({grant["area"] for grant in grants if grant["area"] is not None})),
        enterprise=next((grant["enterprise"] for grant in grants if grant["enterprise"] is not None), None),
    )
    return Known(viewer, row["csrf"], row["must_change"], row["public_id"])


async def readable(call: Call, units: Sequence[int]) -> frozenset[int]:
    """Those of the units in whose name somebody can sign in today."""
    rows = await call.db.rows(
        """
        select distinct g.unit from access_grant g join account a on a.id = g.account left join person p on p.id = a.person
        where g.unit = any($1) and a.active and g.since <= $2 and (g.until is null or g.until > $2)
            and (p.until is null or p.until > $2)
        """,
        list(units), call.today,
    )  # fmt: skip
    return frozenset(row["unit"] for row in rows)


async def sessions(call: Call) -> tuple[SessionRow, ...]:
    """The viewer's own open sessions, the newest first."""
    rows = await call.db.rows(
        "select public_id, created_at, seen_at from session where account = $1 and seen_at > $2 order by created_at desc",
        call.viewer.account, call.now - rules.IDLE,
    )  # fmt: skip
    return tuple(SessionRow(row["public_id"], row["created_at"], row["seen_at"]) for row in rows)
