"""The database goes away under the service and comes back."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.db import Database, EmbeddedPostgres
from api.errors import DatabaseUnavailable
from api.settings import Settings
from grader.engine import Engine
from grader.model import Evaluation
from rubrics import Rubric

WaitUntil = Callable[[Callable[[], bool]], None]


class Interrupted(Engine):
    """An engine that does something else in mid-request."""

    def __init__(self, engine: Engine, action: Callable[[], None]) -> None:
        self._inner = engine
        self._action = action

    def grade(self, rubric: Rubric, answer: str) -> Evaluation:
        evaluation = self._inner.grade(rubric, answer)
        self._action()
        return evaluation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "postgres"


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder)
    yield server
    server.stop()


def kill(folder: Path) -> None:
    """What a power cut does: no checkpoint, no goodbye."""
    process = psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))
    process.kill()
    process.wait(10)


def post(client: TestClient) -> Any:
    body = {"rubric": {"question": "Why?", "key_points": ["Because of it."]}, "answer": "Because.", "candidate_id": "c"}
    return client.post("/v1/evaluations", json=body)


def test_in_mid_request(server: EmbeddedPostgres, folder: Path, engine: Engine, wait_until: WaitUntil) -> None:
    actions = [lambda: kill(folder)]
    interrupted = Interrupted(engine, lambda: actions.pop()() if actions else None)
    with TestClient(create_app(Settings(database_url=server.url, micro_batch_ms=0), interrupted)) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        hit = post(client)
        assert (hit.status_code, hit.json()["code"]) == (503, "database_unavailable")
        assert int(hit.headers["retry-after"]) > 0
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/evaluations").status_code == 503

        EmbeddedPostgres(folder)
        assert client.get("/v1/evaluations").json()["items"] == []
        made = post(client)
        assert made.status_code == 201
        assert client.get("/readyz").status_code == 200
        assert [item["id"] for item in client.get("/v1/evaluations").json()["items"]] == [made.json()["id"]]


def test_the_services_own_server_is_started_again(tmp_path: Path, engine: Engine, wait_until: WaitUntil) -> None:
    with TestClient(create_app(Settings(data_dir=tmp_path), engine)) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        assert post(client).status_code == 201
        kill(tmp_path / "postgres")
        wait_until(lambda: post(client).status_code == 503)
        wait_until(lambda: post(client).status_code == 201)
    assert not (tmp_path / "postgres" / "postmaster.pid").exists(), "it stops with the service"


@pytest.mark.parametrize("name", ["a+b", "50%20off", "über", "x" * 120])
def test_odd_folders(tmp_path: Path, name: str) -> None:
    server = EmbeddedPostgres(tmp_path / name / "postgres")
    Database(server.url).ping()
    server.stop()


@pytest.mark.parametrize("name", ["my projects", "a&b", "it's", "$(id)", "a;b", "a`b"])
def test_impossible_folders_are_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="GRADER_DATA_DIR"):
        EmbeddedPostgres(tmp_path / name / "postgres")


def test_a_server_that_cant_start_says_where_to_look(folder: Path) -> None:
    folder.mkdir()
    (folder / "PG_VERSION").write_text("18\n")
    with pytest.raises(DatabaseUnavailable, match="log"):
        EmbeddedPostgres(folder)


def test_a_number_left_by_a_crash_may_be_another_programs(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    pid_file = folder / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    EmbeddedPostgres(folder).stop()


def test_a_database_that_comes_up_late(
    server: EmbeddedPostgres, folder: Path, engine: Engine, wait_until: WaitUntil
) -> None:
    kill(folder)
    with TestClient(create_app(Settings(database_url=server.url), engine)) as client:
        wait_until(lambda: "isn't ready" in client.get("/readyz").text)
        answer = post(client)
        assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
        EmbeddedPostgres(folder)
        wait_until(lambda: client.get("/readyz").status_code == 200)
        assert post(client).status_code == 201
