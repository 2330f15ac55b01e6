"""Runs migrations on the connection handed over by `api.migrate`, or on DATABASE_URL for the alembic command."""

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from api.settings import Settings
from api.tables import Base


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Other software (a job queue, say) may keep tables in the same database: they are left alone."""
    return kind != "table" or name in Base.metadata.tables


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=_is_ours,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _main() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    url = Settings().database_url
    if not url:
        raise SystemExit("Set DATABASE_URL to the PostgreSQL database to migrate.")
    with create_engine(url, poolclass=NullPool).connect() as connection:
        _run(connection)


_main()
