"""GET /v1/rubrics with guide and q, and the guides of GET /v1/topics."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from rubrics import load_bank


def found(client: TestClient, **params: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/rubrics", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def named(client: TestClient, id_: str, question: str, topic: str = "search") -> str:
    body = {"id": id_, "topic": topic, "question": question, "key_points": ["It is what it is."], "guides": ["Z"]}
    made = client.post("/v1/rubrics", json=body)
    assert made.status_code == 201, made.text
    etag: str = made.headers["etag"]
    return etag


def test_a_list_has_no_scores(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    assert {item["score"] for item in found(client, topic=stored_rubric["topic"])} == {None}


def test_hits_are_best_first_with_scores(client: TestClient) -> None:
    named(client, "axolotl-1", "Where does the axolotl live?")
    named(client, "axolotl-2", "Where does the axolotl sleep, and on which kind of stone does it do so?")
    items = found(client, q="axolotl live")
    assert [item["id"] for item in items[:2]] == ["axolotl-1", "axolotl-2"]
    scores = [item["score"] for item in items]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert found(client, q="axolotl live", topic="elsewhere") == []
    assert {item["id"] for item in found(client, q="axolotl", guide="Z")} == {"axolotl-1", "axolotl-2"}
    assert found(client, q="axolotl", guide="Y") == []


def test_an_edit_is_found_and_what_it_replaced_is_not(client: TestClient) -> None:
    etag = named(client, "edited-quokka", "What is a quokka?")
    assert [item["id"] for item in found(client, q="quokka")] == ["edited-quokka"]
    document = client.get("/v1/rubrics/edited-quokka").json()["rubric"] | {"id": "edited-quokka"}
    edited = {**document, "question": "What is a wombat?"}
    assert client.put("/v1/rubrics/edited-quokka", json=edited, headers={"if-match": etag}).status_code == 200
    (item,) = found(client, q="wombat")
    assert (item["id"], item["version"], item["question"]) == ("edited-quokka", 2, "What is a wombat?")


def test_pages_of_hits_hold_each_once_though_one_is_added_in_between(client: TestClient) -> None:
    for number in range(7):
        named(client, f"narwhal-{number}", "Why does the narwhal have a tusk?")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"q": "narwhal tusk", "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/rubrics", params=params).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        if len(seen) == 3:
            named(client, "narwhal-0a", "Why does the narwhal have a tusk?")
    assert seen == [f"narwhal-{number}" for number in range(7)]


@pytest.mark.parametrize("query", ["q=", "q=%3F%3F", "q=%00", f"q={'a' * 401}", "guide=%00", "guide=" + "a" * 201])
def test_bad_queries(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/rubrics?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("cursor", ["AA", "bmFuIGE", "Mi4wIGE", "MC41IA", "c29tZS1pZA"])  # nan a; 2.0 a; 0.5; some-id
def test_cursors_that_arent_of_a_search(client: TestClient, cursor: str) -> None:
    answer = client.get("/v1/rubrics", params={"q": "boosting", "cursor": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


def test_guides_filter_and_are_counted(fresh_client: TestClient) -> None:
    bank = load_bank().values()
    of_a = {rubric.id for rubric in bank if "A" in rubric.guides}
    assert {item["id"] for item in found(fresh_client, guide="A", limit=200)} == of_a
    counts = {item["topic"]: item["guides"] for item in fresh_client.get("/v1/topics").json()["items"]}
    assert sum(guides.get("A", 0) for guides in counts.values()) == len(of_a)
    for topic, guides in counts.items():
        labels = [guide for rubric in bank if rubric.topic == topic for guide in rubric.guides]
        assert guides == {label: labels.count(label) for label in labels}
