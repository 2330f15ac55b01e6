"""The result over a practice set: decisions as tables."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from grader.model import (
    AnswerInfo,
    EngineInfo,
    Evaluation,
    KeyPointResult,
    MisconceptionResult,
    RubricRef,
    Status,
    Verdict,
)
from grader.practice import comparison, gaps, result, tally, trend
from grader.practice_model import Earlier, Graded
from grader.revise import revisions, weakest
from rubrics import Difficulty, KeyPoint, Rubric

CREDIT = {Verdict.COVERED: 1.0, Verdict.PARTIAL: 0.5, Verdict.MISSED: 0.0, Verdict.CONTRADICTED: 0.0}
C, P, M, X = Verdict.COVERED, Verdict.PARTIAL, Verdict.MISSED, Verdict.CONTRADICTED
ENGINE = EngineInfo("1", "fake", "0" * 64)
THEN = datetime(2026, 1, 1, tzinfo=UTC)


def rubric(id_: str, topic: str = "t", weights: tuple[float, ...] = (2, 1), **changes: object) -> Rubric:
    points = tuple(
        KeyPoint(f"p{at}", f"Point {at}.", weight, missed=f"Hint {at}." if at else "")
        for at, weight in enumerate(weights)
    )
    return replace(Rubric(id_, f"What is {id_}?", points, topic=topic), **changes)  # type: ignore[arg-type]


def graded(one: Rubric, *verdicts: Verdict, wrong: float | None = None, engine: EngineInfo = ENGINE) -> Graded:
    """Without verdicts, an unscored answer."""
    results = tuple(
        KeyPointResult(
            point.id, point.statement, point.weight, verdict, CREDIT[verdict], 0.9, 0.5, (), f"Feedback {point.id}."
        )
        for point, verdict in zip(one.key_points, verdicts, strict=bool(verdicts))
    )
    points = sum(point.weight * point.credit for point in results)
    scored = bool(verdicts)
    claims = () if wrong is None else (MisconceptionResult(f"m-{one.id}", "Wrong.", 0.9, (), "Right.", wrong),)
    evaluation = Evaluation(
        rubric=RubricRef(one.id, one.version, "0" * 64),
        engine=engine,
        status=Status.SCORED if scored else Status.UNSCORED,
        unscored_reason=None if scored else "blank: the answer has no words",
        points=points if scored else None,
        max_points=one.max_points,
        coverage=points / one.max_points if scored else None,
        expected_coverage=0.5 if scored else None,
        level=("low" if points < 2 else "high") if scored else None,
        needs_review=False,
        review_reasons=(),
        key_points=results,
        misconceptions=claims,
        missed=(),
        feedback="",
        next_step="",
        follow_ups=(),
        flags=(),
        answer=AnswerInfo("0" * 64, 3, "en"),
    )
    return Graded(one, evaluation)


A, B = rubric("a"), rubric("b", "u")


def test_blank_answers_are_said_and_count_in_no_mean() -> None:
    shown = result([graded(A, C, M), graded(B)], [], {}, frozenset())
    assert (shown.total.answers, shown.total.scored) == (2, 1)
    assert (shown.total.points, shown.total.max_points) == (2, 3)
    assert shown.total.coverage == pytest.approx(2 / 3, abs=1e-6)
    assert shown.total.levels == {"high": 1}
    assert [(item.rubric_id, item.reason) for item in shown.unscored] == [("b", "blank: the answer has no words")]
    by_topic = {item.topic: item.tally for item in shown.topics}
    assert list(by_topic) == ["t", "u"]
    assert (by_topic["u"].answers, by_topic["u"].coverage, by_topic["u"].points) == (1, None, None)


def test_a_tally_is_the_mean_of_its_answers_not_of_their_points() -> None:
    found = tally([graded(rubric("a", weights=(9, 1)), C, M), graded(rubric("b", weights=(1, 1)), M, M)])
    assert (found.coverage, found.points, found.max_points) == (0.45, 9, 12)
    assert found.levels == {"high": 1, "low": 1}


def test_nothing_scored_is_no_zero() -> None:
    found = tally([graded(A)])
    assert (found.scored, found.points, found.max_points, found.coverage, found.levels) == (0, None, None, None, {})


def test_contradicted_gaps_come_first_then_the_heaviest() -> None:
    one = graded(rubric("a", weights=(1, 3, 2, 4, 5)), X, M, X, P, C)
    (topic,) = gaps([one], {})
    assert [(gap.key_point_id, gap.verdict, gap.lost) for gap in topic.gaps] == [
        ("p2", X, 2), ("p0", X, 1), ("p1", M, 3), ("p3", P, 2),
    ]  # fmt: skip
    assert topic.lost == 8


def test_the_topic_that_lost_most_comes_first() -> None:
    found = gaps([graded(A, C, M), graded(B, M, M), graded(rubric("c", "full"), C, C)], {})
    assert [(item.topic, item.lost) for item in found] == [("u", 3), ("t", 1)]


def test_a_gap_brings_its_hint_or_else_its_feedback() -> None:
    (topic,) = gaps([graded(A, M, M)], {})
    assert [gap.hint for gap in topic.gaps] == ["Feedback p0.", "Hint 1."]


def test_a_gap_of_the_last_attempt_is_there_again() -> None:
    (topic,) = gaps([graded(A, M, M)], {"a": Earlier(graded(A, C, P), THEN, 2)})
    assert {gap.key_point_id: gap.again for gap in topic.gaps} == {"p0": False, "p1": True}


def test_misconceptions_the_dearest_first() -> None:
    shown = result([graded(A, C, C, wrong=0.5), graded(B, C, C, wrong=1)], [], {}, frozenset())
    assert [(item.rubric_id, item.topic, item.misconception.penalty) for item in shown.misconceptions] == [
        ("b", "u", 1), ("a", "t", 0.5),
    ]  # fmt: skip


CHANGES = [
    ((graded(A, C, M), graded(A, M, M)), 0.666667, True, "better"),
    ((graded(A, M, M), graded(A, C, C)), -1.0, True, "worse"),
    ((graded(A, C, M), graded(A, C, M)), 0.0, True, "steady"),
    ((graded(A, C, M), graded(replace(A, question="Why?"), M, M)), 0.666667, False, None),
    ((graded(A, C, M), graded(replace(A, author="me", version=2), M, M)), 0.666667, True, "better"),
    ((graded(A, C, M, engine=replace(ENGINE, version="2")), graded(A, M, M)), 0.666667, False, None),
]


@pytest.mark.parametrize(("attempts", "change", "comparable", "expected"), CHANGES)
def test_change_since_the_last_attempt(
    attempts: tuple[Graded, Graded], change: float, comparable: bool, expected: str | None
) -> None:
    now, last = attempts
    found = comparison([now, graded(B, C, C)], {"a": Earlier(last, THEN, 3)})
    (item,) = found.items
    assert (item.change, item.comparable, item.attempts, item.last_at) == (change, comparable, 3, THEN)
    assert (found.trend, found.comparable) == (expected, int(comparable))
    assert found.mean_change == (change if comparable else None)


def test_a_blank_answer_is_compared_with_nothing() -> None:
    found = comparison([graded(A)], {"a": Earlier(graded(A, C, C), THEN, 1)})
    assert (found.items, found.mean_change, found.trend) == ((), None, None)


@pytest.mark.parametrize(
    ("mean", "word"),
    [(None, None), (0.0, "steady"), (0.049, "steady"), (-0.049, "steady"), (0.05, "better"), (-0.05, "worse")],
)
def test_trend(mean: float | None, word: str | None) -> None:
    assert trend(mean) == word


@pytest.mark.parametrize(
    ("coverages", "order"),
    [
        ({"a": 0.5, "b": 0.2}, ["b", "a"]),
        ({"a": 0.85, "b": 0.84}, ["b"]),
        ({"a": None, "b": 0.2, "c": 0.0}, ["c", "b", "a"]),
        ({"": 0.1, "b": 0.2}, ["b"]),
        ({}, []),
    ],
)
def test_weakest_topics_first(coverages: dict[str, float | None], order: list[str]) -> None:
    assert weakest(coverages) == order


BANK = [rubric(f"{topic}{number}", topic) for topic in "tuv" for number in range(4)]


@pytest.mark.parametrize(
    ("coverages", "asked", "known", "found"),
    [
        ({"t": 0.2, "u": 0.4}, {"t0", "u0"}, set(), ["t1", "u1", "t2"]),
        ({"t": 0.4, "u": 0.2, "v": 0.3}, set(), set(), ["u0", "v0", "t0"]),
        ({"t": 0.2}, set(), {"t0", "t2"}, ["t1", "t3", "t0"]),
        ({"t": 0.9}, set(), set(), []),
        ({"t": 0.2, "u": None}, {"t0", "t1", "t2", "t3"}, set(), [None, "u0", "u1"]),
    ],
)
def test_revise_items_of_the_weakest_topics(
    coverages: dict[str, float | None], asked: set[str], known: set[str], found: list[str | None]
) -> None:
    shown = revisions(coverages, BANK, frozenset(asked), frozenset(known))
    assert [item.rubric_id for item in shown] == found
    assert not {item.rubric_id for item in shown} & asked
    assert all(item.reason for item in shown)


def test_easier_items_are_revised_first() -> None:
    bank = [rubric("a", difficulty=Difficulty.ADVANCED), rubric("b", difficulty=Difficulty.CORE)]
    assert [item.rubric_id for item in revisions({"t": 0.1}, bank, frozenset(), frozenset())] == ["b", "a"]


@pytest.mark.parametrize(
    ("coverage", "bank", "known", "words"),
    [
        (0.35, [A], set(), "On this topic your answers covered 35%; the set didn't hold this item."),
        (0.35, [A], {"a"}, "On this topic your answers covered 35%; you have answered this item before."),
        (None, [A], set(), "On this topic no answer was scored; the set didn't hold this item."),
        (0.35, [], set(), "On this topic your answers covered 35%, and the set held all of its items"),
    ],
)
def test_a_revision_says_why(coverage: float | None, bank: list[Rubric], known: set[str], words: str) -> None:
    (item,) = revisions({"t": coverage}, bank, frozenset(), frozenset(known))
    assert item.reason.startswith(words)
    assert (item.rubric_id is None) == (item.question is None) == (not bank)
