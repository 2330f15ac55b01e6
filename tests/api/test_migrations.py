"""Migrations: up, down, up; the same schema as the models; nobody else's tables touched."""

import threading
from collections.abc import Callable
from importlib.resources import files

import pytest
from alembic import command
from alembic.config import Config
from procrastinate.schema import SchemaManager
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from api.migrate import downgrade, upgrade
from api.tables import Base
from api.tables.reviews import APPEND_ONLY

SCHEMA = """
SELECT 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, column_default)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'policy', tablename || '.' || policyname, concat_ws(' ', permissive, cmd, qual, with_check)
FROM pg_policies WHERE schemaname = 'public'
UNION ALL SELECT 'security', relname, concat_ws(' ', relrowsecurity, relforcerowsecurity)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
OURS = {
    "api_keys", "appeal_changes", "appeals",
    "batch_chunks", "batch_errors", "batch_files", "batch_items", "batch_rubrics", "batches",
    "calibrations", "candidates", "evaluations", "key_point_results", "misconception_results",
    "opinion_days", "opinions",
    "practice_answers", "practices",
    "proposal_decisions", "regrade_chunks", "regrade_items", "regrades",
    "idempotency_keys", "key_usage", "review_claims", "review_marks", "review_states", "reviews",
    "rubric_drafts", "rubric_versions", "rubrics",
    "webhook_attempts", "webhook_deliveries", "webhooks",
}  # fmt: skip


def _engine(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool)


def _schema(url: str) -> set[tuple[str, str, str]]:
    with _engine(url).connect() as connection:
        rows = {tuple(row) for row in connection.execute(text(SCHEMA))}
    return {row for row in rows if "alembic_version" not in row[1]}


def _tables(url: str) -> set[str]:
    return {name.partition(".")[0] for kind, name, _ in _without_queue(_schema(url)) if kind == "column"}


def _without_queue(schema: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """What isn't procrastinate's, whose functions and triggers all name it."""
    return {row for row in schema if "procrastinate" not in row[1] + row[2]}


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
    assert _without_queue(_schema(migrated)) == _schema(made)
    kinds = [kind for kind, _, _ in _schema(made)]
    assert (kinds.count("trigger"), kinds.count("function")) == (1 + len(APPEND_ONLY), 2)
    config = Config()
    config.set_main_option("script_location", str(files("migrations")))
    with _engine(migrated).connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)  # sees no difference, and the queue's tables as none of ours


def test_the_queue_is_the_installed_releases(new_database: Callable[..., str]) -> None:
    migrated, made = new_database(), new_database()
    upgrade(migrated)
    with _engine(made).begin() as connection:
        connection.connection.driver_connection.execute(SchemaManager.get_schema())  # type: ignore[union-attr]
    schema = _schema(migrated)
    assert schema - _without_queue(schema) == _schema(made)


def test_the_queue_of_another_application_is_left_alone(new_database: Callable[..., str]) -> None:
    url = new_database()
    with _engine(url).begin() as connection:
        connection.execute(text("CREATE TABLE procrastinate_jobs (id int PRIMARY KEY)"))
    with pytest.raises(RuntimeError, match="DATABASE_URL"):
        upgrade(url)
    assert {name for kind, name, _ in _schema(url) if kind == "column"} == {"procrastinate_jobs.id"}


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


OLD_ROWS = """
INSERT INTO rubric_versions (version, source, content_hash, scoring_hash, topic, kind, difficulty, document)
VALUES (1, 'inline', repeat('0', 64), repeat('0', 64), '', 'open', 'core', '{}');
INSERT INTO evaluations (id, rubric_version_id, answer, answer_sha256, answer_words, answer_language, engine_version,
    engine_model, engine_weights_hash, status, unscored_reason, points, max_points, coverage, expected_coverage, level,
    needs_review, review_reasons, missed, feedback, next_step, follow_ups, flags, created_at)
SELECT CAST(lpad(n::text, 32, '0') AS uuid), 1, 'a', repeat('0', 64), 1, 'en', '1', 'm', repeat('0', 64),
    CASE n WHEN 1 THEN 'scored' ELSE 'unscored' END, CASE n WHEN 2 THEN 'blank' END, CASE n WHEN 1 THEN 1 END, 4,
    CASE n WHEN 1 THEN 0.25 END, CASE n WHEN 1 THEN 0.25 END, CASE n WHEN 1 THEN 'low' END,
    false, '{}', '{}', '', '', '{}', '[]', now()
FROM generate_series(1, 2) AS n;
INSERT INTO key_point_results (evaluation_id, key_point_id, position, statement, weight, required, verdict, credit,
    confidence, probability, evidence, feedback)
SELECT CAST(lpad('1', 32, '0') AS uuid), 'p' || n, n, '', n, false, 'missed', 0, 1.0 / n, 0, '[]', ''
FROM unnest(ARRAY[1, 3]) AS n
"""


def test_evaluations_from_before_reviews_can_be_reviewed(new_database: Callable[..., str]) -> None:
    url = new_database()
    upgrade(url, "0003")
    with _engine(url).begin() as connection:
        for statement in OLD_ROWS.split(";"):
            connection.execute(text(statement))
    upgrade(url)
    with _engine(url).connect() as connection:
        rows = connection.execute(text("SELECT id = answer_id, certainty FROM evaluations ORDER BY id")).all()
    assert rows == [(True, 0.5), (True, None)]  # (1 · 1 + 3 · 1/3) / 4
