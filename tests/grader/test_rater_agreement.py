"""Agreement of raters: against scikit-learn's figures, with honest gaps."""

import math
from dataclasses import astuple

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from grader.agreement import quadratic_weighted_kappa, weighted_kappa
from grader.model import Verdict
from grader.rater_agreement import Compared, Estimate, by_band, by_key_point, by_time, coverage_of, figures

C, P, M, X = Verdict.COVERED, Verdict.PARTIAL, Verdict.MISSED, Verdict.CONTRADICTED
WEIGHTS = {"a": 2.0, "b": 1.0, "c": 1.0}


def answer(left: str, right: str, time: str = "2026-01", rubric: str = "r") -> Compared:
    """Verdicts on a, b and c by their first letters; "-" for none."""
    words = {"c": C, "p": P, "m": M, "x": X}
    sides = [
        {point: words[one] for point, one in zip("abc", side, strict=False) if one != "-"} for side in (left, right)
    ]
    return Compared(rubric, time, sides[0], sides[1], *(coverage_of(side, WEIGHTS) for side in sides))


def drawn(n: int, seed: int = 3) -> list[Compared]:
    rng = np.random.default_rng(seed)
    rows = rng.choice(list("cpmx"), (n, 3))
    other = np.where(rng.random((n, 3)) < 0.75, rows, rng.choice(list("cpmx"), (n, 3)))
    return [answer("".join(one), "".join(two)) for one, two in zip(rows, other, strict=True)]


def test_figures_are_those_of_scikit_learn() -> None:
    compared = drawn(200)
    found = figures(compared)
    left = [one.left[point].value for one in compared for point in "abc"]
    right = [one.right[point].value for one in compared for point in "abc"]
    assert found.kappa is not None
    assert found.accuracy is not None
    assert found.kappa.value == pytest.approx(cohen_kappa_score(left, right), abs=1e-6)
    assert found.accuracy.value == pytest.approx(np.mean(np.array(left) == np.array(right)), abs=1e-6)
    bands = [
        [math.floor(4 * (value or 0) + 0.5) for value in (one.left_coverage, one.right_coverage)] for one in compared
    ]
    one, two = np.array(bands).T
    assert found.qwk is not None
    assert found.exact is not None
    assert found.adjacent is not None
    assert found.qwk.value == pytest.approx(cohen_kappa_score(one, two, weights="quadratic"), abs=1e-6)
    assert found.qwk.value == quadratic_weighted_kappa(one, two)
    assert found.exact.value == pytest.approx(np.mean(one == two), abs=1e-6)
    assert found.adjacent.value == pytest.approx(np.mean(abs(one - two) <= 1), abs=1e-6)
    assert (found.answers, found.verdicts, found.whole, found.note) == (200, 600, 200, None)


def test_intervals_are_seeded_and_hold_the_value() -> None:
    found = figures(drawn(80), seed=1)
    assert found == figures(drawn(80), seed=1)
    for one in (found.accuracy, found.kappa, found.qwk, found.exact, found.adjacent):
        assert one is not None
        assert one.low is not None
        assert one.high is not None
        assert one.low <= one.value <= one.high
        assert one.low < one.high
    more = figures(drawn(2000), seed=1).accuracy
    assert more is not None
    assert found.accuracy is not None
    assert (more.high or 0) - (more.low or 0) < (found.accuracy.high or 0) - (found.accuracy.low or 0)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """Accuracy is 0.8125 by design: 3/4 kept, and 1/4 of the rest equal by chance."""
    hits = 0
    for seed in range(60):
        found = figures(drawn(60, seed)).accuracy
        assert found is not None
        hits += (found.low or 0) <= 0.8125 <= (found.high or 0)
    assert 50 <= hits <= 60


@pytest.mark.parametrize(
    ("compared", "note"),
    [
        ([], "Nothing was rated by both."),
        ([answer("c--", "--c")], "Nothing was rated by both."),
        ([answer("ccc", "ccc")] * 4, "Kappa isn't defined: both gave one verdict throughout. QWK isn't defined: all"),
        ([answer("cm-", "cc-")] * 4, "No answer was rated as a whole by both, so there is no QWK."),
    ],
)
def test_what_cant_be_told_is_said(compared: list[Compared], note: str) -> None:
    found = figures(compared)
    assert found.note is not None
    assert found.note.startswith(note)
    numbers = [part for one in astuple(found) if isinstance(one, tuple) for part in one]
    assert not any(isinstance(one, float) and math.isnan(one) for one in numbers)
    if not found.verdicts:
        assert (found.accuracy, found.kappa, found.qwk) == (None, None, None)


def test_one_answer_has_no_interval() -> None:
    assert figures([answer("cmc", "cmm")]).accuracy == Estimate(0.666667, None, None)


def test_by_key_point_band_and_time() -> None:
    compared = [answer("ccc", "ccm"), answer("mmm", "mmm", "2026-02"), answer("cmm", "xmm", "2026-02", "s")]
    points = by_key_point(compared)
    assert set(points) == {(rubric, point) for rubric in "rs" for point in "abc"}
    assert points["r", "c"].accuracy == Estimate(0.5, 0.0, 1.0)
    assert {band: one.answers for band, one in by_band(compared).items()} == {0: 1, 2: 1, 4: 1}
    assert {time: one.answers for time, one in by_time(compared).items()} == {"2026-01": 1, "2026-02": 2}


def test_undefined_tables_are_nan_inside_only() -> None:
    assert np.isnan(weighted_kappa(np.diag([3.0, 0, 0])))
    assert weighted_kappa(np.diag([3.0, 0, 2.0])) == 1
