"""Drops the boards."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2030-01-01T00:00:00:000000"


async def forwards():
    """Nothing is left to print."""
    manager = MigrationManager(migration_id=ID, app_name="portal")
    manager.add_raw(lambda: script("drop table board cascade"))
    return manager
