"""/v1/appeals: contested, decided once, and what is upheld counts."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.reviewing import COVERS_A, Desk, desk

TEXT = f"{COVERS_A} The bags are drawn with replacement."
QUOTE = "The bags are drawn with replacement."


@pytest.fixture
def at(client: TestClient) -> Desk:
    return desk(client)


def appeal(at: Desk, id_: str, **changes: Any) -> Any:
    body = {"key_point_id": "b", "argument": "It is there.", "quote": QUOTE} | changes
    return at.client.post(f"/v1/evaluations/{id_}/appeals", json=body)


def decide(at: Desk, appeal_id: str, decision: str, **changes: Any) -> Any:
    body = {"reviewer": "ann", "decision": decision, "reason": "So it is."} | changes
    return at.client.post(f"/v1/appeals/{appeal_id}:decide", json=body)


def test_upheld_it_counts_and_stays(at: Desk) -> None:
    id_ = at.grade(TEXT, candidate_id="c-1")
    made = appeal(at, id_)
    assert made.status_code == 201
    opened = made.json()
    assert (opened["state"], opened["candidate_id"], opened["rubric_id"]) == ("open", "c-1", at.rubric)
    assert at.client.get(made.headers["location"]).json() == opened
    decided = decide(at, opened["id"], "upheld").json()
    assert [one["state"] for one in decided["history"]] == ["open", "upheld"]
    now = at.now(id_)
    assert now["effective"]["key_points"][1]["verdict"] == "covered"
    assert now["effective"]["key_points"][1]["evidence"][0]["quote"] == QUOTE
    assert (now["history"][0]["kind"], now["history"][0]["id"]) == ("appeal", decided["review_id"])
    assert at.review(id_, ("b", "missed")).status_code == 422  # a review doesn't go over it
    again = decide(at, opened["id"], "rejected")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_rejected_nothing_changes(at: Desk) -> None:
    id_ = at.grade(TEXT)
    before = at.now(id_)
    opened = appeal(at, id_).json()
    decided = decide(at, opened["id"], "rejected").json()
    assert (decided["state"], decided["review_id"]) == ("rejected", None)
    assert at.now(id_) == before
    assert appeal(at, id_).status_code == 201  # with a new argument, it may be contested again


def test_listed_by_state_page_by_page(at: Desk) -> None:
    ids = [appeal(at, at.grade(TEXT)).json()["id"] for _ in range(3)]
    decide(at, ids[0], "rejected")
    params: dict[str, Any] = {"rubric": at.rubric, "state": "open", "limit": 1}
    first = at.client.get("/v1/appeals", params=params).json()
    second = at.client.get("/v1/appeals", params=params | {"cursor": first["next_cursor"]}).json()
    assert [one["id"] for one in first["items"] + second["items"]] == ids[:0:-1]
    assert second["next_cursor"] is None
    [rejected] = at.client.get("/v1/appeals", params={"rubric": at.rubric, "state": "rejected"}).json()["items"]
    assert rejected["id"] == ids[0]


def test_nothing_to_contest(at: Desk) -> None:
    id_ = at.grade(TEXT)
    assert appeal(at, id_, key_point_id="a").status_code == 409
    assert appeal(at, id_).status_code == 201
    assert appeal(at, id_).status_code == 409
    assert appeal(at, at.grade(" ")).status_code == 409


@pytest.mark.parametrize(
    "changes", [{"key_point_id": "z"}, {"argument": ""}, {"quote": "not there"}, {"colour": 1}, {"argument": "\0"}]
)
def test_what_means_nothing(at: Desk, changes: dict[str, Any]) -> None:
    assert appeal(at, at.grade(TEXT), **changes).status_code == 422


@pytest.mark.parametrize("changes", [{"reason": ""}, {"decision": "open"}, {"verdict": "missed"}, {"quote": "nowhere"}])
def test_rulings_that_mean_nothing(at: Desk, changes: dict[str, Any]) -> None:
    opened = appeal(at, at.grade(TEXT)).json()
    assert decide(at, opened["id"], **({"decision": "upheld"} | changes)).status_code == 422
    assert at.client.get(f"/v1/appeals/{opened['id']}").json() == opened


def test_no_such_appeal(client: TestClient) -> None:
    assert client.get(f"/v1/appeals/{uuid.uuid4()}").status_code == 404
    assert decide(Desk(client, ""), str(uuid.uuid4()), "upheld").status_code == 404


def test_of_two_who_decide_at_once_one_does(at: Desk, in_parallel: Callable[..., list[Any]]) -> None:
    opened = appeal(at, at.grade(TEXT)).json()
    found = in_parallel(lambda decision: decide(at, opened["id"], decision).status_code, ["upheld", "rejected"] * 2)
    assert sorted(found) == [200, 409, 409, 409]
