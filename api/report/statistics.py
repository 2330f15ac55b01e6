"""Classical test statistics. Pure numbers; a figure that isn't defined is None, never NaN."""

import math

import numpy as np
from numpy.typing import NDArray

from api.report.model import Bins

F64 = NDArray[np.float64]

BINS = 10
LEAST_FOR_CORRELATION = 3  # two points always lie on a line


def complete(scores: F64) -> F64:
    """The rows of `scores` [candidates, items] without NaN."""
    kept: F64 = scores[~np.isnan(scores).any(axis=1)]
    return kept


def alpha(scores: F64) -> float | None:
    """Cronbach's alpha (1951) of `scores` [n, k], no NaN: k / (k − 1) · (1 − sum of item variances / total variance).

    At most 1, and below 0 where items work against each other. None for k < 2, n < 2 or equal totals.
    """
    n, k = scores.shape
    if k < 2 or n < 2:
        return None
    total = float(scores.sum(axis=1).var(ddof=1))
    if total < 1e-12:
        return None
    apart = float(scores.var(axis=0, ddof=1).sum())
    return float(k / (k - 1) * (1 - apart / total))


def alpha_interval(value: float, n: int, k: int) -> tuple[float, float]:
    """95% interval of an alpha over n candidates and k items (Feldt, Woodruff & Salih 1987); n and k from 2."""
    from scipy.special import fdtri  # a tenth of the import of scipy.stats

    low, high = (float(fdtri(n - 1, (n - 1) * (k - 1), share)) for share in (0.975, 0.025))
    return 1 - (1 - value) * low, 1 - (1 - value) * high


def item_rest(scores: F64, item: int) -> tuple[float | None, int]:
    """Corrected item–total correlation: Pearson of an item's scores with the mean of each candidate's other scores.

    `scores` [candidates, items], NaN where unscored. With it the number of candidates: those with the item and another.
    None for fewer than three of them, or where one side is constant.
    """
    own, others = scores[:, item], np.delete(scores, item, axis=1)
    usable = ~np.isnan(own) & ~np.isnan(others).all(axis=1)
    n = int(usable.sum())
    if n < LEAST_FOR_CORRELATION:
        return None, n
    return pearson(own[usable], np.nanmean(others[usable], axis=1)), n


def pearson(left: F64, right: F64) -> float | None:
    """Correlation of two rows of numbers; None where one of them is constant."""
    a, b = left - left.mean(), right - right.mean()
    spread = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / spread if spread > 1e-9 else None


def bins(values: F64) -> Bins:
    """Ten equal-width bins over 0–1 of `values` [n], NaN left out."""
    kept = values[~np.isnan(values)]
    counts, _ = np.histogram(kept, bins=BINS, range=(0, 1))
    some = len(kept) > 0
    return Bins(tuple(counts.tolist()), float(kept.mean()) if some else None, float(np.median(kept)) if some else None)
