"""How calibrations came about."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.tables import CalibrationRow, RubricVersionRow
from grader.calibration_fit import Trial


@dataclass(frozen=True, slots=True)
class StoredCalibration:
    """A calibration that held outside the fold: in which version of its rubric it is, who asked for it, and when."""

    version: int
    by: str
    at: datetime
    trial: Trial


def add(session: Session, id_: UUID, rubric_key: int, by: str, at: datetime, tried: Trial) -> None:
    """Store how the calibration in a rubric version came about."""
    row = CalibrationRow(
        id=id_,
        rubric_version_id=rubric_key,
        by=by,
        answers=tried.answers,
        marks=tried.marks,
        loss_before=tried.loss_before,
        loss_after=tried.loss_after,
        loss_error=tried.loss_error,
        distance_before=tried.distance_before,
        distance_after=tried.distance_after,
        distance_error=tried.distance_error,
        created_at=at,
    )
    session.add(row)
    session.flush()


def of_rubric(session: Session, rubric_id: str) -> list[StoredCalibration]:
    """All calibrations of a rubric, newest first."""
    version, row = RubricVersionRow, CalibrationRow
    query = select(row, version.version).join(version, version.id == row.rubric_version_id)
    found = session.execute(query.where(version.rubric_id == rubric_id).order_by(row.id.desc()))
    return [StoredCalibration(number, one.by, one.created_at, _trial(one)) for one, number in found]


def _trial(row: CalibrationRow) -> Trial:
    return Trial(
        answers=row.answers,
        marks=row.marks,
        loss_before=row.loss_before,
        loss_after=row.loss_after,
        loss_error=row.loss_error,
        distance_before=row.distance_before,
        distance_after=row.distance_after,
        distance_error=row.distance_error,
    )
