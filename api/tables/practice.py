"""Practice sets."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.tables.base import Base
from api.tables.workspaces import Owned


class PracticeRow(Owned, Base):
    """A set of answers given together; gone with the last of their evaluations. `id` grows with time (UUID version 7).

    What the set shows is worked out from its evaluations, so that it can't differ from them.
    """

    __tablename__ = "practices"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    candidate_id: Mapped[str | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "candidate_id"], ["candidates.workspace_id", "candidates.id"], ondelete="RESTRICT"
        ),
        Index(None, "candidate_id", "id"),
    )


class PracticeAnswerRow(Owned, Base):
    """An evaluation's place in the set that it belongs to."""

    __tablename__ = "practice_answers"

    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"), unique=True)

    __table_args__ = (CheckConstraint("position BETWEEN 0 AND 49", name="position"),)
