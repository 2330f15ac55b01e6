"""/v1/evaluations."""

import hashlib
import json
import threading
import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rubrics import content_hash, load_data

FIELDS = {
    "id", "rubric", "engine", "status", "unscored_reason", "points", "max_points", "coverage", "expected_coverage",
    "level", "needs_review", "review_reasons", "key_points", "misconceptions", "missed", "feedback", "next_step",
    "follow_ups", "flags", "answer", "candidate_id", "metadata", "created_at",
}  # fmt: skip
ANSWER = "Boosting trains its models one after another."
TRICKY = (
    "e\u0301tude \U0001f469\U0001f3fd\u200d\U0001f52c says:\r\nBoosting trains its models one after another.\r\n"
    "<script>alert(1)</script> $x^2$ `for i in x:` \t"
)


def post(client: TestClient, rubric_id: str, answer: str = ANSWER, **more: Any) -> dict[str, Any]:
    made = client.post("/v1/evaluations", json={"rubric_id": rubric_id, "answer": answer, **more})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


@pytest.mark.parametrize("given", ["0.5", "1700000000", "2026-01-15", "2026-01-15T00:00:00", "yesterday", ""])
def test_a_time_is_written_out_with_its_zone(client: TestClient, given: str) -> None:
    assert client.get("/v1/evaluations", params={"created_after": given}).status_code == 422
    assert client.get("/v1/agreement", params={"since": given}).status_code == 422


def test_post_grades_and_get_returns_the_same_with_the_text(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    made = client.post(
        "/v1/evaluations",
        json={
            "rubric_id": stored_rubric["id"],
            "answer": ANSWER,
            "candidate_id": "c-1",
            "metadata": {"round": 2, "tags": ["a", None, 1.5]},
        },
    )
    assert made.status_code == 201
    body = made.json()
    assert set(body) == FIELDS
    assert made.headers["location"] == f"/v1/evaluations/{body['id']}"
    assert body["status"] == "scored"
    assert body["rubric"] == {
        "id": stored_rubric["id"],
        "version": 1,
        "content_hash": content_hash(load_data(stored_rubric)),
    }
    assert [point["id"] for point in body["key_points"]] == ["sequential", "bootstrap"]
    assert body["key_points"][0]["required"] is True
    assert body["answer"]["sha256"] == hashlib.sha256(ANSWER.encode()).hexdigest()
    read = client.get(made.headers["location"]).json()
    assert read.pop("answer") == {**body.pop("answer"), "text": ANSWER}
    assert read == body


@pytest.mark.parametrize("store", [True, False])
def test_offsets_point_into_the_text_as_submitted(
    client: TestClient, stored_rubric: dict[str, Any], store: bool
) -> None:
    made = client.post("/v1/evaluations", json={"rubric_id": stored_rubric["id"], "answer": TRICKY, "store": store})
    spans = [span for point in made.json()["key_points"] for span in point["evidence"]]
    assert spans
    assert all(TRICKY[span["start"] : span["end"]] == span["quote"] for span in spans)
    if store:
        assert client.get(f"/v1/evaluations/{made.json()['id']}").json()["answer"]["text"] == TRICKY


def test_nothing_is_stored_when_not_asked_to(client: TestClient, rubric: dict[str, Any]) -> None:
    made = client.post(
        "/v1/evaluations",
        json={"rubric": rubric, "answer": ANSWER, "store": False, "candidate_id": "nobody", "metadata": {"a": 1}},
    )
    assert (made.status_code, made.json()["id"]) == (200, None)
    assert "location" not in made.headers
    assert made.json()["candidate_id"] == "nobody"
    assert client.get("/v1/evaluations", params={"candidate_id": "nobody"}).json()["items"] == []


def test_an_inline_rubric_stays_explainable(client: TestClient) -> None:
    inline = {"question": f"What is {uuid.uuid4()}?", "key_points": ["Boosting is sequential.", "Bagging isn't."]}
    answers = [client.post("/v1/evaluations", json={"rubric": inline, "answer": ANSWER}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    expected = {"id": "inline", "version": 1, "content_hash": content_hash(load_data(inline))}
    assert all(answer.json()["rubric"] == expected for answer in answers)
    assert client.get(answers[0].headers["location"]).json()["rubric"] == expected
    assert client.get("/v1/rubrics/inline").status_code == 404


def test_an_older_version_can_be_asked_for(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    edited = {**stored_rubric, "key_points": ["Nothing else matters."], "follow_ups": []}
    put = client.put(f"/v1/rubrics/{stored_rubric['id']}", json=edited, headers={"if-match": "*"})
    assert put.status_code == 200
    latest = post(client, stored_rubric["id"])
    older = post(client, stored_rubric["id"], rubric_version=1)
    assert (latest["rubric"]["version"], len(latest["key_points"])) == (2, 1)
    assert (older["rubric"]["version"], len(older["key_points"])) == (1, 2)


def test_a_blank_answer_is_unscored_and_not_zero(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    body = post(client, stored_rubric["id"], answer=" \n ")
    assert body["status"] == "unscored"
    assert body["unscored_reason"]
    assert [body[name] for name in ("points", "coverage", "expected_coverage", "level")] == [None] * 4


def test_three_thousand_words_and_a_phone_length_answer(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    words = " ".join(["tree"] * 2993) + " " + ANSWER
    assert post(client, stored_rubric["id"], answer=words)["answer"]["words"] == 3000
    assert post(client, stored_rubric["id"], answer="ok")["answer"]["words"] == 1


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"answer": "a"}, "body", "exactly one"),
    ({"rubric_id": "a", "rubric": {"question": "q", "key_points": ["k"]}, "answer": "a"}, "body", "exactly one"),
    ({"rubric": {"question": "q", "key_points": ["k"]}, "rubric_version": 1, "answer": "a"}, "body", "rubric_version"),
    ({"rubric_id": "bagging"}, "answer", "required"),
    ({"rubric_id": "bagging", "answer": 7}, "answer", "string"),
    ({"rubric_id": "bagging", "answer": "a", "anwser": "a"}, "anwser", "not permitted"),
    ({"rubric_id": "bagging", "rubric_version": 0, "answer": "a"}, "rubric_version", "greater"),
    ({"rubric_id": "a\0", "answer": "a"}, "rubric_id", "pattern"),
    ({"rubric_id": "bagging", "answer": "abc\0d"}, "answer", "NUL character at character offset 3"),
    ({"rubric_id": "bagging", "answer": "😀\ud800"}, "answer", "U+D800 at character offset 1"),
    ({"rubric_id": "bagging", "answer": "a", "candidate_id": "\0"}, "candidate_id", "offset 0"),
    ({"rubric_id": "bagging", "answer": "a", "candidate_id": ""}, "candidate_id", "at least 1"),
    (
        {"rubric_id": "bagging", "answer": "a", "metadata": {"a": ["\udfff"]}},
        "metadata",
        "a[0]: holds a lone surrogate",
    ),
    ({"rubric_id": "bagging", "answer": "a", "metadata": {"\0": 1}}, "metadata", "a key holds a NUL"),
    ({"rubric_id": "bagging", "answer": "a", "metadata": {"a": 10**30}}, "metadata", "too large"),
    ({"rubric_id": "bagging", "answer": "a", "metadata": {"a": float("nan")}}, "metadata", "nan is not"),
    ({"rubric_id": "bagging", "answer": "a", "metadata": []}, "metadata", "dictionary"),
    ({"rubric": {"question": "q", "key_points": []}, "answer": "a"}, "rubric.key_points", "at least 1"),
    ({"rubric": {}, "answer": "a"}, "rubric.question", "required"),
    ({"rubric": {"question": "q\0", "key_points": ["k"]}, "answer": "a"}, "rubric.question", "NUL"),
    ({"rubric": {"question": "q", "key_points": ["k\udc00"]}, "answer": "a"}, "rubric.key_points[0].statement", ""),
    (
        {"rubric": {"question": "q", "key_points": [{"id": "a", "statement": "k"}] * 2}, "answer": "a"},
        "rubric.key_points[1].id",
        "already",
    ),
    ({"rubric": {"question": "q", "key_points": ["k"] * 65}, "answer": "a"}, "rubric.key_points", "at most 64"),
]


@pytest.mark.parametrize(("body", "field", "words"), BAD)
def test_bad_requests_name_the_field(client: TestClient, body: dict[str, Any], field: str, words: str) -> None:
    answer = client.post("/v1/evaluations", content=json.dumps(body), headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    error = answer.json()["errors"][0]
    assert error["field"] == field
    assert words in error["message"]


DEEP = b"[" * 5_000 + b"]" * 5_000


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        (b"", {422}),
        (b"{", {422}),
        (b"\xff\xfe", {400, 422}),
        (b'{"rubric_id": "a", "answer": "a", "metadata": {"a": ' + b"[" * 400 + b"]" * 400 + b"}}", {422}),
        (b'{"rubric_id": "a", "answer": "a", "metadata": ' + DEEP + b"}", {400, 422}),
        (b'{"rubric_id": "a", "answer": "a", "rubric_version": ' + b"9" * 5_000 + b"}", {400, 422}),
        (b'{"rubric_id": "a", "answer": "a", "metadata": {"a": 1e999}}', {422}),
        (b'{"rubric": {"question": "a", "key_points": [{"statement": "a", "weight": NaN}]}, "answer": "a"}', {422}),
    ],
)
def test_hostile_json(client: TestClient, body: bytes, statuses: set[int]) -> None:
    answer = client.post("/v1/evaluations", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_read(client: TestClient, media_type: str) -> None:
    answer = client.post("/v1/evaluations", content=b"{}", headers={"content-type": media_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_unknown_rubric_and_version(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    for wanted in ({"rubric_id": "no-such"}, {"rubric_id": stored_rubric["id"], "rubric_version": 5}):
        answer = client.post("/v1/evaluations", json={**wanted, "answer": "a"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_answer_over_the_limit_names_limit_and_setting(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    assert post(client, stored_rubric["id"], answer="😀" * 20_000)["id"]
    answer = client.post("/v1/evaluations", json={"rubric_id": stored_rubric["id"], "answer": "😀" * 20_001})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "answer")
    assert "20,001" in answer.json()["detail"]
    assert "GRADER_MAX_ANSWER_CHARS" in answer.json()["detail"]


def test_deleting_is_for_good(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    address = f"/v1/evaluations/{post(client, stored_rubric['id'])['id']}"
    assert client.delete(address).status_code == 204
    for answer in (client.get(address), client.delete(address)):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("id_", ["1", "%00", "not-a-uuid"])
def test_bad_ids(client: TestClient, id_: str) -> None:
    assert client.get(f"/v1/evaluations/{id_}").status_code == 422


def test_pages_stay_while_new_evaluations_come_in(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    rubric_id = stored_rubric["id"]
    ids = [post(client, rubric_id)["id"] for _ in range(5)]
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        params = {"rubric_id": rubric_id, "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/evaluations", params=params).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        post(client, rubric_id)
    assert cursor is None
    assert seen == ids[::-1]
    assert "text" not in page["items"][0]["answer"]


def test_filters(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    rubric_id = stored_rubric["id"]
    scored = post(client, rubric_id, candidate_id=f"{rubric_id}-one")
    unscored = post(client, rubric_id, answer=" ")

    def ids(**params: Any) -> list[str]:
        page = client.get("/v1/evaluations", params={"rubric_id": rubric_id, **params})
        assert page.status_code == 200, page.text
        return [item["id"] for item in page.json()["items"]]

    assert ids() == [unscored["id"], scored["id"]]
    assert ids(candidate_id=f"{rubric_id}-one") == ids(status="scored") == ids(level=scored["level"]) == [scored["id"]]
    assert ids(status="unscored") == [unscored["id"]]
    assert set(ids(needs_review=True) + ids(needs_review=False)) == {scored["id"], unscored["id"]}
    assert ids(created_after=scored["created_at"]) == [unscored["id"]]
    assert ids(created_before=unscored["created_at"]) == [scored["id"]]
    assert ids(level="no such level") == []


@pytest.mark.parametrize(
    "query",
    ["status=done", "needs_review=x", "created_after=2026-01-01T00:00:00", "cursor=AAAA", "limit=0", "level=%00"],
)
def test_bad_list_queries(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/evaluations?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_many_at_once(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    """One candidate and one inline rubric, from several threads, with deletes in between."""
    inline = {"question": f"What is {uuid.uuid4()}?", "key_points": ["Boosting is sequential."]}
    statuses: list[int] = []

    def work() -> None:
        for _ in range(4):
            body = {"rubric": inline, "answer": ANSWER, "candidate_id": stored_rubric["id"]}
            made = client.post("/v1/evaluations", json=body)
            statuses.append(made.status_code)
            statuses.append(client.delete(made.headers["location"]).status_code)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(201) == statuses.count(204) == 16
