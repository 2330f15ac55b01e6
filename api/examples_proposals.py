"""Worked examples of proposals. Tests hold each against its schema."""

from typing import Final

from api.examples import ID, Example

PROPOSAL_ID: Final = "6a2f4f3e-9a64-5d8a-9d0f-2f1c9d2d7f55"
DECISION_REQUEST: Final[Example] = {"reviewer": "ann", "reason": "Three candidates in one class say it so."}
PROPOSAL: Final[Example] = {
    "id": PROPOSAL_ID,
    "rubric_id": "bagging-vs-boosting",
    "kind": "says",
    "key_point_id": "bootstrap-samples",
    "wordings": ["each model gets a draw of its own, with replacement"],
    "answers": [ID],
    "n": 1,
    "share": None,
    "state": "accepted",
    "decision": {
        "reviewer": "ann",
        "reason": "Three candidates in one class say it so.",
        "at": "2026-01-21T09:00:00.123456Z",
        "version": 3,
    },
}
PROPOSALS: Final[Example] = {"items": [PROPOSAL]}
