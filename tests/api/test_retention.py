"""What is kept for how long, and what goes with what."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from api.db import Database
from api.service import batches, retention
from api.settings import Settings
from api.store.batch_model import BatchState
from api.worker import Worker
from grader.engine import Engine
from tests.api.conftest import running
from tests.api.receivers import receiving
from tests.api.reviewing import COVERS_A, desk
from tests.api.small_batches import address, rows, submit
from tests.command import Run

NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=31)
ALL = {"answer_retention_days": 30, "batch_retention_days": 30, "preview_retention_days": 30}
COUNTS = "SELECT (SELECT count(*) FROM {}), (SELECT count(*) FROM {})"


@pytest.fixture
def settings(new_database: Callable[..., str], migrated: str) -> Settings:
    return Settings(database_url=new_database(migrated), **ALL)  # type: ignore[arg-type]


@pytest.fixture
def client(settings: Settings, engine: Engine) -> Iterator[TestClient]:
    with running(settings, engine) as client:
        yield client


@pytest.fixture
def database(settings: Settings, client: TestClient) -> Iterator[Database]:
    database = Database(settings.database_url)
    yield database
    database.close()


def going(database: Database, settings: Settings, at: datetime) -> dict[str, tuple[int, int]]:
    return {one.kind: (one.going, one.kept) for one in retention.due(database, settings, at)}


def test_by_default_only_logs_go() -> None:
    days = {kind.setting: getattr(Settings(), kind.setting) for kind in retention.KINDS}
    assert days == dict.fromkeys(ALL, 0) | {"delivery_retention_days": 30}


def test_an_answer_goes_with_all_that_was_said_about_it(
    client: TestClient, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 10)  # two answers at once
    at = desk(client)
    ids = [at.grade(candidate_id=f"c-{n}") for n in range(4)]
    at.reviewed(ids[0], ("b", "covered"))
    appeal = client.post(f"/v1/evaluations/{ids[1]}/appeals", json={"key_point_id": "b", "argument": "It is."}).json()
    ruling = {"reviewer": "ann", "decision": "rejected", "reason": "It isn't."}
    client.post(f"/v1/appeals/{appeal['id']}:decide", json=ruling)
    client.post(f"/v1/evaluations/{ids[2]}/appeals", json={"key_point_id": "b", "argument": "It is, too."})
    reply = {"rubric_id": at.rubric, "answer": COVERS_A}
    practice = client.post("/v1/practice", json={"answers": [reply], "candidate_id": "c-9"}).json()
    assert going(database, settings, NOW)["answers"] == (0, 0)
    assert going(database, settings, LATER)["answers"] == (4, 1)
    assert retention.apply(database, settings, LATER)["answers"] == 4
    assert going(database, settings, LATER)["answers"] == (0, 1)
    assert rows(database, "SELECT id::text FROM evaluations") == [(ids[2],)]
    assert rows(database, COUNTS.format("reviews", "appeals")) == [(0, 1)]
    assert rows(database, "SELECT id FROM candidates") == [("c-2",)]
    assert client.get(f"/v1/practice/{practice['id']}").status_code == 404
    assert client.get(f"/v1/rubrics/{at.rubric}").status_code == 200


def test_an_answer_that_was_graded_again_lately_stays(
    client: TestClient, database: Database, settings: Settings
) -> None:
    at = desk(client)
    id_ = at.grade()
    with database.transaction() as session:
        session.execute(text("UPDATE evaluations SET created_at = created_at - interval '40 days'"))
    assert going(database, settings, NOW)["answers"] == (1, 0)
    with database.transaction() as session:
        columns = ", ".join(
            name
            for (name,) in session.execute(
                text("SELECT column_name FROM information_schema.columns WHERE table_name = 'evaluations'")
            )
            if name not in ("id", "created_at")
        )
        session.execute(
            text(
                f"INSERT INTO evaluations (id, created_at, {columns}) "
                f"SELECT gen_random_uuid(), now(), {columns} FROM evaluations WHERE id = :id"
            ),
            {"id": id_},
        )
    assert going(database, settings, NOW)["answers"] == (0, 0)


def test_batches_go_with_their_evaluations(
    database: Database, engine: Engine, monkeypatch: pytest.MonkeyPatch, client: TestClient, settings: Settings
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    point = client.get("/v1/rubrics/boosting").json()["rubric"]["key_points"][0]["id"]
    worker = Worker(address(database), Settings(), lambda: engine)
    gone, kept, running_ = (submit(database, ["Boosting is sequential.", "b", "c"]) for _ in range(3))
    worker.run_until_idle()
    with database.transaction() as session:
        session.execute(
            text("UPDATE batches SET state = 'grading', finished_at = NULL WHERE id = :id"), {"id": running_}
        )
    [(contested,)] = rows(database, f"SELECT evaluation_id FROM batch_items WHERE batch_id = '{kept}' AND position = 1")
    body = {"key_point_id": point, "argument": "It is."}
    assert client.post(f"/v1/evaluations/{contested}/appeals", json=body).status_code == 201
    assert going(database, settings, LATER) == {
        "answers": (0, 0), "batches": (1, 1), "previews": (0, 0), "deliveries": (0, 0),
    }  # fmt: skip
    assert retention.apply(database, settings, NOW)["batches"] == 0
    assert retention.apply(database, settings, LATER)["batches"] == 1
    assert rows(database, f"SELECT count(*) FROM batches WHERE id = '{gone}'") == [(0,)]
    assert rows(database, "SELECT count(*), count(DISTINCT candidate_id) FROM evaluations") == [(6, 3)]
    assert batches.read(database, running_).state is BatchState.GRADING


def test_previews_go_and_what_they_published_stays(
    client: TestClient, database: Database, settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    at = desk(client)
    for _ in range(3):
        at.grade()
    rubric = client.get(f"/v1/rubrics/{at.rubric}").json()["rubric"]
    rubric["key_points"][0]["weight"] = 5
    client.put(f"/v1/rubrics/{at.rubric}", json=rubric, headers={"if-match": "*"})
    client.post(f"/v1/rubrics/{at.rubric}/versions/2:publish")
    Worker(settings.database_url, settings, lambda: engine).run_until_idle()
    assert rows(database, COUNTS.format("regrade_items", "evaluations")) == [(3, 6)]
    chosen = Settings(preview_retention_days=30)
    assert going(database, chosen, LATER)["previews"] == (1, 0)
    assert retention.apply(database, chosen, LATER)["previews"] == 1
    assert rows(database, COUNTS.format("regrade_items", "evaluations")) == [(0, 6)]


def test_the_log_of_webhooks_goes(new_database: Callable[..., str], migrated: str, engine: Engine) -> None:
    settings = Settings(database_url=new_database(migrated), webhook_networks="127.0.0.1/32")
    with running(settings, engine) as client, receiving() as receiver:
        database = Database(settings.database_url)
        hook = client.post("/v1/webhooks", json={"url": receiver.url, "events": ["batch.failed"]}).json()["id"]
        for _ in range(2):
            client.post(f"/v1/webhooks/{hook}:test")
        Worker(settings.database_url, settings, lambda: engine).run_until_idle()
        client.post(f"/v1/webhooks/{hook}:test")
        with database.transaction() as session:
            session.execute(text("UPDATE webhook_deliveries SET since = now() + interval '31 days'"))
        assert going(database, settings, NOW + timedelta(days=29))["deliveries"] == (0, 0)
        assert going(database, settings, LATER)["deliveries"] == (2, 0), "what is still tried stays"
        assert retention.apply(database, settings, LATER)["deliveries"] == 2
        assert rows(database, COUNTS.format("webhook_deliveries", "webhook_attempts")) == [(1, 0)]
        database.close()


def test_workers_do_it_every_hour(client: TestClient, settings: Settings, database: Database, engine: Engine) -> None:
    desk(client).grade()
    with create_engine(settings.database_url, poolclass=NullPool).begin() as connection:
        connection.execute(text("UPDATE evaluations SET created_at = created_at - interval '40 days'"))
        connection.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
                """VALUES ('grader', 'retire_batches', '{"timestamp"\\: 0}')"""
            )
        )
    Worker(settings.database_url, settings, lambda: engine).run_until_idle()
    assert rows(database, "SELECT count(*) FROM evaluations") == [(0,)]


def test_the_command_shows_before_it_removes(
    client: TestClient,
    database: Database,
    settings: Settings,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    at = desk(client)
    at.grade()
    contested: Any = at.grade(COVERS_A + " No.")
    client.post(f"/v1/evaluations/{contested}/appeals", json={"key_point_id": "b", "argument": "It is."})
    with database.transaction() as session:
        session.execute(text("UPDATE evaluations SET created_at = created_at - interval '40 days'"))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("GRADER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GRADER_ANSWER_RETENTION_DAYS", "30")
    shown = run("retention")
    assert shown.status == 0
    assert shown.out.splitlines()[:2] == [
        "answers: 1 older than 30 days (GRADER_ANSWER_RETENTION_DAYS); 1 more kept until their appeals are decided",
        "batches: all kept (GRADER_BATCH_RETENTION_DAYS=0)",
    ]
    assert rows(database, "SELECT count(*) FROM evaluations") == [(2,)]
    assert run("retention", "--apply").out.startswith("answers: 1 removed; 1 more kept")
    assert rows(database, "SELECT id::text FROM evaluations") == [(contested,)]
