"""What Piccolo would find, if the portal let it look."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

APP_CONFIG = AppConfig("hostile", migrations_folder_path=str(Path(__file__).parent / "migrations"))
