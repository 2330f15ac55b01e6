"""Batches: their files, chunks, items and errors."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.tables.base import Base
from api.tables.checks import one_of
from api.tables.workspaces import Owned


class BatchRow(Owned, Base):
    """Answers submitted together. `id` grows with time (UUID version 7).

    reading: its file waits to be read, or is being read; grading: its chunks are graded; done: nothing waits any more;
    cancelled: what was graded stays; failed: the file can't be read, `fault` says why.
    `reads`: how often a worker began to read; `started_at`: the last time that one did, or that it was started again.
    """

    __tablename__ = "batches"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str | None]
    state: Mapped[str]
    dry_run: Mapped[bool]
    fixed_rubric: Mapped[str | None]
    # Not JSONB: the order of a wide form's questions counts. Null until a large file is looked at.
    column_map: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    own_columns: Mapped[list[str]]
    doubts: Mapped[list[str]]
    fault: Mapped[str | None]
    items: Mapped[int]
    bad_rows: Mapped[int]
    reads: Mapped[int]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)

    __table_args__ = (
        one_of("kind", "csv", "xlsx", "jsonl", "parquet"),
        one_of("state", "reading", "grading", "done", "cancelled", "failed"),
        CheckConstraint("(state = 'failed') = (fault IS NOT NULL)", name="fault"),
        CheckConstraint("(state IN ('reading', 'grading')) = (finished_at IS NULL)", name="finished_at"),
        CheckConstraint("items >= 0 AND bad_rows >= 0 AND reads >= 0", name="counts"),
        CheckConstraint("column_map IS NOT NULL OR state NOT IN ('grading', 'done')", name="planned"),
        CheckConstraint("json_typeof(column_map) = 'object'", name="column_map"),
    )


class BatchRubricRow(Owned, Base):
    """A rubric version that a batch is graded against: pinned when the batch is accepted, whatever is edited later."""

    __tablename__ = "batch_rubrics"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True)
    rubric_version_id: Mapped[int] = mapped_column(
        ForeignKey("rubric_versions.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class BatchFileRow(Owned, Base):
    """A slice of a batch's file as it was uploaded, until it is read: any worker, on any machine, may be the one."""

    __tablename__ = "batch_files"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes]


class BatchChunkRow(Owned, Base):
    """Items of a batch that one job grades; identical answers to one rubric are in one chunk.

    `attempts` began since the last effect: one that ended without a word stays counted, so that a chunk which kills its
    workers is known by it. `items` = graded + failed + waiting.
    """

    __tablename__ = "batch_chunks"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    items: Mapped[int]
    graded: Mapped[int]
    failed: Mapped[int]
    attempts: Mapped[int]
    started_at: Mapped[datetime | None]
    effect_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("state", "waiting", "done"),
        CheckConstraint("graded >= 0 AND failed >= 0 AND graded + failed <= items", name="counts"),
        CheckConstraint("attempts >= 0", name="attempts"),
    )


class BatchItemRow(Owned, Base):
    """One answer of a batch. Once graded, its text is the evaluation's alone, and it goes when the evaluation goes."""

    __tablename__ = "batch_items"

    batch_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    chunk: Mapped[int]
    line: Mapped[int]
    key: Mapped[str]
    candidate_id: Mapped[str | None]
    rubric_version_id: Mapped[int] = mapped_column(BigInteger)  # one of the batch's pins, which keep it from going
    columns: Mapped[list[list[str]]]
    answer: Mapped[str | None]
    state: Mapped[str]
    evaluation_id: Mapped[UUID | None] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"), unique=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["batch_id", "chunk"], ["batch_chunks.batch_id", "batch_chunks.number"], ondelete="CASCADE"
        ),
        Index(None, "batch_id", "chunk"),
        one_of("state", "waiting", "graded", "failed"),
        CheckConstraint("(state = 'graded') = (evaluation_id IS NOT NULL)", name="graded"),
        CheckConstraint("(state = 'graded') = (answer IS NULL)", name="answer"),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("jsonb_typeof(columns) = 'array'", name="columns"),
    )


class BatchErrorRow(Owned, Base):
    """Why a row of the file can't be graded, or, with `position`, why an item of the batch wasn't."""

    __tablename__ = "batch_errors"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"))
    position: Mapped[int | None]
    line: Mapped[int]
    column_name: Mapped[str | None]
    code: Mapped[str]
    reason: Mapped[str]

    __table_args__ = (Index(None, "batch_id", "id"),)
