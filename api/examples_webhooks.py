"""Worked examples of webhooks. Tests hold each against its schema."""

from typing import Final

from api.examples import ID, Example

WEBHOOK_ID: Final = "01978a50-0a1b-7c2d-8e3f-405162738495"
DELIVERY_ID: Final = "01978a51-3c4d-7e5f-9a6b-7c8d9e0f1a2b"
SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="  # noqa: S105 an example
WEBHOOK_REQUEST: Final[Example] = {
    "url": "https://prep.example/hooks/grader",
    "events": ["evaluation.completed", "batch.completed"],
    "description": "Marks for the prep tool",
}
WEBHOOK: Final[Example] = {
    "id": WEBHOOK_ID,
    "url": "https://prep.example/hooks/grader",
    "events": ["evaluation.completed", "batch.completed"],
    "description": "Marks for the prep tool",
    "enabled": True,
    "disabled_at": None,
    "disabled_reason": None,
    "old_secret_until": None,
    "created_at": "2026-01-15T10:00:00.123456Z",
}
NEW_WEBHOOK: Final[Example] = {**WEBHOOK, "secret": SECRET}
WEBHOOK_PAGE: Final[Example] = {"items": [WEBHOOK], "next_cursor": None}
WEBHOOK_CHANGE: Final[Example] = {"enabled": False}
ROTATE_REQUEST: Final[Example] = {"overlap_hours": 24}
DELIVERY: Final[Example] = {
    "id": DELIVERY_ID,
    "webhook_id": WEBHOOK_ID,
    "event": "evaluation.completed",
    "state": "waiting",
    "created_at": "2026-01-15T10:30:00.123456Z",
    "next_attempt_at": "2026-01-15T10:30:05.023456Z",
    "finished_at": None,
    "payload": {
        "type": "evaluation.completed",
        "timestamp": "2026-01-15T10:30:00.123456Z",
        "data": {
            "evaluation_id": ID,
            "rubric_id": "bagging-vs-boosting",
            "rubric_version": 1,
            "candidate_id": "c-17",
            "status": "scored",
            "points": 3.0,
            "max_points": 5.0,
            "coverage": 0.6,
            "level": "developing",
            "needs_review": False,
        },
    },
    "attempts": [
        {
            "number": 1,
            "at": "2026-01-15T10:30:00.323456Z",
            "milliseconds": 212,
            "status": 502,
            "error": "answered 502",
        }
    ],
}
DELIVERY_PAGE: Final[Example] = {"items": [DELIVERY], "next_cursor": None}
