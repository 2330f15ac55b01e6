"""More requests than one process takes on: refused at once, and nobody else is the worse for it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from socket import create_connection
from typing import Any

import httpx
import pytest

from api.access.load import LEAST, SPREAD, Load, Pace
from api.errors import Overloaded
from api.settings import Settings
from grader.engine import Engine
from grader.learned import load_weights
from tests.api.conftest import listening, wait_until
from tests.fakes import FakeEncoder

MOST = 4
GRADED = {"rubric_id": "bagging-vs-boosting", "answer": "Boosting trains its models one after another."}


class Gate(FakeEncoder):
    """Encodes answers when it is told to."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()

    def encode(self, texts: Any) -> Any:
        self.open.wait(60)
        return super().encode(texts)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def address(new_database: Callable[..., str], migrated: str, gate: Gate) -> Iterator[str]:
    settings = Settings(database_url=new_database(migrated), max_in_flight=MOST, micro_batch_ms=0)
    with listening(settings, Engine(gate, load_weights())) as address:
        yield address


def in_flight(client: httpx.Client) -> int:
    line = next(
        line for line in client.get("/metrics").text.splitlines() if line.startswith("grader_http_requests_in_flight")
    )
    return int(float(line.split()[1])) - 1  # the question itself


def test_what_is_too_much_is_refused_and_the_rest_is_answered(address: str, gate: Gate) -> None:
    with httpx.Client(base_url=address, timeout=60) as client, ThreadPoolExecutor(MOST) as pool:
        assert client.post("/v1/evaluations", json=GRADED).status_code == 201
        gate.open.clear()
        held = [pool.submit(client.post, "/v1/evaluations", json=GRADED | {"answer": f"{n}!"}) for n in range(MOST)]
        wait_until(lambda: in_flight(client) == MOST)
        for path in ("/v1/topics", "/v1/evaluations"):
            refused = client.get(path)
            assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
            assert int(refused.headers["Retry-After"]) > 0
        for path in ("/healthz", "/readyz", "/metrics"):
            assert client.get(path).status_code == 200, path
        gate.open.set()
        assert {one.result().status_code for one in held} == {201}
        assert client.get("/v1/topics").status_code == 200


def test_as_many_answers_wait_as_are_graded_in_time() -> None:
    now = 0.0
    load = Load(256, 2.0 * SPREAD, Pace(lambda: now))
    for _ in range(LEAST):
        load.begin("grading")  # nothing is known yet
    for _ in range(400):  # eight at a time, twenty a second
        load.end("grading")
        load.begin("grading")
        now += 0.05
    waiting = LEAST
    with pytest.raises(Overloaded, match="LONGEST_WAIT"):
        while True:
            load.begin("grading")
            waiting += 1
    assert 38 <= waiting <= 41
    load.refuse("short")
    for _ in range(waiting):
        load.end("grading")
    now += 1000.0  # idle: what was learned stays
    for _ in range(38):
        load.begin("grading")


def test_any_number_waits_where_no_longest_wait_is_set() -> None:
    now = 0.0
    load = Load(256, 0, Pace(lambda: now))
    for _ in range(100):
        load.begin("grading")
        now += 1.0
        load.end("grading")
    for _ in range(256):
        load.begin("grading")


def test_slow_senders_take_nobodys_place(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    head = b"POST /v1/evaluations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    senders = [create_connection((host, int(port))) for _ in range(5 * MOST)]
    try:
        for sender in senders:
            sender.sendall(head)
        with httpx.Client(base_url=address) as client:
            wait_until(lambda: in_flight(client) == 5 * MOST)
            assert client.get("/v1/topics").status_code == 200
    finally:
        for sender in senders:
            with closing(sender):
                pass
