"""What tests of reviews share: a rubric whose answers the fake encoder can mark, and short ways to say things."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
from fastapi.testclient import TestClient

_numbers = count(1)
COVERS_A = "Boosting trains its models one after another. Nothing else."


def new_rubric(**changes: Any) -> dict[str, Any]:
    """A rubric that is new to the service."""
    return {
        "id": f"reviewed-{next(_numbers)}",
        "question": "How do bagging and boosting differ?",
        "key_points": [
            {"id": "a", "statement": "Boosting trains its models one after another.", "weight": 3, "required": True},
            {"id": "b", "statement": "Bagging trains each model on a bootstrap sample.", "weight": 1},
        ],
        "misconceptions": [{"id": "m", "statement": "Bagging lowers the bias.", "penalty": 1}],
    } | changes


@dataclass(frozen=True)
class Desk:
    """A service with one rubric."""

    client: TestClient | httpx.Client
    rubric: str

    def grade(self, answer: str = COVERS_A, **other: Any) -> str:
        body = {"rubric_id": self.rubric, "answer": answer, **other}
        made = self.client.post("/v1/evaluations", json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def review(self, id_: str, *points: tuple[str, str], **other: Any) -> httpx.Response:
        given = [{"id": point, "verdict": verdict, "reason": "because"} for point, verdict in points]
        body = {"reviewer": "ann", "key_points": given, **other}
        return self.client.post(f"/v1/evaluations/{id_}/reviews", json=body)

    def reviewed(self, id_: str, *points: tuple[str, str], **other: Any) -> dict[str, Any]:
        made = self.review(id_, *points, **other)
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        return found

    def now(self, id_: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/v1/evaluations/{id_}/reviews").json()
        return found

    def verdicts(self, id_: str) -> dict[str, str]:
        return {one["id"]: one["verdict"] for one in self.now(id_)["effective"]["key_points"]}


def desk(client: TestClient | httpx.Client, **changes: Any) -> Desk:
    rubric = new_rubric(**changes)
    assert client.post("/v1/rubrics", json=rubric).status_code == 201
    return Desk(client, rubric["id"])
