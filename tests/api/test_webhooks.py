"""/v1/webhooks: real messages over HTTP to a receiver that verifies them, from the outbox through the job queue."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool
from standardwebhooks import Webhook, WebhookVerificationError

from api.db import Database
from api.hooks.events import Event
from api.hooks.vault import Vault
from api.service import telling
from api.service.webhooks import MOST
from api.settings import Settings
from api.worker import Worker
from grader.engine import Engine
from tests.api.conftest import running
from tests.api.receivers import Receiver, receiving
from tests.api.reviewing import COVERS_A, desk

SECRET_WORDS = "Zanzibar quokkas"
ALL = [event.value for event in Event if event is not Event.TEST]


@dataclass(frozen=True)
class Service:
    """A service with its worker, which works when it is told to."""

    client: TestClient
    worker: Worker
    url: str

    def hook(self, url: str, *events: str, **other: Any) -> dict[str, Any]:
        made = self.client.post("/v1/webhooks", json={"url": url, "events": list(events) or ALL, **other})
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        return found

    def deliveries(self, hook: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get(f"/v1/webhooks/{hook['id']}/deliveries", params=params).json()[
            "items"
        ]
        return found

    def work(self) -> None:
        self.worker.run_until_idle()

    def later(self, since: str = "since") -> None:
        """Time passes: what waits is due. `since`: when its day began, in SQL."""
        due = f"UPDATE webhook_deliveries SET next_attempt_at = now(), since = {since} WHERE state = 'waiting'"
        self.execute(due, "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")

    def execute(self, *statements: str) -> None:
        with create_engine(self.url, poolclass=NullPool).begin() as connection:
            connection.execute(text("SET LOCAL grader.workspace = 'default'"))
            for statement in statements:
                connection.execute(text(statement))


@pytest.fixture
def service(new_database: Callable[..., str], migrated: str, engine: Engine) -> Iterator[Service]:
    settings = Settings(database_url=new_database(migrated), webhook_networks="127.0.0.1/32")
    with running(settings, engine) as client:
        yield Service(client, Worker(settings.database_url, settings, lambda: engine), settings.database_url)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def verified(receiver: Receiver, secret: str) -> list[dict[str, Any]]:
    return [Webhook(secret).verify(body, headers) for _, headers, body in receiver.got]


def test_an_evaluation_is_told_signed_and_without_its_words(service: Service, receiver: Receiver) -> None:
    hook = service.hook(receiver.url)
    at = desk(service.client)
    id_ = at.grade(f"{COVERS_A} {SECRET_WORDS}", candidate_id="c-1", metadata={"mine": SECRET_WORDS})
    service.work()
    told = verified(receiver, hook["secret"])
    assert {one["type"] for one in told} >= {"rubric.updated", "evaluation.completed"}
    [done] = [one for one in told if one["type"] == "evaluation.completed"]
    evaluation = service.client.get(f"/v1/evaluations/{id_}").json()
    names = ("candidate_id", "status", "points", "max_points", "coverage", "level", "needs_review")
    assert done["data"] == {name: evaluation[name] for name in names} | {
        "evaluation_id": id_,
        "rubric_id": at.rubric,
        "rubric_version": 1,
    }
    assert all(SECRET_WORDS.encode() not in body for _, _, body in receiver.got)
    path, headers, body = receiver.got[0]
    assert (path, headers["content-type"]) == ("/hook?x=1", "application/json")
    with pytest.raises(WebhookVerificationError):
        Webhook(hook["secret"]).verify(body + b" ", headers)
    log = {one["id"]: one for one in service.deliveries(hook)}
    assert set(log) == {headers["webhook-id"] for _, headers, _ in receiver.got}
    for one in log.values():
        assert (one["state"], [a["status"] for a in one["attempts"]]) == ("delivered", [204])


def test_reviews_appeals_and_rubrics_are_told(service: Service, receiver: Receiver) -> None:
    hook = service.hook(receiver.url, "appeal.opened", "appeal.decided", "rubric.updated", "evaluation.needs_review")
    at = desk(service.client)
    id_ = at.grade(f"{COVERS_A} {SECRET_WORDS}")
    appeal = {"key_point_id": "b", "argument": SECRET_WORDS, "quote": SECRET_WORDS}
    opened = service.client.post(f"/v1/evaluations/{id_}/appeals", json=appeal).json()
    ruling = {"reviewer": "ann", "decision": "upheld", "reason": SECRET_WORDS}
    decided = service.client.post(f"/v1/appeals/{opened['id']}:decide", json=ruling).json()
    service.work()
    told = [one for one in verified(receiver, hook["secret"]) if one["type"].startswith("appeal")]
    assert [(one["type"], one["data"]["state"]) for one in sorted(told, key=lambda one: one["timestamp"])] == [
        ("appeal.opened", "open"),
        ("appeal.decided", "upheld"),
    ]
    assert {one["data"]["review_id"] for one in told} == {None, decided["review_id"]}
    assert all(SECRET_WORDS.encode() not in body for _, _, body in receiver.got)
    needs_review = service.client.get(f"/v1/evaluations/{id_}").json()["needs_review"]
    assert [one["event"] for one in service.deliveries(hook)].count("evaluation.needs_review") == needs_review


def test_batches_are_told_at_their_end(service: Service, receiver: Receiver) -> None:
    hook = service.hook(receiver.url, "batch.completed", "batch.failed", "evaluation.completed")
    at = desk(service.client)
    good = f"candidate,rubric,answer\nc-1,{at.rubric},{COVERS_A}\nc-2,{at.rubric},\n"
    made = service.client.post("/v1/batches", files={"file": ("a.csv", good)}).json()
    service.work()
    service.execute("UPDATE batches SET state = 'reading', finished_at = NULL, reads = 3")
    service.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
        f"""VALUES ('grader', 'read_batch', '{{"batch": "{made["id"]}"}}')"""
    )
    service.work()
    told = verified(receiver, hook["secret"])
    assert [(one["type"], one["data"]["batch_id"]) for one in told] == [
        ("batch.completed", made["id"]),
        ("batch.failed", made["id"]),
    ]
    assert (told[0]["data"]["graded"], told[0]["data"]["bad_rows"]) == (1, 1)


def test_nothing_is_told_of_what_is_undone(service: Service, receiver: Receiver) -> None:
    hook = service.hook(receiver.url)
    database = Database(service.url)
    with pytest.raises(RuntimeError), database.transaction() as session:
        telling.tell(session, (Event.RUBRIC_UPDATED, {"rubric_id": "r"}))
        raise RuntimeError
    database.close()
    service.work()
    assert (service.deliveries(hook), receiver.got) == ([], [])


def test_what_was_told_of_an_answer_goes_with_it(service: Service, receiver: Receiver) -> None:
    hook = service.hook(receiver.url, "evaluation.completed", "appeal.opened", "batch.failed")
    at = desk(service.client)
    first, second = at.grade(candidate_id="c-1"), at.grade(COVERS_A + " No.")
    service.client.post(f"/v1/evaluations/{first}/appeals", json={"key_point_id": "b", "argument": "It is."})
    service.client.delete(f"/v1/evaluations/{first}")
    [left] = service.deliveries(hook)
    assert left["payload"]["data"]["evaluation_id"] == second
    service.work()
    assert [one["data"]["evaluation_id"] for one in verified(receiver, hook["secret"])] == [second]


def test_only_what_was_asked_for_is_told(service: Service, receiver: Receiver) -> None:
    hook = service.hook(receiver.url, "batch.failed")
    desk(service.client).grade()
    service.work()
    assert (service.deliveries(hook), receiver.got) == ([], [])


def test_tried_again_until_it_is_taken(service: Service, receiver: Receiver) -> None:
    receiver.answer = lambda number: (503 if number < 2 else 200, {}, b"")
    hook = service.hook(receiver.url)
    service.client.post(f"/v1/webhooks/{hook['id']}:test")
    service.work()
    [waiting] = service.deliveries(hook, state="waiting")
    assert waiting["next_attempt_at"] is not None
    assert [(a["status"], a["error"]) for a in waiting["attempts"]] == [(503, "answered 503")]
    service.work()
    assert len(receiver.got) == 1, "it isn't due yet"
    for _ in range(2):
        service.later()
        service.work()
    [done] = service.deliveries(hook)
    assert (done["state"], done["next_attempt_at"]) == ("delivered", None)
    assert [(a["number"], a["status"]) for a in done["attempts"]] == [(1, 503), (2, 503), (3, 200)]
    assert {headers["webhook-id"] for _, headers, _ in receiver.got} == {done["id"]}
    assert len({body for _, _, body in receiver.got}) == 1
    verified(receiver, hook["secret"])


def test_given_up_after_a_day_and_replayed(service: Service, receiver: Receiver) -> None:
    receiver.answer = lambda _: (500, {}, b"")
    hook = service.hook(receiver.url)
    made = service.client.post(f"/v1/webhooks/{hook['id']}:test")
    assert made.status_code == 202
    place = made.headers["location"]
    service.work()
    service.later(since="now() - interval '25 hours'")
    service.work()
    failed = service.client.get(place).json()
    assert (failed["state"], failed["next_attempt_at"], len(failed["attempts"])) == ("failed", None, 2)
    receiver.answer = lambda _: (200, {}, b"")
    again = service.client.post(f"{place}:replay")
    assert (again.status_code, again.json()["state"]) == (202, "waiting")
    service.work()
    taken = service.client.get(place).json()
    assert (taken["state"], [a["number"] for a in taken["attempts"]]) == ("delivered", [1, 2, 3])
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 1


def test_gone_disables_it(service: Service, receiver: Receiver) -> None:
    receiver.answer = lambda _: (410, {}, b"")
    hook = service.hook(receiver.url)
    place = f"/v1/webhooks/{hook['id']}"
    first = service.client.post(f"{place}:test").json()
    service.work()
    now = service.client.get(place).json()
    assert (now["enabled"], now["disabled_reason"]) == (False, "the receiver answered 410 Gone")
    assert [one["state"] for one in service.deliveries(hook)] == ["failed"]
    assert service.client.post(f"{place}:test").status_code == 409
    assert service.client.post(f"{place}/deliveries/{first['id']}:replay").status_code == 409
    desk(service.client)
    assert len(service.deliveries(hook)) == 1
    receiver.answer = lambda _: (200, {}, b"")
    assert service.client.patch(place, json={"enabled": True}).json()["enabled"] is True
    service.client.post(f"{place}/deliveries/{first['id']}:replay")
    service.work()
    assert [one["state"] for one in service.deliveries(hook)] == ["delivered"]


def test_a_redirect_is_not_followed(service: Service, receiver: Receiver) -> None:
    with receiving() as inside:
        receiver.answer = lambda _: (307, {"location": inside.url}, b"")
        hook = service.hook(receiver.url)
        service.client.post(f"/v1/webhooks/{hook['id']}:test")
        service.work()
        [waiting] = service.deliveries(hook)
        assert waiting["attempts"][0]["error"] == "answered 307; redirects aren't followed"
        assert inside.got == []


def test_a_long_answer_is_not_read_to_its_end(service: Service, receiver: Receiver) -> None:
    receiver.answer = lambda _: (200, {}, b"x" * 50_000_000)
    hook = service.hook(receiver.url)
    service.client.post(f"/v1/webhooks/{hook['id']}:test")
    service.work()
    assert [one["state"] for one in service.deliveries(hook)] == ["delivered"]


def test_who_is_slow_keeps_nobody_waiting(
    service: Service, receiver: Receiver, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    released = threading.Event()

    def wait(_: int) -> tuple[int, dict[str, str], bytes]:
        released.wait()
        return 200, {}, b""

    with receiving() as slow:
        slow.answer = wait
        slow_hook, quick_hook = service.hook(slow.url), service.hook(receiver.url)
        for _ in range(6):
            service.client.post(f"/v1/webhooks/{slow_hook['id']}:test")
        thread = threading.Thread(target=service.worker.run)
        thread.start()
        try:
            wait_until(lambda: bool(slow.got))
            service.client.post(f"/v1/webhooks/{quick_hook['id']}:test")
            at = desk(service.client)
            file = f"candidate,rubric,answer\nc-1,{at.rubric},{COVERS_A}\n"
            batch = service.client.post("/v1/batches", files={"file": ("a.csv", file)}).json()["id"]
            wait_until(lambda: service.client.get(f"/v1/batches/{batch}").json()["state"] == "done")
            wait_until(lambda: "batch.completed" in {one["type"] for one in verified(receiver, quick_hook["secret"])})
            assert "delivered" not in {one["state"] for one in service.deliveries(slow_hook)}
        finally:
            released.set()
            service.worker.stop()
            thread.join()


def test_a_worker_that_died_keeps_nothing(service: Service, receiver: Receiver) -> None:
    hook = service.hook(receiver.url)
    service.client.post(f"/v1/webhooks/{hook['id']}:test")
    service.execute(
        "DELETE FROM procrastinate_jobs",  # its job is lost, and its lease over
        "UPDATE webhooks SET sending_until = now() - interval '1 second'",
        "UPDATE webhook_deliveries SET next_attempt_at = now() - interval '1 minute'",
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES "
        """('grader', 'requeue_stalled', '{"timestamp": 0}')""",
    )
    service.work()
    assert [one["state"] for one in service.deliveries(hook)] == ["delivered"]


def test_two_workers_send_it_once(service: Service, receiver: Receiver, in_parallel: Callable[..., Any]) -> None:
    hook = service.hook(receiver.url)
    for _ in range(20):
        service.client.post(f"/v1/webhooks/{hook['id']}:test")
    settings = Settings(database_url=service.url, webhook_networks="127.0.0.1/32")
    workers = [Worker(service.url, settings, lambda: pytest.fail("no engine is needed")) for _ in range(2)]
    in_parallel(lambda worker: worker.run_until_idle(), workers)
    assert len(receiver.got) == len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 20


def test_the_old_secret_signs_for_a_while(service: Service, receiver: Receiver) -> None:
    hook = service.hook(receiver.url)
    place = f"/v1/webhooks/{hook['id']}"
    rotated = service.client.post(f"{place}:rotate", json={"overlap_hours": 1}).json()
    assert rotated["secret"] != hook["secret"]
    assert rotated["old_secret_until"] is not None
    service.client.post(f"{place}:test")
    service.work()
    assert len(verified(receiver, hook["secret"])) == len(verified(receiver, rotated["secret"])) == 1
    service.execute("UPDATE webhooks SET old_until = now() - interval '1 second'")
    assert service.client.get(place).json()["old_secret_until"] is None
    service.client.post(f"{place}:test")
    service.work()
    assert len(verified(receiver, rotated["secret"])) == 2
    with pytest.raises(WebhookVerificationError):
        verified(receiver, hook["secret"])


def test_the_secret_that_receivers_have_outlives_a_lost_answer(service: Service, receiver: Receiver) -> None:
    hook = service.hook(receiver.url)
    place = f"/v1/webhooks/{hook['id']}"
    lost, again = (service.client.post(f"{place}:rotate", json={"overlap_hours": n}).json() for n in (1, 24))
    assert again["old_secret_until"] == lost["old_secret_until"]
    service.client.post(f"{place}:test")
    service.work()
    assert len(verified(receiver, hook["secret"])) == len(verified(receiver, again["secret"])) == 1
    with pytest.raises(WebhookVerificationError):
        verified(receiver, lost["secret"])
    ended = service.client.post(f"{place}:rotate", json={"overlap_hours": 0}).json()
    assert ended["old_secret_until"] is None


def test_an_old_secret_that_has_ended_gives_way(service: Service, receiver: Receiver) -> None:
    hook = service.hook(receiver.url)
    place = f"/v1/webhooks/{hook['id']}"
    first = service.client.post(f"{place}:rotate", json={"overlap_hours": 1}).json()
    service.execute("UPDATE webhooks SET old_until = now() - interval '1 second'")
    second = service.client.post(f"{place}:rotate", json={"overlap_hours": 1}).json()
    service.client.post(f"{place}:test")
    service.work()
    assert len(verified(receiver, first["secret"])) == len(verified(receiver, second["secret"])) == 1
    with pytest.raises(WebhookVerificationError):
        verified(receiver, hook["secret"])


def test_secrets_are_shown_once_and_encrypted_where_there_is_a_key(
    new_database: Callable[..., str], migrated: str, engine: Engine, receiver: Receiver, tmp_path: Path
) -> None:
    first, second = (Fernet.generate_key().decode() for _ in range(2))
    keys = tmp_path / "keys"
    keys.write_text(f"{first}\n")
    chosen = {"webhook_networks": "127.0.0.1/32", "webhook_key_file": str(keys)}
    settings = Settings(database_url=new_database(migrated), **chosen)  # type: ignore[arg-type]
    with running(settings, engine) as client:
        service = Service(client, Worker(settings.database_url, settings, lambda: engine), settings.database_url)
        hook = service.hook(receiver.url)
        for place in ("/v1/webhooks", f"/v1/webhooks/{hook['id']}"):
            assert "whsec_" not in client.get(place).text
        with create_engine(service.url, poolclass=NullPool).connect() as connection:
            stored = connection.execute(text("SELECT secret FROM webhooks")).scalar_one()
        assert stored.startswith("fernet:")
        assert Vault([first]).open(stored) == hook["secret"]
        keys.write_text(f"{second}\n{first}\n")
        client.post(f"/v1/webhooks/{hook['id']}:test")
        service.work()
        assert len(verified(receiver, hook["secret"])) == 1
        keys.write_text(f"{second}\n")
        client.post(f"/v1/webhooks/{hook['id']}:test")
        service.work()
        [waiting] = service.deliveries(hook, state="waiting")
        assert "GRADER_WEBHOOK_KEY_FILE" in waiting["attempts"][0]["error"]


def test_listed_changed_deleted(service: Service, receiver: Receiver) -> None:
    hooks = [service.hook(receiver.url, description=str(n)) for n in range(3)]
    first = service.client.get("/v1/webhooks", params={"limit": 2}).json()
    rest = service.client.get("/v1/webhooks", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == [one["id"] for one in reversed(hooks)]
    place = f"/v1/webhooks/{hooks[0]['id']}"
    changed = service.client.patch(place, json={"events": ["batch.failed", "batch.failed"], "enabled": False}).json()
    assert (changed["events"], changed["enabled"]) == (["batch.failed"], False)
    assert (changed["url"], changed["description"]) == (receiver.url, "0")
    service.client.post(f"/v1/webhooks/{hooks[1]['id']}:test")
    assert service.client.delete(f"/v1/webhooks/{hooks[1]['id']}").status_code == 204
    assert service.client.get(f"/v1/webhooks/{hooks[1]['id']}").status_code == 404
    service.work()
    assert receiver.got == []


def test_deliveries_page_by_page(service: Service, receiver: Receiver) -> None:
    hook = service.hook(receiver.url)
    place = f"/v1/webhooks/{hook['id']}"
    ids = [service.client.post(f"{place}:test").json()["id"] for _ in range(3)]
    first = service.client.get(f"{place}/deliveries", params={"limit": 2}).json()
    rest = service.client.get(f"{place}/deliveries", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == ids[::-1]
    assert service.client.get(f"{place}/deliveries", params={"state": "failed"}).json()["items"] == []
    assert json.loads(json.dumps(first["items"][0]["payload"]))["type"] == "webhook.test"


@pytest.mark.parametrize(
    "changes",
    [
        {"url": ""},
        {"url": "ftp://example.com"},
        {"url": "https://user:word@example.com/"},
        {"url": "https://169.254.169.254/latest"},
        {"url": "https://example.com/#part"},
        {"events": []},
        {"events": ["webhook.test"]},
        {"events": ["everything"]},
        {"colour": 1},
        {"description": "\0"},
    ],
)
def test_what_means_nothing(service: Service, changes: dict[str, Any]) -> None:
    body = {"url": "https://example.com/", "events": ALL} | changes
    refused = service.client.post("/v1/webhooks", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "validation_failed")


def test_there_are_not_too_many(service: Service) -> None:
    service.execute(
        "INSERT INTO webhooks (id, url, description, events, secret, created_at) "
        f"SELECT gen_random_uuid(), 'https://a.org', '', '{{batch.failed}}', '', now() FROM generate_series(1, {MOST})"
    )
    body = {"url": "https://example.com/", "events": ALL}
    assert service.client.post("/v1/webhooks", json=body).status_code == 409


def test_no_such_webhook(service: Service) -> None:
    place = f"/v1/webhooks/{uuid.uuid4()}"
    calls = [
        service.client.get(place),
        service.client.patch(place, json={}),
        service.client.delete(place),
        service.client.post(f"{place}:rotate", json={}),
        service.client.post(f"{place}:test"),
        service.client.get(f"{place}/deliveries"),
        service.client.get(f"{place}/deliveries/{uuid.uuid4()}"),
        service.client.post(f"{place}/deliveries/{uuid.uuid4()}:replay"),
    ]
    assert [call.status_code for call in calls] == [404] * len(calls)
