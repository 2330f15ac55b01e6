import math

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from grader.agreement import Agreement, agreement, expected_calibration_error, macro_f1, quadratic_weighted_kappa


def measure(marks: list[float], coverages: list[float], reviews: list[bool] | None = None) -> Agreement:
    return agreement(np.array(marks), np.array(coverages), np.array(reviews or [False] * len(marks)))


def test_perfect_and_reversed_raters() -> None:
    best = measure([0, 0, 1, 1], [0.0, 0.1, 0.9, 1.0])
    assert best.auc == best.accuracy == best.f1 == 1 and best.brier == pytest.approx(0.005)
    worst = measure([0, 0, 1, 1], [0.9, 1.0, 0.0, 0.1])
    assert worst.auc == worst.accuracy == 0 and worst.pearson is not None and worst.pearson < -0.9


def test_undefined_figures_are_none_and_never_nan() -> None:
    for found in (measure([1, 1, 1], [0.5, 0.5, 0.5]), measure([0], [0.2]), measure([], [])):
        for name in Agreement.__slots__:
            value = getattr(found, name)
            assert value is None or math.isfinite(value), name
    assert measure([1, 1], [0.5, 0.6]).auc is None
    assert quadratic_weighted_kappa(np.array([2, 2]), np.array([2, 2])) is None


def test_quadratic_weighted_kappa_is_scikit_learns() -> None:
    rng = np.random.default_rng(1)
    left, right = rng.integers(0, 5, 200), rng.integers(0, 5, 200)
    expected = cohen_kappa_score(left, right, weights="quadratic", labels=range(5))
    assert quadratic_weighted_kappa(left, right) == pytest.approx(expected, abs=1e-6)


def test_expected_calibration_error_by_hand() -> None:
    marks, coverages = np.array([1.0, 0.0, 1.0, 1.0]), np.array([0.95, 0.95, 0.15, 1.0])
    assert expected_calibration_error(marks, coverages) == pytest.approx(0.75 * (2.9 / 3 - 2 / 3) + 0.25 * 0.85)


def test_review_rate_and_accuracy_when_sure() -> None:
    found = measure([1, 1, 0, 0], [0.9, 0.2, 0.1, 0.6], [False, True, False, True])
    assert (found.accuracy, found.review_rate, found.accuracy_when_sure) == (0.5, 0.5, 1.0)


def test_macro_f1() -> None:
    assert macro_f1(["covered", "missed", "contradicted"], ["covered", "missed", "contradicted"]) == 1
    assert macro_f1(["covered", "missed"], ["covered", "covered"]) == pytest.approx(1 / 3, abs=1e-6)
    assert macro_f1([], []) is None
