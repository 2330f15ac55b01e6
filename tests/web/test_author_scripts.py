"""Scripts of the Author room that only compute, called one by one in the browser."""

import json
from typing import Any

import pytest

from rubrics import from_rubric, json_schema, load_bank, load_data, load_text

BANK = list(load_bank().values())
ODD = [
    "yes",
    "null",
    "12",
    "- a list?",
    "a: b",
    "#no comment",
    "'single' and \"double\"",
    "{braces} [and] brackets, & * ! | > % @ `",
    "line one\nline two\n\n  indented",
    "tab\there",
    "back\\slash",
    "emoji 😀 and e\u0301",
    "next\x85line and \u2028 separators",
    "a  long text with two spaces that is longer than a line of the file may be, so it can't be folded",
    "A long text with a colon: here, a # there and 'quotes' that is longer than a line may be, so it is folded.",
    "ends with colon:",
    "a" * 300,
    "?",
    "~",
    "=",
]


@pytest.mark.parametrize("rubric", BANK[::28], ids=lambda rubric: rubric.id)
def test_a_rubric_reads_back_as_it_was(run: Any, rubric: Any) -> None:
    document = from_rubric(rubric).model_dump(mode="json")
    assert load_text(run("author/yaml.js", "toYaml", document)) == rubric


def test_odd_texts_read_back_as_they_were(run: Any) -> None:
    document = {
        "id": "odd",
        "question": ODD[0],
        "guides": ["a, b", *ODD[:4]],
        "reference_answer": ODD[8],
        "key_points": [
            {"id": f"p{at}", "statement": text, "weight": at + 0.5, "terms": [text], "says": ODD, "missed": text}
            for at, text in enumerate(ODD)
        ],
        "misconceptions": [{"id": "m", "statement": "x", "says": ["y"], "correction": ODD[13], "penalty": 0.25}],
        "levels": [{"name": "yes", "min_score": 0}, {"name": "a, b", "min_score": 0.5, "needs_required": True}],
        "follow_ups": [{"question": "Why: this?", "key_points": ["p0"]}],
        "calibration": {
            "engine": "0" * 64, "scoring_hash": "1" * 64, "slope": 1, "shift": -0.000001, "marks": 12,
            "points": [{"id": "p0", "shift": 0.5}, {"id": "p1", "shift": 0}],
        },
    }  # fmt: skip
    assert load_text(run("author/yaml.js", "toYaml", document)) == load_data(json.loads(json.dumps(document)))


def test_a_draft_that_is_no_rubric_yet_is_written_too(run: Any) -> None:
    text = run("author/yaml.js", "toYaml", {"question": "", "key_points": [{"statement": "", "id": None}]})
    assert text == 'question: ""\nkey_points:\n  - statement: ""\n'


POINT = "question: Why?\nkey_points:\n  - id: a\n    statement: It rains.\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", {"question", "key_points", "kind", "levels"}),
        ("ques", "", {"question"}),
        ("question: Why?\nqu", "", set()),
        (f"{POINT}    ", "", {"weight", "says", "missed"}),
        (f"{POINT}    we", "\n    required: true\n", {"weight"}),
        (f"{POINT}  - ", "", {"id", "statement"}),
        (f"{POINT}  - s", "", {"statement", "says"}),
        (f"{POINT}    required: ", "", {"true", "false"}),
        ("kind: c", "", {"concept", "comparison", "calculation", "coding"}),
        ("misconceptions:\n- ", "", {"statement", "penalty"}),
        ("question: >-\n  wei", "", set()),
        ("question: Wh", "y?", set()),
    ],
)
def test_what_fits_is_proposed(run: Any, before: str, after: str, expected: set[str]) -> None:
    found = run("author/complete.js", "completions", before + after, len(before), json_schema())
    labels = {item["label"] for item in found["items"]}
    assert expected <= labels if len(expected) > 1 else labels == expected
    assert not {"id", "statement"} & labels if before.endswith("true: ") else True
    assert before.endswith(before[found["from"] :]) and found["to"] == len(before)


def test_a_name_that_is_there_already_is_not_proposed(run: Any) -> None:
    text = f"{POINT}    \n    weight: 2\n  - statement: Other.\n    near: [x]\n"
    at = text.index("    \n") + 4
    labels = {item["label"] for item in run("author/complete.js", "completions", text, at, json_schema())["items"]}
    assert {"says", "near"} <= labels and not {"id", "statement", "weight"} & labels


def document(*points: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"question": "Why?", "key_points": list(points), **more}


def point(name: str, statement: str = "It rains.", **more: Any) -> dict[str, Any]:
    return {"id": name, "statement": statement, "weight": 1, **more}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (document(point("a")), document(point("a", says=[], missed="")), []),
        (document(point("a")), document(point("a"), point("b")), [("key_points", "in", [])]),
        (document(point("a"), point("b")), document(point("b")), [("key_points", "out", [])]),
        (document(point("a"), point("b")), document(point("b"), point("a")), [("key_points", "moved", [])] * 2),
        (document(point("a")), document(point("a", "It snows.")), [("key_points", "changed", ["statement"])]),
        (
            document(point("a", says=["x", "y"])),
            document(point("a", says=["y", "z"], required=True)),
            [("key_points", "changed", ["required", "says"])],
        ),
        (document(point("a")), document(point("a"), topic="rain"), [("rubric", "changed", ["topic"])]),
        (
            document(point("a"), levels=[{"name": "low", "min_score": 0}]),
            document(point("a"), levels=[{"name": "low", "min_score": 0.1}]),
            [("levels", "changed", ["min_score"])],
        ),
    ],
)
def test_changes_between_versions(run: Any, before: Any, after: Any, expected: list[Any]) -> None:
    found = run("author/changes.js", "changes", before, after)
    assert [(one["part"], one["kind"], [field["field"] for field in one["fields"]]) for one in found] == expected


def test_wordings_that_came_and_went(run: Any) -> None:
    (one,) = run(
        "author/changes.js", "changes", document(point("a", says=["x", "y"])), document(point("a", says=["y", "z"]))
    )
    assert (one["fields"][0]["ins"], one["fields"][0]["outs"]) == (["z"], ["x"])


@pytest.mark.parametrize(
    ("text", "taken", "name"),
    [
        ("Boosting trains its models one after another.", [], "boosting-trains-its-models-one"),
        ("It's naïve!", [], "its-naive"),
        ("Same", ["same", "same-2"], "same-3"),
        ("机器", [], "unnamed"),
    ],
)
def test_ids_are_made_of_words(run: Any, text: str, taken: list[str], name: str) -> None:
    assert run("author/drafts.js", "named", text, taken) == name
