"""/v1/rubrics/ID/calibration."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response, status

from api import examples_calibration as examples
from api.deps import JSON, DatabaseDep, RuntimeDep, accepts
from api.openapi import BODY, documented
from api.routes.rubrics import RubricId
from api.schemas.calibration import (
    CalibrateIn,
    CalibrationAttemptOut,
    CalibrationMadeOut,
    CalibrationOut,
    CalibrationRemovedOut,
    CalibrationTrialOut,
    LeftOutOut,
)
from api.service import calibration as service
from api.service.calibration import Attempt
from grader.calibration_fit import Trial
from grader.model import EngineInfo
from grader.rubric_calibration import to_calibration
from rubrics.document import CalibrationDocument
from rubrics.model import Calibration

router = APIRouter(prefix="/v1/rubrics/{rubric_id}", tags=["rubrics"])

DryRun = Annotated[bool, Query(description="Fit and try it, change nothing, refuse nothing.", examples=[False])]


@router.get(
    "/calibration",
    summary="Read a rubric's calibration",
    operation_id="getRubricCalibration",
    responses=documented(examples.CALIBRATION, 404, 422, 503),
)
def read(rubric_id: RubricId, database: DatabaseDep, runtime: RuntimeDep) -> CalibrationOut:
    """What people's marks changed in how the engine marks this rubric, whether it is at work, and how it came about."""
    found = service.read(database, runtime.engine.info, rubric_id)
    return CalibrationOut(
        rubric_id=rubric_id,
        version=found.rubric.version,
        calibration=_document(found.calibration),
        in_force=found.in_force,
        history=[
            CalibrationMadeOut(version=one.version, reviewer=one.by, at=one.at, trial=_trial(one.trial))
            for one in found.history
        ],
    )


@router.delete(
    "/calibration",
    summary="Take a rubric's calibration out",
    operation_id="removeRubricCalibration",
    responses=documented(examples.REMOVED, 404, 422, 503),
)
def remove(rubric_id: RubricId, database: DatabaseDep) -> CalibrationRemovedOut:
    """Make a draft of the latest version without it; preview and publish that when you like."""
    return CalibrationRemovedOut(rubric_id=rubric_id, version=service.remove(database, rubric_id).rubric.version)


@router.post(
    ":calibrate",
    status_code=status.HTTP_201_CREATED,
    summary="Calibrate a rubric on people's marks",
    operation_id="calibrateRubric",
    responses={
        **documented(examples.ATTEMPT, 404, 409, 503, *BODY, status=201),
        200: {
            "description": "Tried, and nothing changed",
            "model": CalibrationAttemptOut,
            "content": {"application/json": {"example": {**examples.ATTEMPT, "version": None}}},
        },
    },
    dependencies=[Depends(accepts(*JSON))],
)
def calibrate(
    rubric_id: RubricId,
    body: Annotated[CalibrateIn, Body(examples=[examples.REQUEST])],
    response: Response,
    database: DatabaseDep,
    runtime: RuntimeDep,
    dry_run: DryRun = False,
) -> CalibrationAttemptOut:
    """Fit it on the marks that are stored. Where the gain holds outside the fold it is put into a draft, to preview and
    publish; where it doesn't, or there are too few marks, 409 says so. A dry run answers 200 in either case.
    """
    info = runtime.engine.info
    if dry_run:
        response.status_code = status.HTTP_200_OK
        return _attempt(service.attempt(database, runtime.engine, rubric_id), info)
    found = service.calibrate(database, runtime.engine, rubric_id, body.reviewer)
    response.headers["Location"] = f"/v1/rubrics/{rubric_id}/versions/{found.version}"
    return _attempt(found, info)


def _attempt(found: Attempt, engine: EngineInfo) -> CalibrationAttemptOut:
    taught = None
    fitted, tried = found.learned.fitted, found.learned.tried
    if fitted is not None and fitted.keeps_order:
        taught = to_calibration(fitted, found.rubric, engine, found.taught.lessons.marks)
    return CalibrationAttemptOut(
        rubric_id=found.rubric.id,
        version=found.version,
        holds=not found.refusal,
        reason=found.refusal,
        calibration=_document(taught),
        trial=_trial(tried) if tried else None,
        left_out=LeftOutOut.model_validate(found.taught),
    )


def _trial(tried: Trial) -> CalibrationTrialOut:
    return CalibrationTrialOut.model_validate(tried)


def _document(found: Calibration | None) -> CalibrationDocument | None:
    return None if found is None else CalibrationDocument.model_validate(asdict(found))
