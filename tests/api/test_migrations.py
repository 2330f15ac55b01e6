"""Migrations: up, down, up; the same schema as the models; nobody else's tables touched."""

import threading
from collections.abc import Callable

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from api.migrate import downgrade, upgrade
from api.tables import Base

SCHEMA = """
SELECT 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, column_default)
FROM information_schema.columns WHERE table_schema = 'public'
"""
OURS = {
    "candidates", "evaluations", "key_point_results", "misconception_results", "practice_answers", "practices",
    "rubric_versions", "rubrics",
}  # fmt: skip


def _engine(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool)


def _schema(url: str) -> set[tuple[str, str, str]]:
    with _engine(url).connect() as connection:
        rows = {tuple(row) for row in connection.execute(text(SCHEMA))}
    return {row for row in rows if "alembic_version" not in row[1]}


def _tables(url: str) -> set[str]:
    return {name.partition(".")[0] for kind, name, _ in _schema(url) if kind == "column"}


def test_up_down_up(new_database: Callable[..., str]) -> None:
    url = new_database()
    upgrade(url)
    first = _schema(url)
    assert _tables(url) == OURS
    downgrade(url, "base")
    assert _schema(url) == set()
    upgrade(url)
    assert _schema(url) == first


def test_migrated_schema_is_the_models(new_database: Callable[..., str]) -> None:
    migrated, made = new_database(), new_database()
    upgrade(migrated)
    Base.metadata.create_all(_engine(made))
    assert _schema(migrated) == _schema(made)
    kinds = [kind for kind, _, _ in _schema(made)]
    assert kinds.count("trigger") == kinds.count("function") == 1
    with _engine(migrated).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_other_software_keeps_its_tables(new_database: Callable[..., str]) -> None:
    url = new_database()
    with _engine(url).begin() as connection:
        connection.execute(text("CREATE TABLE queue_jobs (id int PRIMARY KEY)"))
    upgrade(url)
    downgrade(url, "base")
    assert _tables(url) == {"queue_jobs"}


def test_processes_that_start_together_dont_clash(new_database: Callable[..., str]) -> None:
    url = new_database()
    failures: list[Exception] = []

    def run() -> None:
        try:
            upgrade(url)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert _tables(url) == OURS
