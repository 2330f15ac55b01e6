"""The application as a whole: readiness, limits, errors, a real socket."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi.testclient import TestClient

from api.app import create_app
from api.errors import (
    STATUS,
    AlreadyExists,
    ApiError,
    DatabaseUnavailable,
    InputInvalid,
    NotReady,
    Unavailable,
    problem_of,
    response_to,
    status_of,
)
from api.serve import listen
from api.settings import Settings
from api.worker import Worker
from grader.engine import Engine
from grader.errors import AnswerInvalid, GraderError, ModelUnavailable, WeightsInvalid
from grader.model import Evaluation
from rubrics import Problem, Rubric, RubricError

WaitUntil = Callable[[Callable[[], bool]], None]
INLINE = {"question": "Why?", "key_points": ["Because of it."]}


def is_problem(response: Any, status: int, code: str) -> bool:
    body = response.json()
    return (
        response.status_code == body["status"] == status
        and response.headers["content-type"] == "application/problem+json"
        and body["code"] == code
        and body["type"] == f"urn:answer-grader:problem:{code}"
        and bool(body["title"] and body["detail"])
    )


def test_health_readiness_and_info(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    info = client.get("/v1/info").json()
    assert info["database"] == "external"
    assert set(info["engine"]) == {"version", "model", "weights_hash"}
    assert info["limits"] == {"max_answer_chars": 20_000, "max_body_bytes": 2_000_000, "max_key_points": 64}


def test_it_answers_before_it_is_ready(
    new_database: Callable[..., str], engine: Engine, monkeypatch: pytest.MonkeyPatch, wait_until: WaitUntil
) -> None:
    may_load = threading.Event()

    def load(**_: object) -> Engine:
        may_load.wait(20)
        return engine

    monkeypatch.setattr(Engine, "load", load)
    with TestClient(create_app(Settings(database_url=new_database()))) as client:
        assert client.get("/healthz").status_code == 200
        assert is_problem(client.get("/readyz"), 503, "not_ready")
        assert "engine" in {error["field"] for error in client.get("/readyz").json()["errors"]}
        assert client.get("/v1/info").json()["engine"] is None
        answer = client.post("/v1/evaluations", json={"rubric": INLINE, "answer": "a"})
        assert is_problem(answer, 503, "not_ready")
        assert answer.headers["retry-after"]
        may_load.set()
        wait_until(lambda: client.get("/readyz").status_code == 200)
        assert client.post("/v1/evaluations", json={"rubric": INLINE, "answer": "a"}).status_code == 201


def test_an_engine_that_cant_be_loaded_says_why(
    new_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch, wait_until: WaitUntil
) -> None:
    def load(**_: object) -> Engine:
        raise ModelUnavailable("no model in /nowhere")

    monkeypatch.setattr(Engine, "load", load)
    with TestClient(create_app(Settings(database_url=new_database()))) as client:
        wait_until(lambda: "no model in /nowhere" in client.get("/readyz").text)
        assert client.get("/healthz").status_code == 200
        wait_until(lambda: client.get("/v1/rubrics").status_code == 200)


def test_grading_without_storing_needs_no_database(engine: Engine) -> None:
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:1/none")
    with TestClient(create_app(settings, engine)) as client:
        answer = client.post("/v1/evaluations", json={"rubric": INLINE, "answer": "a", "store": False})
        assert answer.status_code == 200
        assert is_problem(client.post("/v1/evaluations", json={"rubric": INLINE, "answer": "a"}), 503, "not_ready")


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("PATCH", "/v1/rubrics", 405, "method_not_allowed"),
        ("DELETE", "/v1/rubrics/a", 405, "method_not_allowed"),
        ("GET", "/v1/evaluations/x", 422, "validation_failed"),
    ],
)
def test_the_frameworks_refusals_are_problems(
    client: TestClient, method: str, address: str, status: int, code: str
) -> None:
    assert is_problem(client.request(method, address), status, code)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/evaluations", "GET, POST"),
        ("/v1/evaluations/0190163d-8694-739b-aea5-966c26f8ad91", "DELETE, GET"),
        ("/v1/rubrics/x", "GET, PUT"),
        ("/v1/batches/0190163d-8694-739b-aea5-966c26f8ad91:retry", "POST"),
        ("/v1/rubrics/x/versions/1:preview", "POST"),
        ("/v1/rubrics/x/versions/1", "GET"),
        ("/v1/info", "GET"),
        ("/v1/rubrics/schema", "GET"),
    ],
)
def test_what_isnt_allowed_says_what_is(client: TestClient, path: str, methods: str) -> None:
    answer = client.patch(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)


class Broken(Engine):
    def __init__(self, error: Exception) -> None:
        self._error = error

    def grade(self, rubric: Rubric, answer: str) -> Evaluation:
        raise self._error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ZeroDivisionError("secret"), 500, "internal_error"),
        (GraderError("odd"), 500, "grader_error"),
        (AnswerInvalid("unreadable"), 422, "answer_invalid"),
        (ModelUnavailable("gone"), 503, "model_unavailable"),
    ],
)
def test_the_engines_errors(
    new_database: Callable[..., str], migrated: str, error: Exception, status: int, code: str
) -> None:
    settings = Settings(database_url=new_database(migrated))
    with TestClient(create_app(settings, Broken(error)), raise_server_exceptions=False) as client:
        answer = client.post("/v1/evaluations", json={"rubric": INLINE, "answer": "a", "store": False})
        assert is_problem(answer, status, code)
        assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputInvalid("answer", "is odd"), 422),
        (AlreadyExists("taken"), 409),
        (NotReady("soon"), 503),
        (DatabaseUnavailable("gone"), 503),
        (WeightsInvalid("damaged"), 503),
        (ApiError("unforeseen"), 500),
        (KeyError("k"), 500),
    ],
)
def test_a_status_is_the_nearest_base_classs(error: Exception, status: int) -> None:
    assert status_of(error) == problem_of(error).status == status


def test_every_error_has_a_status() -> None:
    def leaves(base: type[Exception]) -> Iterator[type[Exception]]:
        children = base.__subclasses__()
        yield from (leaf for child in children for leaf in leaves(child)) if children else (base,)

    commands = {"api.backup"}  # whose errors no request meets
    assert all(set(leaf.__mro__) & set(STATUS) or leaf.__module__ in commands for leaf in leaves(ApiError))
    assert Unavailable in STATUS


def test_text_that_isnt_unicode_can_be_told_about() -> None:
    error = RubricError([Problem("body", "key_points[0].id", 3, "is odd", "'\ud800'")])
    body = json.loads(bytes(response_to(error).body))
    assert body["errors"] == [{"field": "key_points[0].id", "message": "is odd (got '\ud800')"}]


def test_a_flood_of_faults_is_cut(client: TestClient) -> None:
    answer = client.post("/v1/evaluations", json={f"k{number}": 1 for number in range(1000)})
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 50)


def _chunks(total: int) -> Iterator[bytes]:
    yield from (b"x" * 1000 for _ in range(total // 1000))


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("address", ["/v1/evaluations", "/v1/rubrics", "/nowhere", "/healthz"])
def test_bodies_over_the_limit(client: TestClient, address: str, streamed: bool) -> None:
    content: Any = _chunks(2_100_000) if streamed else b"x" * 2_000_001
    answer = client.post(address, content=content, headers={"content-type": "application/json"})
    assert is_problem(answer, 413, "body_too_large")
    assert "GRADER_MAX_BODY_BYTES" in answer.json()["detail"]


def test_a_body_at_the_limit_is_read(client: TestClient) -> None:
    answer = client.post("/v1/evaluations", content=b" " * 2_000_000, headers={"content-type": "application/json"})
    assert answer.status_code == 422


@pytest.fixture
def address(new_database: Callable[..., str], engine: Engine, wait_until: WaitUntil) -> Iterator[str]:
    """A service on a real socket, with a worker."""
    settings = Settings(database_url=new_database())
    app, worker = create_app(settings, engine), Worker(settings.database_url, settings, lambda: engine)
    with listen(Settings(port=0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        wait_until(lambda: server.started and httpx.get(f"{base}/readyz").status_code == 200)
        working = threading.Thread(target=worker.run)
        working.start()
        yield base
        worker.stop()
        working.join()
        server.should_exit = True
        thread.join()


def test_over_a_real_socket(address: str, tmp_path: Path) -> None:
    text = "Beca\u0301use 🙂 of it.\r\n"
    with httpx.Client(base_url=address) as client:
        made = client.post("/v1/evaluations", json={"rubric": INLINE, "answer": text})
        assert made.status_code == 201
        spans = [span for point in made.json()["key_points"] for span in point["evidence"]]
        assert all(text[span["start"] : span["end"]] == span["quote"] for span in spans)
        assert client.get(made.headers["location"]).json()["answer"]["text"] == text
        assert is_problem(client.get("/v1/rubrics/%ff%00"), 422, "validation_failed")
        assert is_problem(client.post("/v1/evaluations", content=_chunks(3_000_000)), 413, "body_too_large")
        assert client.delete(made.headers["location"]).status_code == 204


def test_answers_dont_wait_for_acknowledgements(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        times = []
        for _ in range(15):
            begun = time.perf_counter()
            client.get("/healthz")
            times.append(time.perf_counter() - begun)
    assert min(times) < 0.03, "TCP_NODELAY is off"


def test_the_guides_python_works(address: str, rubric: dict[str, Any]) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "http.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    assert len(blocks) == 8
    names: dict[str, Any] = {}
    with httpx.Client(base_url=address) as client:
        client.post("/v1/rubrics", json={**rubric, "id": "my-rubric"})
        for block in blocks:
            names |= {"client": client, "input": lambda _: "Boosting trains its models one after another."}
            exec(block.replace("http://127.0.0.1:8000", address), names)
        assert client.get("/v1/rubrics/my-rubric").json()["version"] == 2
        assert len(names["practice"]["answers"]) == 5
        assert names["batch"]["counts"]["graded"] == 2
        assert client.get("/v1/evaluations").json()["items"] == [], "deleted again by the last one"
