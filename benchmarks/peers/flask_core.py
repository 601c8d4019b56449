"""Flask with SQLAlchemy Core: four statements over the register's own tables."""

from datetime import UTC, datetime

from flask import Flask, Response
from sqlalchemy import URL, create_engine, text

from benchmarks.peers.common import Joined, connection, renderer

RENDER = renderer()
JOINED = Joined()
TODAY = datetime.now(UTC).date()
SERVER = connection()
ENGINE = create_engine(
    URL.create(
        "postgresql+psycopg", SERVER["user"], SERVER["password"], database=SERVER["database"], query={"host": SERVER["host"]}
    ),
    pool_size=10,
    isolation_level="AUTOCOMMIT",
)
BOARD = text("""
    select b.code, b.version, b.issued_on, b.trial, e.name, e.address, g.id as grid, g.name as grid_name, g.code as grid_code, j.path
    from board b join enterprise e on e.id = b.enterprise
        join placement p on p.enterprise = e.id and p.since <= :today and (p.until is null or p.until > :today)
        join grid g on g.id = p.grid join jurisdiction j on j.id = e.division
    where b.code = :code
""")
GROUND = text("select j.name from grid_ground o join jurisdiction j on j.id = o.division where o.grid = :grid order by j.code")
LEAD = text("""
    select p.name, p.phone, p.badge, f.name as photo from appointment a join person p on p.id = a.person
        left join stored_file f on f.id = p.portrait
    where a.grid = :grid and a.post = 'inspector' and a.since <= :today and (a.until is null or a.until > :today)
""")
UNITS = text("select u.kind, u.name, u.phone from unit u join jurisdiction j on j.id = u.jurisdiction where j.path = any(:paths)")
PARTS = {"district-bureau": "supervision", "discipline": "complaint", "local-department": "issuer"}
app = Flask(__name__)


@app.get("/b/<code>")
def board(code: str) -> Response:
    with ENGINE.connect() as db:
        row = db.execute(BOARD, {"code": code, "today": TODAY}).one()
        places = db.execute(GROUND, {"grid": row.grid}).scalars().all()
        lead = db.execute(LEAD, {"grid": row.grid, "today": TODAY}).mappings().first() or {}
        steps = row.path.strip("/").split("/")
        paths = ["/" + "/".join(steps[:n]) + "/" for n in range(1, len(steps) + 1)]
        units = db.execute(UNITS, {"paths": paths}).all()
    text_ = RENDER(
        JOINED(
            code=row.code,
            version=row.version,
            issued_on=row.issued_on,
            trial=row.trial,
            enterprise=row.name,
            address=row.address,
            grid=row.grid_name,
            grid_code=row.grid_code,
            places=places,
            lead=lead,
            units={PARTS[unit.kind]: (unit.name, unit.phone) for unit in units},
        )
    )
    return Response(text_, mimetype="text/html")
