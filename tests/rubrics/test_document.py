"""What the format accepts, fills in and refuses, wherever the data comes from."""

import json
import math
from typing import Any

import pytest

from rubrics import DEFAULT_LEVELS, Kind, Rubric, RubricError, json_schema, load_data
from rubrics.convert import slug


def refusal(data: object) -> str:
    with pytest.raises(RubricError) as caught:
        load_data(data, "here")
    return str(caught.value)


def test_a_question_and_a_bare_string_are_enough() -> None:
    rubric = load_data({"question": "Why?", "key_points": ["Because of it."]})
    assert (rubric.id, rubric.version, rubric.kind, rubric.levels) == ("inline", 1, Kind.OPEN, DEFAULT_LEVELS)
    assert [(point.id, point.statement, point.weight) for point in rubric.key_points] == [
        ("because-of-it", "Because of it.", 1.0)
    ]


def test_left_out_ids_are_unique_and_give_way_to_written_ones() -> None:
    points = ["Same words.", "Same words.", {"id": "same-words-2", "statement": "Other."}, "†"]
    rubric = load_data({"question": "Why?", "key_points": points})
    assert [point.id for point in rubric.key_points] == ["same-words", "same-words-3", "same-words-2", "point"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("Bagging & Boosting", "bagging-boosting"),
        ("Café doesn't close", "cafe-doesnt-close"),
        ("日本語", "point"),
        ("word " * 30, "word-word-word-word-word-word-word-word-word-word-word-word"),
        ("x" * 200, "x" * 60),
    ],
)
def test_slug(statement: str, expected: str) -> None:
    assert slug(statement) == expected


def test_text_is_stripped(data: dict[str, Any]) -> None:
    data["question"] = "  Why?\n"
    assert load_data(data).question == "Why?"


@pytest.mark.parametrize(
    ("place", "value", "path", "message"),
    [
        (["question"], 3, "question", "must be text"),
        (["question"], "  ", "question", "must not be blank"),
        (["question"], "a\0b", "question", "NUL"),
        (["question"], "a\ud800", "question", "lone surrogate"),
        (["question"], "x" * 2001, "question", "at most 2000 characters"),
        (["question"], "x" * 2000 + "\n", "question", "at most 2000 characters"),
        (["reference_answer"], "x" * 20001, "reference_answer", "at most 20000 characters"),
        (["id"], "Upper", "id", "must match pattern"),
        (["id"], "a" * 81, "id", "must match pattern"),
        (["id"], "a\n", "id", "must match pattern"),
        (["topic"], "../up", "topic", "must match pattern"),
        (["language"], "english", "language", "must match pattern"),
        (["version"], 0, "version", "greater than or equal to 1"),
        (["version"], True, "version", "valid integer"),
        (["kind"], "quiz", "kind", "'concept', 'comparison'"),
        (["questoin"], "?", "questoin", "did you mean 'question'?"),
        (["zzz"], "?", "zzz", "unknown key; remove it"),
        (["key_points"], [], "key_points", "at least 1 item"),
        (["key_points"], ["point"] * 65, "key_points", "at most 64 items"),
        (["key_points"], "one", "key_points", "valid tuple"),
        (["key_points", 0], " ", "key_points[0].statement", "must not be blank"),
        (["key_points", 0], 7, "key_points[0]", "valid dictionary"),
        (["key_points", 0, "weight"], 0, "key_points[0].weight", "greater than 0"),
        (["key_points", 0, "weight"], -1, "key_points[0].weight", "greater than 0"),
        (["key_points", 0, "weight"], 1001, "key_points[0].weight", "less than or equal to 1000"),
        (["key_points", 0, "weight"], math.inf, "key_points[0].weight", "finite"),
        (["key_points", 0, "weight"], math.nan, "key_points[0].weight", "finite"),
        (["key_points", 0, "weight"], "2", "key_points[0].weight", "valid number"),
        (["key_points", 0, "required"], 1, "key_points[0].required", "valid boolean"),
        (["key_points", 0, "sayz"], [], "key_points[0].sayz", "did you mean 'says'?"),
        (["key_points", 1, "says"], ["x"] * 33, "key_points[1].says", "at most 32 items"),
        (["key_points", 1, "says", 0], "", "key_points[1].says[0]", "must not be blank"),
        (["key_points", 1, "id"], "sequential", "key_points[1].id", "already that of key_points[0]"),
        (["misconceptions", 0, "penalty"], -0.5, "misconceptions[0].penalty", "greater than or equal to 0"),
        (["levels"], [], "levels", "at least 1 item"),
        (["levels"], [{"name": "a", "min_score": 0.1}], "levels[0].min_score", "must be 0 for the first"),
        (["levels"], [{"name": "a", "min_score": 0}] * 2, "levels[1].name", "already that of levels[0]"),
        (["levels"], [{"name": "a", "min_score": 2}], "levels[0].min_score", "less than or equal to 1"),
        (
            ["levels"],
            [{"name": name, "min_score": score} for name, score in (("a", 0), ("b", 0.8), ("c", 0.4))],
            "levels[2].min_score",
            "above that of the level before it (0.8)",
        ),
        (["follow_ups", 0, "key_points"], ["nope"], "follow_ups[0].key_points[0]", "there are: sequential, parallel"),
    ],
)
def test_refusals(data: dict[str, Any], place: list[str | int], value: object, path: str, message: str) -> None:
    part: Any = data
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    text = refusal(data)
    assert f"here: {path}: " in text
    assert message in text


@pytest.mark.parametrize("field", ["question", "key_points"])
def test_required_fields(data: dict[str, Any], field: str) -> None:
    del data[field]
    assert refusal(data) == f"here: {field}: is required; add it"


@pytest.mark.parametrize("data", [None, [], "text", 3])
def test_only_mappings(data: object) -> None:
    assert "must be a mapping with question and key_points" in refusal(data)


def test_all_faults_are_named_at_once(data: dict[str, Any]) -> None:
    data["key_points"][0]["weight"] = -1
    data["version"] = "x"
    assert len(refusal(data).splitlines()) == 2


def test_a_flood_of_faults_is_cut_and_counted(data: dict[str, Any]) -> None:
    data.update({f"key{number}": 1 for number in range(500)})
    lines = refusal(data).splitlines()
    assert len(lines) == 101
    assert "400 more faults" in lines[-1]


def test_errors_can_be_printed_whatever_the_value(data: dict[str, Any]) -> None:
    data["a\ud800\x1b[31m"] = "x" * 10_000
    text = refusal(data)
    assert text.encode() and "\x1b" not in text and len(text) < 500


def test_schema_describes_every_field_and_its_example_loads() -> None:
    schema = json_schema()
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["$id"]
    assert schema["required"] == ["question", "key_points"]
    for part in (schema, *schema["$defs"].values()):
        assert part["title"]
        for name, field in part.get("properties", {}).items():
            assert field.get("description"), name
    assert isinstance(load_data(json.loads(json.dumps(schema["examples"][0]))), Rubric)
