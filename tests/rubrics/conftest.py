"""Rubric data that is valid, small and easy to spoil."""

from typing import Any

import pytest


@pytest.fixture
def data() -> dict[str, Any]:
    return {
        "id": "bagging-vs-boosting",
        "topic": "ensembles",
        "question": "How do bagging and boosting differ?",
        "key_points": [
            {"id": "sequential", "statement": "Boosting trains one model after another.", "weight": 2},
            {
                "id": "parallel",
                "statement": "Bagging trains its models independently.",
                "says": ["they run in parallel"],
            },
        ],
        "misconceptions": [{"statement": "Boosting only lowers variance.", "penalty": 0.5}],
        "follow_ups": [{"question": "When would you use bagging?", "key_points": ["parallel"]}],
    }
