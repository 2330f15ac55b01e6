"""Two hashes of a rubric: one for any wording, one for what can change a mark."""

import hashlib
import json
from dataclasses import asdict
from functools import lru_cache

from rubrics.model import KeyPoint, Level, Misconception, Rubric

Json = str | float | bool | None | list["Json"] | dict[str, "Json"]


@lru_cache(maxsize=512)
def content_hash(rubric: Rubric) -> str:
    """SHA-256 (64 hex digits) over everything the rubric says, its id included.

    The version is left out: storing the same text again gives the same hash and needs no new version.
    """
    fields = asdict(rubric)
    del fields["version"]
    if rubric.calibration is None:
        del fields["calibration"]  # so that rubrics without one keep their hashes
    return _sha256(_canonical(fields))


@lru_cache(maxsize=512)
def scoring_hash(rubric: Rubric) -> str:
    """SHA-256 (64 hex digits) over what can change a mark.

    Question, reference answer and language; key points and misconceptions without what candidates are told; levels;
    the calibration, where there is one.
    """
    calibration: dict[str, Json] = {}
    if rubric.calibration is not None:
        calibration["calibration"] = _canonical(asdict(rubric.calibration))
    return _sha256(
        {
            **calibration,
            "question": rubric.question,
            "reference_answer": rubric.reference_answer,
            "language": rubric.language,
            "key_points": [_key_point(point) for point in rubric.key_points],
            "misconceptions": [_misconception(item) for item in rubric.misconceptions],
            "levels": [_level(level) for level in rubric.levels],
        }
    )


def _key_point(point: KeyPoint) -> Json:
    return {
        "id": point.id,
        "statement": point.statement,
        "weight": _number(point.weight),
        "required": point.required,
        "terms": list(point.terms),
        "says": list(point.says),
        "denies": list(point.denies),
        "near": list(point.near),
    }


def _misconception(item: Misconception) -> Json:
    return {
        "id": item.id,
        "statement": item.statement,
        "says": list(item.says),
        "penalty": _number(item.penalty),
    }


def _level(level: Level) -> Json:
    return {"name": level.name, "min_score": _number(level.min_score), "needs_required": level.needs_required}


def _canonical(value: object) -> Json:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dict):
        return {str(key): _canonical(part) for key, part in value.items()}
    return [_canonical(part) for part in value] if isinstance(value, list | tuple) else str(value)


def _number(value: float) -> float:
    return float(value) + 0.0  # 2 and 2.0 are one weight; so are 0.0 and -0.0


def _sha256(value: Json) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
