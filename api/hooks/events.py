"""What webhooks tell: ids and marks. No words of an answer, of an appeal or of a file."""

import json
from datetime import datetime
from enum import StrEnum

from api.store.appeal_model import Appeal
from api.store.batch_model import Batch
from api.store.mapping import StoredEvaluation
from api.store.rubrics import StoredRubric


class Event(StrEnum):
    """Something that a webhook can be told of."""

    EVALUATION_COMPLETED = "evaluation.completed"
    EVALUATION_NEEDS_REVIEW = "evaluation.needs_review"
    BATCH_COMPLETED = "batch.completed"
    BATCH_FAILED = "batch.failed"
    RUBRIC_UPDATED = "rubric.updated"
    APPEAL_OPENED = "appeal.opened"
    APPEAL_DECIDED = "appeal.decided"
    TEST = "webhook.test"


Data = dict[str, str | int | float | bool | None]


def payload(event: Event, at: datetime, data: Data) -> str:
    """The body of a message, as it is signed."""
    told = {"type": event.value, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(told, separators=(",", ":"))


def of_evaluation(stored: StoredEvaluation) -> Data:
    """An evaluation's ids and marks."""
    evaluation = stored.evaluation
    return {
        "evaluation_id": str(stored.id),
        "rubric_id": evaluation.rubric.id,
        "rubric_version": evaluation.rubric.version,
        "candidate_id": stored.submission.candidate_id,
        "status": evaluation.status.value,
        "points": evaluation.points,
        "max_points": evaluation.max_points,
        "coverage": evaluation.coverage,
        "level": evaluation.level,
        "needs_review": evaluation.needs_review,
    }


def of_batch(batch: Batch) -> Data:
    """A batch's id and counts."""
    return {
        "batch_id": str(batch.id),
        "state": batch.state.value,
        "dry_run": batch.dry_run,
        "items": batch.counts.items,
        "graded": batch.counts.graded,
        "failed": batch.counts.failed,
        "bad_rows": batch.bad_rows,
    }


def of_rubric(stored: StoredRubric) -> Data:
    """A rubric version that grades from now on."""
    return {"rubric_id": stored.rubric.id, "version": stored.rubric.version, "content_hash": stored.content_hash}


def of_appeal(appeal: Appeal) -> Data:
    """An appeal's ids and where it is."""
    review = appeal.changes[-1].review_id
    return {
        "appeal_id": str(appeal.what.id),
        "evaluation_id": str(appeal.what.evaluation_id),
        "rubric_id": appeal.rubric_id,
        "candidate_id": appeal.candidate_id,
        "key_point_id": appeal.what.key_point_id,
        "state": appeal.state.value,
        "review_id": str(review) if review else None,
    }
