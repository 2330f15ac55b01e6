"""Stored answers graded again: to see what a change of rubric or engine does, or because it was published."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.tables.base import Base
from api.tables.checks import one_of
from api.tables.workspaces import Owned


class RegradeRow(Owned, Base):
    """One pass over the stored answers of a rubric, against one version by one engine. `id` grows with time.

    preview: only the difference is kept; publish: each answer gets a new evaluation. `engine_…`: what grades, known
    once the answers are collected; `unaffected`: answers that provably get the same marks, and aren't graded.
    """

    __tablename__ = "regrades"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_versions.id", ondelete="RESTRICT"), index=True)
    mode: Mapped[str]
    state: Mapped[str]
    engine_version: Mapped[str | None]
    engine_model: Mapped[str | None]
    engine_weights_hash: Mapped[str | None]
    unaffected: Mapped[int]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("mode", "preview", "publish"),
        one_of("state", "collecting", "grading", "done"),
        CheckConstraint("(state = 'done') = (finished_at IS NOT NULL)", name="finished_at"),
        CheckConstraint("unaffected >= 0", name="unaffected"),
    )


class RegradeChunkRow(Owned, Base):
    """Answers that one job grades. `attempts` began since the last effect, as with a batch's chunks."""

    __tablename__ = "regrade_chunks"

    regrade_id: Mapped[UUID] = mapped_column(ForeignKey("regrades.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    attempts: Mapped[int]
    started_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("state", "waiting", "done"),
        CheckConstraint("attempts >= 0", name="attempts"),
    )


class RegradeItemRow(Owned, Base):
    """What became of one answer: points and level that count, before and after; key points whose verdict changed.

    `evaluation_id`: the one that counted before. `changes`: of the engine's verdicts. Of people's marks on the answer,
    `marks` hold; with `gained` the engine agrees now and didn't, with `lost` the other way round.
    """

    __tablename__ = "regrade_items"

    regrade_id: Mapped[UUID] = mapped_column(primary_key=True)
    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True)
    chunk: Mapped[int]
    state: Mapped[str]
    reason: Mapped[str | None]
    points_before: Mapped[float | None]
    points_after: Mapped[float | None]
    level_before: Mapped[str | None]
    level_after: Mapped[str | None]
    changes: Mapped[list[dict[str, Any]] | None]
    marks: Mapped[int | None]
    gained: Mapped[int | None]
    lost: Mapped[int | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["regrade_id", "chunk"], ["regrade_chunks.regrade_id", "regrade_chunks.number"], ondelete="CASCADE"
        ),
        Index(None, "regrade_id", "chunk"),
        Index(None, "evaluation_id"),
        one_of("state", "waiting", "graded", "failed"),
        CheckConstraint("(state = 'failed') = (reason IS NOT NULL)", name="reason"),
        CheckConstraint("(state = 'graded') = (changes IS NOT NULL)", name="changes"),
    )
