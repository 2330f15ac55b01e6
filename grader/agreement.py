"""Agreement of a rater's coverage with human marks. Pure numbers; a figure that isn't defined is None, never NaN."""

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

HIGH = 0.75  # a mark above this counts as covered
THRESHOLD = 0.5  # an expected coverage from here on counts as covered: the likelier side, not tuned
BINS = 10
BANDS = 4  # marks and coverages are rounded to quarters for QWK

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures over n answers. Formulas as in scikit-learn and SciPy; ece: Naeini et al. 2015, ten equal-width bins of
    the expected coverage against the mean mark; qwk: Cohen's kappa with quadratic weights over quarters.
    """

    n: int
    auc: float | None
    ap: float | None
    accuracy: float | None
    balanced_accuracy: float | None
    f1: float | None
    brier: float | None
    ece: float | None
    pearson: float | None
    spearman: float | None
    rmse: float | None
    qwk: float | None
    review_rate: float | None
    accuracy_when_sure: float | None


def agreement(marks: F64, coverages: F64, reviews: NDArray[np.bool_]) -> Agreement:
    """`marks` and `coverages` [n] in 0–1; `reviews` [n]: the rater said that it can't tell."""
    from scipy import stats
    from sklearn import metrics

    n = len(marks)
    if n == 0:
        return Agreement(0, *([None] * 13))
    human, rated = marks > HIGH, coverages >= THRESHOLD
    both = 0 < human.sum() < n
    right = human == rated
    error = coverages - marks
    sure = right[~reviews]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Agreement(
            n=n,
            auc=_number(metrics.roc_auc_score(human, coverages)) if both else None,
            ap=_number(metrics.average_precision_score(human, coverages)) if human.any() else None,
            accuracy=_number(right.mean()),
            balanced_accuracy=_number(metrics.balanced_accuracy_score(human, rated)) if both else None,
            f1=_number(metrics.f1_score(human, rated)) if human.any() or rated.any() else None,
            brier=_number((error**2).mean()),
            ece=_number(expected_calibration_error(marks, coverages)),
            pearson=_number(stats.pearsonr(marks, coverages).statistic) if n > 1 else None,
            spearman=_number(stats.spearmanr(marks, coverages).statistic) if n > 1 else None,
            rmse=_number(math.sqrt(float((error**2).mean()))),
            qwk=quadratic_weighted_kappa(quarters(marks), quarters(coverages)),
            review_rate=_number(reviews.mean()),
            accuracy_when_sure=_number(sure.mean()) if len(sure) else None,
        )


def expected_calibration_error(marks: F64, coverages: F64) -> float:
    """Mean distance between mark and expected coverage over equal-width bins, weighted by their answers."""
    bins = np.minimum((coverages * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(coverages[bins == one].mean() - marks[bins == one].mean())) * float((bins == one).mean())
        for one in np.unique(bins)
    ]
    return sum(gaps)


def quadratic_weighted_kappa(left: NDArray[np.int64], right: NDArray[np.int64]) -> float | None:
    """Of two ratings [n] on one scale from 0; None where both raters are constant and equal."""
    size = int(max(left.max(), right.max())) + 1
    table = np.bincount(left * size + right, minlength=size * size).reshape(size, size).astype(np.float64)
    return _number(weighted_kappa(table))


def weighted_kappa(tables: F64) -> F64:
    """1 − observed / expected squared distance (Cohen 1968) of tables of counts [..., K, K]; NaN where it is 0 / 0."""
    at = np.arange(tables.shape[-1], dtype=np.float64)
    total = tables.sum((-2, -1))
    left, right = tables.sum(-1) / total[..., None], tables.sum(-2) / total[..., None]
    observed = (tables * (at[:, None] - at) ** 2).sum((-2, -1)) / total
    expected = left @ at**2 + right @ at**2 - 2 * (left @ at) * (right @ at)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: F64 = np.where(expected > 1e-12, 1 - observed / expected, np.nan)
    return found


def macro_f1(human: list[str], rated: list[str]) -> float | None:
    """Mean F1 over the human verdicts that occur."""
    from sklearn import metrics

    return _number(metrics.f1_score(human, rated, labels=sorted(set(human)), average="macro")) if human else None


def quarters(values: F64) -> NDArray[np.int64]:
    """Marks or coverages (0–1) as quarters, 0 to 4."""
    return np.floor(values * BANDS + 0.5).astype(np.int64)


def _number(value: Any) -> float | None:
    return round(float(value), 6) if math.isfinite(value) else None
