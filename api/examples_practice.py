"""Worked examples of practice sets."""

from typing import Final

from api.examples import ANSWER, CURSOR, EVALUATION, ID, Example

ITEM: Final[Example] = {
    "rubric_id": "bagging-vs-boosting",
    "version": 1,
    "topic": "ensembles",
    "kind": "comparison",
    "difficulty": "core",
    "question": "How do bagging and boosting differ?",
}

DRAW: Final[Example] = {
    "seed": 7,
    "available": 1,
    "note": "Only 1 of the 10 items that you asked for is available; widen topics or difficulty for more.",
    "items": [ITEM],
}

PRACTICE_REQUEST: Final[Example] = {
    "candidate_id": "c-17",
    "answers": [{"rubric_id": "bagging-vs-boosting", "answer": ANSWER}],
}

MARKS: Final[Example] = {
    "answers": 1,
    "scored": 1,
    "points": 2.0,
    "max_points": 3.0,
    "coverage": 0.667,
    "levels": {"proficient": 1},
}

PRACTICE: Final[Example] = {
    "id": ID,
    "created_at": "2026-01-15T10:30:00.123456Z",
    "candidate_id": "c-17",
    "total": MARKS,
    "topics": [{**MARKS, "topic": "ensembles"}],
    "unscored": [],
    "gaps": [
        {
            "topic": "ensembles",
            "lost": 1.0,
            "gaps": [
                {
                    "rubric_id": "bagging-vs-boosting",
                    "key_point_id": "bootstrap-samples",
                    "statement": "Bagging trains each model on its own bootstrap sample of the data.",
                    "verdict": "contradicted",
                    "lost": 1.0,
                    "hint": "Ask what makes the models in bagging differ from each other.",
                    "again": True,
                }
            ],
        }
    ],
    "misconceptions": [],
    "revise": [
        {
            "topic": "ensembles",
            "rubric_id": "bagging",
            "question": "What is bagging, and why does it help?",
            "reason": "On this topic your answers covered 67%; the set didn't hold this item.",
        }
    ],
    "comparison": {
        "items": [
            {
                "rubric_id": "bagging-vs-boosting",
                "attempts": 1,
                "last_at": "2026-01-08T09:12:00.5Z",
                "last_points_share": 0.333333,
                "points_share": 0.666667,
                "change": 0.333334,
                "comparable": True,
            }
        ],
        "comparable": 1,
        "mean_change": 0.333334,
        "trend": "better",
    },
    "answers": [{**ITEM, "evaluation": EVALUATION}],
}

PRACTICE_PAGE: Final[Example] = {
    "items": [
        {
            "id": ID,
            "created_at": "2026-01-15T10:30:00.123456Z",
            "topics": ["ensembles"],
            "answers": 1,
            "scored": 1,
            "points": 2.0,
            "max_points": 3.0,
            "coverage": 0.667,
        }
    ],
    "next_cursor": CURSOR,
}
