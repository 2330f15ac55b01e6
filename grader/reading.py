"""The second reading: what the pairwise judge says of the points that alignment leaves in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.evaluate import Aligned
from grader.judge import F32, Judge
from grader.learned import Calibration
from grader.matcher import Scores
from grader.passage import passages
from grader.verdict import doubtful, judged
from rubrics.model import Rubric


@dataclass(frozen=True, slots=True)
class FirstReading:
    """An answer aligned with its rubric: `aligned.points` are the chances by alignment alone."""

    rubric: Rubric
    text: str
    aligned: Aligned
    scores: Scores


def settle(reads: Sequence[FirstReading], judge: Judge | None, calibration: Calibration) -> list[Aligned]:
    """The readings with the judge's word on every doubtful point, all asked in one go."""
    if judge is None:
        return [one.aligned for one in reads]
    asked = [np.flatnonzero(doubtful(one.aligned.points, calibration)) for one in reads]
    pairs = [pair for one, points in zip(reads, asked, strict=True) for pair in _pairs(one, points.tolist())]
    chances = judge.chances(pairs)
    out, start = [], 0
    for one, points in zip(reads, asked, strict=True):
        found = np.full((len(one.aligned.points), 3), np.nan, np.float32)
        found[points] = chances[start : start + len(points)]
        start += len(points)
        out.append(_settled(one, found, calibration))
    return out


def _pairs(one: FirstReading, points: Sequence[int]) -> list[tuple[str, str]]:
    if not points:
        return []
    spans = passages(one.text, one.aligned.tokens, one.aligned.prepared, one.aligned.found)
    return [(one.text[slice(*spans[at])], one.rubric.key_points[at].statement) for at in points]


def _settled(one: FirstReading, found: F32, calibration: Calibration) -> Aligned:
    second = judged(one.scores, found, calibration)
    points = np.where(np.isnan(found[:, :1]), one.aligned.points, second)
    return replace(one.aligned, points=points)
