"""/v1/evaluations."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Query, Response, status

from api import examples
from api.db import Database
from api.deps import (
    JSON,
    Cursor,
    DatabaseDep,
    GraderDep,
    LateDatabaseDep,
    Limit,
    Moment,
    SettingsDep,
    accepts,
    encode_cursor,
    uuid_place,
)
from api.observe.record import stage
from api.openapi import BODY, Responses, documented
from api.schemas import EvaluationIn, EvaluationOut, EvaluationPage, StoredEvaluationOut
from api.service import evaluations as service
from api.service import rubrics as rubric_service
from api.store.evaluations import Filters
from api.store.mapping import StoredEvaluation, Submission
from api.store.rubrics import StoredRubric
from api.texts import StorableText
from grader.model import Status
from rubrics import Rubric, to_rubric

router = APIRouter(prefix="/v1/evaluations", tags=["evaluations"])

EvaluationId = Annotated[UUID, Path(description="An evaluation's id.", examples=[examples.ID])]
Text = Annotated[StorableText | None, Query(max_length=200)]
Grading: Final[Responses] = {
    **documented(examples.EVALUATION, 404, 503, *BODY, status=201),
    200: {
        "description": "Graded and not stored",
        "model": EvaluationOut,
        "content": {"application/json": {"example": {**examples.EVALUATION, "id": None}}},
    },
}


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Grade an answer",
    operation_id="createEvaluation",
    responses=Grading,
    dependencies=[Depends(accepts(*JSON))],
)
def create(
    body: Annotated[
        EvaluationIn,
        Body(
            openapi_examples={
                "stored rubric": {"value": examples.EVALUATION_REQUESTS[0]},
                "rubric of your own, nothing stored": {"value": examples.EVALUATION_REQUESTS[1]},
            }
        ),
    ],
    response: Response,
    settings: SettingsDep,
    database: LateDatabaseDep,
    grader: GraderDep,
) -> EvaluationOut:
    """Grade one answer against a stored rubric or one of your own. 200 instead of 201 when `store` is false."""
    service.check_length(body.answer, settings.max_answer_chars)
    with stage("rubric"):
        rubric = _rubric(body, database)
    if not body.store:
        response.status_code = status.HTTP_200_OK
        evaluation = service.grade(grader, rubric, body.answer)
        return EvaluationOut.from_evaluation(
            evaluation, created_at=datetime.now(UTC), candidate_id=body.candidate_id, metadata=body.metadata
        )
    submission = Submission(body.answer, body.candidate_id, body.metadata)
    stored = service.grade_and_store(database(), grader, rubric, submission)
    response.headers["Location"] = f"{router.prefix}/{stored.id}"
    return evaluation_out(stored)


@router.get(
    "",
    summary="List evaluations",
    operation_id="listEvaluations",
    responses=documented(examples.EVALUATION_PAGE, 422, 503),
)
def list_page(
    database: DatabaseDep,
    rubric_id: Annotated[Text, Query(examples=["bagging-vs-boosting"])] = None,
    candidate_id: Annotated[Text, Query(examples=["c-17"])] = None,
    status: Annotated[Status | None, Query(examples=["scored"])] = None,
    level: Annotated[Text, Query(examples=["proficient"])] = None,
    needs_review: Annotated[bool | None, Query(examples=[True])] = None,
    created_after: Annotated[Moment | None, Query(examples=["2026-01-15T00:00:00Z"])] = None,
    created_before: Annotated[Moment | None, Query(examples=["2026-02-01T00:00:00Z"])] = None,
    current: Annotated[
        bool | None, Query(description="True: only the newest evaluation of each answer.", examples=[True])
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> EvaluationPage:
    """Newest first, without the answers' texts. Pages stay as they are while new evaluations come in."""
    filters = Filters(rubric_id, candidate_id, status, level, needs_review, created_after, created_before, current)
    found, rest = service.page(database, filters, uuid_place(cursor), limit)
    return EvaluationPage(
        items=[evaluation_out(stored) for stored in found], next_cursor=encode_cursor(str(rest)) if rest else None
    )


@router.get(
    "/{evaluation_id}",
    summary="Read an evaluation",
    operation_id="getEvaluation",
    responses=documented(examples.STORED_EVALUATION, 404, 422, 503),
)
def read(evaluation_id: EvaluationId, database: DatabaseDep) -> StoredEvaluationOut:
    """One evaluation with the answer's text."""
    stored = service.read(database, evaluation_id)
    return StoredEvaluationOut.with_text(evaluation_out(stored), stored.submission.text)


@router.delete(
    "/{evaluation_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Delete an evaluation",
    operation_id="deleteEvaluation",
    responses=documented(None, 404, 422, 503, status=204),
)
def delete(evaluation_id: EvaluationId, database: DatabaseDep) -> None:
    """Remove an answer and all that was said about it, for good; its candidate too, if nothing else is theirs."""
    service.delete(database, evaluation_id)


def _rubric(body: EvaluationIn, database: Callable[[], Database]) -> StoredRubric | Rubric:
    if body.rubric is not None:
        return to_rubric(body.rubric)
    return rubric_service.read(database(), str(body.rubric_id), body.rubric_version)


def evaluation_out(stored: StoredEvaluation) -> EvaluationOut:
    """A stored evaluation as JSON shows it, without the answer's text."""
    return EvaluationOut.from_evaluation(
        stored.evaluation,
        id=stored.id,
        created_at=stored.created_at,
        candidate_id=stored.submission.candidate_id,
        metadata=stored.submission.metadata,
    )
