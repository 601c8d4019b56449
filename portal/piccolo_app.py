"""What Piccolo needs to know of the portal: its tables and where its migrations are."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, AppRegistry, table_finder

APP = "portal"
TABLES = [
    "portal.budgets.tables",
    "portal.ledger.tables",
    "portal.desk.tables",
    "portal.storage.tables",
    "portal.areas.tables",
    "portal.people.tables",
    "portal.enterprises.tables",
    "portal.access.tables",
    "portal.obligations.tables",
    "portal.imports.tables",
    "portal.boards.tables",
    "portal.feedback.tables",
    "portal.complaints.tables",
]


def migrations_folder() -> Path:
    """The migrations: inside an installed package, else at the root of the repository."""
    inside = Path(__file__).parent / "migrations"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "migrations"


APP_CONFIG = AppConfig(
    app_name=APP,
    migrations_folder_path=str(migrations_folder()),
    table_classes=table_finder(modules=TABLES, exclude_imported=True),
    migration_dependencies=[],
)
APP_REGISTRY = AppRegistry(apps=["portal.piccolo_app"])
