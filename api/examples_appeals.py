"""Worked examples of appeals. Tests hold each against its schema."""

from typing import Final

from api.examples import ID, Example
from api.examples_reviews import REVIEW_ID

APPEAL_ID: Final = "01978a44-1f3a-7b21-9d10-5c6b7a8f9e0d"
ARGUMENT: Final = "That each model gets the whole data is how pasting works; I meant samples of its size."
APPEAL_REQUEST: Final[Example] = {
    "key_point_id": "bootstrap-samples",
    "argument": ARGUMENT,
    "quote": "uses the whole data for each",
}
RULING_REQUEST: Final[Example] = {
    "reviewer": "ann",
    "decision": "rejected",
    "reason": "The answer itself doesn't say so, and a mark can only follow the answer.",
}
APPEAL: Final[Example] = {
    "id": APPEAL_ID,
    "evaluation_id": ID,
    "rubric_id": "bagging-vs-boosting",
    "candidate_id": "c-17",
    "key_point_id": "bootstrap-samples",
    "statement": "Bagging trains each model on its own bootstrap sample of the data.",
    "argument": ARGUMENT,
    "quote": "uses the whole data for each",
    "state": "upheld",
    "review_id": REVIEW_ID,
    "history": [
        {"state": "open", "at": "2026-01-16T08:00:00.123456Z", "by": None, "reason": ARGUMENT},
        {
            "state": "upheld",
            "at": "2026-01-16T09:30:00.123456Z",
            "by": "ann",
            "reason": "Half of it is there: each model has data of its own.",
        },
    ],
}
APPEAL_PAGE: Final[Example] = {"items": [APPEAL], "next_cursor": None}
