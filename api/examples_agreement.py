"""Worked example of agreement. Tests hold it against its schema."""

from typing import Final

from pydantic import JsonValue

from api.examples import Example


def _estimate(value: float, low: float, high: float) -> JsonValue:
    return {"value": value, "low": low, "high": high}


FIGURES: Final[Example] = {
    "answers": 120,
    "verdicts": 480,
    "accuracy": _estimate(0.85, 0.81, 0.88),
    "kappa": _estimate(0.71, 0.65, 0.77),
    "whole": 120,
    "qwk": _estimate(0.82, 0.75, 0.88),
    "exact": _estimate(0.68, 0.6, 0.77),
    "adjacent": _estimate(0.96, 0.92, 0.99),
    "note": None,
}
NOTHING: Final[Example] = {
    "answers": 0,
    "verdicts": 0,
    "accuracy": None,
    "kappa": None,
    "whole": 0,
    "qwk": None,
    "exact": None,
    "adjacent": None,
    "note": "Nothing was rated by both.",
}
POINT: Final[Example] = {
    "rubric_id": "bagging-vs-boosting",
    "key_point_id": "bootstrap-samples",
    "engine": FIGURES,
    "people": None,
}
AGREEMENT: Final[Example] = {
    "seed": 0,
    "reviewed": 120,
    "unscored": 3,
    "engine": FIGURES,
    "unseen": FIGURES,
    "people": NOTHING,
    "key_points": [POINT],
    "bands": [{"quarter": 4, "engine": FIGURES}],
    "months": [{"month": "2026-01", "engine": FIGURES}],
    "models": [{"rater": "model:qwen3-8b", "model": FIGURES, "engine": FIGURES}],
}
