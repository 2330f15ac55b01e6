"""/v1/appeals."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Query, Response, status

from api import examples_appeals as examples
from api.deps import JSON, Cursor, DatabaseDep, Limit, accepts, encode_cursor, uuid_place
from api.openapi import BODY, documented
from api.routes.evaluations import EvaluationId
from api.schemas.appeals import AppealChangeOut, AppealIn, AppealOut, AppealPage, RulingIn
from api.service import appeals as service
from api.service.appeals import Ruling
from api.store.appeal_model import Appeal, AppealState
from api.texts import StorableText
from grader.model import Verdict

router = APIRouter(tags=["appeals"])

AppealId = Annotated[UUID, Path(description="An appeal's id.", examples=[examples.APPEAL_ID])]


@router.post(
    "/v1/evaluations/{evaluation_id}/appeals",
    status_code=status.HTTP_201_CREATED,
    summary="Contest a key point",
    operation_id="createAppeal",
    responses=documented(examples.APPEAL, 404, 409, 503, *BODY, status=201),
    dependencies=[Depends(accepts(*JSON))],
)
def create(
    evaluation_id: EvaluationId,
    body: Annotated[AppealIn, Body(examples=[examples.APPEAL_REQUEST])],
    response: Response,
    database: DatabaseDep,
) -> AppealOut:
    """Say, for the candidate, why the answer makes a key point that it didn't get."""
    made = service.submit(database, evaluation_id, body.key_point_id, body.argument, body.quote or None)
    response.headers["Location"] = f"/v1/appeals/{made.what.id}"
    return _out(made)


@router.get(
    "/v1/appeals",
    summary="List appeals",
    operation_id="listAppeals",
    responses=documented(examples.APPEAL_PAGE, 422, 503),
)
def list_page(
    database: DatabaseDep,
    state: Annotated[AppealState | None, Query(examples=["open"])] = None,
    rubric: Annotated[StorableText | None, Query(max_length=200, examples=["bagging-vs-boosting"])] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AppealPage:
    """Newest first."""
    found, rest = service.page(database, state, rubric, uuid_place(cursor), limit)
    return AppealPage(items=[_out(one) for one in found], next_cursor=encode_cursor(str(rest)) if rest else None)


@router.get(
    "/v1/appeals/{appeal_id:id}",
    summary="Read an appeal",
    operation_id="getAppeal",
    responses=documented(examples.APPEAL, 404, 422, 503),
)
def read(appeal_id: AppealId, database: DatabaseDep) -> AppealOut:
    """One appeal with its history."""
    return _out(service.read(database, appeal_id))


@router.post(
    "/v1/appeals/{appeal_id}:decide",
    summary="Uphold or reject an appeal",
    operation_id="decideAppeal",
    responses=documented(examples.APPEAL, 404, 409, 503, *BODY),
    dependencies=[Depends(accepts(*JSON))],
)
def decide(
    appeal_id: AppealId, body: Annotated[RulingIn, Body(examples=[examples.RULING_REQUEST])], database: DatabaseDep
) -> AppealOut:
    """End it, once. Upheld, its verdict counts at once, and its quote is proposed as a wording for the rubric."""
    ruling = Ruling(AppealState(body.decision), body.reviewer, body.reason, Verdict(body.verdict), body.quote or None)
    return _out(service.decide(database, appeal_id, ruling))


def _out(appeal: Appeal) -> AppealOut:
    what = appeal.what
    return AppealOut(
        id=what.id,
        evaluation_id=what.evaluation_id,
        rubric_id=appeal.rubric_id,
        candidate_id=appeal.candidate_id,
        key_point_id=what.key_point_id,
        statement=what.statement,
        argument=what.argument,
        quote=what.quote,
        state=appeal.state,
        review_id=appeal.changes[-1].review_id,
        history=[AppealChangeOut.model_validate(change) for change in appeal.changes],
    )
