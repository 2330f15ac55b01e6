"""Request ids, logs, numbers and traces; and that no answer's text gets into any of them."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.db import Database
from api.observe.logs import JsonFormatter, TextFormatter
from api.settings import Settings
from grader.engine import Engine

SECRET = "xylophone-hippopotamus"
Numbers = dict[tuple[str, frozenset[tuple[str, str]]], float]


def numbers(client: TestClient) -> Numbers:
    page = client.get("/metrics")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(page.text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def number(found: Numbers, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


def grade(client: TestClient, rubric: dict[str, Any], answer: str = f"The {SECRET} trains one after another.") -> Any:
    return client.post("/v1/evaluations", json={"rubric_id": rubric["id"], "answer": answer})


@pytest.mark.parametrize("given", ["abc-123", "a" * 128, "00-4bf92f3577b34da6a3ce929d0e0e4736-01"])
def test_a_callers_request_id_comes_back(client: TestClient, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a" * 129, "with space", 'quote"', "tab\tbed", "%0a", "ü".encode()])
def test_an_unfit_request_id_is_replaced(client: TestClient, given: str | bytes) -> None:
    found = client.get("/healthz", headers={"X-Request-ID": given}).headers["x-request-id"]
    assert len(found) == 32 and found.isalnum()


def test_errors_have_a_request_id_too(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/v1/nowhere").headers["x-request-id"]
    assert client.post("/v1/evaluations", json={}).headers["x-request-id"]

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("api.service.evaluations.read", broken)
    answer = client.get("/v1/evaluations/0190163d-8694-739b-aea5-966c26f8ad91", headers={"X-Request-ID": "mine"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "mine")
    assert answer.json()["code"] == "internal_error"


def test_numbers_count_what_was_served(fresh_client: TestClient, rubric: dict[str, Any]) -> None:
    client = fresh_client
    client.post("/v1/rubrics", json=rubric)
    before = numbers(client)
    route = "/v1/evaluations"
    for answer in ("Boosting trains its models one after another.", "Something else.", ""):
        assert grade(client, rubric, answer).status_code == 201
    client.post(route, json={})
    client.get(f"/v1/{SECRET}")
    after = numbers(client)

    def rise(name: str, **labels: str) -> float:
        return number(after, name, **labels) - number(before, name, **labels)

    assert rise("grader_http_requests_total", method="POST", route=route, status="201") == 3
    assert rise("grader_http_requests_total", method="POST", route=route, status="422") == 1
    assert rise("grader_http_requests_total", method="GET", route="unmatched", status="404") == 1
    assert rise("grader_http_request_seconds_count", method="POST", route=route) == 4
    for stage in ("rubric", "grade", "store"):
        assert rise("grader_stage_seconds_count", stage=stage) == 3
        assert rise("grader_stage_seconds_sum", stage=stage) > 0
    assert rise("grader_evaluations_total", status="unscored", needs_review="false") == 1
    assert rise("grader_coverage_count") == 2
    assert number(after, "grader_up", part="engine") == number(after, "grader_up", part="database") == 1
    assert number(after, "grader_queue_jobs", state="todo") == 0
    assert number(after, "grader_http_requests_in_flight") == 1  # the one that asks
    assert any(name == "grader_engine_info" for name, _ in after)
    assert SECRET not in client.get("/metrics").text


def test_a_waiting_batch_is_in_the_queue(fresh_client: TestClient, rubric: dict[str, Any]) -> None:
    fresh_client.post("/v1/rubrics", json=rubric)
    rows = [{"custom_id": "1", "candidate_id": "c", "answer": "Because."}]
    assert fresh_client.post("/v1/batches", json={"rubric_id": rubric["id"], "rows": rows}).status_code == 202
    assert number(numbers(fresh_client), "grader_queue_jobs", state="todo") == 1


def test_numbers_without_a_database(engine: Engine) -> None:
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:9/none")
    with TestClient(create_app(settings, engine)) as client:
        found = numbers(client)
    assert number(found, "grader_up", part="database") == 0
    assert number(found, "grader_up", part="engine") == 1
    assert not any(name == "grader_queue_jobs" for name, _ in found)


def test_each_request_is_a_line_without_the_answer(
    client: TestClient, stored_rubric: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client.post(
        "/v1/evaluations",
        json={"rubric_id": stored_rubric["id"], "answer": f"{SECRET} one after another.", "candidate_id": SECRET},
        headers={"X-Request-ID": "r-1"},
    )
    client.post("/v1/evaluations", json={"rubric_id": stored_rubric["id"], "answer": f"{SECRET}\0"})
    lines = [record for record in caplog.records if record.name == "api.requests"]
    assert [(line.__dict__["route"], line.__dict__["status"]) for line in lines] == [
        ("/v1/evaluations", 201),
        ("/v1/evaluations", 422),
    ]
    assert {"ms", "grade_ms", "store_ms", "rubric_ms"} <= set(vars(lines[0]))
    for record in caplog.records:
        if not record.name.startswith("httpx"):
            assert SECRET not in JsonFormatter().format(record) + TextFormatter().format(record)


def test_a_refused_statement_tells_nothing_of_its_values(database: Database) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError) as caught, database.transaction() as session:
        session.execute(text("SELECT CAST(:answer AS uuid), :more"), {"answer": "no", "more": SECRET})
    assert SECRET not in str(caught.value)


def test_a_json_line_is_one_line_whatever_it_holds() -> None:
    record = logging.makeLogRecord({"name": "api", "levelname": "ERROR", "msg": "a\nb \u2028 %s", "args": ('"',)})
    record.batch = Path("x")
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    line = JsonFormatter().format(record)
    assert len(line.splitlines()) == 1
    told = json.loads(line)
    assert told["message"] == 'a\nb \u2028 "' and told["batch"] == "x" and "two\nlines" in told["error"]
    assert TextFormatter().format(record).startswith("ERROR:    a\nb")


@pytest.fixture
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """A collector that speaks OTLP over HTTP."""
    got: list[ExportTraceServiceRequest] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
            got.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()


def test_traces_go_to_a_collector(
    collector: tuple[str, list[ExportTraceServiceRequest]],
    new_database: Callable[..., str],
    migrated: str,
    engine: Engine,
    wait_until: Callable[[Callable[[], bool]], None],
    rubric: dict[str, Any],
) -> None:
    endpoint, got = collector
    parent = "4bf92f3577b34da6a3ce929d0e0e4736"
    settings = Settings(database_url=new_database(migrated), otlp_endpoint=endpoint)
    with TestClient(create_app(settings, engine)) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        client.post("/v1/rubrics", json=rubric)
        client.post(
            "/v1/evaluations",
            json={"rubric_id": rubric["id"], "answer": SECRET},
            headers={"traceparent": f"00-{parent}-00f067aa0ba902b7-01"},
        )
    spans = [
        span for one in got for resource in one.resource_spans for scope in resource.scope_spans for span in scope.spans
    ]
    ours = {span.name: span for span in spans if span.trace_id.hex() == parent}
    assert {"POST /v1/evaluations", "rubric", "grade", "store"} <= set(ours)
    assert all(
        ours[name].parent_span_id == ours["POST /v1/evaluations"].span_id for name in ("rubric", "grade", "store")
    )
    assert SECRET not in str(spans)
