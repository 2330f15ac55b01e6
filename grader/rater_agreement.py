"""Agreement of two raters, verdict by verdict and answer by answer, with intervals. Pure numbers.

What isn't defined is None with a note, never NaN and never 0. Intervals are percentiles (2.5 and 97.5) of a bootstrap
over answers (Efron and Tibshirani 1993), for verdicts on the same answer hang together.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.agreement import BANDS, F64, quarters, weighted_kappa
from grader.model import Verdict
from grader.verdict import CREDIT

DRAWS = 1000
LEVELS = BANDS + 1  # coverages are compared in quarters, 0 to 1
_PLACE = {verdict: at for at, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Compared:
    """What two raters said about one answer. Verdicts by key point; coverages 0–1, None where a rater left points out.

    time: when the (later) person rated, as a label such as 2026-01.
    """

    rubric: str
    time: str
    left: Mapping[str, Verdict]
    right: Mapping[str, Verdict]
    left_coverage: float | None
    right_coverage: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval; `low` and `high` None where one answer can't tell."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Agreement over so many answers.

    verdicts: pairs of verdicts on one key point; accuracy: share that is the same; kappa: Cohen's. whole: answers that
    both rated as a whole; of their coverages in quarters qwk: quadratic weighted kappa, exact: share that is equal,
    adjacent: at most a quarter apart. note: why a figure is None.
    """

    answers: int
    verdicts: int
    accuracy: Estimate | None
    kappa: Estimate | None
    whole: int
    qwk: Estimate | None
    exact: Estimate | None
    adjacent: Estimate | None
    note: str | None


def figures(compared: Sequence[Compared], seed: int = 0) -> Figures:
    """Agreement of the left rater with the right one."""
    verdicts = np.array([_verdict_table(one) for one in compared], np.float64).reshape(-1, len(Verdict) ** 2)
    wholes = np.array([_whole_table(one) for one in compared], np.float64).reshape(-1, LEVELS**2)
    pairs, whole = int(verdicts.sum()), int(wholes.sum())
    seen = verdicts[verdicts.any(axis=1)] if pairs else verdicts[:0]
    rated = wholes[wholes.any(axis=1)] if whole else wholes[:0]
    kappa, qwk = _estimate(seen, _kappa, seed), _estimate(rated, _qwk, seed)
    return Figures(
        answers=len(compared),
        verdicts=pairs,
        accuracy=_estimate(seen, _accuracy, seed),
        kappa=kappa,
        whole=whole,
        qwk=qwk,
        exact=_estimate(rated, lambda tables: _near(tables, 0), seed),
        adjacent=_estimate(rated, lambda tables: _near(tables, 1), seed),
        note=_note(pairs, whole, kappa, qwk),
    )


def by_key_point(compared: Sequence[Compared], seed: int = 0) -> dict[tuple[str, str], Figures]:
    """Agreement on each key point, by rubric and key point."""
    found: dict[tuple[str, str], list[Compared]] = {}
    for one in compared:
        for point in one.left.keys() & one.right.keys():
            only = Compared(one.rubric, one.time, {point: one.left[point]}, {point: one.right[point]}, None, None)
            found.setdefault((one.rubric, point), []).append(only)
    return {place: figures(part, seed) for place, part in sorted(found.items())}


def by_band(compared: Sequence[Compared], seed: int = 0) -> dict[int, Figures]:
    """Agreement by the quarter (0 to 4) of the left rater's coverage."""
    found: dict[int, list[Compared]] = {}
    for one in compared:
        if one.left_coverage is not None:
            found.setdefault(_quarter(one.left_coverage), []).append(one)
    return {band: figures(part, seed) for band, part in sorted(found.items())}


def by_time(compared: Sequence[Compared], seed: int = 0) -> dict[str, Figures]:
    """Agreement by time, in order."""
    found: dict[str, list[Compared]] = {}
    for one in compared:
        found.setdefault(one.time, []).append(one)
    return {time: figures(part, seed) for time, part in sorted(found.items())}


def coverage_of(verdicts: Mapping[str, Verdict], weights: Mapping[str, float]) -> float | None:
    """The coverage that a rater's verdicts make, None where a key point has none."""
    if any(point not in verdicts for point in weights):
        return None
    return sum(weight * CREDIT[verdicts[point]] for point, weight in weights.items()) / sum(weights.values())


def _verdict_table(one: Compared) -> F64:
    table = np.zeros((len(Verdict), len(Verdict)))
    for point in one.left.keys() & one.right.keys():
        table[_PLACE[one.left[point]], _PLACE[one.right[point]]] += 1
    return table


def _whole_table(one: Compared) -> F64:
    table = np.zeros((LEVELS, LEVELS))
    if one.left_coverage is not None and one.right_coverage is not None:
        table[_quarter(one.left_coverage), _quarter(one.right_coverage)] = 1
    return table


def _quarter(coverage: float) -> int:
    return int(quarters(np.array([coverage]))[0])


def _estimate(rows: F64, figure: Callable[[F64], F64], seed: int) -> Estimate | None:
    """A figure of the summed tables [n, K·K], and its interval."""
    if not len(rows):
        return None
    value = float(figure(_square(rows.sum(axis=0)[None]))[0])
    if not math.isfinite(value):
        return None
    # Answers of one table are alike: how often each table is drawn has the same distribution as drawing answers.
    different, counts = np.unique(rows, axis=0, return_counts=True)
    draws = np.random.default_rng(seed).multinomial(len(rows), counts / len(rows), DRAWS)
    drawn = figure(_square(draws @ different))
    drawn = drawn[np.isfinite(drawn)]
    if len(rows) < 2 or not len(drawn):
        return Estimate(round(value, 6), None, None)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(round(value, 6), round(float(low), 6), round(float(high), 6))


def _square(tables: F64) -> F64:
    size = math.isqrt(tables.shape[-1])
    return tables.reshape(*tables.shape[:-1], size, size)


def _accuracy(tables: F64) -> F64:
    found: F64 = np.trace(tables, axis1=-2, axis2=-1) / tables.sum((-2, -1))
    return found


def _kappa(tables: F64) -> F64:
    """(observed − expected) / (1 − expected) (Cohen 1960); NaN where both are of one mind on everything."""
    total = tables.sum((-2, -1))
    expected = (tables.sum(-1) * tables.sum(-2)).sum(-1) / total**2
    with np.errstate(invalid="ignore", divide="ignore"):
        found: F64 = np.where(expected < 1, (_accuracy(tables) - expected) / (1 - expected), np.nan)
    return found


def _qwk(tables: F64) -> F64:
    return weighted_kappa(tables)


def _near(tables: F64, distance: int) -> F64:
    at = np.arange(tables.shape[-1])
    near = np.abs(at[:, None] - at) <= distance
    found: F64 = (tables * near).sum((-2, -1)) / tables.sum((-2, -1))
    return found


def _note(pairs: int, whole: int, kappa: Estimate | None, qwk: Estimate | None) -> str | None:
    if not pairs and not whole:
        return "Nothing was rated by both."
    notes = []
    if pairs and kappa is None:
        notes.append("Kappa isn't defined: both gave one verdict throughout.")
    if not whole:
        notes.append("No answer was rated as a whole by both, so there is no QWK.")
    elif qwk is None:
        notes.append("QWK isn't defined: all coverages are in one quarter.")
    return " ".join(notes) or None
