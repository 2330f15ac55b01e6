"""Results and reports of a batch show what counts after people reviewed it, and say who decided what."""

import csv
import io
import json
from typing import Any

import pyarrow.parquet
import pytest
from fastapi.testclient import TestClient
from python_calamine import CalamineWorkbook

from api.settings import Settings
from api.worker import Worker
from grader.engine import Engine
from tests.api.reviewing import COVERS_A, Desk, desk


@pytest.fixture(scope="module")
def reviewed(shared_client: TestClient, engine: Engine) -> tuple[TestClient, str]:
    """A batch of two answers, of which Ann gave the first one b."""
    settings: Settings = shared_client.app.state.settings  # type: ignore[attr-defined]
    at: Desk = desk(shared_client)
    content = f"candidate,answer\nc-1,{COVERS_A}\nc-2,{COVERS_A} 2\n"
    sent = shared_client.post("/v1/batches", files={"file": ("a.csv", content)}, data={"rubric_id": at.rubric})
    Worker(settings.database_url, settings, lambda: engine).run_until_idle()
    [answer] = shared_client.get("/v1/evaluations", params={"rubric_id": at.rubric, "candidate_id": "c-1"}).json()[
        "items"
    ]
    at.reviewed(answer["id"], ("b", "covered"))
    return shared_client, f"/v1/batches/{sent.json()['id']}"


def read(reviewed: tuple[TestClient, str], what: str, **params: Any) -> bytes:
    client, address = reviewed
    found = client.get(f"{address}/{what}", params=params)
    assert found.status_code == 200, found.text
    return found.content


def test_results_in_every_format(reviewed: tuple[TestClient, str]) -> None:
    lines = [json.loads(line) for line in read(reviewed, "results").splitlines()]
    assert [one["decided"] for one in lines] == [{"b": "ann"}, {}]
    assert [one["evaluation"]["points"] for one in lines] == [4.0, 3.0]
    table = list(csv.DictReader(io.StringIO(read(reviewed, "results", format="csv").decode("utf-8-sig"))))
    assert [(one["points"], one["decided"], one["key_points"]) for one in table] == [
        ("4.0", "b: ann", "a: covered; b: covered"),
        ("3.0", "", "a: covered; b: missed"),
    ]
    book = CalamineWorkbook.from_filelike(io.BytesIO(read(reviewed, "results", format="xlsx")))
    head, first, second = book.get_sheet_by_index(0).to_python()
    at = head.index("decided")
    assert (first[at], second[at]) == ("b: ann", "")
    parquet = pyarrow.parquet.read_table(io.BytesIO(read(reviewed, "results", format="parquet"))).to_pylist()
    assert [(one["points"], one["decided"]) for one in parquet] == [(4.0, "b: ann"), (3.0, None)]
    assert json.loads(parquet[0]["evaluation"])["points"] == 4.0


def test_reports(reviewed: tuple[TestClient, str]) -> None:
    found = json.loads(read(reviewed, "report", format="json"))
    assert [one["decided_by_people"] for one in found["answers"]] == [[{"id": "b", "reviewer": "ann"}], []]
    assert [one["coverage"] for one in found["candidates"]] == [1.0, 0.75]
    page = read(reviewed, "report").decode()
    assert page.count("decided by") == 1
    hidden = read(reviewed, "report", hide_names=True).decode()
    assert "decided by <bdi>a person</bdi>" in hidden
    book = CalamineWorkbook.from_filelike(io.BytesIO(read(reviewed, "report", format="xlsx")))
    head, first, *_ = book.get_sheet_by_name("Answers").to_python()
    assert first[head.index("decided by people")] == "b: ann"
