"""Alignments to probabilities to verdicts. All numbers come from the calibration; the rules are here."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from grader.learned import Calibration
from grader.matcher import Scores
from grader.model import Evaluation, Status, Verdict

CREDIT = {Verdict.COVERED: 1.0, Verdict.PARTIAL: 0.5, Verdict.MISSED: 0.0, Verdict.CONTRADICTED: 0.0}

F64 = NDArray[np.float64]


def contrast_features(scores: Scores, neutral: tuple[float, float]) -> F64:
    """[P, 5]: 1, passage alignment, best short alignment, its margin over denies, its margin over near."""
    says = scores.says.astype(np.float64)
    denies = np.where(np.isnan(scores.denies), says - neutral[0], scores.denies)
    near = np.where(np.isnan(scores.near), says - neutral[1], scores.near)
    return np.stack([np.ones_like(says), scores.passage, says, says - denies, says - near], axis=1)


def probabilities(scores: Scores, calibration: Calibration) -> F64:
    """[P, 3]: chance of missed, contradicted, covered; contradicted is 0 where no contrast wordings are."""
    bare = np.array(calibration.bare)
    logit = bare[0] + bare[1] * scores.passage.astype(np.float64) + bare[2] * np.log1p(scores.wordings)
    covered = 1 / (1 + np.exp(-logit))
    plain = np.stack([1 - covered, np.zeros_like(covered), covered], axis=1)
    contrast = _softmax(contrast_features(scores, calibration.neutral) @ np.array(calibration.contrast).T)
    chances: F64 = np.where((np.isnan(scores.denies) & np.isnan(scores.near))[:, None], plain, contrast)
    return chances


def doubtful(points: F64, calibration: Calibration) -> NDArray[np.bool_]:
    """bool [P]: whose likeliest outcome, by alignment alone, is less likely than `ask`."""
    doubt: NDArray[np.bool_] = points.max(axis=1) < calibration.ask
    return doubt


def judged_features(scores: Scores, chances: NDArray[np.float32], neutral: tuple[float, float]) -> F64:
    """[P, 7]: the contrast's features and what `judge_features` adds; where a point has neither `denies` nor `near`,
    its margins are the neutral ones.
    """
    return np.concatenate([contrast_features(scores, neutral), judge_features(chances)], axis=1)


def judge_features(chances: NDArray[np.float32]) -> F64:
    """[P, 2]: log odds of covered and of contradicted against missed, from chances [P, 3]."""
    logs = np.log(np.clip(chances.astype(np.float64), 1e-4, 1.0))
    return np.stack([logs[:, 2] - logs[:, 0], logs[:, 1] - logs[:, 0]], axis=1)


def bare_features(scores: Scores, chances: NDArray[np.float32]) -> F64:
    """[P, 5]: 1, passage alignment, log(1 + says wordings), and what `judge_features` adds."""
    passage = scores.passage.astype(np.float64)
    return np.concatenate(
        [np.stack([np.ones_like(passage), passage, np.log1p(scores.wordings)], axis=1), judge_features(chances)], axis=1
    )


def judged(scores: Scores, chances: NDArray[np.float32], calibration: Calibration) -> F64:
    """[P, 3]: chance of missed, contradicted, covered from alignments and the judge's chances [P, 3].

    Without contrast wordings the log odds of covered are the mean of the first reading's and the judged ones: what
    `bare_judged` learned on interview answers trusts the judge more than long answers elsewhere bear out.
    """
    bare = (np.isnan(scores.denies) & np.isnan(scores.near))[:, None]
    with_contrast = _softmax(judged_features(scores, chances, calibration.neutral) @ np.array(calibration.judged).T)
    without = _softmax(bare_features(scores, chances) @ np.array(calibration.bare_judged).T)
    first = probabilities(scores, calibration)[:, 2]
    covered = _mean_odds(first, without[:, 2])
    rest = without[:, :2] / without[:, :2].sum(axis=1, keepdims=True) * (1 - covered)[:, None]
    out: F64 = np.where(bare, np.column_stack([rest, covered]), with_contrast)
    return out


def _mean_odds(left: F64, right: F64) -> F64:
    odds = np.sqrt(left / (1 - left) * right / (1 - right))
    mean: F64 = odds / (1 + odds)
    return mean


def _softmax(raw: F64) -> F64:
    raised = np.exp(raw - raw.max(axis=1, keepdims=True))
    out: F64 = raised / raised.sum(axis=1, keepdims=True)
    return out


def decide(missed: float, contradicted: float, covered: float, calibration: Calibration) -> tuple[Verdict, float]:
    """The verdict, and the chance that a human marker gives the same.

    Between `partial` and `covered` half the credit is given: the engine can't tell, and people seldom give half there.
    """
    if covered >= calibration.covered:
        return Verdict.COVERED, covered
    if covered >= calibration.partial:
        return Verdict.PARTIAL, calibration.half
    if contradicted > missed:
        return Verdict.CONTRADICTED, contradicted
    return Verdict.MISSED, missed


def expected_coverage(covered: Sequence[float], weights: Sequence[float], calibration: Calibration) -> float:
    """Expected weighted share (0–1) of key points covered, from the mean of their logits.

    The mean logit follows human marks more closely than the mean probability does; two numbers put it back on the scale
    of marks. A single key point keeps its probability.
    """
    if len(covered) == 1:
        return covered[0]
    total = sum(weights)
    mean = sum(w * _logit(p) for p, w in zip(covered, weights, strict=True)) / total
    scale, offset = calibration.coverage
    return 1 / (1 + math.exp(-(scale * mean + offset)))


def certainty(evaluation: Evaluation) -> float | None:
    """Mean confidence (0–1) over the key points, by weight; None where there is no mark."""
    if evaluation.status is Status.UNSCORED:
        return None
    sure = sum(one.weight * one.confidence for one in evaluation.key_points)
    return sure / sum(one.weight for one in evaluation.key_points)


def _logit(probability: float) -> float:
    clipped = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(clipped / (1 - clipped))


def misconception_probabilities(scores: Scores, calibration: Calibration) -> F64:
    """[M]: chance that the answer asserts each misconception."""
    c = calibration.misconception
    wrong = scores.wrong.astype(np.float64)
    return 1 / (1 + np.exp(-(c[0] + c[1] * wrong + c[2] * (wrong - scores.right))))
