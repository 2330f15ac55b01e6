"""Calls that come twice: done once, answered alike."""

import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.access.model import ANYBODY
from api.db import Database
from api.service import access_keeping
from api.settings import Settings
from api.store import idempotency as store
from api.store.idempotency import Answer, Name
from grader.engine import Engine
from tests.api.conftest import listening, running
from tests.api.keyed import keyed, make_key, shown

GRADED = {"rubric_id": "bagging-vs-boosting", "answer": "Boosting trains its models one after another."}
CSV = b"candidate,rubric,answer\nc,bagging-vs-boosting,Boosting is sequential.\n"


@pytest.fixture
def url(new_database: Callable[..., str], migrated: str) -> str:
    return new_database(migrated)


@pytest.fixture
def client(url: str, engine: Engine) -> Iterator[TestClient]:
    with running(Settings(database_url=url), engine) as client:
        yield client


def named(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or str(uuid4())}


def total(client: TestClient | httpx.Client, path: str, **headers: str) -> int:
    return len(client.get(path, params={"limit": 200}, headers=headers).json()["items"])


def test_the_second_is_answered_as_the_first(client: TestClient) -> None:
    headers = named()
    first, second = (client.post("/v1/evaluations", json=GRADED, headers=headers) for _ in range(2))
    assert (first.status_code, first.content) == (201, second.content)
    assert second.status_code == 201
    for name in ("Location", "Content-Type"):
        assert first.headers[name] == second.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert total(client, "/v1/evaluations") == 1
    client.post("/v1/evaluations", json=GRADED, headers=named())
    client.post("/v1/evaluations", json=GRADED)
    assert total(client, "/v1/evaluations") == 3


def test_a_key_belongs_to_one_request(client: TestClient) -> None:
    headers = named()
    assert client.post("/v1/evaluations", json=GRADED, headers=headers).status_code == 201
    for path, body in (
        ("/v1/evaluations", GRADED | {"answer": "b"}),
        ("/v1/practice", GRADED),
        ("/v1/evaluations?a", GRADED),
    ):
        refused = client.post(path, json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused"), path
    assert total(client, "/v1/evaluations") == 1


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 256])
def test_what_is_no_key_is_told(client: TestClient, key: str) -> None:
    refused = client.post("/v1/evaluations", json=GRADED, headers={"Idempotency-Key": key.encode()})  # type: ignore[dict-item]
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "Idempotency-Key"


def test_an_edit_and_a_deletion_happen_once(client: TestClient, rubric: dict[str, Any]) -> None:
    etag = client.post("/v1/rubrics", json=rubric).headers["ETag"]
    headers, place = named() | {"If-Match": etag}, f"/v1/rubrics/{rubric['id']}"
    answers = [client.put(place, json=rubric | {"question": "Why?"}, headers=headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200], "without the key, the second finds an ETag that is old"
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]
    made = client.post("/v1/evaluations", json=GRADED).json()["id"]
    headers = named()
    assert [client.delete(f"/v1/evaluations/{made}", headers=headers).status_code for _ in range(2)] == [204, 204]


def test_a_form_is_the_same_with_another_boundary(client: TestClient) -> None:
    headers = named()

    def submit(content: bytes, name: str = "a.csv") -> httpx.Response:
        return client.post("/v1/batches", files={"file": (name, io.BytesIO(content))}, headers=headers)

    first, second = submit(CSV), submit(CSV)
    assert first.request.headers["Content-Type"] != second.request.headers["Content-Type"]
    assert (first.status_code, first.json()["id"]) == (202, second.json()["id"]), second.text
    assert submit(CSV + b"d,bagging-vs-boosting,e\n").status_code == 422
    assert submit(CSV, "b.csv").status_code == 422
    assert total(client, "/v1/batches") == 1


def test_two_keys_have_names_of_their_own(url: str, engine: Engine) -> None:
    with keyed(url, engine) as (client, one):
        same, other = make_key(url), make_key(url, "other")
        headers = named()
        ids = {
            client.post("/v1/evaluations", json=GRADED, headers=headers | shown(key)).json()["id"]
            for key in (one, same, other)
        }
    assert len(ids) == 3


def test_a_new_key_is_told_once(url: str, engine: Engine) -> None:
    with keyed(url, engine) as (client, admin):
        headers, body = named() | shown(admin), {"name": "n", "scopes": ["read"]}
        first, second = (client.post("/v1/keys", json=body, headers=headers).json() for _ in range(2))
        assert first["key"]
        assert second == first | {"key": None}
        assert total(client, "/v1/keys", **shown(admin)) == 2
    database = Database(url)
    with database.everywhere().reading() as session:
        kept = session.scalar(text("SELECT convert_from(body, 'UTF8') FROM idempotency_keys"))
    database.close()
    assert first["key"] not in kept


def test_a_webhooks_secret_is_told_once(url: str, engine: Engine) -> None:
    hook = {"url": "https://1.1.1.1/", "events": ["batch.completed"]}
    with keyed(url, engine) as (client, admin):
        made, rotation, test = (named() | shown(admin) for _ in range(3))
        first, second = (client.post("/v1/webhooks", json=hook, headers=made).json() for _ in range(2))
        place = f"/v1/webhooks/{first['id']}"
        third, fourth = (client.post(f"{place}:rotate", json={}, headers=rotation).json() for _ in range(2))
        sent = [client.post(f"{place}:test", headers=test).json() for _ in range(2)]
    assert (second, fourth) == (first | {"secret": None}, third | {"secret": None})
    assert sent[0] == sent[1]
    database = Database(url)
    with database.everywhere().reading() as session:
        kept = "".join(session.scalars(text("SELECT convert_from(body, 'UTF8') FROM idempotency_keys")))
    database.close()
    assert first["secret"] not in kept
    assert third["secret"] not in kept


def hundred(call: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """One hundred calls that begin together, each repeated while the first still runs."""
    together = threading.Barrier(100)

    def run(_: int) -> httpx.Response:
        together.wait()
        while True:
            answer = call()
            if answer.status_code != 409:
                return answer
            assert answer.json()["code"] == "in_progress"
            assert answer.headers["Retry-After"] == "1"

    with ThreadPoolExecutor(100) as pool:
        return list(pool.map(run, range(100)))


def test_a_hundred_duplicates_make_one_evaluation_and_one_batch(url: str, engine: Engine) -> None:
    with (
        listening(Settings(database_url=url, longest_wait_seconds=0), engine) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        headers = named()
        answers = hundred(lambda: client.post("/v1/evaluations", json=GRADED, headers=headers))
        assert {one.status_code for one in answers} == {201}
        assert len({one.content for one in answers}) == 1
        assert sum("Idempotency-Replayed" not in one.headers for one in answers) == 1
        assert total(client, "/v1/evaluations") == 1
        headers = named()
        answers = hundred(lambda: client.post("/v1/batches", files={"file": ("a.csv", CSV)}, headers=headers))
        assert {one.json()["id"] for one in answers} == {answers[0].json()["id"]}
        assert total(client, "/v1/batches") == 1


def test_while_the_first_runs_others_wait_and_a_dead_one_is_taken_over(client: TestClient, url: str) -> None:
    headers = named()
    database = Database(url)
    name = Name(ANYBODY.owner, headers["Idempotency-Key"])
    with database.transaction() as session:
        store.claim(session, name)
    waiting = client.post("/v1/evaluations", json=GRADED, headers=headers)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "in_progress")
    with database.transaction() as session:
        session.execute(text("UPDATE idempotency_keys SET lease_until = now() - interval '1 second'"))
    assert client.post("/v1/evaluations", json=GRADED, headers=headers).status_code == 201
    assert total(client, "/v1/evaluations") == 1
    database.close()


def test_what_failed_here_may_be_tried_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = named()
    grader = client.app.state.runtime.grader  # type: ignore[attr-defined]
    with monkeypatch.context() as broken:
        broken.setattr(type(grader), "grade", lambda *_: 1 / 0)
        assert client.post("/v1/evaluations", json=GRADED, headers=headers).status_code == 500
    assert client.post("/v1/evaluations", json=GRADED, headers=headers).status_code == 201


def test_a_late_first_doesnt_speak_for_the_second(database: Database) -> None:
    name = Name(uuid4(), "k")
    with database.transaction() as session:
        late = store.claim(session, name)
        session.execute(text("UPDATE idempotency_keys SET lease_until = now() - interval '1 second'"))
    with database.transaction() as session:
        second = store.claim(session, name)
        assert late != second
        store.keep(session, name, late, Answer("0" * 64, 200, {}, b"late"))  # type: ignore[arg-type]
        store.release(session, name, late)  # type: ignore[arg-type]
        assert store.claim(session, name) is None
        store.keep(session, name, second, Answer("1" * 64, 200, {}, b"second"))  # type: ignore[arg-type]
        found = store.claim(session, name)
        assert isinstance(found, Answer)
        assert found.body == b"second"


def test_answers_are_kept_for_a_day(database: Database) -> None:
    names = [Name(uuid4(), "k") for _ in range(2)]
    with database.transaction() as session:
        for name in names:
            claim = store.claim(session, name)
            store.keep(session, name, claim, Answer("0" * 64, 200, {}, b""))  # type: ignore[arg-type]
        old = "UPDATE idempotency_keys SET created_at = created_at - interval '24 hours 1 second' WHERE owner = :owner"
        session.execute(text(old), {"owner": names[0].owner})
    with database.transaction() as session:
        assert not isinstance(store.claim(session, names[0]), Answer)
        session.execute(text(old), {"owner": names[0].owner})
    access_keeping.purge(database)
    with database.reading() as session:
        assert session.scalars(text("SELECT owner FROM idempotency_keys")).all() == [names[1].owner]


def test_a_deleted_answer_isnt_repeated(client: TestClient, url: str) -> None:
    made = [client.post("/v1/evaluations", json=GRADED, headers=named()).json()["id"] for _ in range(2)]
    assert client.delete(f"/v1/evaluations/{made[0]}", headers=named()).status_code == 204
    database = Database(url)
    with database.reading() as session:
        bodies = "".join(session.scalars(text("SELECT convert_from(body, 'UTF8') FROM idempotency_keys")))
    database.close()
    assert made[0] not in bodies
    assert made[1] in bodies
