from dataclasses import replace

import pytest

from grader.model import KeyPointResult, MisconceptionResult, Verdict
from grader.scoring import level_of, next_step, score
from grader.verdict import CREDIT
from rubrics.model import DEFAULT_LEVELS, KeyPoint, Rubric

C, P, M, X = Verdict.COVERED, Verdict.PARTIAL, Verdict.MISSED, Verdict.CONTRADICTED
RUBRIC = Rubric(
    id="r",
    question="q",
    key_points=(
        KeyPoint("a", "A.", weight=3, required=True),
        KeyPoint("b", "B.", weight=2),
        KeyPoint("c", "C.", weight=1),
    ),
)


def results(*verdicts: Verdict) -> list[KeyPointResult]:
    return [
        KeyPointResult(p.id, p.statement, p.weight, v, CREDIT[v], 0.9, 0.9, (), "", p.required)
        for p, v in zip(RUBRIC.key_points, verdicts, strict=True)
    ]


def wrong(penalty: float) -> list[MisconceptionResult]:
    return [MisconceptionResult("m", "M.", 0.9, (), "", penalty)] if penalty else []


@pytest.mark.parametrize(
    ("verdicts", "penalty", "points", "coverage", "level"),
    [
        ((C, C, C), 0, 6, 1, "excellent"),
        ((C, C, M), 0, 5, 0.833333, "proficient"),
        ((C, P, M), 0, 4, 0.666667, "proficient"),
        ((M, C, C), 0, 3, 0.5, "developing"),
        ((X, M, M), 0, 0, 0, "insufficient"),
        ((M, M, C), 2, 0, 0.166667, "insufficient"),
        ((C, C, C), 1, 5, 1, "proficient"),
    ],
)
def test_points_level_and_penalties(
    verdicts: tuple[Verdict, ...], penalty: float, points: float, coverage: float, level: str
) -> None:
    scored = score(RUBRIC, results(*verdicts), wrong(penalty))
    assert (scored.points, scored.coverage, scored.level) == (points, coverage, level)


def test_required_points_bar_the_top_level_only() -> None:
    assert level_of(DEFAULT_LEVELS, 1.0, required_met=False).name == "proficient"
    assert level_of(DEFAULT_LEVELS, 1.0, required_met=True).name == "excellent"
    assert level_of(DEFAULT_LEVELS, 0.0, required_met=False).name == "insufficient"


@pytest.mark.parametrize(
    ("verdicts", "penalty", "level", "points", "dropped"),
    [
        ((M, M, M), 0, "developing", ("a",), ()),
        ((M, C, C), 0, "proficient", ("a",), ()),
        ((P, C, C), 0, "excellent", ("a",), ()),
        ((C, C, M), 0, "excellent", ("c",), ()),
        ((C, C, C), 2, "excellent", (), ("m",)),
    ],
)
def test_shortest_way_to_the_next_level(
    verdicts: tuple[Verdict, ...], penalty: float, level: str, points: tuple[str, ...], dropped: tuple[str, ...]
) -> None:
    found = results(*verdicts)
    now = score(RUBRIC, found, wrong(penalty)).level
    step = next_step(RUBRIC, found, wrong(penalty), now)
    assert step is not None
    assert (step.level, step.key_points, step.misconceptions) == (level, points, dropped)
    kept = [item for item in wrong(penalty) if item.id not in step.misconceptions]
    mended = [replace(r, verdict=C, credit=1.0) if r.id in step.key_points else r for r in found]
    names = [item.name for item in DEFAULT_LEVELS]
    assert names.index(score(RUBRIC, mended, kept).level) >= names.index(level), "the step leads at least there"


def test_no_step_from_the_top() -> None:
    assert next_step(RUBRIC, results(C, C, C), [], "excellent") is None
