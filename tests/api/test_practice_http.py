"""/v1/practice and /v1/candidates/ID/practice."""

import itertools
import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rubrics import load_bank

_numbers = itertools.count(1)
GOOD = "Boosting trains its models one after another. Bagging trains each model on a bootstrap sample of the data."
HALF = "Boosting trains its models one after another."
SECRET = ("key_points", "statement", "says", "denies", "near", "reference_answer", "misconceptions", "missed")


@pytest.fixture
def items(client: TestClient, rubric: dict[str, Any]) -> list[str]:
    """Three stored rubrics of two topics."""
    ids = []
    for topic in ("knots", "knots", "ropes"):
        body = {**rubric, "id": f"practice-{next(_numbers)}", "topic": topic}
        assert client.post("/v1/rubrics", json=body).status_code == 201
        ids.append(body["id"])
    return ids


def submit(client: TestClient, answers: dict[str, str], **more: Any) -> dict[str, Any]:
    replies = [{"rubric_id": id_, "answer": text} for id_, text in answers.items()]
    made = client.post("/v1/practice", json={"answers": replies, **more})
    assert made.status_code == (200 if more.get("store") is False else 201), made.text
    body: dict[str, Any] = made.json()
    if body["id"]:
        assert made.headers["location"] == f"/v1/practice/{body['id']}"
    return body


def test_a_drawn_set_tells_questions_and_no_answers(fresh_client: TestClient) -> None:
    answer = fresh_client.get("/v1/practice", params={"n": 12, "seed": 7})
    body = answer.json()
    assert (answer.status_code, body["seed"], body["note"]) == (200, 7, None)
    assert body["available"] == len(load_bank())
    assert len({item["rubric_id"] for item in body["items"]}) == 12
    assert len({item["topic"] for item in body["items"]}) == min(12, len({one.topic for one in load_bank().values()}))
    assert set(body["items"][0]) == {"rubric_id", "version", "topic", "kind", "difficulty", "question"}
    assert not any(f'"{word}"' in answer.text for word in SECRET)
    assert fresh_client.get("/v1/practice", params={"n": 12, "seed": 7}).json() == body
    assert fresh_client.get("/v1/practice", params={"n": 12, "seed": 8}).json()["items"] != body["items"]


def test_a_new_seed_is_told_and_draws_the_same_again(fresh_client: TestClient) -> None:
    first = fresh_client.get("/v1/practice").json()
    assert len(first["items"]) == 10
    assert fresh_client.get("/v1/practice", params={"seed": first["seed"]}).json() == first


def test_topics_and_difficulty_narrow_a_set_and_a_short_one_says_so(client: TestClient, items: list[str]) -> None:
    drawn = client.get("/v1/practice", params={"n": 50, "topics": "knots, ropes", "difficulty": "core"}).json()
    assert {item["topic"] for item in drawn["items"]} == {"knots", "ropes"}
    assert drawn["available"] == len(drawn["items"]) < 50
    assert drawn["note"].startswith(f"Only {len(drawn['items'])} of the 50")
    none = client.get("/v1/practice", params={"topics": "knots", "difficulty": "advanced"}).json()
    assert (none["items"], none["available"]) == ([], 0)
    assert none["note"].startswith("No such item is available")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("n=0", "n"), ("n=51", "n"), ("n=ten", "n"), ("topics=no-such", "topics"), ("topics=%00", "topics"),
        ("difficulty=easy", "difficulty"), ("seed=-1", "seed"), ("seed=9007199254740992", "seed"),
    ],
)  # fmt: skip
def test_bad_draws(client: TestClient, query: str, field: str) -> None:
    answer = client.get(f"/v1/practice?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_a_set_gets_one_result_and_reads_the_same_again(client: TestClient, items: list[str]) -> None:
    body = submit(client, {items[0]: GOOD, items[1]: HALF, items[2]: " "}, candidate_id="one-result")
    assert (body["total"]["answers"], body["total"]["scored"]) == (3, 2)
    assert [one["topic"] for one in body["topics"]] == ["knots", "ropes"]
    evaluations = [one["evaluation"] for one in body["answers"]]
    assert [one["rubric"]["id"] for one in evaluations] == [one["rubric_id"] for one in body["answers"]] == items
    scored = evaluations[:2]
    assert body["total"]["points"] == pytest.approx(sum(one["points"] for one in scored))
    assert body["total"]["coverage"] == pytest.approx(sum(one["coverage"] for one in scored) / 2, abs=1e-6)
    assert body["unscored"] == [{"rubric_id": items[2], "reason": evaluations[2]["unscored_reason"]}]
    missed = {
        (one["rubric"]["id"], point["id"]) for one in scored for point in one["key_points"] if point["credit"] < 1
    }
    told = {(gap["rubric_id"], gap["key_point_id"]) for topic in body["gaps"] for gap in topic["gaps"]}
    assert told == missed != set()
    assert body["comparison"] == {"items": [], "comparable": 0, "mean_change": None, "trend": None}
    assert not {one["rubric_id"] for one in body["revise"]} & set(items)
    assert client.get(f"/v1/practice/{body['id']}").json() == body
    for one in evaluations:
        stored = client.get(f"/v1/evaluations/{one['id']}").json()
        assert (stored["points"], stored["candidate_id"]) == (one["points"], "one-result")


def test_each_answer_is_marked_as_if_alone(client: TestClient, items: list[str]) -> None:
    body = submit(client, {items[0]: GOOD, items[1]: HALF}, store=False)
    for reply, one in zip((GOOD, HALF), body["answers"], strict=True):
        request = {"rubric_id": one["rubric_id"], "answer": reply, "store": False}
        alone = client.post("/v1/evaluations", json=request).json()
        assert one["evaluation"] | {"created_at": None} == alone | {"created_at": None}


def test_nothing_is_kept_when_store_is_false(client: TestClient, items: list[str]) -> None:
    body = submit(client, {items[0]: GOOD}, candidate_id="unstored", store=False)
    assert (body["id"], body["answers"][0]["evaluation"]["id"]) == (None, None)
    assert client.get("/v1/evaluations", params={"candidate_id": "unstored"}).json()["items"] == []
    assert client.get("/v1/candidates/unstored/practice").status_code == 404


def test_a_second_attempt_is_compared_with_the_last(client: TestClient, items: list[str]) -> None:
    for text in (GOOD, HALF):
        client.post("/v1/evaluations", json={"rubric_id": items[0], "answer": text, "candidate_id": "again"})
    client.post("/v1/evaluations", json={"rubric_id": items[0], "answer": "", "candidate_id": "again"})
    client.post("/v1/evaluations", json={"rubric_id": items[0], "answer": "", "candidate_id": "someone-else"})
    body = submit(client, {items[0]: GOOD, items[1]: GOOD}, candidate_id="again")
    (change,) = body["comparison"]["items"]
    assert (change["rubric_id"], change["attempts"], change["comparable"]) == (items[0], 2, True)
    now, half = body["answers"][0]["evaluation"], submit(client, {items[0]: HALF}, store=False)
    assert change["points_share"] == pytest.approx(now["points"] / now["max_points"], abs=1e-6)
    assert change["last_points_share"] == pytest.approx(half["total"]["points"] / now["max_points"], abs=1e-6)
    assert change["change"] > 0
    assert body["comparison"]["trend"] == "better"
    submit(client, {items[0]: HALF}, candidate_id="again")
    assert client.get(f"/v1/practice/{body['id']}").json() == body, "later attempts leave it as it is"


def test_what_was_answered_before_is_revised_last(client: TestClient, rubric: dict[str, Any]) -> None:
    for id_ in ("reviser-a", "reviser-b", "reviser-c"):
        client.post("/v1/rubrics", json={**rubric, "id": id_, "topic": "reviser"})
    submit(client, {"reviser-a": HALF}, candidate_id="reviser")
    body = submit(client, {"reviser-b": "Boosting sells ice cream."}, candidate_id="reviser")
    assert [one["rubric_id"] for one in body["revise"]] == ["reviser-c", "reviser-a"]


def test_any_name_of_a_candidate_has_its_sets(client: TestClient, items: list[str]) -> None:
    body = submit(client, {items[0]: GOOD}, candidate_id="a/é practice")
    page = client.get("/v1/candidates/a%2F%C3%A9%20practice/practice").json()
    assert [one["id"] for one in page["items"]] == [body["id"]]


def test_sets_of_a_candidate_newest_first(client: TestClient, items: list[str]) -> None:
    made = [submit(client, {items[0]: GOOD, items[2]: text}, candidate_id="pagé 1") for text in (HALF, "", GOOD)]
    seen: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/candidates/pagé 1/practice", params=params).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [one["id"] for one in seen] == [one["id"] for one in reversed(made)]
    for summary, whole in zip(seen, reversed(made), strict=True):
        marks = {name: whole["total"][name] for name in ("answers", "scored", "points", "max_points", "coverage")}
        assert {name: summary[name] for name in marks} == marks
        assert summary["topics"] == ["knots", "ropes"]
        assert summary["created_at"] == whole["created_at"]


def test_a_candidate_without_sets_and_one_without_anything(client: TestClient, items: list[str]) -> None:
    client.post("/v1/evaluations", json={"rubric_id": items[0], "answer": GOOD, "candidate_id": "no-sets"})
    assert client.get("/v1/candidates/no-sets/practice").json() == {"items": [], "next_cursor": None}
    unknown = client.get("/v1/candidates/nobody/practice")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert client.get("/v1/candidates/no-sets/practice?cursor=AA").status_code == 422


def test_deleting_evaluations_leaves_a_smaller_set_and_then_none(client: TestClient, items: list[str]) -> None:
    body = submit(client, {items[0]: GOOD, items[1]: HALF}, candidate_id="leaver")
    first, second = (one["evaluation"]["id"] for one in body["answers"])
    client.delete(f"/v1/evaluations/{first}")
    left = client.get(f"/v1/practice/{body['id']}").json()
    assert [one["rubric_id"] for one in left["answers"]] == [items[1]]
    assert (left["total"]["answers"], left["total"]["points"]) == (1, body["answers"][1]["evaluation"]["points"])
    client.delete(f"/v1/evaluations/{second}")
    assert client.get(f"/v1/practice/{body['id']}").status_code == 404
    assert client.get("/v1/candidates/leaver/practice").status_code == 404


def test_unknown_items_and_sets(client: TestClient, items: list[str]) -> None:
    replies = [{"rubric_id": items[0], "answer": GOOD}, {"rubric_id": "no-such", "answer": GOOD}]
    answer = client.post("/v1/practice", json={"answers": replies, "candidate_id": "unlucky"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (404, "answers[1].rubric_id")
    assert client.get("/v1/candidates/unlucky/practice").status_code == 404
    assert client.get(f"/v1/practice/{uuid.uuid4()}").status_code == 404
    assert client.get("/v1/practice/one").status_code == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"answers": []}, "answers"),
        ({"answers": [{"rubric_id": f"a-{n}", "answer": "b"} for n in range(51)]}, "answers"),
        ({"answers": [{"rubric_id": "a", "answer": "b"}, {"rubric_id": "a", "answer": "c"}]}, "answers"),
        ({"answers": [{"rubric_id": "a", "answer": "b\0"}]}, "answers[0].answer"),
        ({"answers": [{"rubric_id": "a", "answer": "b" * 20_001}]}, "answers[0].answer"),
        ({"answers": [{"rubric_id": "A b", "answer": "b"}]}, "answers[0].rubric_id"),
        ({"answers": [{"rubric_id": "a"}]}, "answers[0].answer"),
        ({"candidate_id": ""}, "candidate_id"),
        ({"candidate": "c"}, "candidate"),
        ({"store": "maybe"}, "store"),
    ],
)
def test_bad_sets(client: TestClient, change: dict[str, Any], field: str) -> None:
    answer = client.post("/v1/practice", json={"answers": [{"rubric_id": "a", "answer": "b"}], **change})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


def test_fifty_answers_are_one_set(fresh_client: TestClient) -> None:
    drawn = fresh_client.get("/v1/practice", params={"n": 50, "seed": 1}).json()["items"]
    body = submit(fresh_client, {item["rubric_id"]: "I don't know, sorry." for item in drawn}, candidate_id="c")
    assert body["total"]["answers"] == len(drawn) == 50
    assert len(body["revise"]) == 3
