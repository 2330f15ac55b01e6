"""Worked examples of reviews. Tests hold each against its schema."""

from typing import Final

from api.examples import ANSWER, EVALUATION, HASH, ID, Example

REVIEW_ID: Final = "01978a41-0b7e-7c11-8a55-6f1d2c3b4a59"
CLAIM_ID: Final = "01978a40-93f2-7d0e-b1c8-0e9f8d7c6b5a"
RUBRIC_REF: Final[Example] = {"id": "bagging-vs-boosting", "version": 1, "content_hash": HASH}
ENGINE: Final[Example] = {"version": "1", "model": "all-MiniLM-L6-v2", "weights_hash": HASH}

REVIEW_REQUEST: Final[Example] = {
    "reviewer": "ann",
    "key_points": [
        {
            "id": "bootstrap-samples",
            "verdict": "missed",
            "reason": "“I think” asks rather than says: nothing is claimed about samples.",
        }
    ],
    "accept_rest": True,
}

REVIEW: Final[Example] = {
    "id": REVIEW_ID,
    "kind": "review",
    "reviewer": "ann",
    "created_at": "2026-01-15T11:02:00.123456Z",
    "comment": "",
    "rubric": RUBRIC_REF,
    "engine": ENGINE,
    "marks": [
        {
            "target": "key_point",
            "id": "bootstrap-samples",
            "statement": "Bagging trains each model on its own bootstrap sample of the data.",
            "verdict": "missed",
            "points": None,
            "reason": "“I think” asks rather than says: nothing is claimed about samples.",
            "quote": None,
            "applies": True,
        },
    ],
}

DECISION: Final[Example] = {
    "review_id": REVIEW_ID,
    "kind": "review",
    "reviewer": "ann",
    "at": "2026-01-15T11:02:00.123456Z",
    "reason": "“I think” asks rather than says: nothing is claimed about samples.",
}

REVIEWED: Final[Example] = {
    "answer_id": ID,
    "evaluation_id": ID,
    "rubric": RUBRIC_REF,
    "engine": ENGINE,
    "effective": {
        "status": "scored",
        "points": 2.0,
        "max_points": 3.0,
        "coverage": 0.667,
        "level": "proficient",
        "needs_review": False,
        "key_points": [
            {
                "id": "sequential-training",
                "statement": "Boosting trains its models one after another, each correcting the errors before it.",
                "weight": 2.0,
                "required": True,
                "verdict": "covered",
                "credit": 1.0,
                "engine_verdict": "covered",
                "confidence": 0.91,
                "evidence": [
                    {"quote": "Boosting fits its trees one after another.", "start": 0, "end": 42, "similarity": 0.83}
                ],
                "feedback": "You said that boosting trains one model after another.",
                "decided": None,
            },
            {
                "id": "bootstrap-samples",
                "statement": "Bagging trains each model on its own bootstrap sample of the data.",
                "weight": 1.0,
                "required": False,
                "verdict": "missed",
                "credit": 0.0,
                "engine_verdict": "contradicted",
                "confidence": 0.74,
                "evidence": [],
                "feedback": "Ask what makes the models in bagging differ from each other.",
                "decided": DECISION,
            },
        ],
        "misconceptions": [],
        "total": None,
        "missed": ["bootstrap-samples"],
        "feedback": EVALUATION["feedback"],
        "next_step": EVALUATION["next_step"],
        "follow_ups": EVALUATION["follow_ups"],
    },
    "disputed": [],
    "history": [REVIEW],
    "second_opinions": [
        {
            "rater": "model:qwen3-8b",
            "key_point_id": "bootstrap-samples",
            "statement": "Bagging trains each model on its own bootstrap sample.",
            "verdict": "covered",
            "at": "2026-01-19T08:00:00.123456Z",
        }
    ],
}

SHEET: Final[Example] = {
    "evaluation_id": ID,
    "rubric": RUBRIC_REF,
    "question": "How do bagging and boosting differ?",
    "answer": ANSWER,
    "key_points": [
        {
            "id": "sequential-training",
            "statement": "Boosting trains its models one after another, each correcting the errors before it.",
        },
        {
            "id": "bootstrap-samples",
            "statement": "Bagging trains each model on its own bootstrap sample of the data.",
        },
    ],
    "misconceptions": [],
}

QUEUE: Final[Example] = {
    "waiting": 41,
    "items": [
        {
            "evaluation_id": ID,
            "rubric_id": "bagging-vs-boosting",
            "certainty": 0.58,
            "needs_review": True,
            "disputed": [],
        }
    ],
}

CLAIM_REQUEST: Final[Example] = {"reviewer": "ann", "rubric": "bagging-vs-boosting", "order": "uncertain"}

CLAIM: Final[Example] = {
    "id": CLAIM_ID,
    "lane": "review",
    "reviewer": "ann",
    "expires_at": "2026-01-15T11:30:00.123456Z",
    "sheet": SHEET,
}

IMPORT_FORM: Final[Example] = {
    "file": "candidate,rubric,sequential-training,bootstrap-samples\nc-17,bagging-vs-boosting,covered,0\n",
    "reviewer": "ann",
}

IMPORTED: Final[Example] = {
    "stored": 29,
    "unchanged": 0,
    "unused_columns": ["room"],
    "bad_rows": [
        {
            "line": 14,
            "column": None,
            "code": "unknown_answer",
            "reason": "there is no answer of this candidate to this rubric; grade it first",
        }
    ],
}
