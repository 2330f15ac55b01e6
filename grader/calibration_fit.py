"""A rubric's calibration from the marks that people gave: fitted, and tried on answers that it wasn't fitted on.

What a grader gets wrong about a rubric is mostly a point that it is too strict or too lenient about. So the log odds of
covered are moved by a shift that all points share and one of each point's own, and stretched by a slope. Everything is
drawn towards "no change" by a normal prior, so that a few marks move little. Marks on the whole answer take part by the
expected coverage, which is a function of the same log odds. Pure arithmetic: penalised logistic regression, by Newton's
method; convex, so that there is one answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

LEAST_MARKS: Final = 20  # verdicts on key points and marks on whole answers together
LEAST_ANSWERS: Final = 8
FOLDS: Final = 5
REPEATS: Final = 4  # of the folds, dealt anew
MARGIN: Final = 1.0  # standard errors by which the gain must lie above zero
SLOPES: Final = (0.2, 5.0)  # beyond these the engine's order of the answers isn't people's
_STEPS: Final = 50
_EDGE: Final = 1e-6  # of probabilities


@dataclass(frozen=True, slots=True)
class Prior:
    """How far a calibration may go: standard deviations of slope, shared shift and each point's shift, in log odds.

    whole: how many verdicts a mark on the whole answer weighs as much as. Chosen on development data
    (docs/calibration.md).
    """

    slope: float = 0.3
    shift: float = 1.0
    point: float = 0.7
    whole: float = 3.0


@dataclass(frozen=True, slots=True)
class Lessons:
    """Answers that people marked. chances [N, P]: of covered, by the engine without calibration; credits [N, P]: 0 to
    1, NaN where nobody marked; wholes [N]: marks on the whole as shares 0–1, NaN where there are none; weights [P].
    coverage: the engine's scale and offset from mean log odds to expected coverage.
    """

    chances: F64
    credits: F64
    wholes: F64
    weights: F64
    coverage: tuple[float, float]

    def __len__(self) -> int:
        return len(self.chances)

    @property
    def marks(self) -> int:
        """Verdicts and marks on wholes."""
        return int(np.isfinite(self.credits).sum() + np.isfinite(self.wholes).sum())

    def at(self, rows: NDArray[np.intp]) -> "Lessons":
        """Some of the answers."""
        return Lessons(self.chances[rows], self.credits[rows], self.wholes[rows], self.weights, self.coverage)


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
    """What the calibration does to answers that it wasn't fitted on.

    loss: mean log loss of a mark, without and with; error: the lower bound's margin, one standard error of the gain;
    accuracy: share of verdicts on the right side of ½ (of whole marks within ¼), without and with.
    """

    answers: int
    marks: int
    loss_before: float
    loss_after: float
    error: float
    accuracy_before: float
    accuracy_after: float

    @property
    def gain(self) -> float:
        """Log loss saved a mark; above 0 is better."""
        return self.loss_before - self.loss_after

    @property
    def holds(self) -> bool:
        """Whether the gain lies above zero by the margin, and no accuracy is lost."""
        return self.gain > MARGIN * self.error and self.accuracy_after >= self.accuracy_before


def fit(lessons: Lessons, prior: Prior = Prior()) -> Fit:
    """The most plausible calibration. Without a mark it is "no change"."""
    design = _Design.of(lessons, prior)
    theta = design.start.copy()
    for _ in range(_STEPS):
        step = design.step(theta)
        theta += step
        if np.abs(step).max() < 1e-8:
            break
    return Fit(float(theta[0]), float(theta[1]), theta[2:])


def trial(lessons: Lessons, prior: Prior = Prior(), seed: int = 0) -> Trial:
    """Cross-validated by answers. The same seed deals the same folds."""
    before = _losses(lessons, lessons.chances)
    after, hits_after = np.zeros(len(lessons)), np.zeros(len(lessons))
    for rest, held in _folds(len(lessons), seed):
        found = fit(lessons.at(rest), prior).chances(lessons.chances[held])
        after[held] += _losses(lessons.at(held), found) / REPEATS
        hits_after[held] += _hits(lessons.at(held), found) / REPEATS
    counts = _counts(lessons)
    marks = counts.sum()
    gains = before - after
    mean = gains.sum() / marks
    error = float(np.sqrt(((gains - mean * counts) ** 2).sum() * len(lessons) / (len(lessons) - 1)) / marks)
    return Trial(
        answers=len(lessons),
        marks=int(marks),
        loss_before=float(before.sum() / marks),
        loss_after=float(after.sum() / marks),
        error=error,
        accuracy_before=float(_hits(lessons, lessons.chances).sum() / marks),
        accuracy_after=float(hits_after.sum() / marks),
    )


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
    """Rows of a logistic regression: x [R, 2 + P], fixed part of the log odds [R], marks [R], weights [R]; the prior's
    mean and precision [2 + P].
    """

    x: F64
    fixed: F64
    marks: F64
    weights: F64
    start: F64
    precision: F64

    @classmethod
    def of(cls, lessons: Lessons, prior: Prior) -> "_Design":
        odds = log_odds(lessons.chances)
        points = odds.shape[1]
        rows, columns = np.nonzero(np.isfinite(lessons.credits))
        whole = np.flatnonzero(np.isfinite(lessons.wholes))
        scale, offset = lessons.coverage if points > 1 else (1.0, 0.0)
        share = lessons.weights / lessons.weights.sum()
        single = np.column_stack([odds[rows, columns], np.ones(len(rows)), np.eye(points)[columns]])
        mean = scale * np.column_stack([odds[whole] @ share, np.ones(len(whole)), np.tile(share, (len(whole), 1))])
        return cls(
            x=np.concatenate([single, mean]),
            fixed=np.concatenate([np.zeros(len(rows)), np.full(len(whole), offset)]),
            marks=np.concatenate([lessons.credits[rows, columns], lessons.wholes[whole]]),
            weights=np.concatenate([np.ones(len(rows)), np.full(len(whole), prior.whole)]),
            start=np.array([1.0, *np.zeros(1 + points)]),
            precision=np.array([prior.slope, prior.shift, *np.full(points, prior.point)]) ** -2.0,
        )

    def step(self, theta: F64) -> F64:
        """Newton's."""
        chance = _chance(self.x @ theta + self.fixed)
        slope = self.x.T @ (self.weights * (self.marks - chance)) - self.precision * (theta - self.start)
        bend = (self.x * (self.weights * chance * (1 - chance))[:, None]).T @ self.x + np.diag(self.precision)
        step: F64 = np.linalg.solve(bend, slope)
        return step


def _folds(count: int, seed: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """The rest and the held-out answers, REPEATS times every answer."""
    rng = np.random.default_rng(seed)
    for _ in range(REPEATS):
        dealt = rng.permutation(count) % min(FOLDS, count)
        for fold in range(min(FOLDS, count)):
            yield np.flatnonzero(dealt != fold), np.flatnonzero(dealt == fold)


def _losses(lessons: Lessons, chances: F64) -> F64:
    """[N]: log losses of each answer's marks, summed."""
    single: F64 = np.nansum(_cross(lessons.credits, chances), axis=1)
    whole: F64 = np.nan_to_num(_cross(lessons.wholes, expected(chances, lessons.weights, lessons.coverage)))
    return single + whole


def _cross(marks: F64, chances: F64) -> F64:
    clipped = np.clip(chances, _EDGE, 1 - _EDGE)
    loss: F64 = -(marks * np.log(clipped) + (1 - marks) * np.log1p(-clipped))
    return loss


def _hits(lessons: Lessons, chances: F64) -> F64:
    """[N]: how many of each answer's marks are met."""
    single = np.where(np.isfinite(lessons.credits), (lessons.credits >= 0.5) == (chances >= 0.5), 0.0)
    far = np.abs(lessons.wholes - expected(chances, lessons.weights, lessons.coverage))
    found: F64 = single.sum(axis=1) + np.where(np.isfinite(far), far <= 0.25, 0.0)
    return found


def _counts(lessons: Lessons) -> F64:
    both = np.isfinite(lessons.credits).sum(axis=1) + np.isfinite(lessons.wholes)
    return np.asarray(both, np.float64)


def of_lists(
    chances: Sequence[Sequence[float]],
    credits: Sequence[Sequence[float | None]],
    wholes: Sequence[float | None],
    weights: Sequence[float],
    coverage: tuple[float, float],
) -> Lessons:
    """Lessons from rows; None is no mark."""
    count, points = len(chances), len(weights)
    return Lessons(
        np.array(chances, np.float64).reshape(count, points),
        np.array(credits, np.float64).reshape(count, points),
        np.array(wholes, np.float64).reshape(count),
        np.array(weights, np.float64),
        coverage,
    )
