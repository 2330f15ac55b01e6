"""Worked examples of batches. Tests hold each against its schema."""

from typing import Final

from api.examples import ANSWER, CURSOR, HASH, ID, Example

BATCH_REQUEST: Final[Example] = {
    "name": "Mid-term, group B",
    "rubric_id": "bagging-vs-boosting",
    "rows": [
        {"custom_id": "7-1", "candidate_id": "c-17", "answer": ANSWER},
        {"custom_id": "8-1", "candidate_id": "c-18", "answer": "Bagging draws a bootstrap sample for each model."},
    ],
}

BATCH_FORM: Final[Example] = {
    "file": "candidate,rubric,answer\nc-17,bagging-vs-boosting,Boosting fits its trees one after another.\n",
    "mapping": '{"candidate": "candidate", "rubric": "rubric", "answer": "answer"}',
    "dry_run": "false",
}

BATCH_SUMMARY: Final[Example] = {
    "id": ID,
    "name": "midterm.csv",
    "state": "grading",
    "dry_run": False,
    "counts": {"items": 600, "waiting": 216, "graded": 384, "failed": 0, "bad_rows": 2},
    "answers_per_second": 96.0,
    "estimated_end": "2026-01-15T10:30:07.250000Z",
    "created_at": "2026-01-15T10:30:00.123456Z",
    "started_at": "2026-01-15T10:30:01.000000Z",
    "finished_at": None,
}

BATCH: Final[Example] = {
    **BATCH_SUMMARY,
    "mapping": {"candidate": "candidate", "rubric": "rubric", "answer": "answer"},
    "doubts": [],
    "rubrics": [{"id": "bagging-vs-boosting", "version": 1, "content_hash": HASH}],
    "fault": None,
}

PREVIEW: Final[Example] = {
    "columns": [
        {"name": "candidate", "values": ["c-17", "c-18"]},
        {"name": "rubric", "values": ["bagging-vs-boosting", "bagging-vs-boosting"]},
        {"name": "answer", "values": ["Boosting fits its trees one after another.", "Bagging draws samples."]},
    ],
    "mapping": {"candidate": "candidate", "rubric": "rubric", "answer": "answer"},
    "doubts": [],
    "fault": None,
}

BATCH_PAGE: Final[Example] = {"items": [BATCH_SUMMARY], "next_cursor": None}

BATCH_ERRORS: Final[Example] = {
    "items": [
        {
            "line": 14,
            "column": "rubric",
            "code": "unknown_rubric",
            "reason": "no rubric is known as 'baging': correct it",
        }
    ],
    "next_cursor": CURSOR,
}

EVENT: Final = (
    'event: batch\ndata: {"id": "' + ID + '", "state": "grading", "counts": {"items": 600, "graded": 384}}\n\n'
)
