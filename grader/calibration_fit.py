"""A rubric's calibration from the marks that people gave: fitted, and tried on answers that it wasn't fitted on.

What a grader gets wrong about a rubric is mostly that it is too strict or too lenient, with all points or with one. So
the log odds of covered are moved by a shift that all points share and by one of each point's own, and stretched by a
slope. Marks on the whole answer take part by the expected coverage, which is a function of the same log odds.

A normal prior draws everything towards "no change". How wide it is, the marks themselves say: the fits under several
widths are averaged by their evidence (Laplace's approximation), of which narrow ones get more to begin with. So a few
marks move nothing, and many that agree move much. Pure arithmetic: penalised logistic regressions by Newton's method.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from grader.learned import Calibration
from grader.model import Verdict
from grader.verdict import CREDIT

F64 = NDArray[np.float64]

FOLDS: Final = 5
REPEATS: Final = 4  # of the folds, dealt anew
MARGIN: Final = 1.64  # standard errors by which the gain must lie above zero: one-sided 95%
SLOPES: Final = (0.2, 5.0)  # beyond these the engine's order of the answers isn't people's
_STEPS: Final = 50
_EDGE: Final = 1e-6  # of probabilities


@dataclass(frozen=True, slots=True)
class Prior:
    """How far a calibration may go: standard deviations of slope, shared shift and each point's shift, in log odds."""

    slope: float
    shift: float
    point: float


# Chosen on development data, as were MARGIN, CAUTION and WHOLE (docs/calibration.md).
PRIORS: Final = tuple(Prior(*widths) for widths in product((0.05, 0.3), (0.05, 0.5, 1.5), (0.05, 0.5)))
CAUTION: Final = 5.0  # what a unit of a shift's width costs a prior in log evidence
WHOLE: Final = 3.0  # how many verdicts a mark on the whole answer weighs as much as


@dataclass(frozen=True, slots=True)
class Lessons:
    """Answers that people marked. chances [N, P]: of covered, by the engine without calibration; credits [N, P]: 0 to
    1, NaN where nobody marked; wholes [N]: marks on the whole as shares 0–1, NaN where there are none; weights [P].
    numbers: the engine's own calibration.
    """

    chances: F64
    credits: F64
    wholes: F64
    weights: F64
    numbers: Calibration

    def __len__(self) -> int:
        return len(self.chances)

    @property
    def counts(self) -> F64:
        """[N]: each answer's verdicts and mark on the whole."""
        both = np.isfinite(self.credits).sum(axis=1) + np.isfinite(self.wholes)
        return np.asarray(both, np.float64)

    @property
    def marks(self) -> int:
        """All of them."""
        return int(self.counts.sum())

    def at(self, rows: NDArray[np.intp]) -> "Lessons":
        """Some of the answers."""
        return Lessons(self.chances[rows], self.credits[rows], self.wholes[rows], self.weights, self.numbers)


@dataclass(frozen=True, slots=True)
class Fit:
    """slope, shift and a shift a point [P]: log odds go to `slope * odds + shift + points`."""

    slope: float
    shift: float
    points: F64

    def chances(self, chances: F64) -> F64:
        """[N, P] to [N, P]."""
        return _chance(self.slope * log_odds(chances) + self.shift + self.points)

    @property
    def keeps_order(self) -> bool:
        """Whether a higher chance stays a higher chance, by a slope that is plausible."""
        return SLOPES[0] <= self.slope <= SLOPES[1]


@dataclass(frozen=True, slots=True)
class Trial:
    """What the calibration does to answers that it wasn't fitted on, without it and with it.

    loss: mean log loss of a mark; distance: how far what is awarded is from what people gave, 0–1: of a verdict its
    credit, of a mark on the whole the coverage. …_error: the standard error of the difference.
    """

    answers: int
    marks: int
    loss_before: float
    loss_after: float
    loss_error: float
    distance_before: float
    distance_after: float
    distance_error: float

    @property
    def holds(self) -> bool:
        """Whether both fall by more than the margin: chances that fit better needn't make better marks."""
        saved = self.loss_before - self.loss_after, self.distance_before - self.distance_after
        return saved[0] > MARGIN * self.loss_error and saved[1] > MARGIN * self.distance_error


def fit(lessons: Lessons) -> Fit:
    """The mean of the likeliest calibrations under each prior, by evidence. Without a mark it is "no change"."""
    design = _Design.of(lessons)
    found = [design.posterior(prior) for prior in PRIORS]
    evidence = np.array([one for one, _ in found])
    share = np.exp(evidence - evidence.max())
    theta = share @ np.array([one for _, one in found]) / share.sum()
    return Fit(float(theta[0]), float(theta[1]), theta[2:])


def trial(lessons: Lessons, seed: int = 0) -> Trial:
    """Cross-validated by answers. The same seed deals the same folds."""
    before = _misses(lessons, lessons.chances)
    after = np.zeros_like(before)
    for rest, held in _folds(len(lessons), seed):
        found = fit(lessons.at(rest)).chances(lessons.chances[held])
        after[held] += _misses(lessons.at(held), found) / REPEATS
    marks = lessons.marks
    means = before.sum(axis=0) / marks, after.sum(axis=0) / marks
    spread = before - after - (means[0] - means[1]) * lessons.counts[:, None]
    errors = np.sqrt((spread**2).sum(axis=0) * len(lessons) / (len(lessons) - 1)) / marks
    loss, distance = zip(*(one.tolist() for one in (*means, errors)), strict=True)
    return Trial(len(lessons), marks, *loss, *distance)


def log_odds(chances: F64) -> F64:
    """Of probabilities, which are kept from 0 and 1."""
    clipped = np.clip(chances, _EDGE, 1 - _EDGE)
    odds: F64 = np.log(clipped) - np.log1p(-clipped)
    return odds


def expected(chances: F64, weights: F64, coverage: tuple[float, float]) -> F64:
    """[N, P] to [N]: as `grader.verdict.expected_coverage`."""
    scale, offset = coverage if chances.shape[1] > 1 else (1.0, 0.0)
    return _chance(scale * (log_odds(chances) @ weights / weights.sum()) + offset)


def _chance(odds: F64) -> F64:
    chance: F64 = 1 / (1 + np.exp(-odds))
    return chance


@dataclass(frozen=True, slots=True)
class _Design:
    """Rows of a logistic regression: x [R, 2 + P], fixed part of the log odds [R], marks [R], weights [R]."""

    x: F64
    fixed: F64
    marks: F64
    weights: F64

    @classmethod
    def of(cls, lessons: Lessons) -> "_Design":
        odds = log_odds(lessons.chances)
        points = odds.shape[1]
        rows, columns = np.nonzero(np.isfinite(lessons.credits))
        whole = np.flatnonzero(np.isfinite(lessons.wholes))
        scale, offset = lessons.numbers.coverage if points > 1 else (1.0, 0.0)
        share = lessons.weights / lessons.weights.sum()
        single = np.column_stack([odds[rows, columns], np.ones(len(rows)), np.eye(points)[columns]])
        mean = scale * np.column_stack([odds[whole] @ share, np.ones(len(whole)), np.tile(share, (len(whole), 1))])
        return cls(
            x=np.concatenate([single, mean]),
            fixed=np.concatenate([np.zeros(len(rows)), np.full(len(whole), offset)]),
            marks=np.concatenate([lessons.credits[rows, columns], lessons.wholes[whole]]),
            weights=np.concatenate([np.ones(len(rows)), np.full(len(whole), WHOLE)]),
        )

    def posterior(self, prior: Prior) -> tuple[float, F64]:
        """Log evidence, less what the prior's width costs, and the most plausible theta [2 + P]: slope and shifts."""
        size = self.x.shape[1]
        start = np.array([1.0, *np.zeros(size - 1)])
        precision = np.array([prior.slope, prior.shift, *np.full(size - 2, prior.point)]) ** -2.0
        theta = start.copy()
        for _ in range(_STEPS):
            push, bend = self._slopes(theta)
            step = np.linalg.solve(bend + np.diag(precision), push - precision * (theta - start))
            theta += step
            if np.abs(step).max() < 1e-8:
                break
        loss = _cross(self.marks, _chance(self.x @ theta + self.fixed)) @ self.weights
        drawn = 0.5 * (precision * (theta - start) ** 2).sum()
        _, bent = np.linalg.slogdet(self._slopes(theta)[1] + np.diag(precision))
        widths = CAUTION * (prior.shift + prior.point)
        return float(-loss - drawn + 0.5 * (np.log(precision).sum() - bent) - widths), theta

    def _slopes(self, theta: F64) -> tuple[F64, F64]:
        """First derivatives of the log likelihood, and second ones with their sign turned."""
        chance = _chance(self.x @ theta + self.fixed)
        push: F64 = self.x.T @ (self.weights * (self.marks - chance))
        bend: F64 = (self.x * (self.weights * chance * (1 - chance))[:, None]).T @ self.x
        return push, bend


def _folds(count: int, seed: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """The rest and the held-out answers, REPEATS times every answer."""
    rng = np.random.default_rng(seed)
    for _ in range(REPEATS):
        dealt = rng.permutation(count) % min(FOLDS, count)
        for fold in range(min(FOLDS, count)):
            yield np.flatnonzero(dealt != fold), np.flatnonzero(dealt == fold)


def awarded(chances: F64, numbers: Calibration) -> F64:
    """[N, P] to [N, P]: the credit that each chance of covered earns, as `grader.verdict.decide`."""
    full, half = CREDIT[Verdict.COVERED], CREDIT[Verdict.PARTIAL]
    credit: F64 = np.where(chances >= numbers.covered, full, np.where(chances >= numbers.partial, half, 0.0))
    return credit


def _misses(lessons: Lessons, chances: F64) -> F64:
    """[N, 2]: each answer's log losses and distances, summed over its marks."""
    credit = awarded(chances, lessons.numbers)
    whole = expected(chances, lessons.weights, lessons.numbers.coverage)
    total = credit @ lessons.weights / lessons.weights.sum()
    losses = _sums(_cross(lessons.credits, chances), _cross(lessons.wholes, whole))
    return np.stack([losses, _sums(np.abs(credit - lessons.credits), np.abs(total - lessons.wholes))], axis=1)


def _sums(points: F64, wholes: F64) -> F64:
    found: F64 = np.asarray(np.nansum(points, axis=1) + np.nan_to_num(wholes), np.float64)
    return found


def _cross(marks: F64, chances: F64) -> F64:
    clipped = np.clip(chances, _EDGE, 1 - _EDGE)
    loss: F64 = -(marks * np.log(clipped) + (1 - marks) * np.log1p(-clipped))
    return loss


def of_lists(
    chances: Sequence[Sequence[float]],
    credits: Sequence[Sequence[float | None]],
    wholes: Sequence[float | None],
    weights: Sequence[float],
    numbers: Calibration,
) -> Lessons:
    """Lessons from rows; None is no mark."""
    count, points = len(chances), len(weights)
    return Lessons(
        np.array(chances, np.float64).reshape(count, points),
        np.array(credits, np.float64).reshape(count, points),
        np.array(wholes, np.float64).reshape(count),
        np.array(weights, np.float64),
        numbers,
    )
