"""What counts after people had their say: tables without any I/O."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest

from grader.effective import effective, total_statement
from grader.errors import RatingInvalid
from grader.model import EngineInfo, RubricRef, Verdict
from grader.rate import Said, Word, marks
from grader.rating import TOTAL, Found, Mark, Rating, RatingKind, Span, Target
from grader.scoring import score
from rubrics.model import KeyPoint, Misconception, Rubric
from tests.fakes import fake_engine

C, P, M, X = Verdict.COVERED, Verdict.PARTIAL, Verdict.MISSED, Verdict.CONTRADICTED
REVIEW, BLIND, ADJUDICATION, IMPORT = RatingKind.REVIEW, RatingKind.BLIND, RatingKind.ADJUDICATION, RatingKind.IMPORT
RUBRIC = Rubric(
    id="r",
    question="How do bagging and boosting differ?",
    key_points=(
        KeyPoint("a", "Boosting trains its models one after another.", weight=3, required=True, missed="Ask a."),
        KeyPoint("b", "Bagging trains each model on a bootstrap sample.", weight=1),
    ),
    misconceptions=(Misconception("m", "Bagging lowers the bias.", correction="It lowers variance.", penalty=1),),
)
TEXT = "Boosting trains its models one after another. Nothing else."
ENGINES = fake_engine().grade(RUBRIC, TEXT)
_numbers = count(1)
STATEMENTS = {
    **{(Target.KEY_POINT, one.id): one.statement for one in RUBRIC.key_points},
    (Target.MISCONCEPTION, "m"): "Bagging lowers the bias.",
    (Target.TOTAL, TOTAL): total_statement(RUBRIC),
}


def mark(id_: str, value: Verdict | Found | float, **other: object) -> Mark:
    target = {Verdict: Target.KEY_POINT, Found: Target.MISCONCEPTION}.get(type(value), Target.TOTAL)  # type: ignore[call-overload]
    made = Mark(target, id_, STATEMENTS[target, id_], value)
    return replace(made, **other)  # type: ignore[arg-type]


def rating(kind: RatingKind, *given: Mark, by: str = "ann") -> Rating:
    number = next(_numbers)
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    return Rating(UUID(int=number), kind, by, at, "", RubricRef("r", 1, "0"), EngineInfo("1", "m", "0"), given)


def verdicts(*ratings: Rating, rubric: Rubric = RUBRIC) -> dict[str, Verdict]:
    return {one.id: one.verdict for one in effective(rubric, ENGINES, ratings).evaluation.key_points}


def test_the_fixture_is_what_the_tests_say() -> None:
    assert {one.id: one.verdict for one in ENGINES.key_points} == {"a": C, "b": M}
    assert (ENGINES.points, ENGINES.level, ENGINES.misconceptions) == (3, "proficient", ())


def test_without_a_word_the_engines_result_counts() -> None:
    found = effective(RUBRIC, ENGINES, ())
    assert found.evaluation is ENGINES
    assert (dict(found.decisions), found.disputed) == ({}, ())


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ([rating(REVIEW, mark("b", C))], {"a": C, "b": C}),
        ([rating(REVIEW, mark("b", C)), rating(REVIEW, mark("b", P), by="ben")], {"a": C, "b": P}),
        ([rating(REVIEW, mark("b", C)), rating(REVIEW, mark("a", M), by="ben")], {"a": M, "b": C}),
        ([rating(BLIND, mark("b", X))], {"a": C, "b": X}),
        ([rating(REVIEW, mark("b", C)), rating(BLIND, mark("b", X), by="ben")], {"a": C, "b": C}),
        ([rating(BLIND, mark("b", X), by="ben"), rating(REVIEW, mark("b", C))], {"a": C, "b": C}),
        ([rating(ADJUDICATION, mark("b", P)), rating(REVIEW, mark("b", C))], {"a": C, "b": P}),
        ([rating(ADJUDICATION, mark("b", P)), rating(RatingKind.APPEAL, mark("b", C))], {"a": C, "b": C}),
        ([rating(IMPORT, mark("b", P)), rating(REVIEW, mark("b", C))], {"a": C, "b": C}),
    ],
)
def test_which_word_counts(ratings: list[Rating], expected: dict[str, Verdict]) -> None:
    assert verdicts(*ratings) == expected


def test_all_that_follows_from_a_verdict_follows() -> None:
    found = effective(
        RUBRIC, ENGINES, [rating(REVIEW, mark("a", M), mark("b", C), mark("m", Found.ASSERTED))]
    ).evaluation
    again = score(RUBRIC, found.key_points, found.misconceptions)
    assert (found.points, found.coverage, found.level) == (again.points, again.coverage, again.level)
    assert (found.points, found.coverage, found.level) == (0.0, 0.25, "insufficient")
    assert found.missed == ("a",)
    assert found.next_step.startswith("To reach “developing”")
    assert found.key_points[0].feedback == "Ask a."
    assert "It lowers variance." in found.feedback
    assert [(one.id, one.penalty) for one in found.misconceptions] == [("m", 1)]
    assert (found.expected_coverage, found.engine) == (ENGINES.expected_coverage, ENGINES.engine)


def test_a_quote_takes_the_place_of_the_engines_evidence() -> None:
    span = Span("Nothing else.", 46, 59)
    [_, point] = effective(RUBRIC, ENGINES, [rating(REVIEW, mark("b", P, span=span))]).evaluation.key_points
    assert [(one.quote, one.start, one.end) for one in point.evidence] == [("Nothing else.", 46, 59)]
    assert TEXT[46:59] == span.quote


def test_an_accepted_verdict_keeps_the_engines_words() -> None:
    found = effective(RUBRIC, ENGINES, [rating(REVIEW, mark("a", C), mark("b", M))])
    assert found.evaluation.key_points == ENGINES.key_points
    assert set(found.decisions) == {(Target.KEY_POINT, "a"), (Target.KEY_POINT, "b")}


@pytest.mark.parametrize(
    ("ratings", "points", "level"),
    [
        ([rating(IMPORT, mark(TOTAL, 1.5))], 1.5, "insufficient"),
        ([rating(IMPORT, mark(TOTAL, 4.0))], 4.0, "excellent"),  # whoever says so has judged what is required
        ([rating(IMPORT, mark(TOTAL, 1.5)), rating(REVIEW, mark("b", C))], 4.0, "excellent"),
        ([rating(REVIEW, mark("b", C)), rating(IMPORT, mark(TOTAL, 1.5))], 1.5, "insufficient"),
        ([rating(ADJUDICATION, mark("b", C)), rating(IMPORT, mark(TOTAL, 1.5))], 4.0, "excellent"),
        ([rating(IMPORT, mark(TOTAL, 2.0)), rating(BLIND, mark("b", C))], 2.0, "developing"),
    ],
)
def test_a_mark_for_the_whole(ratings: list[Rating], points: float, level: str) -> None:
    found = effective(RUBRIC, ENGINES, ratings).evaluation
    assert (found.points, found.level) == (points, level)
    assert found.coverage == points / 4


def test_a_mark_holds_while_its_key_point_says_the_same() -> None:
    said = [rating(REVIEW, mark("b", C))]
    reworded = replace(RUBRIC, key_points=(RUBRIC.key_points[0], replace(RUBRIC.key_points[1], says=("by bootstrap",))))
    restated = replace(RUBRIC, key_points=(RUBRIC.key_points[0], replace(RUBRIC.key_points[1], statement="Other.")))
    assert verdicts(*said, rubric=reworded)["b"] is C
    assert verdicts(*said, rubric=restated)["b"] is M
    assert not effective(restated, ENGINES, said).decisions


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ([rating(REVIEW, mark("b", C)), rating(REVIEW, mark("b", M), by="ben")], ()),
        ([rating(REVIEW, mark("b", C)), rating(BLIND, mark("b", C), by="ben")], ()),
        ([rating(REVIEW, mark("b", C)), rating(BLIND, mark("b", M), by="ben")], ("b",)),
        ([rating(BLIND, mark("b", C)), rating(BLIND, mark("b", M), by="ben")], ("b",)),
        ([rating(REVIEW, mark("a", C)), rating(BLIND, mark("b", M), by="ben")], ()),
        ([rating(BLIND, mark("b", M), by="ben"), rating(REVIEW, mark("b", C)), rating(ADJUDICATION, mark("b", C))], ()),
        ([rating(REVIEW, mark("b", C)), rating(BLIND, mark("b", M), by="ben"), rating(REVIEW, mark("b", M))], ()),
    ],
)
def test_what_waits_for_adjudication(ratings: list[Rating], expected: tuple[str, ...]) -> None:
    assert tuple(id_ for _, id_ in effective(RUBRIC, ENGINES, ratings).disputed) == expected


def test_what_is_decided_needs_no_review() -> None:
    doubtful = replace(ENGINES, needs_review=True, review_reasons=("uncertain: b",))
    half = effective(RUBRIC, doubtful, [rating(REVIEW, mark("b", M))]).evaluation
    whole = effective(RUBRIC, doubtful, [rating(REVIEW, mark("a", C), mark("b", M))]).evaluation
    assert (half.needs_review, whole.needs_review, whole.review_reasons) == (True, False, ())


def word(id_: str, value: Verdict | Found, reason: str = "", quote: str = "") -> Word:
    return Word(
        "key_points[0]",
        Target.KEY_POINT if isinstance(value, Verdict) else Target.MISCONCEPTION,
        id_,
        value,
        reason,
        quote,
    )


NOW = effective(RUBRIC, ENGINES, ())
SETTLED = effective(RUBRIC, ENGINES, [rating(ADJUDICATION, mark("b", P))])


def test_the_rest_is_accepted_as_it_stands() -> None:
    given = marks(REVIEW, Said((word("b", C, "it says so"),), accept_rest=True), RUBRIC, TEXT, NOW)
    assert {one.id: one.value for one in given} == {"a": C, "b": C, "m": Found.ABSENT}
    left = marks(REVIEW, Said((), accept_rest=True), RUBRIC, TEXT, SETTLED)
    assert {one.id for one in left} == {"a", "m"}


@pytest.mark.parametrize(
    ("kind", "said", "now", "field"),
    [
        (REVIEW, Said((word("c", C, "x"),)), NOW, "key_points[0].id"),
        (REVIEW, Said((word("b", C),)), NOW, "key_points[0].reason"),
        (REVIEW, Said((word("b", C, "  "),)), NOW, "key_points[0].reason"),
        (REVIEW, Said((word("m", Found.ASSERTED),)), NOW, "key_points[0].reason"),
        (REVIEW, Said((word("b", C, "x", "nowhere"),)), NOW, "key_points[0].quote"),
        (REVIEW, Said((word("b", C, "x"), word("b", M, "x"))), NOW, "key_points[0]"),
        (REVIEW, Said((), points=4.5), NOW, "points"),
        (REVIEW, Said((), points=float("nan")), NOW, "points"),
        (REVIEW, Said(()), NOW, "key_points"),
        (REVIEW, Said((word("b", C, "x"),)), SETTLED, "key_points[0]"),
        (BLIND, Said((word("b", C),)), NOW, "key_points"),
        (BLIND, Said((word("a", C), word("b", C)), accept_rest=True), NOW, "accept_rest"),
    ],
)
def test_what_means_nothing_is_refused(kind: RatingKind, said: Said, now: object, field: str) -> None:
    with pytest.raises(RatingInvalid) as refused:
        marks(kind, said, RUBRIC, TEXT, now)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_a_blind_rating_needs_no_reasons_and_an_adjudication_goes_over_another() -> None:
    assert len(marks(BLIND, Said((word("a", M), word("b", X))), RUBRIC, TEXT, SETTLED)) == 2
    assert marks(ADJUDICATION, Said((word("b", C, "on second thoughts"),)), RUBRIC, TEXT, SETTLED)[0].value is C
