"""Worked examples of rubrics that aren't stored; see api/examples.py."""

from typing import Final

from api.examples import ANSWER, EVALUATION, RUBRIC_DOCUMENT, Example

TRY_REQUEST: Final[Example] = {"rubric": RUBRIC_DOCUMENT, "answers": [ANSWER]}

TRY: Final[Example] = {
    "answers": [
        {
            "evaluation": {**EVALUATION, "id": None, "candidate_id": None, "metadata": None, "created_at": None},
            "sentences": [
                {
                    "start": 0,
                    "end": 42,
                    "key_points": [
                        {
                            "says": {"alignment": 0.83, "wording": 0},
                            "denies": {"alignment": 0.47, "wording": 0},
                            "near": {"alignment": 0.41, "wording": 0},
                        },
                        {"says": {"alignment": 0.22, "wording": 0}, "denies": None, "near": None},
                    ],
                    "misconceptions": [],
                },
                {
                    "start": 43,
                    "end": 90,
                    "key_points": [
                        {
                            "says": {"alignment": 0.19, "wording": 0},
                            "denies": {"alignment": 0.3, "wording": 0},
                            "near": {"alignment": 0.12, "wording": 0},
                        },
                        {"says": {"alignment": 0.61, "wording": 0}, "denies": None, "near": None},
                    ],
                    "misconceptions": [],
                },
            ],
        }
    ]
}

REFERENCE_REQUEST: Final[Example] = {
    "question": "How do bagging and boosting differ?",
    "reference_answer": "Boosting trains its models one after another. Bagging trains them on bootstrap samples.",
}

WRITTEN: Final[Example] = {
    "rubric": {
        "id": "inline",
        "question": "How do bagging and boosting differ?",
        "key_points": [
            {
                "id": "boosting-trains-its-models-one-after-another",
                "statement": "Boosting trains its models one after another.",
            },
            {
                "id": "bagging-trains-them-on-bootstrap-samples",
                "statement": "Bagging trains them on bootstrap samples.",
            },
        ],
    },
    "yaml": "id: inline\nversion: 1\nquestion: How do bagging and boosting differ?\nkey_points:\n  - …\n",
}
