"""Worked examples of passes over stored answers. Tests hold each against its schema."""

from typing import Final

from pydantic import JsonValue

from api.examples import CURSOR, ID, Example
from api.examples_reviews import ENGINE

REGRADE_ID: Final = "01978a50-2c4e-7d33-9b7a-1a2b3c4d5e6f"
FLIP: Final[dict[str, JsonValue]] = {
    "key_point_id": "bootstrap-samples",
    "before": "missed",
    "after": "covered",
    "answers": 212,
}
REGRADE: Final[Example] = {
    "id": REGRADE_ID,
    "rubric_id": "bagging-vs-boosting",
    "version": 3,
    "mode": "preview",
    "state": "done",
    "engine": ENGINE,
    "counts": {"unaffected": 0, "items": 1200, "waiting": 0, "graded": 1200, "failed": 0},
    "points": {"up": 208, "down": 3, "mean_change": 0.171, "largest_gain": 1.0, "largest_loss": -1.0},
    "levels": [{"before": "developing", "after": "proficient", "answers": 61}],
    "key_points": [FLIP],
    "people": {"marks": 96, "now_agree": 11, "now_disagree": 1},
    "created_at": "2026-01-20T10:30:00.123456Z",
    "started_at": "2026-01-20T10:30:01.123456Z",
    "finished_at": "2026-01-20T10:30:19.123456Z",
}
MOVER_PAGE: Final[Example] = {
    "items": [
        {
            "evaluation_id": ID,
            "candidate_id": "c-17",
            "points_before": 2.0,
            "points_after": 3.0,
            "level_before": "proficient",
            "level_after": "excellent",
            "verdicts": [{**FLIP, "answers": 1}],
        }
    ],
    "next_cursor": CURSOR,
}
