"""Every text rule finds its fault in a good rubric that was spoiled on purpose, and nothing else there."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rubrics import FollowUp, KeyPoint, Level, Misconception, Rubric, dump_yaml, from_rubric, load_bank
from rubrics.findings import FORMAT, Severity, has_errors
from rubrics.index import index
from rubrics.lint import RULES, check_file, check_text, lint

ROOT = Path(__file__).parents[2]
Spoil = Callable[[Rubric], Rubric]


@pytest.fixture(scope="module")
def bank() -> dict[str, Rubric]:
    return load_bank()


@pytest.fixture(scope="module")
def good(bank: dict[str, Rubric]) -> Rubric:
    return bank["bagging-vs-boosting"]


def point(index: int, **changes: object) -> Spoil:
    def spoil(rubric: Rubric) -> Rubric:
        points = list(rubric.key_points)
        points[index] = replace(points[index], **changes)  # type: ignore[arg-type]
        return replace(rubric, key_points=tuple(points))

    return spoil


def statement(text: str) -> Spoil:
    return point(1, statement=text)


def levels(*scores: float, needs: bool = False) -> Spoil:
    named = tuple(Level(f"level {score}", score, needs and score == scores[-1]) for score in scores)
    return lambda rubric: replace(rubric, levels=named)


def first_two(rubric: Rubric) -> Rubric:
    return replace(rubric, key_points=rubric.key_points[:2], follow_ups=(FollowUp("Why?", ("sequential-correction",)),))


def codes(rubric: Rubric) -> set[str]:
    return {finding.code for finding in lint(rubric)}


def test_a_good_rubric_has_no_findings(good: Rubric) -> None:
    assert lint(good) == []


@pytest.mark.parametrize(
    ("code", "path", "spoil"),
    [
        ("two_propositions", "key_points[1].statement", statement("Bagging runs in parallel; boosting is stronger.")),
        (
            "two_propositions",
            "key_points[1].statement",
            statement("Bagging takes a vote. Boosting takes a sum."),
        ),
        (
            "two_propositions",
            "key_points[1].statement",
            statement("In bagging no model depends on another, and deep trees are usually taken as base learners."),
        ),
        (
            "two_propositions",
            "key_points[1].statement",
            statement("Bagging is quick to train in parallel, but the trees are too large for small devices."),
        ),
        (
            "two_propositions",
            "key_points[1].statement",
            statement("In bagging the models are independent, and also the variance becomes lower."),
        ),
        ("vague_wording", "key_points[1].statement", statement("Bagging has various benefits over one model.")),
        ("vague_wording", "key_points[1].statement", statement("Independence of the models is important.")),
        ("vague_wording", "key_points[1].statement", statement("Bagging uses samples, votes, averages, etc.")),
        ("vague_wording", "key_points[1].statement", statement("Bagging has to choose the relevant features.")),
        ("not_a_sentence", "key_points[1].statement", statement("Parallel training of the models in bagging")),
        ("not_a_sentence", "key_points[1].statement", statement("Which method can train its models in parallel?")),
        ("dominant_weight", "key_points[1].weight", point(1, weight=9)),
        ("point_count", "key_points", first_two),
        ("unreachable_level", "levels[1]", levels(0, 0.985, 0.99)),
        ("unreachable_level", "levels[1]", lambda rubric: levels(0, 0.51, 0.55, 0.99)(first_two(rubric))),
        ("idle_required", "key_points[0].required", levels(0, 0.5)),
        ("missing_feedback", "key_points[1]", point(1, missed="")),
        (
            "missing_feedback",
            "misconceptions[0]",
            lambda rubric: replace(
                rubric, misconceptions=(replace(rubric.misconceptions[0], correction=""), *rubric.misconceptions[1:])
            ),
        ),
        (
            "feedback_repeats_point",
            "key_points[1].missed",
            point(1, missed="In bagging no model depends on another, so they can be trained in parallel."),
        ),
        ("few_follow_ups", "follow_ups", lambda rubric: replace(rubric, follow_ups=rubric.follow_ups[:1])),
        ("few_wordings", "key_points[1]", point(1, says=("bagged models know nothing of each other at all",))),
        ("few_wordings", "key_points[1]", point(1, denies=())),
        ("few_wordings", "key_points[1]", point(1, near=())),
        ("wording_length", "key_points[1].near[0]", point(1, near=("many models", "a b c d e f", "g h i j k l"))),
        ("reference_length", "reference_answer", lambda rubric: replace(rubric, reference_answer="Bagging votes.")),
        ("reference_length", "reference_answer", lambda rubric: replace(rubric, reference_answer="")),
    ],
)
def test_faults_are_found(good: Rubric, code: str, path: str, spoil: Spoil) -> None:
    found = {(finding.code, finding.path) for finding in lint(spoil(good))}
    assert (code, path) in found


def test_every_rule_is_tested() -> None:
    marks = test_faults_are_found.pytestmark  # type: ignore[attr-defined]
    tested = {case[0] for mark in marks for case in mark.args[1]} | {"repeated_wording"}
    assert tested == {rule.code for rule in RULES}


@pytest.mark.parametrize(
    "text",
    [
        "Precision matters when false alarms are costly, and recall matters when missed positives are costly.",
        "A model dominated by bias underfits, and a model dominated by variance overfits its training data.",
        "In bagging no model depends on another, so all of them can be trained in parallel.",
        "Bagging mainly reduces variance, whereas boosting mainly reduces bias.",
        "Kernels are common and practical in SVMs, but costly and rarely used in logistic regression.",
        "After launch, monitor drift and real results, and retrain when the model gets worse.",
        "If no suitable data exists, you collect, label or generate your own.",
        "The amount of data and the number of features influence which algorithm is suitable.",
        "L1 works better than L2 when only a few of the features are important for the outcome.",
        "Each output gets the activation of its kind, e.g. softmax for classes.",
        "Check whether the test data come from another distribution.",
        "k-NN stores the training data.",
        "Compare the model with a simple baseline.",
    ],
)
def test_good_statements_are_left_alone(good: Rubric, text: str) -> None:
    assert not codes(statement(text)(good)) & {"two_propositions", "vague_wording", "not_a_sentence"}


def test_repeated_wordings(good: Rubric) -> None:
    says, denies = good.key_points[1].says, good.key_points[1].denies
    across = point(1, denies=(*denies[:3], good.key_points[2].says[0].upper()))(good)
    assert [(found.code, found.path) for found in lint(across)] == [("repeated_wording", "key_points[2].says[0]")]
    twin = point(1, says=(*says[:4], says[0] + " there"))(good)
    (found,) = lint(twin)
    assert (found.code, found.path) == ("repeated_wording", "key_points[1].says[4]")
    assert "key_points[1].says[0]" in found.message
    swapped = point(1, denies=(*denies[:3], "other models depend on no model in boosting"))(good)
    assert codes(swapped) == set()


def test_formulas_may_be_short(good: Rubric) -> None:
    near = ("y = mean(f_b(x))", "F = f_1 + f_2", "the models are added up at the end")
    assert codes(point(1, near=near)(good)) == set()


@pytest.mark.parametrize(
    ("weights", "required", "scores", "unreached"),
    [
        ((1, 1), (), (0, 0.4, 0.65, 0.85), set()),  # one point and a half of two is 75%
        ((1, 1), (), (0, 0.3, 0.49), {1}),
        ((1,), (), (0, 0.6, 0.9), {1}),
        ((3, 1), (0,), (0, 0.5, 0.7, 0.75), {2}),
        ((3, 1), (0,), (0, 0.5, 1.0), set()),
        ((1,) * 64, (), (0, 0.4, 0.404, 1.0), {1}),
    ],
)
def test_levels_that_nobody_reaches(
    weights: tuple[float, ...], required: tuple[int, ...], scores: tuple[float, ...], unreached: set[int]
) -> None:
    points = tuple(KeyPoint(f"p{i}", "Bagging votes.", weight, i in required) for i, weight in enumerate(weights))
    named = tuple(Level(str(score), score, index + 1 == len(scores)) for index, score in enumerate(scores))
    rubric = Rubric("levels", "What does bagging do?", points, levels=named)
    found = [finding.path for finding in lint(rubric) if finding.code == "unreachable_level"]
    assert found == [f"levels[{index}]" for index in sorted(unreached)]


def test_needing_required_points_that_there_are_none(good: Rubric) -> None:
    points = tuple(replace(one, required=False) for one in good.key_points)
    (found,) = lint(replace(good, key_points=points))
    assert (found.code, found.path, found.severity) == ("idle_required", "levels[3].needs_required", Severity.WARNING)


def test_misconceptions_are_read_too(good: Rubric) -> None:
    wrong = Misconception("m", "Bagging is slow; boosting needs no data.", ("a b", "c d"), "No.", 0.5)
    found = {(one.code, one.path) for one in lint(replace(good, misconceptions=(wrong,)))}
    assert {("two_propositions", "misconceptions[0].statement"), ("few_wordings", "misconceptions[0]")} <= found


def test_findings_have_lines_in_yaml_and_json(good: Rubric, tmp_path: Path) -> None:
    spoiled = point(1, missed="", statement="Bagging has various benefits over one model.")(good)
    path = tmp_path / "bagging.yaml"
    path.write_text(dump_yaml(spoiled))
    lines = path.read_text().splitlines()
    for found in check_file(path):
        assert found.line is not None
        assert lines[found.line - 1].strip().startswith(("- id: bagging-independent", "statement: Bagging has various"))
    document = from_rubric(spoiled).model_dump(mode="json")
    text = json.dumps(document, indent=1)
    assert check_text(text, "body", "json") and all(found.line for found in check_text(text, "body", "json"))
    assert all(found.line for found in check_text(json.dumps(document), "body", "json"))


def test_what_the_loader_refuses_is_a_finding(tmp_path: Path) -> None:
    text = "question: Why?\nkey_points:\n  - statement: Because.\n    wieght: 2\n"
    found = check_text(text, "body", "yaml")[0]
    assert (found.code, found.path, found.line) == (FORMAT, "key_points[0].wieght", 4)
    assert "did you mean 'weight'?" in found.message
    assert has_errors([found])
    assert [found.code for found in check_file(tmp_path / "absent.yaml")] == [FORMAT]


def test_rules_explain_themselves() -> None:
    for rule in RULES:
        assert rule.explanation.endswith(".") and len(rule.explanation) > 40, rule.code
        assert rule.remedy.endswith("."), rule.code


def test_the_bank_has_no_errors(bank: dict[str, Rubric]) -> None:
    findings = [(rubric.id, found) for rubric in bank.values() for found in lint(rubric)]
    errors = [f"{id_}: {found.path}: {found.message}" for id_, found in findings if found.severity is Severity.ERROR]
    assert errors == []


def test_the_index_is_up_to_date(bank: dict[str, Rubric]) -> None:
    page = (ROOT / "docs" / "bank.md").read_text(encoding="utf-8")
    assert page == index(bank.values()), "grader rubrics index > docs/bank.md"


def test_the_index_counts_and_lists(good: Rubric) -> None:
    other = replace(good, id="a|b", topic="trees", guides=("A",), question="Why |\nso?")
    page = index([good, other])
    assert "2 items in 2 topics: 14 key points, 6 misconceptions" in page
    assert "| [a\\|b](../rubrics/bank/trees/a\\|b.yaml) | Why \\| so? | comparison | core | A | 7 |" in page
    assert "| A | 1 | 1 |" in page and "| C | 1 |  |" not in page and "| C | 1 | 0 |" in page
    assert page.endswith("|\n")


def test_rubrics_in_other_languages_are_read_as_text() -> None:
    wordings = ("每棵树都用自己的样本训练", "每个模型只看到一部分数据")
    point = KeyPoint("a", "装袋法独立训练每个模型", says=wordings, missed="想一想每个模型看到什么数据")
    rubric = Rubric("zh", "装袋法和提升法有什么区别", (point,), language="zh")
    assert not codes(rubric) & {"two_propositions", "vague_wording", "not_a_sentence", "repeated_wording"}
    twice = replace(point, says=(wordings[0], wordings[0]))
    assert "repeated_wording" in codes(replace(rubric, key_points=(twice,)))
