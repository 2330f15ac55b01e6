"""Brings a database to the tables of this release, one process at a time."""

from collections.abc import Callable
from importlib.resources import files

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

# Any number that other software is unlikely to lock: "grader" in ASCII.
LOCK = 0x677261646572


def upgrade(database_url: str, revision: str = "head") -> None:
    """Apply what is missing up to `revision`. Safe to call from many processes at once; raises SQLAlchemy's errors."""
    _run(database_url, lambda config: command.upgrade(config, revision))


def downgrade(database_url: str, revision: str) -> None:
    """Undo down to `revision`; "base" removes every table of the service with its content."""
    _run(database_url, lambda config: command.downgrade(config, revision))


def _run(database_url: str, action: Callable[[Config], None]) -> None:
    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        # A session's lock, not a transaction's: a migration may commit in between. It goes with the connection.
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        connection.commit()
        config.attributes["connection"] = connection
        action(config)
