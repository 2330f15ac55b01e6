"""Worked examples: the JSON that the API's documentation shows. Tests hold each against its schema."""

from typing import Final

from pydantic import JsonValue

Example = dict[str, JsonValue]

HASH: Final = "9c1f0d0f9b6e4a52d2f0d7a1a5f4f4f6c0b3a1e2d3c4b5a69788796a5b4c3d2e"
ID: Final = "01978a3e-4c1d-7a52-9f0e-3b1c5d7e9f10"
CURSOR: Final = "MDE5NzhhM2UtNGMxZC03YTUyLTlmMGUtM2IxYzVkN2U5ZjEw"
ANSWER: Final = "Boosting fits its trees one after another. Bagging, I think, uses the whole data for each."

RUBRIC_DOCUMENT: Final[Example] = {
    "id": "bagging-vs-boosting",
    "topic": "ensembles",
    "kind": "comparison",
    "question": "How do bagging and boosting differ?",
    "key_points": [
        {
            "id": "sequential-training",
            "statement": "Boosting trains its models one after another, each correcting the errors before it.",
            "weight": 2,
            "required": True,
            "says": ["every new tree goes after whatever the earlier ones got wrong"],
            "denies": ["boosting fits all of its learners independently and at the same time"],
            "near": ["boosting often uses shallow trees as its base learners"],
            "missed": "Ask what the second learner in boosting looks at that the first did not.",
        },
        {
            "id": "bootstrap-samples",
            "statement": "Bagging trains each model on its own bootstrap sample of the data.",
            "missed": "Ask what makes the models in bagging differ from each other.",
        },
    ],
    "follow_ups": [{"question": "Why does bagging lower variance?", "key_points": ["bootstrap-samples"]}],
}

EVALUATION_REQUESTS: Final[tuple[Example, ...]] = (
    {"rubric_id": "bagging-vs-boosting", "answer": ANSWER, "candidate_id": "c-17", "metadata": {"round": 2}},
    {
        "rubric": {
            "question": "How do bagging and boosting differ?",
            "key_points": ["Boosting trains its models one after another.", "Bagging uses bootstrap samples."],
        },
        "answer": ANSWER,
        "store": False,
    },
)

EVALUATION: Final[Example] = {
    "id": ID,
    "rubric": {"id": "bagging-vs-boosting", "version": 1, "content_hash": HASH},
    "engine": {"version": "1", "model": "all-MiniLM-L6-v2", "weights_hash": HASH},
    "status": "scored",
    "unscored_reason": None,
    "points": 2.0,
    "max_points": 3.0,
    "coverage": 0.667,
    "expected_coverage": 0.664,
    "level": "proficient",
    "needs_review": False,
    "review_reasons": [],
    "key_points": [
        {
            "id": "sequential-training",
            "statement": "Boosting trains its models one after another, each correcting the errors before it.",
            "weight": 2.0,
            "required": True,
            "verdict": "covered",
            "credit": 1.0,
            "confidence": 0.91,
            "probability": 0.91,
            "evidence": [
                {"quote": "Boosting fits its trees one after another.", "start": 0, "end": 42, "similarity": 0.83}
            ],
            "feedback": "You said that boosting trains one model after another.",
        },
        {
            "id": "bootstrap-samples",
            "statement": "Bagging trains each model on its own bootstrap sample of the data.",
            "weight": 1.0,
            "required": False,
            "verdict": "contradicted",
            "credit": 0.0,
            "confidence": 0.74,
            "probability": 0.17,
            "evidence": [{"quote": "uses the whole data for each", "start": 61, "end": 89, "similarity": 0.64}],
            "feedback": "Ask what makes the models in bagging differ from each other.",
        },
    ],
    "misconceptions": [],
    "missed": ["bootstrap-samples"],
    "feedback": "You have boosting's order right. Bagging's models differ because each sees its own sample.",
    "next_step": "Say what data each model in bagging is trained on to reach excellent.",
    "follow_ups": ["Why does bagging lower variance?"],
    "flags": [],
    "answer": {
        "sha256": "8ddb79b6dfab3e121f67fe4dad74c957777264db41d7987b820ee0eac26afd0b",
        "words": 16,
        "language": "en",
    },
    "candidate_id": "c-17",
    "metadata": {"round": 2},
    "created_at": "2026-01-15T10:30:00.123456Z",
}

STORED_EVALUATION: Final[Example] = {
    **EVALUATION,
    "answer": {
        "sha256": "8ddb79b6dfab3e121f67fe4dad74c957777264db41d7987b820ee0eac26afd0b",
        "words": 16,
        "language": "en",
        "text": ANSWER,
    },
}

EVALUATION_PAGE: Final[Example] = {"items": [EVALUATION], "next_cursor": CURSOR}

RUBRIC_PAGE: Final[Example] = {
    "items": [
        {
            "id": "bagging-vs-boosting",
            "version": 1,
            "topic": "ensembles",
            "kind": "comparison",
            "difficulty": "core",
            "guides": ["C", "D"],
            "question": "How do bagging and boosting differ?",
            "content_hash": HASH,
            "score": 0.713264,
        }
    ],
    "next_cursor": None,
}

VERSION: Final[Example] = {
    "version": 1,
    "content_hash": HASH,
    "scoring_hash": HASH,
    "source": "bank",
    "created_at": "2026-01-15T10:30:00.123456Z",
    "draft": False,
}

VERSION_LIST: Final[Example] = {"items": [VERSION]}

RUBRIC: Final[Example] = {**VERSION, "id": "bagging-vs-boosting", "rubric": RUBRIC_DOCUMENT}

RUBRIC_CHECK: Final[Example] = {
    "errors": 1,
    "warnings": 0,
    "findings": [
        {
            "code": "vague_wording",
            "path": "key_points[1].statement",
            "line": 14,
            "severity": "error",
            "message": "“various” doesn't say what an answer has to contain",
            "remedy": "Say what exactly: name the quantity, the direction, the condition or the examples that count.",
        }
    ],
}

TOPICS: Final[Example] = {
    "items": [
        {
            "topic": "ensembles",
            "rubrics": 3,
            "kinds": {"comparison": 1, "concept": 2},
            "difficulties": {"core": 2, "intermediate": 1},
            "guides": {"A": 1, "C": 2, "D": 1},
        }
    ]
}

INFO: Final[Example] = {
    "name": "answer-grader",
    "version": "0.1.0",
    "engine": {"version": "1", "model": "all-MiniLM-L6-v2", "weights_hash": HASH},
    "database": "embedded",
    "limits": {"max_answer_chars": 20000, "max_body_bytes": 2000000, "max_key_points": 64},
}

PROBLEM: Final[Example] = {
    "type": "urn:answer-grader:problem:validation_failed",
    "title": "Validation failed",
    "status": 422,
    "code": "validation_failed",
    "detail": "answer: Field required",
    "errors": [{"field": "answer", "message": "Field required"}],
}
