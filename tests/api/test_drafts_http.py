"""Rubrics that aren't stored over HTTP: tried out, converted, made of a reference answer."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from rubrics import dump_yaml, from_rubric, load_bank, load_text
from tests.fakes import fake_engine

GOOD = load_bank()["bagging-vs-boosting"]
ANSWER = "Each new tree corrects the errors of the trees before it. 😀 Bagging draws samples."


def test_samples_are_graded_as_ever_and_explained(client: TestClient, rubric: dict[str, Any]) -> None:
    answer = client.post("/v1/rubrics:try", json={"rubric": rubric, "answers": [ANSWER, ""]})
    assert answer.status_code == 200
    first, blank = answer.json()["answers"]
    inline = client.post("/v1/evaluations", json={"rubric": rubric, "answer": ANSWER, "store": False}).json()
    assert first["evaluation"] | {"created_at": None} == inline | {"created_at": None}
    assert [ANSWER[one["start"] : one["end"]] for one in first["sentences"]][1] == "😀 Bagging draws samples."
    assert first["sentences"][0]["key_points"][0]["says"]["wording"] == 1
    assert (blank["evaluation"]["status"], blank["sentences"]) == ("unscored", [])
    assert client.get(f"/v1/rubrics/{rubric['id']}").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"answers": []}, "answers"),
        ({"answers": ["a"] * 21}, "answers"),
        ({"answers": ["fine", "x" * 20_001]}, "answers[1]"),
        ({"answers": ["a\0"]}, "answers[0]"),
        ({"rubric": {"question": "Why?", "key_points": []}}, "rubric.key_points"),
        ({"rubric": {"question": "Why?", "key_points": ["a", {"id": "a", "statement": "b"}]}}, ""),
        ({"more": 1}, "more"),
    ],
)
def test_a_bad_try_names_the_place(
    client: TestClient, rubric: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    answer = client.post("/v1/rubrics:try", json={"rubric": rubric, "answers": ["a"], **change})
    if field:
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    else:
        assert answer.status_code == 200  # an id that a statement would give by itself goes to the point that names it


def test_a_rubric_is_converted_without_loss(client: TestClient) -> None:
    in_yaml = client.post(
        "/v1/rubrics:convert", content=dump_yaml(GOOD), headers={"content-type": "application/yaml"}
    ).json()
    in_json = client.post("/v1/rubrics:convert", json=in_yaml["rubric"]).json()
    assert in_yaml == in_json
    assert in_json["rubric"] == from_rubric(GOOD).model_dump(mode="json")
    assert load_text(in_json["yaml"]) == GOOD


@pytest.mark.parametrize("body", [b"question: [", b"question: Why?\n", b"\xff", b""])
def test_what_is_no_rubric_is_not_converted(client: TestClient, body: bytes) -> None:
    answer = client.post("/v1/rubrics:convert", content=body, headers={"content-type": "application/yaml"})
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_a_reference_answer_becomes_a_rubric(client: TestClient) -> None:
    request = {
        "question": "What do trees need?",
        "reference_answer": "Trees need light. They need water.",
        "id": "trees",
    }
    made = client.post("/v1/rubrics:from-reference", json=request)
    assert made.status_code == 200
    rubric = made.json()["rubric"]
    assert (rubric["id"], rubric["question"]) == ("trees", "What do trees need?")
    assert [point["statement"] for point in rubric["key_points"]] == ["Trees need light.", "They need water."]
    assert load_text(made.json()["yaml"]).reference_answer == request["reference_answer"]
    assert fake_engine().grade(load_text(made.json()["yaml"]), "Trees need light.").points == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reference_answer": " \n"}, "reference_answer"),
        ({"reference_answer": ""}, "reference_answer"),
        ({"question": ""}, "question"),
        ({"question": "  "}, "question"),
        ({"id": "No Slug"}, "id"),
    ],
)
def test_a_bad_reference_names_the_place(client: TestClient, change: dict[str, Any], field: str) -> None:
    request = {"question": "Why?", "reference_answer": "Because it rains.", **change}
    answer = client.post("/v1/rubrics:from-reference", json=request)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
