"""Every rule that asks the engine finds its fault in a good rubric that was spoiled on purpose, on the real model."""

from dataclasses import replace

import numpy as np
import pytest

from grader.encoder import ModelEncoder
from grader.engine import Engine
from grader.golden import GoldenAnswer, Mark
from grader.matcher import match
from grader.model import Verdict
from grader.nearness import LARGEST, Nearness
from grader.rubric_check import ALL_RULES, check
from grader.rubric_rules import RULES
from rubrics import KeyPoint, Misconception, Rubric, load_bank
from rubrics.findings import Finding, Severity, has_errors
from tests.fakes import fake_engine


@pytest.fixture(scope="module")
def good() -> Rubric:
    return load_bank()["bagging-vs-boosting"]


def found(code: str, findings: list[Finding]) -> list[str]:
    return [finding.path for finding in findings if finding.code == code]


def golden(rubric: Rubric, *verdicts: Verdict) -> list[GoldenAnswer]:
    """One answer for each verdict, which it gives to every key point."""
    return [
        GoldenAnswer(
            rubric=rubric.id,
            topic=rubric.topic,
            id=str(number),
            kind="free",
            voice="terse",
            text="…",
            marks={point.id: Mark(verdict, "") for point in rubric.key_points},
            misconceptions=(),
        )
        for number, verdict in enumerate(verdicts)
    ]


def test_a_good_rubric_passes(good: Rubric, engine: Engine) -> None:
    assert check(good, engine) == []
    assert check(good, engine, golden(good, Verdict.COVERED, Verdict.MISSED, Verdict.CONTRADICTED)) == []


def test_a_point_cut_into_two(good: Rubric, engine: Engine) -> None:
    whole = good.key_points[3]
    first = replace(whole, says=whole.says[1::2], denies=whole.denies[::2])
    second = replace(whole, id="again", statement=whole.says[0], says=whole.says[2::2], denies=whole.denies[1::2])
    points = (*good.key_points[:3], first, second, *good.key_points[4:])
    assert found("same_point", check(replace(good, key_points=points), engine)) == ["key_points[4].statement"]


def test_opposites_are_two_points(engine: Engine) -> None:
    rubric = load_bank()["false-positive-false-negative"]
    assert not found("same_point", check(rubric, engine))


def test_a_question_that_gives_a_point_away(good: Rubric, engine: Engine) -> None:
    question = (
        "Bagging lets all its models be trained in parallel, as no model depends on another. How does boosting differ?"
    )
    assert found("given_away", check(replace(good, question=question), engine)) == ["key_points[1].statement"]


def test_numbers_that_are_not_in_the_question_are_not_given_away(engine: Engine) -> None:
    rubric = Rubric(
        "product",
        "A coin shows heads with chance 0.5, a die a six with chance 0.17. What is the chance of both?",
        (KeyPoint("product", "The chance of both is 0.085."), KeyPoint("given", "A coin shows heads with chance 0.5.")),
    )
    assert found("given_away", check(rubric, engine)) == ["key_points[1].statement"]


def test_a_reference_answer_that_lacks_a_point(good: Rubric, engine: Engine) -> None:
    other = load_bank()["pca"].reference_answer
    lacking = found("not_in_reference", check(replace(good, reference_answer=other), engine))
    assert len(lacking) == len(good.key_points)
    assert not found("not_in_reference", check(replace(good, reference_answer=""), engine))


def test_a_reference_answer_that_asserts_a_misconception(good: Rubric, engine: Engine) -> None:
    answer = f"{good.reference_answer} {good.misconceptions[1].says[0]}."
    (finding,) = check(replace(good, reference_answer=answer), engine)
    assert (finding.code, finding.path) == ("misconception_in_reference", "misconceptions[1].statement")
    assert "begins to overfit" in finding.message


def test_a_misconception_that_is_a_point(good: Rubric, engine: Engine) -> None:
    right = good.key_points[3]
    wrong = Misconception("wrong", right.says[0], right.says[1:3], "No.", 0.5)
    spoiled = replace(
        good,
        key_points=(*good.key_points[:3], replace(right, says=right.says[3:]), *good.key_points[4:]),
        misconceptions=(*good.misconceptions, wrong),
    )
    assert found("misconception_near_point", check(spoiled, engine)) == ["misconceptions[3].statement"]


def test_a_wording_in_the_wrong_list(good: Rubric, engine: Engine) -> None:
    right = good.key_points[1]
    spoiled = replace(right, denies=(*right.denies[:3], right.says[3]))
    findings = check(replace(good, key_points=(good.key_points[0], spoiled, *good.key_points[2:])), engine)
    assert [(one.code, one.path, one.severity) for one in findings if one.code != "repeated_wording"] == [
        ("misplaced_wording", f"key_points[1].{place}", Severity.WARNING) for place in ("says[3]", "denies[3]")
    ]


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ((Verdict.COVERED,) * 3, "never_missed"),
        ((Verdict.COVERED, Verdict.PARTIAL, Verdict.COVERED), "never_missed"),
        ((Verdict.MISSED, Verdict.MISSED, Verdict.CONTRADICTED), "never_covered"),
        ((Verdict.MISSED, Verdict.PARTIAL, Verdict.CONTRADICTED), None),
        ((Verdict.MISSED, Verdict.MISSED), None),
    ],
)
def test_points_that_tell_no_answers_apart(
    good: Rubric, engine: Engine, verdicts: tuple[Verdict, ...], code: str | None
) -> None:
    others = golden(replace(good, id="other"), Verdict.MISSED, Verdict.COVERED)
    findings = check(good, engine, [*golden(good, *verdicts), *others])
    assert {finding.code for finding in findings} == ({code} if code else set())
    assert len(findings) == (len(good.key_points) if code else 0)


def test_nearness_is_what_the_matcher_sees(rubric: Rubric, engine: Engine, model: ModelEncoder) -> None:
    (prepared,) = engine.prepared([rubric]).values()
    near = Nearness.of(prepared)
    point = rubric.key_points[1]
    texts = [point.statement, *point.says]
    for column, text, tokens in zip(near.says[1], texts, model.encode(texts), strict=True):
        passage = match(prepared, text, tokens).alignments[:, -1]
        assert np.all(passage >= near.alignments[:, column] - 0.01)  # the matcher's lexical links can only add
        assert np.median(passage - near.alignments[:, column]) < 0.02
    assert [len(group) for group in near.says] == [3, 3, 3] and [len(group) for group in near.misconceptions] == [2]


def test_rubrics_of_any_shape_can_be_checked() -> None:
    engine = fake_engine(max_chars=50)
    bare = Rubric("bare", "Why?", (KeyPoint("a", "It rains."),))
    assert has_errors(check(bare, engine))
    mixed = Rubric(
        "mixed",
        "",
        (
            KeyPoint("a", "\u200b", denies=("no",)),
            KeyPoint("b", "It rains.", near=("wet",)),
            KeyPoint("c", "It rains."),
        ),
        reference_answer="It rains and rains and rains, and then it rains again. " * 3,  # longer than the engine reads
        misconceptions=(Misconception("m", "It is dry."),),
    )
    assert has_errors(check(mixed, engine))


def test_a_huge_rubric_is_not_compared() -> None:
    text = " ".join(["word"] * 400)
    points = tuple(KeyPoint(f"p{n}", f"{text} {n}", says=(text, text, text)) for n in range(LARGEST // 1_600 + 1))
    findings = check(Rubric("huge", "Why?", points), fake_engine())
    assert found("too_large", findings) == [""] and not found("same_point", findings)


def test_every_rule_explains_itself() -> None:
    assert len({rule.code for rule in ALL_RULES}) == len(ALL_RULES) > len(RULES)
    for rule in ALL_RULES:
        assert rule.explanation.endswith(".") and rule.remedy.endswith("."), rule.code
