"""What has landed: databases of users may stand on it, so it is never edited."""

from hashlib import sha256
from pathlib import Path

from procrastinate.schema import SchemaManager

from portal.piccolo_app import migrations_folder

LANDED = Path(__file__).parent / "landed.txt"
# The beginning takes it from the package: another release of it needs a migration, and the text of this one kept
QUEUE = "procrastinate's schema"


def landed() -> dict[str, str]:
    """The SHA-256 of everything that databases of users may stand on, by file."""
    return dict(reversed(line.split("  ", 1)) for line in LANDED.read_text().splitlines())  # pairs


def present() -> dict[str, str]:
    """The same of what is here."""
    folder = migrations_folder()
    files = sorted(folder.glob("**/portal_*.py"))
    found = {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}
    return found | {QUEUE: sha256(SchemaManager.get_schema().encode()).hexdigest()}


def land() -> None:
    """Note everything that is here as landed."""
    LANDED.write_text("".join(f"{mark}  {name}\n" for name, mark in present().items()))
