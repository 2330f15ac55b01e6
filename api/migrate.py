"""Brings a database to the tables of this release, one process at a time."""

from collections.abc import Callable
from importlib.resources import files

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from api.tables.workspaces import EVERYWHERE, OWNED, ROLE, SHARED

# Any number that other software is unlikely to lock: "grader" in ASCII.
LOCK = 0x677261646572

# Roles are the whole server's: another database's service may make it at the same time.
MAKE_ROLE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
        CREATE ROLE {ROLE} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
GRANT = f"""
DO $$
DECLARE name text;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO {ROLE}', current_schema());
    FOR name IN SELECT oid::regclass FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
        AND (relname = ANY ('{{{",".join(OWNED + SHARED)}}}') OR relname LIKE 'procrastinate\\_%') LOOP
        EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ' || name || ' TO {ROLE}';
    END LOOP;
    FOR name IN SELECT oid::regclass FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'S'
        AND relname LIKE 'procrastinate\\_%' LOOP
        EXECUTE 'GRANT USAGE, SELECT ON SEQUENCE ' || name || ' TO {ROLE}';
    END LOOP;
END $$
"""  # noqa: S608 - names of our own


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
        connection.execute(text("SELECT set_config('grader.workspace', :all, false)"), {"all": EVERYWHERE})
        connection.commit()
        config.attributes["connection"] = connection
        action(config)
        _grant(connection)


def _grant(connection: Connection) -> None:
    """Let the role that a superuser becomes inside a workspace use the tables, whoever restored or moved them here."""
    bypasses = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user"
    if connection.scalar(text(bypasses)):
        for statement in (MAKE_ROLE, GRANT):
            connection.execute(text(statement))
        connection.commit()
