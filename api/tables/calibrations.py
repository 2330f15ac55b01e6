"""Calibrations that people's marks earned."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from api.tables.base import Base


class CalibrationRow(Base):
    """How a calibration came about. Its numbers are in the rubric version that it is part of.

    `answers`, `marks`: fitted on; `loss_…`, `accuracy_…`: of marks outside the fold, without it and with it;
    `error`: standard error of the loss that it saves.
    """

    __tablename__ = "calibrations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(server_default="default")
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_versions.id", ondelete="RESTRICT"), unique=True)
    by: Mapped[str]
    answers: Mapped[int]
    marks: Mapped[int]
    loss_before: Mapped[float]
    loss_after: Mapped[float]
    error: Mapped[float]
    accuracy_before: Mapped[float]
    accuracy_after: Mapped[float]
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("by <> ''", name="by"),
        CheckConstraint("answers > 0 AND marks >= answers", name="marks"),
    )
