"""Preview and publication of rubric versions, and the passes over stored answers that they make."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response, status

from api import examples_regrades as examples
from api.deps import Cursor, DatabaseDep, Limit, bad_cursor, decode_cursor, encode_cursor
from api.openapi import documented
from api.routes.rubrics import Number, RubricId
from api.schemas.evaluations import EngineOut
from api.schemas.regrades import (
    LevelFlipOut,
    MoverOut,
    MoverPage,
    MovesOut,
    PeopleOut,
    RegradeCountsOut,
    RegradeOut,
    VerdictFlipOut,
)
from api.service import regrades as service
from api.store.regrade_model import Difference, Flip, Mover, Regrade

router = APIRouter(tags=["rubrics"])

RegradeId = Annotated[UUID, Path(description="A pass's id.", examples=[examples.REGRADE_ID])]


@router.post(
    "/v1/rubrics/{rubric_id}/versions/{version}:preview",
    status_code=status.HTTP_202_ACCEPTED,
    summary="See what a version would do to the stored answers",
    operation_id="previewRubricVersion",
    responses=documented(examples.REGRADE, 404, 409, 422, 503, status=202),
)
def preview(rubric_id: RubricId, version: Number, response: Response, database: DatabaseDep) -> RegradeOut:
    """Grade the stored answers against it in the background, keep the difference only, and change nothing."""
    return _accepted(service.preview(database, rubric_id, version), response, database)


@router.post(
    "/v1/rubrics/{rubric_id}/versions/{version}:publish",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Publish a draft",
    operation_id="publishRubricVersion",
    responses=documented({**examples.REGRADE, "mode": "publish"}, 404, 409, 422, 503, status=202),
)
def publish(rubric_id: RubricId, version: Number, response: Response, database: DatabaseDep) -> RegradeOut:
    """Have it be the latest version, and grade the stored answers against it in the background.

    Reviews stay, and so do the old evaluations. The latest version can be published again, for an engine that changed.
    """
    return _accepted(service.publish(database, rubric_id, version), response, database)


@router.get(
    "/v1/regrades/{regrade_id}",
    summary="Read what a preview or publication changes",
    operation_id="getRegrade",
    responses=documented(examples.REGRADE, 404, 422, 503),
)
def read(regrade_id: RegradeId, database: DatabaseDep) -> RegradeOut:
    """How far it is, who moves, which levels flip, key point by key point, and whether people agree more or less."""
    return _out(*service.read(database, regrade_id))


@router.get(
    "/v1/regrades/{regrade_id}/answers",
    summary="List the answers that move",
    operation_id="listRegradedAnswers",
    responses=documented(examples.MOVER_PAGE, 404, 422, 503),
)
def movers(regrade_id: RegradeId, database: DatabaseDep, limit: Limit = 50, cursor: Cursor = None) -> MoverPage:
    """The largest moves first."""
    found, last = service.movers(database, regrade_id, _place(cursor), limit)
    end = encode_cursor(f"{_change(last)!r} {last.evaluation_id}") if last else None
    return MoverPage(items=[_mover(one) for one in found], next_cursor=end)


def _accepted(found: Regrade, response: Response, database: DatabaseDep) -> RegradeOut:
    response.headers["Location"] = f"/v1/regrades/{found.id}"
    return _out(*service.read(database, found.id))


def _place(cursor: str | None) -> tuple[float, UUID] | None:
    if cursor is None:
        return None
    change, _, id_ = decode_cursor(cursor).partition(" ")
    try:
        return float(change), UUID(id_)
    except ValueError as error:
        raise bad_cursor() from error


def _change(one: Mover) -> float:
    """As the list is ordered: an answer that gains or loses its mark altogether moves by no points."""
    if one.points_before is None or one.points_after is None:
        return 0.0
    return abs(one.points_after - one.points_before)


def _out(found: Regrade, made: Difference) -> RegradeOut:
    return RegradeOut(
        id=found.id,
        rubric_id=found.rubric_id,
        version=found.version,
        mode=found.mode,
        state=found.state,
        engine=EngineOut.model_validate(found.engine) if found.engine else None,
        counts=RegradeCountsOut(
            unaffected=found.unaffected,
            items=made.items,
            waiting=made.waiting,
            graded=made.graded,
            failed=made.failed,
        ),
        points=MovesOut.model_validate(made),
        levels=[LevelFlipOut(before=one.before, after=one.after, answers=one.count) for one in made.levels],
        key_points=[_flip(one) for one in made.points],
        people=PeopleOut(marks=made.marks, now_agree=made.gained, now_disagree=made.lost),
        created_at=found.created_at,
        started_at=found.started_at,
        finished_at=found.finished_at,
    )


def _flip(one: Flip) -> VerdictFlipOut:
    return VerdictFlipOut(key_point_id=one.key_point, before=one.before, after=one.after, answers=one.count)


def _mover(one: Mover) -> MoverOut:
    return MoverOut(
        evaluation_id=one.evaluation_id,
        candidate_id=one.candidate_id,
        points_before=one.points_before,
        points_after=one.points_after,
        level_before=one.level_before,
        level_after=one.level_after,
        verdicts=[_flip(flip) for flip in one.changes],
    )
