"""Grade an answer, read evaluations, delete them for good."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from api.db import Database
from api.errors import InputInvalid, NotFound
from api.hooks.events import Event, of_evaluation
from api.microbatch import Grades
from api.observe.record import graded, stage
from api.service.ids import uuid7
from api.service.telling import tell
from api.store import evaluations as store
from api.store import idempotency
from api.store import rubrics as rubric_store
from api.store.evaluations import Filters
from api.store.mapping import StoredEvaluation, Submission
from api.store.rubrics import StoredRubric
from grader.model import Evaluation
from rubrics import Rubric


def check_length(text: str, limit: int, field: str = "answer") -> None:
    """Raises InputInvalid for an answer of more than `limit` code points. `field`: its place in the request."""
    if len(text) > limit:
        raise InputInvalid(
            field,
            f"has {len(text):,} characters and the limit is {limit:,}; "
            "shorten it, or raise the setting GRADER_MAX_ANSWER_CHARS",
        )


def grade(engine: Grades, rubric: StoredRubric | Rubric, text: str) -> Evaluation:
    """Grade and keep nothing. Raises the engine's errors."""
    with stage("grade"):
        evaluation = engine.grade(rubric if isinstance(rubric, Rubric) else rubric.rubric, text)
    graded(evaluation)
    return evaluation


def grade_and_store(
    database: Database, engine: Grades, rubric: StoredRubric | Rubric, submission: Submission
) -> StoredEvaluation:
    """Grade, then store in one transaction, which isn't open while the engine works.

    A rubric that isn't stored is stored with the evaluation, so that the mark can be explained. Raises the engine's
    errors and DatabaseUnavailable.
    """
    evaluation = grade(engine, rubric, submission.text)
    now = datetime.now(UTC)
    stored = StoredEvaluation(uuid7(now), now, submission, evaluation)
    with stage("store"), database.transaction() as session:
        version = rubric_store.inline(session, rubric) if isinstance(rubric, Rubric) else rubric
        store.add(session, stored, version.key)
        told(session, stored)
    return stored


def told(session: Session, *stored: StoredEvaluation) -> None:
    """Tell webhooks of single answers that were graded. Those of a batch are told of together, at its end."""
    for one in stored:
        news = [(Event.EVALUATION_COMPLETED, of_evaluation(one))]
        if one.evaluation.needs_review:
            news.append((Event.EVALUATION_NEEDS_REVIEW, of_evaluation(one)))
        tell(session, *news)


def read(database: Database, evaluation_id: UUID) -> StoredEvaluation:
    """One evaluation. Raises NotFound."""
    with database.reading() as session:
        found = store.get(session, evaluation_id)
    if found is None:
        raise _missing(evaluation_id)
    return found


def page(
    database: Database, filters: Filters, before: UUID | None, limit: int
) -> tuple[list[StoredEvaluation], UUID | None]:
    """Newest first, and where the next page begins (None on the last one)."""
    with database.reading() as session:
        found = store.page(session, filters, before, limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def delete(database: Database, evaluation_id: UUID) -> None:
    """Remove an evaluation, its answer and all that nothing else needs. Raises NotFound."""
    with database.transaction() as session:
        ids = store.of_same_answer(session, evaluation_id)
        if not store.remove(session, evaluation_id):
            raise _missing(evaluation_id)
        idempotency.forget(session, ids)


def _missing(evaluation_id: UUID) -> NotFound:
    return NotFound(f"There is no evaluation {evaluation_id}; GET /v1/evaluations lists them.")
