"""Calibrations that people's marks earned."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from api.tables.base import Base
from api.tables.workspaces import Owned


class CalibrationRow(Owned, Base):
    """How a calibration came about. Its numbers are in the rubric version that it is part of.

    `answers`, `marks`: fitted on; `loss_…`, `distance_…`: of marks outside the fold, as in `Trial`.
    """

    __tablename__ = "calibrations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_versions.id", ondelete="RESTRICT"), unique=True)
    by: Mapped[str]
    answers: Mapped[int]
    marks: Mapped[int]
    loss_before: Mapped[float]
    loss_after: Mapped[float]
    loss_error: Mapped[float]
    distance_before: Mapped[float]
    distance_after: Mapped[float]
    distance_error: Mapped[float]
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("by <> ''", name="by"),
        CheckConstraint("answers > 0 AND marks >= answers", name="marks"),
    )
