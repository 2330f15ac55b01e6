"""Marks that people gave elsewhere: good rows are reviews, bad rows are told by line."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.reviewing import Desk, desk
from tests.command import Run


@pytest.fixture
def at(client: TestClient) -> Desk:
    return desk(client)


def send(at: Desk, content: str, name: str = "marks.csv", **fields: str) -> Any:
    content = content.replace("RUBRIC", at.rubric)
    return at.client.post("/v1/reviews:import", files={"file": (name, content)}, data={"reviewer": "ann"} | fields)


def imported(at: Desk, content: str, **fields: str) -> dict[str, Any]:
    made = send(at, content, **fields)
    assert made.status_code == 200, made.text
    found: dict[str, Any] = made.json()
    return found


@pytest.mark.parametrize(
    "content",
    [
        "candidate,rubric,a,b,room\nCANDIDATE,RUBRIC,1.5,covered,12\n",
        "Student;Item;Key_Point;Verdict;Mark\nCANDIDATE;RUBRIC;a;partial;\nCANDIDATE;RUBRIC;b;;1\n",
    ],
)
def test_wide_and_long(at: Desk, content: str) -> None:
    candidate = str(uuid.uuid4())
    id_ = at.grade(candidate_id=candidate)
    found = imported(at, content.replace("CANDIDATE", candidate))
    assert (found["stored"], found["bad_rows"]) == (1, [])
    now = at.now(id_)
    assert at.verdicts(id_) == {"a": "partial", "b": "covered"}
    assert [(one["kind"], one["reviewer"], len(one["marks"])) for one in now["history"]] == [("import", "ann", 2)]
    again = imported(at, content.replace("CANDIDATE", candidate))
    assert (again["stored"], again["unchanged"]) == (0, 1)
    assert len(at.now(id_)["history"]) == 1


def test_points_for_the_whole_and_a_reviewer_in_the_row(at: Desk) -> None:
    candidate = str(uuid.uuid4())
    id_ = at.grade(candidate_id=candidate)
    found = imported(at, f'candidate,rubric,marks,marker\n{candidate},RUBRIC,"2,5",ben\n')
    assert (found["stored"], found["unused_columns"]) == (1, [])
    now = at.now(id_)
    assert (now["effective"]["points"], now["history"][0]["reviewer"]) == (2.5, "ben")
    unseen = at.client.get("/v1/agreement", params={"rubric": at.rubric}).json()["unseen"]
    assert (unseen["answers"], unseen["verdicts"], unseen["whole"]) == (1, 0, 1)


def test_the_newest_answer_is_the_one_marked(at: Desk) -> None:
    candidate = str(uuid.uuid4())
    first, second = (at.grade(candidate_id=candidate) for _ in range(2))
    imported(at, f"candidate,rubric,b\n{candidate},RUBRIC,covered\n")
    assert (at.verdicts(first)["b"], at.verdicts(second)["b"]) == ("missed", "covered")


def test_bad_rows_are_told_by_line_and_the_others_stored(at: Desk) -> None:
    candidate, blank = str(uuid.uuid4()), str(uuid.uuid4())
    id_ = at.grade(candidate_id=candidate)
    at.grade(" ", candidate_id=blank)
    lines = [
        "candidate,rubric,reviewer,key_point,mark,spare",
        f"{candidate},RUBRIC,ann,a,0.7,",
        f"{candidate},RUBRIC,ann,z,1,",
        f"{candidate},RUBRIC,ann,b,1,x",
        f"{candidate},RUBRIC,ann,b,0,",
        f"{candidate},RUBRIC,ann,a,,",
        f"{candidate},RUBRIC,ann,,,",
        "nobody,RUBRIC,ann,a,1,",
        f"{candidate},no-rubric,ann,a,1,",
        ",RUBRIC,ann,a,1,",
        f"{blank},RUBRIC,ann,a,1,",
        f"{candidate},RUBRIC,ann,a,good,",
        f"{candidate},RUBRIC,{'x' * 201},a,3,",
    ]  # fmt: skip
    found = imported(at, "\n".join(lines) + "\n")
    assert [(one["line"], one["code"]) for one in found["bad_rows"]] == [
        (2, "rating_invalid"), (3, "rating_invalid"), (5, "rating_invalid"), (6, "rating_invalid"),
        (7, "rating_invalid"), (8, "unknown_answer"), (9, "unknown_answer"), (10, "blank_candidate"), (11, "conflict"),
        (12, "rating_invalid"), (13, "too_long"),
    ]  # fmt: skip
    assert (found["stored"], found["unused_columns"]) == (1, ["spare"])
    assert "0, 1.5, 3" in found["bad_rows"][0]["reason"]
    assert at.verdicts(id_)["b"] == "covered"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "empty"),
        ("candidate,a\nc,1\n", "'rubric'"),
        ("rubric,a\nr,1\n", "'candidate'"),
        ("candidate,rubric\nc,r\n", "no marks"),
    ],
)
def test_files_that_cant_be_read(at: Desk, content: str, told: str) -> None:
    refused = send(at, content)
    assert (refused.status_code, refused.json()["code"]) == (422, "data_invalid")
    assert told in refused.json()["detail"]
    assert "/tmp" not in refused.text


def test_bodies_that_are_no_form(at: Desk) -> None:
    kind = {"content-type": "application/json"}
    assert at.client.post("/v1/reviews:import", content="{}", headers=kind).status_code == 415
    assert at.client.post("/v1/reviews:import", files={"other": ("a", "b")}).status_code == 422
    assert send(at, "candidate,rubric,a\nc,r,1\n", batch=str(uuid.uuid4())).status_code == 404


def test_rows_without_a_reviewer(at: Desk) -> None:
    found = imported(at, "candidate,rubric,a\nc,RUBRIC,1\n", reviewer="")
    assert [(one["line"], one["code"]) for one in found["bad_rows"]] == [(2, "blank_reviewer")]


def test_the_command(
    new_database: Callable[..., str], migrated: str, run: Run, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", new_database(migrated))
    (tmp_path / "marks.jsonl").write_text(json.dumps({"candidate": "c", "rubric": "r", "a": "covered"}) + "\n")
    found = run("reviews", "import", str(tmp_path / "marks.jsonl"), "--reviewer", "ann")
    assert found.status == 3
    assert "marks.jsonl:1: there is no answer" in found.err
    assert "0 reviews stored, 0 unchanged, 1 bad rows" in found.out
