"""Where Piccolo's own commands find the database and the app. The portal binds its engine here when it opens."""

from piccolo.engine.postgres import PostgresEngine

from portal.piccolo_app import APP_REGISTRY

DB: PostgresEngine | None = None

__all__ = ["APP_REGISTRY", "DB"]
