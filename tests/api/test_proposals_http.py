"""/v1/proposals: mined from reviews, decided once, accepted into a draft."""

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.reviewing import COVERS_A, Desk, desk

QUOTE = "The bags are drawn with replacement."


@pytest.fixture
def at(client: TestClient) -> Desk:
    return desk(client)


def listed(at: Desk, **params: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = at.client.get("/v1/proposals", params={"rubric": at.rubric, **params}).json()["items"]
    return found


def decide(at: Desk, id_: str, what: str) -> Any:
    return at.client.post(f"/v1/proposals/{id_}:{what}", json={"reviewer": "ann", "reason": "Well said."})


def say(at: Desk, quote: str, verdict: str = "covered") -> str:
    id_ = at.grade(f"{COVERS_A} {quote}")
    point = {"id": "b", "verdict": verdict, "reason": "It says so.", "quote": quote}
    body = {"reviewer": "ann", "key_points": [point]}
    assert at.client.post(f"/v1/evaluations/{id_}/reviews", json=body).status_code == 201
    return id_


def test_an_accepted_wording_is_in_a_draft(at: Desk) -> None:
    answer = say(at, QUOTE)
    [one] = listed(at)
    assert (one["kind"], one["key_point_id"], one["wordings"]) == ("says", "b", [QUOTE])
    assert (one["answers"], one["state"], one["decision"]) == ([answer], "open", None)
    accepted = decide(at, one["id"], "accept").json()
    assert (accepted["state"], accepted["decision"]["version"]) == ("accepted", 2)
    draft = at.client.get(f"/v1/rubrics/{at.rubric}/versions/2").json()
    assert draft["draft"] is True
    assert draft["rubric"]["key_points"][1]["says"] == [QUOTE]
    assert at.client.get(f"/v1/rubrics/{at.rubric}").json()["version"] == 1
    assert (listed(at, state="open"), [found["id"] for found in listed(at, state="accepted")]) == ([], [one["id"]])
    again = decide(at, one["id"], "dismiss")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_drafts_add_up(at: Desk) -> None:
    say(at, QUOTE)
    say(at, "Each bag is another draw of the data.")
    versions = [decide(at, one["id"], "accept").json()["decision"]["version"] for one in listed(at)]
    assert versions == [2, 3]
    draft = at.client.get(f"/v1/rubrics/{at.rubric}/versions/3").json()["rubric"]
    assert sorted(draft["key_points"][1]["says"]) == ["Each bag is another draw of the data.", QUOTE]


def test_dismissed_it_stays_away(at: Desk) -> None:
    say(at, QUOTE)
    [one] = listed(at)
    assert decide(at, one["id"], "dismiss").json()["decision"]["version"] is None
    say(at, QUOTE.lower())
    assert listed(at, state="open") == []
    assert len(listed(at, state="dismissed")[0]["answers"]) == 2
    assert len(at.client.get(f"/v1/rubrics/{at.rubric}/versions").json()["items"]) == 1


def test_an_upheld_appeal_proposes_its_wording(at: Desk) -> None:
    id_ = at.grade(f"{COVERS_A} {QUOTE}")
    body = {"key_point_id": "b", "argument": "It is there.", "quote": QUOTE}
    appeal = at.client.post(f"/v1/evaluations/{id_}/appeals", json=body).json()
    assert listed(at) == []
    ruling = {"reviewer": "ann", "decision": "upheld", "reason": "It is."}
    assert at.client.post(f"/v1/appeals/{appeal['id']}:decide", json=ruling).status_code == 200
    assert [(one["kind"], one["wordings"]) for one in listed(at)] == [("says", [QUOTE])]


def test_a_proposal_goes_with_its_answers(at: Desk) -> None:
    answer = say(at, QUOTE)
    [one] = listed(at)
    at.client.delete(f"/v1/evaluations/{answer}")
    assert listed(at) == []
    assert decide(at, one["id"], "accept").status_code == 404


def test_what_isnt_there(client: TestClient) -> None:
    assert client.get("/v1/proposals", params={"rubric": "none"}).status_code == 404
    assert client.get("/v1/proposals", params={"state": "new"}).status_code == 422
    assert decide(Desk(client, ""), str(uuid.uuid4()), "accept").status_code == 404
    assert client.post(f"/v1/proposals/{uuid.uuid4()}:accept", json={}).status_code == 422
