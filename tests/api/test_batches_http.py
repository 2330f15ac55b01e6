"""/v1/batches."""

import csv
import io
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pyarrow.parquet
import pytest
from fastapi.testclient import TestClient
from python_calamine import CalamineWorkbook

from api.routes import batch_results
from api.service import batches
from api.settings import Settings
from api.worker import Worker
from grader.engine import Engine
from tests.api.conftest import running

GOOD = "Boosting trains its models one after another."
FILE = f"""candidate,rubric,answer,room
c-1,bagging-vs-boosting,{GOOD},12
c-2,bagging-vs-boosting,"=cmd|' /C calc'!A0 bagging <script>alert(1)</script>",12
c-3,baging,No such rubric.,13
c-4,bagging-vs-boosting,,13
"""


@dataclass(frozen=True)
class Service:
    """A service with its worker, which works when it is told to."""

    client: TestClient
    work: Callable[[], None]

    def submit(self, content: str | bytes = FILE, name: str = "answers.csv", **fields: str) -> httpx.Response:
        return self.client.post("/v1/batches", files={"file": (name, content)}, data=fields)

    def done(self, content: str | bytes = FILE, **fields: str) -> dict[str, Any]:
        made = self.submit(content, **fields)
        assert made.status_code == 202, made.text
        self.work()
        found: dict[str, Any] = self.client.get(made.headers["location"]).json()
        return found


@pytest.fixture(scope="module")
def service(new_database: Callable[..., str], engine: Engine) -> Iterator[Service]:
    settings = Settings(database_url=new_database(), max_upload_bytes=100_000)
    worker = Worker(settings.database_url, settings, lambda: engine)
    with running(settings, engine) as client:
        yield Service(client, worker.run_until_idle)


@pytest.fixture(scope="module")
def graded(service: Service) -> dict[str, Any]:
    """A batch of two good rows and two bad ones."""
    return service.done()


def test_a_file_is_accepted_before_it_is_graded(service: Service) -> None:
    made = service.submit()
    assert made.status_code == 202
    body = made.json()
    assert made.headers["location"] == f"/v1/batches/{body['id']}"
    assert (body["name"], body["state"], body["dry_run"]) == ("answers.csv", "reading", False)
    assert body["mapping"] == {"candidate": "candidate", "rubric": "rubric", "answer": "answer"}
    assert "baging" in body["doubts"][0]
    assert set(body["counts"].values()) == {0}
    service.work()


def test_counts_and_rubrics(graded: dict[str, Any]) -> None:
    assert graded["state"] == "done"
    assert graded["counts"] == {"items": 2, "waiting": 0, "graded": 2, "failed": 0, "bad_rows": 2}
    assert [(rubric["id"], rubric["version"]) for rubric in graded["rubrics"]] == [("bagging-vs-boosting", 1)]
    assert graded["answers_per_second"] > 0
    assert graded["estimated_end"] is None
    assert graded["created_at"] <= graded["started_at"] <= graded["finished_at"]


def test_its_evaluations_are_like_any_other(service: Service, graded: dict[str, Any]) -> None:
    listed = service.client.get("/v1/evaluations", params={"candidate_id": "c-1"}).json()["items"]
    body = {"rubric_id": "bagging-vs-boosting", "answer": GOOD, "candidate_id": "c-1", "store": False}
    single = service.client.post("/v1/evaluations", json=body).json()
    changing = {"id": None, "created_at": None}
    assert {**listed[-1], **changing} == {**single, **changing}


def test_bad_rows_are_listed_page_by_page(service: Service, graded: dict[str, Any]) -> None:
    address = f"/v1/batches/{graded['id']}/errors"
    first = service.client.get(address, params={"limit": 1}).json()
    assert [(one["line"], one["column"], one["code"]) for one in first["items"]] == [(4, "rubric", "unknown_rubric")]
    rest = service.client.get(address, params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [(one["line"], one["column"], one["code"]) for one in rest["items"]] == [(5, "answer", "blank_answer")]
    assert rest["next_cursor"] is None
    assert service.client.get(address, params={"cursor": "YWJj"}).status_code == 422


def download(service: Service, batch: dict[str, Any], what: str, **params: Any) -> httpx.Response:
    found = service.client.get(f"/v1/batches/{batch['id']}/{what}", params=params)
    assert found.status_code == 200, found.text
    assert found.headers["x-content-type-options"] == "nosniff"
    assert batch["id"] in found.headers["content-disposition"]
    return found


def test_results_in_every_format(service: Service, graded: dict[str, Any]) -> None:
    lines = [json.loads(line) for line in download(service, graded, "results").text.splitlines()]
    assert [(one["line"], one["candidate"], one["columns"]) for one in lines] == [
        (2, "c-1", {"room": "12"}),
        (3, "c-2", {"room": "12"}),
    ]
    assert lines[0]["evaluation"]["key_points"]
    table = download(service, graded, "results", format="csv")
    assert table.headers["content-type"].startswith("text/csv")
    read = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [(row["candidate"], row["room"]) for row in read] == [("c-1", "12"), ("c-2", "12")]
    assert not any(value.startswith("=") for row in read for value in row.values())
    book = CalamineWorkbook.from_filelike(io.BytesIO(download(service, graded, "results", format="xlsx").content))
    assert len(book.get_sheet_by_index(0).to_python()) == 3
    parquet = io.BytesIO(download(service, graded, "results", format="parquet").content)
    assert pyarrow.parquet.read_table(parquet).num_rows == 2


def test_reports_in_every_format(service: Service, graded: dict[str, Any]) -> None:
    page = download(service, graded, "report")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-disposition"].startswith("inline")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script>" not in page.text
    assert "c-1" in page.text
    assert "c-1" not in download(service, graded, "report", hide_names=True).text
    assert download(service, graded, "report", format="json").json()["candidates"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(download(service, graded, "report", format="xlsx").content))
    assert book.sheet_names


def test_rows_in_json_with_ids_of_the_callers(service: Service) -> None:
    rows = [
        {"custom_id": "a", "candidate_id": "c-8", "answer": GOOD},
        {"custom_id": "b", "answer": GOOD},
        {"custom_id": "a", "answer": "The id comes twice."},
        {"custom_id": "c", "answer": "A null \0 character."},
    ]
    body = {"rubric_id": "bagging-vs-boosting", "name": "round 2", "rows": rows}
    made = service.client.post("/v1/batches", json=body)
    assert made.status_code == 202, made.text
    assert made.json()["name"] == "round 2"
    service.work()
    batch = service.client.get(made.headers["location"]).json()
    assert batch["counts"] == {"items": 2, "waiting": 0, "graded": 2, "failed": 0, "bad_rows": 2}
    lines = [json.loads(line) for line in download(service, batch, "results").text.splitlines()]
    assert [(one["key"], one["candidate"]) for one in lines] == [("a", "c-8"), ("b", None)]
    listed = service.client.get(f"{made.headers['location']}/errors").json()["items"]
    assert [(one["line"], one["code"]) for one in listed] == [(3, "duplicate_key"), (4, "not_text")]


def test_partial_results_while_it_runs_and_none_before(service: Service) -> None:
    made = service.submit().json()
    assert download(service, made, "results").content == b""
    report = service.client.get(f"/v1/batches/{made['id']}/report")
    assert (report.status_code, report.json()["code"]) == (409, "conflict")
    service.work()
    assert len(download(service, made, "results").text.splitlines()) == 2


def test_a_dry_run_grades_nothing(service: Service) -> None:
    batch = service.done(dry_run="true")
    assert (batch["state"], batch["dry_run"]) == ("done", True)
    assert batch["counts"] == {"items": 2, "waiting": 0, "graded": 0, "failed": 0, "bad_rows": 2}
    assert len(service.client.get(f"/v1/batches/{batch['id']}/errors").json()["items"]) == 2


def test_a_mapping_says_what_the_columns_hold(service: Service) -> None:
    wide = "who,first,second\nc-1,Boosting is sequential.,\nc-2,,x\n"
    mapping = {"candidate": "who", "questions": {"second": "ab-testing", "first": "bagging-vs-boosting"}}
    batch = service.done(wide, mapping=json.dumps(mapping))
    assert batch["mapping"] == mapping
    assert list(batch["mapping"]["questions"]) == ["second", "first"]
    assert (batch["counts"]["graded"], batch["counts"]["bad_rows"]) == (2, 2)


def test_the_rubric_of_the_moment_is_the_one_graded_against(service: Service, rubric: dict[str, Any]) -> None:
    assert service.client.post("/v1/rubrics", json=rubric).status_code == 201
    made = service.submit(f"answer\n{GOOD}\n", rubric_id=rubric["id"]).json()
    edited = {**rubric, "key_points": ["Nothing else matters."], "follow_ups": []}
    put = service.client.put(f"/v1/rubrics/{rubric['id']}", json=edited, headers={"if-match": "*"})
    assert put.json()["version"] == 2
    service.work()
    [line] = download(service, made, "results").text.splitlines()
    assert json.loads(line)["evaluation"]["rubric"]["version"] == 1


def test_cancel_and_retry(service: Service) -> None:
    made = service.submit().json()
    address = f"/v1/batches/{made['id']}"
    cancelled = service.client.delete(address)
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    service.work()
    assert service.client.delete(address).json() == cancelled.json()
    again = service.client.post(f"{address}:retry")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert service.client.get(address).json()["counts"]["graded"] == 0


def test_a_batch_that_runs_cant_be_retried(service: Service) -> None:
    made = service.submit().json()
    assert service.client.post(f"/v1/batches/{made['id']}:retry").status_code == 409
    service.work()


def test_events_until_the_end(service: Service, graded: dict[str, Any]) -> None:
    with service.client.stream("GET", f"/v1/batches/{graded['id']}/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = list(response.iter_lines())
    assert lines[0] == "event: batch"
    assert json.loads(lines[1].removeprefix("data: ")) == graded


def test_events_tell_every_change(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_results, "LOOK_SECONDS", 0.01)
    made = service.submit().json()
    states = []
    cancelled = False
    look = batch_results._look

    def watched(*given: Any) -> Any:
        nonlocal cancelled
        if not cancelled and states:
            batches.cancel(*given)
            cancelled = True
        found = look(*given)
        states.append(found.state)
        return found

    monkeypatch.setattr(batch_results, "_look", watched)
    with service.client.stream("GET", f"/v1/batches/{made['id']}/events") as response:
        data = [line.removeprefix("data: ") for line in response.iter_lines() if line.startswith("data: ")]
    assert [json.loads(one)["state"] for one in data] == ["reading", "cancelled"]


def test_newest_first_page_by_page(service: Service) -> None:
    made = [service.submit(dry_run="true").json()["id"] for _ in range(3)]
    first = service.client.get("/v1/batches", params={"limit": 2}).json()
    second = service.client.get("/v1/batches", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]
    service.work()


@pytest.mark.parametrize(
    ("content", "fields", "status", "told"),
    [
        ("", {}, 422, "empty"),
        ("a,b\n1,2\n", {}, 422, ""),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), {}, 422, ""),
        (FILE, {"rubric_id": "baging"}, 404, "baging"),
        (FILE, {"mapping": "{"}, 422, "mapping"),
        (FILE, {"mapping": "[" * 50_000}, 422, "mapping"),
        (FILE, {"mapping": '{"answer": "reply", "fixed_rubric": "ab-testing"}'}, 422, "reply"),
        (FILE, {"mapping": '{"answer": "answer", "fixed_rubric": "baging"}'}, 422, "baging"),
        (FILE, {"mapping": '{"answer": "answer", "rubric": "rubric"}', "rubric_id": "ab-testing"}, 422, "rubric_id"),
        (FILE, {"dry_run": "perhaps"}, 422, "dry_run"),
        (FILE, {"colour": "red"}, 422, "colour"),
    ],
)
def test_what_cant_be_read_is_refused_at_once(
    service: Service, content: str | bytes, fields: dict[str, str], status: int, told: str
) -> None:
    before = service.client.get("/v1/batches", params={"limit": 1}).json()
    refused = service.submit(content, **fields)
    assert (refused.status_code, refused.json()["status"]) == (status, status), refused.text
    assert told in refused.json()["detail"]
    assert "/tmp" not in refused.text
    assert service.client.get("/v1/batches", params={"limit": 1}).json() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rows": []}, "rows"),
        ({"rows": [{"custom_id": "a", "answer": "b"}]}, "body"),
        ({"rubric_id": "x", "rows": [{"custom_id": "a", "rubric_id": "x", "answer": "b"}]}, "body"),
        ({"rubric_id": "x", "rows": [{"custom_id": "", "answer": "b"}]}, "rows[0].custom_id"),
        ({"rubric_id": "x", "rows": [{"custom_id": "a", "answer": 7}]}, "rows[0].answer"),
        ({"rubric_id": "x", "colour": 1, "rows": [{"custom_id": "a", "answer": "b"}]}, "colour"),
        ("{", "body"),
    ],
)
def test_rows_in_json_that_mean_nothing(service: Service, body: Any, field: str) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    refused = service.client.post("/v1/batches", content=content, headers={"content-type": "application/json"})
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["field"] == field


def test_forms_have_their_own_limit(service: Service) -> None:
    assert service.submit("answer\n" + "x" * 99_000, rubric_id="ab-testing", dry_run="true").status_code == 202
    refused = service.submit("answer\n" + "x" * 100_000, rubric_id="ab-testing")
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
    assert "GRADER_MAX_UPLOAD_BYTES" in refused.json()["detail"]
    service.work()


@pytest.mark.parametrize(
    ("kind", "status"), [("text/csv", 415), ("multipart/form-data", 400), ("application/xml", 415)]
)
def test_other_bodies(service: Service, kind: str, status: int) -> None:
    refused = service.client.post("/v1/batches", content=b"answer\nx\n", headers={"content-type": kind})
    assert refused.status_code == status, refused.text


def test_a_form_without_a_file(service: Service) -> None:
    refused = service.client.post("/v1/batches", data={"rubric_id": "x"}, files={"dry_run": ("a", "b")})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] in ("file", "dry_run")


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", ":retry"),
        *(("GET", f"/{one}") for one in ("events", "results", "errors", "report")),
    ],
)
def test_no_such_batch(service: Service, method: str, rest: str) -> None:
    missing = service.client.request(method, f"/v1/batches/{uuid.uuid4()}{rest}")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


def test_a_large_file_that_cant_be_read_ends_as_failed(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "SMALL", 3)
    batch = service.done("a,b\n1,2\n")
    assert batch["state"] == "failed"
    assert batch["fault"]
    assert "/tmp" not in batch["fault"]
    assert batch["mapping"] is None


def looked_at(service: Service, content: bytes | str, name: str = "answers.csv", **fields: str) -> httpx.Response:
    return service.client.post("/v1/batches:preview", files={"file": (name, content)}, data=fields)


def test_a_file_can_be_looked_at_before_it_is_a_batch(service: Service) -> None:
    before = service.client.get("/v1/batches").json()
    answer = looked_at(service, FILE)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [column["name"] for column in found["columns"]] == ["candidate", "rubric", "answer", "room"]
    assert found["columns"][0]["values"] == ["c-1", "c-2", "c-3", "c-4"]
    assert found["columns"][2]["values"][3] == ""
    assert found["mapping"] == {"candidate": "candidate", "rubric": "rubric", "answer": "answer"}
    assert "baging" in found["doubts"][0]
    assert service.client.get("/v1/batches").json() == before


def test_columns_that_nobody_can_guess_are_shown_with_the_reason(service: Service) -> None:
    content = "who,what\nann,Boosting trains its models one after another.\n"
    found = looked_at(service, content).json()
    assert found["mapping"] is None
    assert "which rubric each answer belongs to" in found["fault"]
    assert [column["name"] for column in found["columns"]] == ["who", "what"]
    given = looked_at(service, content, rubric_id="bagging-vs-boosting").json()
    assert given["mapping"]["answer"] == "what"


def test_a_mapping_can_be_tried_on_a_file(service: Service) -> None:
    mapping = json.dumps({"answer": "answer", "fixed_rubric": "no-such-rubric"})
    found = looked_at(service, FILE, mapping=mapping).json()
    assert found["mapping"] is None
    assert "no-such-rubric" in found["fault"]


@pytest.mark.parametrize(("content", "name"), [(b"", "a.csv"), (b"%PDF-1.7", "a.pdf"), (b"PK\x03\x04", "a.xlsx")])
def test_what_is_no_file_of_answers_is_refused(service: Service, content: bytes, name: str) -> None:
    answer = looked_at(service, content, name)
    assert (answer.status_code, answer.json()["code"]) == (422, "data_invalid")


def test_a_preview_takes_forms_up_to_the_limit_of_uploads(service: Service) -> None:
    assert service.client.post("/v1/batches:preview", json={"rows": []}).status_code == 415
    assert looked_at(service, FILE + "x" * 100_000).status_code == 413
