"""Worked examples of calibrations. Tests hold each against its schema."""

from typing import Final

from pydantic import JsonValue

from api.examples import HASH, Example

REQUEST: Final[Example] = {"reviewer": "ann"}
TRIAL: Final[dict[str, JsonValue]] = {
    "answers": 48,
    "marks": 192,
    "loss_before": 0.531,
    "loss_after": 0.447,
    "loss_error": 0.021,
    "distance_before": 0.245,
    "distance_after": 0.193,
    "distance_error": 0.017,
}
ADJUSTMENT: Final[dict[str, JsonValue]] = {
    "engine": HASH,
    "scoring_hash": HASH,
    "slope": 0.92,
    "shift": 0.31,
    "points": [{"id": "sequential-training", "shift": 0.64}, {"id": "bootstrap-samples", "shift": -0.22}],
    "marks": 192,
}
CALIBRATION: Final[Example] = {
    "rubric_id": "bagging-vs-boosting",
    "version": 4,
    "calibration": ADJUSTMENT,
    "in_force": True,
    "history": [{"version": 4, "reviewer": "ann", "at": "2026-01-22T09:00:00.123456Z", "trial": TRIAL}],
}
ATTEMPT: Final[Example] = {
    "rubric_id": "bagging-vs-boosting",
    "version": 4,
    "holds": True,
    "reason": "",
    "calibration": ADJUSTMENT,
    "trial": TRIAL,
    "left_out": {"outdated": 3, "void": 1, "one_sided": 7},
}
REMOVED: Final[Example] = {"rubric_id": "bagging-vs-boosting", "version": 5}
