"""/v1/agreement: people beside the engine and beside each other."""

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.reviewing import COVERS_A, Desk, desk


@pytest.fixture
def at(client: TestClient) -> Desk:
    return desk(client)


def read(at: Desk, **params: Any) -> dict[str, Any]:
    found: dict[str, Any] = at.client.get("/v1/agreement", params={"rubric": at.rubric, **params}).json()
    return found


def test_nothing_reviewed_is_said_and_is_no_zero(at: Desk) -> None:
    at.grade()
    at.grade(" ")
    found = read(at)
    assert (found["reviewed"], found["unscored"]) == (0, 1)
    for rater in ("engine", "unseen", "people"):
        assert found[rater] == {
            "answers": 0, "verdicts": 0, "accuracy": None, "kappa": None, "whole": 0, "qwk": None, "exact": None,
            "adjacent": None, "note": "Nothing was rated by both.",
        }  # fmt: skip
    assert (found["key_points"], found["bands"], found["months"]) == ([], [], [])


def test_people_beside_the_engine_and_each_other(at: Desk) -> None:
    """The engine says that all four cover a and miss b."""
    ids = [at.grade(f"{COVERS_A} {number}") for number in range(4)]
    at.reviewed(ids[0], accept_rest=True)
    at.reviewed(ids[1], ("b", "covered"), accept_rest=True)
    at.reviewed(ids[2], ("a", "missed"))
    at.reviewed(ids[0], ("a", "covered"), ("b", "covered"), kind="blind", reviewer="ben")
    at.reviewed(ids[3], ("a", "covered"), ("b", "missed"), kind="blind", reviewer="ben")
    found = read(at)
    assert found["reviewed"] == 4
    assert (found["engine"]["answers"], found["engine"]["verdicts"], found["engine"]["whole"]) == (4, 7, 3)
    assert found["engine"]["accuracy"]["value"] == pytest.approx(5 / 7, abs=1e-6)
    assert found["engine"]["exact"]["value"] == pytest.approx(2 / 3, abs=1e-6)
    assert (found["unseen"]["answers"], found["unseen"]["accuracy"]["value"]) == (2, 0.75)
    assert (found["people"]["answers"], found["people"]["accuracy"]["value"]) == (1, 0.5)
    points = {one["key_point_id"]: one for one in found["key_points"]}
    assert points["a"]["engine"]["accuracy"]["value"] == 0.75
    assert points["b"]["people"]["accuracy"]["value"] == 0
    assert [(one["quarter"], one["engine"]["answers"]) for one in found["bands"]] == [(3, 2), (4, 1)]
    assert [one["engine"]["answers"] for one in found["months"]] == [4]
    assert read(at) == found
    assert read(at, since="2999-01-01T00:00:00Z")["reviewed"] == 0
    at.reviewed(ids[0], ("b", "covered"), kind="adjudication", reviewer="cleo")
    assert read(at)["people"] == found["people"]  # what settles a disagreement doesn't hide it
    assert read(at)["engine"]["accuracy"]["value"] == pytest.approx(4 / 7, abs=1e-6)


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"rubric": "none"}, 404),
        ({"batch": str(uuid.uuid4())}, 404),
        ({"since": "yesterday"}, 422),
        ({"seed": -1}, 422),
    ],
)
def test_what_isnt_there(client: TestClient, params: dict[str, Any], status: int) -> None:
    assert client.get("/v1/agreement", params=params).status_code == status
