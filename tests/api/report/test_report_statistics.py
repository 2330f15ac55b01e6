"""Statistics against values worked out by hand, and where they can't be told."""

import math

import numpy as np
import pytest

from api.report import meaning
from api.report.model import Statistic
from api.report.statistics import F64, alpha, alpha_interval, bins, item_rest

NAN = math.nan


def matrix(*rows: tuple[float, ...]) -> F64:
    return np.array(rows, np.float64)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        # item variances 1 and 1, totals 2, 5, 5 with variance 3: 2 · (1 − 2/3)
        (matrix((1, 1), (2, 3), (3, 2)), 2 / 3),
        # identical items: variances 1 and 1, totals 2, 4, 6 with variance 4: 2 · (1 − 2/4)
        (matrix((1, 1), (2, 2), (3, 3)), 1.0),
        # variances 1/3 and 1/3, totals 1, 1, 2 with variance 1/3: 2 · (1 − 2)
        (matrix((0, 1), (1, 0), (1, 1)), -2.0),
        # variances 1/3, 1/3, 1/4, totals 0, 1, 2, 3 with variance 5/3: 3/2 · (1 − 11/12 · 3/5)
        (matrix((0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1)), 1.5 * (1 - (1 / 4 + 1 / 3 + 1 / 4) / (5 / 3))),
    ],
)
def test_alpha(scores: F64, expected: float) -> None:
    assert alpha(scores) == pytest.approx(expected)


@pytest.mark.parametrize(
    "scores",
    [
        matrix((1, 2)),  # one candidate
        matrix((1,), (2,), (3,)),  # one item
        matrix((0.5, 0.5), (0.5, 0.5)),  # constant
        matrix((0, 1), (1, 0)),  # equal totals
        np.zeros((0, 3)),
        np.zeros((0, 0)),
    ],
)
def test_alpha_that_is_not_defined(scores: F64) -> None:
    assert alpha(scores) is None


def test_interval_of_alpha_holds_it_and_narrows_with_candidates() -> None:
    few, many = alpha_interval(0.7, 10, 5), alpha_interval(0.7, 1000, 5)
    assert few[0] < many[0] < 0.7 < many[1] < few[1] < 1


def test_interval_of_alpha_by_table() -> None:
    # F(0.975; 10, 10) = 3.717, F(0.025; 10, 10) = 1 / 3.717: alpha 0.5 over 11 candidates and 2 items
    assert alpha_interval(0.5, 11, 2) == pytest.approx((1 - 0.5 * 3.717, 1 - 0.5 / 3.717), abs=1e-3)


def test_item_rest_leaves_the_item_out() -> None:
    # the others' means are 1, 3, 2, 4: Pearson of 1, 2, 3, 4 with them is 1 − 6 · 2 / (4 · 15)
    scores = matrix((1, 1, 1), (2, 2, 4), (3, 2, 2), (4, 5, 3))
    value, n = item_rest(scores, 0)
    assert value == pytest.approx(0.8)
    assert n == 4


def test_item_rest_takes_those_who_were_scored() -> None:
    scores = matrix((1, 1, NAN), (2, 3, NAN), (3, NAN, 2), (4, NAN, 4), (NAN, 9, 9), (9, NAN, NAN))
    value, n = item_rest(scores, 0)
    assert value == pytest.approx(0.8)
    assert n == 4


@pytest.mark.parametrize(
    ("scores", "n"),
    [
        (matrix((1, 2), (2, 3)), 2),  # two points always lie on a line
        (matrix((1, 2), (1, 3), (1, 4)), 3),  # constant item
        (matrix((1, 2), (2, 2), (3, 2)), 3),  # constant rest
        (matrix((NAN, 2), (NAN, 3), (NAN, 4)), 0),
    ],
)
def test_item_rest_that_is_not_defined(scores: F64, n: int) -> None:
    assert item_rest(scores, 0) == (None, n)


def test_bins_close_the_last_one_and_leave_unscored_out() -> None:
    found = bins(np.array([0, 0.05, 0.1, 0.95, 1, NAN]))
    assert found.counts == (2, 1, 0, 0, 0, 0, 0, 0, 0, 2)
    assert found.mean == pytest.approx(0.42)
    assert found.median == pytest.approx(0.1)


def test_bins_of_nothing() -> None:
    found = bins(np.array([NAN]))
    assert (sum(found.counts), found.mean, found.median) == (0, None, None)


ONE, CONSTANT, GOOD = (
    matrix((0.5, 0.25)),
    matrix((0.5, 0.5), (0.5, 0.5), (0.5, 0.5)),
    matrix((0, 0), (0.5, 0.4), (1, 1)),
)


@pytest.mark.parametrize(
    ("figure", "why"),
    [
        (meaning.reliability(ONE), "two candidates"),
        (meaning.reliability(GOOD[:, :1]), "fewer than two"),
        (meaning.reliability(CONSTANT), "same total"),
        (meaning.reliability(np.zeros((0, 0))), "fewer than two"),
        (meaning.reliability(matrix((NAN, 1), (1, NAN))), "two candidates"),
        (meaning.discrimination(ONE, 0), "at least 3"),
        (meaning.discrimination(GOOD[:, :1], 0), "one item"),
        (meaning.discrimination(CONSTANT, 0), "the same"),
        (meaning.reliability_of_points(GOOD[:, :1]), "one key point"),
        (meaning.reliability_of_points(ONE), "two scored"),
        (meaning.reliability_of_points(CONSTANT), "same total"),
        (meaning.without(GOOD, 0, 0.9), "three items"),
        (meaning.difficulty(None, 0), "no answer"),
    ],
)
def test_what_cannot_be_told_says_why(figure: Statistic, why: str) -> None:
    assert figure.value is None
    assert figure.meaning.startswith("Can't be told")
    assert why in figure.meaning


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        (meaning.reliability(GOOD), ("Very consistent", "take it as rough", "So few items (2)")),
        (meaning.reliability(matrix((0, 1), (1, 0), (1, 1))), ("Negative", "Check the rubrics")),
        (meaning.discrimination(GOOD, 0), ("tells them apart", "a hint, no finding")),
        (meaning.discrimination(matrix((0, 1), (0.5, 0.5), (1, 0)), 0), ("Negative",)),
        (meaning.difficulty(0.1, 40), ("hard for this cohort",)),
        (meaning.difficulty(0.9, 2), ("easy", "only 2 scored")),
    ],
)
def test_sentences(figure: Statistic, says: tuple[str, ...]) -> None:
    assert figure.value is not None
    for part in says:
        assert part in figure.meaning


def test_reliability_says_who_is_left_out() -> None:
    figure = meaning.reliability(np.vstack([GOOD, matrix((NAN, 1))]))
    assert figure.n == 3
    assert "Left out for want of a score on every item: 1." in figure.meaning


def test_leaving_out_a_bad_item_helps() -> None:
    scores = matrix((0, 0, 1), (0.3, 0.3, 0.5), (0.6, 0.5, 0.5), (1, 1, 0))
    whole = meaning.reliability(scores).value
    assert "more consistent without" in meaning.without(scores, 2, whole).meaning
    assert "contributes" in meaning.without(scores, 0, whole).meaning
