"""A rubric's calibration at work: chances of covered moved as people's marks on this rubric taught."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from grader.calibration_fit import Fit, log_odds
from grader.model import EngineInfo
from rubrics import scoring_hash
from rubrics.model import Calibration, PointShift, Rubric

F64 = NDArray[np.float64]


def bare(rubric: Rubric) -> Rubric:
    """The rubric without its calibration."""
    return rubric if rubric.calibration is None else replace(rubric, calibration=None)


def in_force(rubric: Rubric, engine: EngineInfo) -> Calibration | None:
    """The rubric's calibration if it is of these wordings and this engine, for otherwise it does nothing."""
    found = rubric.calibration
    if found is None or found.engine != engine.identity or found.scoring_hash != scoring_hash(bare(rubric)):
        return None
    return found


def calibrated(chances: F64, rubric: Rubric, engine: EngineInfo) -> F64:
    """[P, 3] to [P, 3]: missed, contradicted, covered. What covered gains or loses, the other two share as they did."""
    found = in_force(rubric, engine)
    if found is None:
        return chances
    covered = _fit(found, rubric).chances(chances[None, :, 2])[0]
    rest = chances[:, :2] / np.maximum(chances[:, :2].sum(axis=1, keepdims=True), 1e-12)
    out: F64 = np.column_stack([rest * (1 - covered)[:, None], covered])
    return out


def uncalibrated(covered: Sequence[float], rubric: Rubric, engine: EngineInfo) -> list[float]:
    """[P]: the chances of covered that the engine had before the rubric's calibration."""
    found = in_force(rubric, engine)
    if found is None:
        return list(covered)
    fitted = _fit(found, rubric)
    odds = (log_odds(np.array(covered)) - fitted.shift - fitted.points) / fitted.slope
    before: list[float] = (1 / (1 + np.exp(-odds))).tolist()
    return before


def to_calibration(fitted: Fit, rubric: Rubric, engine: EngineInfo, marks: int) -> Calibration:
    """A fit as a part of the rubric that it was made for."""
    shifts = zip(rubric.key_points, fitted.points.tolist(), strict=True)
    return Calibration(
        engine=engine.identity,
        scoring_hash=scoring_hash(bare(rubric)),
        slope=round(fitted.slope, 6),
        shift=round(fitted.shift, 6),
        points=tuple(PointShift(point.id, round(shift, 6)) for point, shift in shifts),
        marks=marks,
    )


def _fit(found: Calibration, rubric: Rubric) -> Fit:
    shifts = {one.id: one.shift for one in found.points}
    return Fit(found.slope, found.shift, np.array([shifts.get(point.id, 0.0) for point in rubric.key_points]))
