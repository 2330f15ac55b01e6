"""Receipts: one canonical form, no floats, and what differs said field by field."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.engine import Engine
from grader.receipt import Issue, answer_fits, body, canonical, differences, engine_fits, mark, number, rubric_fits
from rubrics import load_data
from tests.fakes import fake_engine

RUBRIC = load_data(
    {
        "id": "r",
        "question": "How?",
        "key_points": [{"id": "a", "statement": "Boosting is sequential."}, "Bagging isn't."],
    }
)
ANSWER = "Boosting is sequential."
ISSUE = Issue("id", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return fake_engine()


def test_the_form_is_rfc_8785s() -> None:
    # The string of RFC 8785, section 3.2.2.2, and sorting as in 3.2.3 where all keys are ASCII.
    assert canonical({"b": ['€$\u000f\nA\'B"\\\\"/', True, None, 7], "a": {}, "A": ""}) == (
        '{"A":"","a":{},"b":["€$\\u000f\\nA\'B\\"\\\\\\\\\\"/",true,null,7]}'.encode()
    )


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcAZ_09"), inner)))  # fmt: skip
def test_the_form_is_one(value: Any) -> None:
    once = canonical(value)
    assert canonical(json.loads(once)) == once


@pytest.mark.parametrize("value", [1.0, {"a": [1.5]}, {"a": {"b": float("nan")}}, "\ud800"])
def test_what_has_no_such_form(value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (0.0, "0"),
        (2.0, "2"),
        (0.6666666666, "0.666667"),
        (1e-7, "0"),
        (0.1 + 0.2, "0.3"),
        (1e16, "1" + "0" * 16),
        (10.0, "10"),
    ],
)
def test_numbers_are_decimals(value: float | None, text: str | None) -> None:
    assert number(value) == text


def test_what_is_in_it(engine: Engine) -> None:
    graded = engine.grade(RUBRIC, ANSWER)
    made = body(RUBRIC, graded, graded, [("key_point", "a")], ISSUE)
    canonical(made)
    assert made["issued_at"] == "2026-01-02T03:04:05.000006Z"
    assert made["engine_mark"] == made["mark"] == mark(graded)
    assert made["decided_by_people"] == ["key_point.a"]
    assert ANSWER not in json.dumps(made)
    assert answer_fits(made, ANSWER)
    assert not answer_fits(made, ANSWER + " ")
    assert rubric_fits(made, replace(RUBRIC, topic="other"))
    assert not rubric_fits(made, replace(RUBRIC, question="What?"))
    assert engine_fits(made, engine.info)
    assert differences(made, graded) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda graded: replace(graded, points=0.5), "points"),
        (lambda graded: replace(graded, level="other"), "level"),
        (lambda graded: replace(graded, key_points=graded.key_points[:1]), "key_points."),
    ],
)
def test_differences_are_named(engine: Engine, change: Callable[[Any], Any], field: str) -> None:
    graded = engine.grade(RUBRIC, ANSWER)
    [found] = differences(body(RUBRIC, graded, graded, [], ISSUE), change(graded))
    assert found.field.startswith(field)
    assert found.receipt != found.again


def test_an_engine_is_known_by_all_that_moves_a_mark(engine: Engine) -> None:
    graded = engine.grade(RUBRIC, ANSWER)
    made = body(RUBRIC, graded, graded, [], ISSUE)
    for changes in ({"version": "0"}, {"model": "other"}, {"weights_hash": "0" * 64}):
        assert not engine_fits(made, replace(engine.info, **changes))


def test_the_engines_hash_covers_encoder_judge_and_arithmetic() -> None:
    from grader.learned import load_weights
    from tests.fakes import FakeEncoder, FakeJudge

    class Other(FakeEncoder):
        weights_sha256 = "2" * 64

    class Coarse(FakeEncoder):
        backend, precision = "openvino", "bf16"

    class OtherJudge(FakeJudge):
        weights_sha256 = "3" * 64

    weights = load_weights()
    engines = [
        Engine(FakeEncoder(), weights),
        Engine(Other(), weights),
        Engine(Coarse(), weights),
        Engine(FakeEncoder(), weights, judge=FakeJudge()),
        Engine(FakeEncoder(), weights, judge=OtherJudge()),
    ]
    assert len({one.info.weights_hash for one in engines}) == len(engines)
