"""One PostgreSQL server a run, one HTTP application for tests that mind their own data, a fresh one for the others."""

import io
import itertools
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

import api.cli
from api.app import create_app
from api.db import Database, EmbeddedPostgres
from api.migrate import upgrade
from api.settings import Settings
from grader.engine import Engine
from tests.command import Result, Run
from tests.fakes import fake_engine

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("data") / "postgres")
    _execute(server.url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def new_database(postgres: EmbeddedPostgres) -> Callable[..., str]:
    """Makes an empty database, or a copy of another, and returns its address."""

    def make(template: str = "template1") -> str:
        name = f"test_{next(_numbers)}"
        _execute(postgres.url, f"CREATE DATABASE {name} TEMPLATE {template}")
        return postgres.url.replace("/postgres?", f"/{name}?")

    return make


@pytest.fixture(scope="session")
def migrated(new_database: Callable[..., str]) -> str:
    """Name of a database with all tables and nothing in them."""
    url = new_database()
    upgrade(url)
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture
def database(new_database: Callable[..., str], migrated: str) -> Iterator[Database]:
    """All tables, nothing in them."""
    database = Database(new_database(migrated))
    yield database
    database.close()


@pytest.fixture(scope="session")
def engine() -> Engine:
    return fake_engine()


# No longest wait for a service that tests share, nor for one of a test's own: a slow machine would refuse some calls.
@pytest.fixture(scope="session")
def shared_client(new_database: Callable[..., str], engine: Engine) -> Iterator[TestClient]:
    with running(Settings(database_url=new_database(), longest_wait_seconds=0), engine) as client:
        yield client


@pytest.fixture
def client(shared_client: TestClient) -> TestClient:
    """A service that other tests use too."""
    return shared_client


@pytest.fixture
def fresh_client(new_database: Callable[..., str], migrated: str, engine: Engine) -> Iterator[TestClient]:
    """A service of one's own."""
    with running(Settings(database_url=new_database(migrated), longest_wait_seconds=0), engine) as client:
        yield client


@contextmanager
def running(settings: Settings, engine: Engine) -> Iterator[TestClient]:
    with TestClient(create_app(settings, engine), raise_server_exceptions=False) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        yield client


def wait_until(is_done: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not is_done():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


@pytest.fixture(name="wait_until")
def wait_until_fixture() -> Callable[[Callable[[], bool]], None]:
    return wait_until


@pytest.fixture
def rubric() -> dict[str, Any]:
    """A rubric that is new to the service."""
    return {
        "id": f"rubric-{next(_numbers)}",
        "topic": "ensembles",
        "kind": "comparison",
        "question": "How do bagging and boosting differ?",
        "key_points": [
            {
                "id": "sequential",
                "statement": "Boosting trains its models one after another.",
                "weight": 2,
                "required": True,
                "says": ["each new tree corrects the errors of the trees before it"],
                "denies": ["boosting trains all of its models at the same time"],
            },
            {"id": "bootstrap", "statement": "Bagging trains each model on a bootstrap sample of the data."},
        ],
        "follow_ups": [{"question": "Why does bagging lower variance?", "key_points": ["bootstrap"]}],
    }


@pytest.fixture
def stored_rubric(client: TestClient, rubric: dict[str, Any]) -> dict[str, Any]:
    assert client.post("/v1/rubrics", json=rubric).status_code == 201
    return rubric


def _execute(url: str, *statements: str) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*args: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "argv", ["grader", *args])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = 0
        try:
            api.cli.main()
        except SystemExit as end:
            status = int(end.code or 0)
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return call


@pytest.fixture
def in_parallel() -> Callable[..., list[Any]]:
    """Calls a function with each of some values, all at once, and returns what came of it."""

    def run(function: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
        given = list(values)
        with ThreadPoolExecutor(len(given)) as pool:
            return list(pool.map(function, given))

    return run


@contextmanager
def listening(settings: Settings, engine: Engine) -> Iterator[str]:
    """A service behind a real socket; its address."""
    server = uvicorn.Server(uvicorn.Config(create_app(settings, engine), log_level="warning"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        wait_until(lambda: httpx.get(f"{address}/readyz").status_code == 200)
        yield address
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
