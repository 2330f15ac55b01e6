"""/v1/rubrics and /v1/topics."""

import threading
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from rubrics import content_hash, load_bank, load_data


def test_post_stores_version_1_and_get_returns_it(client: TestClient, rubric: dict[str, Any]) -> None:
    made = client.post("/v1/rubrics", json={**rubric, "version": 7})
    assert made.status_code == 201
    assert made.headers["location"] == f"/v1/rubrics/{rubric['id']}"
    expected = content_hash(load_data(rubric))
    assert made.json()["content_hash"] == expected
    assert made.headers["etag"] == f'"{expected}"'
    read = client.get(made.headers["location"])
    assert read.json() == made.json()
    assert read.json()["rubric"]["version"] == read.json()["version"] == 1
    assert read.json()["source"] == "api"
    assert read.headers["etag"] == made.headers["etag"]


@pytest.mark.parametrize("media_type", ["application/yaml", "text/yaml; charset=utf-8", "application/x-yaml"])
def test_post_reads_yaml(client: TestClient, rubric: dict[str, Any], media_type: str) -> None:
    body = yaml.safe_dump(rubric).encode()
    made = client.post("/v1/rubrics", content=body, headers={"content-type": media_type})
    assert made.status_code == 201
    assert made.json()["rubric"]["key_points"][0]["weight"] == 2


def test_post_of_a_known_id_conflicts(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    again = client.post("/v1/rubrics", json=stored_rubric)
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    assert stored_rubric["id"] in again.json()["detail"]


def test_faults_are_named_by_field(client: TestClient, rubric: dict[str, Any]) -> None:
    rubric["key_points"][1]["weight"] = -1
    rubric["level"] = []
    answer = client.post("/v1/rubrics", json=rubric)
    assert (answer.status_code, answer.json()["code"]) == (422, "rubric_invalid")
    assert {error["field"] for error in answer.json()["errors"]} == {"key_points[1].weight", "level"}


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{}", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"", "application/json", 422),
        (b"{", "application/json", 422),
        (b"[" * 100_000, "application/json", 422),
        (b'{"question": ' + b"9" * 5000 + b"}", "application/json", 422),
        (b"\xff", "application/json", 422),
        (b"a: [", "application/yaml", 422),
        (b"a: &a [*a]", "application/yaml", 422),
        (b'{"id": "a", "question": "\\u0000", "key_points": ["a"]}', "application/json", 422),
        (b'{"id": "a", "question": "\\ud800", "key_points": ["a"]}', "application/json", 422),
        (b'{"question": "a", "key_points": ["a"]}', "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
    ],
)
def test_bad_bodies(client: TestClient, body: bytes, media_type: str, status: int) -> None:
    answer = client.post("/v1/rubrics", content=body, headers={"content-type": media_type})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_put_makes_a_version_and_keeps_the_old_one(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    address = f"/v1/rubrics/{stored_rubric['id']}"
    first = client.get(address)
    edited = {**first.json()["rubric"], "question": "Compare bagging with boosting."}
    put = client.put(address, json=edited, headers={"if-match": first.headers["etag"]})
    assert (put.status_code, put.json()["version"]) == (200, 2)
    assert put.headers["etag"] != first.headers["etag"]
    assert client.get(f"{address}/versions/1").json() == first.json()
    assert client.get(f"{address}/versions/2").json() == client.get(address).json() == put.json()
    assert [item["version"] for item in client.get(f"{address}/versions").json()["items"]] == [2, 1]


def test_put_of_the_same_content_makes_no_version(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    address = f"/v1/rubrics/{stored_rubric['id']}"
    put = client.put(address, json=stored_rubric, headers={"if-match": "*"})
    assert (put.status_code, put.json()["version"]) == (200, 1)


def test_put_needs_to_know_what_it_edits(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    address = f"/v1/rubrics/{stored_rubric['id']}"
    etag = client.get(address).headers["etag"]
    edited = {**stored_rubric, "question": "Another one?"}
    table = [({}, 428), ({"if-match": '"stale"'}, 412), ({"if-match": f"W/{etag}"}, 412), ({"if-match": "junk"}, 412)]
    for headers, status in table:
        answer = client.put(address, json=edited, headers=headers)
        assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert client.put(address, json=edited, headers={"if-match": f'"other", {etag}'}).status_code == 200


def test_put_keeps_the_id(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    answer = client.put(
        f"/v1/rubrics/{stored_rubric['id']}", json={**stored_rubric, "id": "other"}, headers={"if-match": "*"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "id")


def test_put_of_an_unknown_rubric(client: TestClient, rubric: dict[str, Any]) -> None:
    answer = client.put(f"/v1/rubrics/{rubric['id']}", json=rubric, headers={"if-match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_of_many_clients_editing_one_version_exactly_one_wins(
    client: TestClient, stored_rubric: dict[str, Any]
) -> None:
    address = f"/v1/rubrics/{stored_rubric['id']}"
    etag = client.get(address).headers["etag"]
    barrier = threading.Barrier(6)
    answers: list[int] = []

    def edit(number: int) -> None:
        barrier.wait()
        edited = {**stored_rubric, "question": f"Question {number}?"}
        answers.append(client.put(address, json=edited, headers={"if-match": etag}).status_code)

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 412, 412, 412, 412, 412]
    assert client.get(address).json()["version"] == 2


def test_unknown_rubrics_and_versions(client: TestClient, stored_rubric: dict[str, Any]) -> None:
    known = f"/v1/rubrics/{stored_rubric['id']}"
    table = [
        ("/v1/rubrics/no-such", 404),
        ("/v1/rubrics/no-such/versions", 404),
        ("/v1/rubrics/no-such/versions/1", 404),
        (f"{known}/versions/9", 404),
        (f"{known}/versions/0", 422),
        (f"{known}/versions/99999999999", 422),
        (f"{known}/versions/one", 422),
        ("/v1/rubrics/%00", 422),
        ("/v1/rubrics/%F0%9F%98%80", 404),
        ("/v1/rubrics/%ff", 404),
    ]
    for address, status in table:
        answer = client.get(address)
        assert (answer.status_code, answer.json()["status"]) == (status, status), address


def test_the_bank_is_listed_page_by_page(fresh_client: TestClient) -> None:
    bank = load_bank()
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": 7} | ({"cursor": cursor} if cursor else {})
        page = fresh_client.get("/v1/rubrics", params=params).json()
        assert len(page["items"]) <= 7
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(bank)


def test_lists_filter(fresh_client: TestClient) -> None:
    bank = load_bank().values()
    one = next(iter(bank))
    for name, value in (("topic", one.topic), ("kind", one.kind.value), ("difficulty", one.difficulty.value)):
        items = fresh_client.get("/v1/rubrics", params={name: value, "limit": 200}).json()["items"]
        assert {item["id"] for item in items} == {rubric.id for rubric in bank if getattr(rubric, name) == value}


@pytest.mark.parametrize(
    "query", ["cursor=%00", "cursor=AA", "cursor=é", "limit=0", "limit=201", "kind=essay", "topic=%00"]
)
def test_bad_list_queries(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/rubrics?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_topics_count_every_rubric_once(fresh_client: TestClient) -> None:
    items = fresh_client.get("/v1/topics").json()["items"]
    bank = load_bank().values()
    assert [item["topic"] for item in items] == sorted({rubric.topic for rubric in bank})
    assert sum(item["rubrics"] for item in items) == len(bank)
    for item in items:
        assert sum(item["kinds"].values()) == sum(item["difficulties"].values()) == item["rubrics"]


def test_schema_is_served(client: TestClient) -> None:
    assert client.get("/v1/rubrics/schema").json()["title"] == "Rubric"
