"""Evaluations and whose answers they are of."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.tables.base import Base
from api.tables.checks import one_of, sha256, share, spans
from api.tables.rubrics import RubricVersionRow
from api.tables.workspaces import HERE, Owned


class CandidateRow(Owned, Base):
    """A person as the caller names them; gone with their last evaluation."""

    __tablename__ = "candidates"

    workspace_id: Mapped[str] = mapped_column(primary_key=True, server_default=text(HERE))
    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("id <> ''", name="id"),)


class EvaluationRow(Owned, Base):
    """One answer against one rubric version by one engine version. `id` grows with time (UUID version 7).

    `answer_id`: the evaluation that the answer came with, its own for that one; those of an answer that is graded again
    share it, and the newest counts. `certainty`: mean confidence over the key points, by weight.
    """

    __tablename__ = "evaluations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"))
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_versions.id", ondelete="RESTRICT"), index=True)
    candidate_id: Mapped[str | None] = mapped_column(index=True)
    answer: Mapped[str]
    answer_sha256: Mapped[str]
    answer_words: Mapped[int]
    answer_language: Mapped[str]
    engine_version: Mapped[str]
    engine_model: Mapped[str]
    engine_weights_hash: Mapped[str]
    status: Mapped[str]
    unscored_reason: Mapped[str | None]
    points: Mapped[float | None]
    max_points: Mapped[float]
    coverage: Mapped[float | None]
    expected_coverage: Mapped[float | None]
    level: Mapped[str | None]
    certainty: Mapped[float | None]
    needs_review: Mapped[bool]
    review_reasons: Mapped[list[str]]
    missed: Mapped[list[str]]
    feedback: Mapped[str]
    next_step: Mapped[str]
    follow_ups: Mapped[list[str]]
    flags: Mapped[list[dict[str, Any]]]
    caller_metadata: Mapped[dict[str, Any] | None] = mapped_column("metadata", JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(index=True)

    rubric_version: Mapped[RubricVersionRow] = relationship(lazy="raise")
    key_points: Mapped[list["KeyPointResultRow"]] = relationship(
        lazy="raise", order_by="KeyPointResultRow.position", passive_deletes="all"
    )
    misconceptions: Mapped[list["MisconceptionResultRow"]] = relationship(
        lazy="raise", order_by="MisconceptionResultRow.position", passive_deletes="all"
    )

    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "candidate_id"], ["candidates.workspace_id", "candidates.id"], ondelete="RESTRICT"
        ),
        Index(None, "answer_id", "id"),
        Index(None, "workspace_id", "id"),
        one_of("status", "scored", "unscored"),
        *(
            CheckConstraint(f"(status = 'scored') = ({column} IS NOT NULL)", name=f"scored_{column}")
            for column in ("points", "coverage", "expected_coverage", "level", "certainty")
        ),
        CheckConstraint("(status = 'unscored') = (unscored_reason IS NOT NULL)", name="unscored_reason"),
        CheckConstraint("max_points > 0 AND max_points < 'Infinity'", name="max_points"),
        CheckConstraint("points BETWEEN 0 AND max_points", name="points"),
        share("coverage"),
        share("expected_coverage"),
        share("certainty"),
        sha256("answer_sha256"),
        CheckConstraint("answer_words >= 0", name="answer_words"),
        CheckConstraint("jsonb_typeof(metadata) = 'object'", name="metadata"),
    )


class KeyPointResultRow(Owned, Base):
    """What one answer did with one key point."""

    __tablename__ = "key_point_results"

    evaluation_id: Mapped[UUID] = mapped_column(primary_key=True)
    key_point_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    statement: Mapped[str]
    weight: Mapped[float]
    required: Mapped[bool]
    verdict: Mapped[str]
    credit: Mapped[float]
    confidence: Mapped[float]
    probability: Mapped[float]
    evidence: Mapped[list[dict[str, Any]]]
    feedback: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(["evaluation_id"], ["evaluations.id"], ondelete="CASCADE"),
        Index(None, "key_point_id", "verdict"),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("weight > 0 AND weight < 'Infinity'", name="weight"),
        one_of("verdict", "covered", "partial", "missed", "contradicted"),
        share("credit"),
        share("confidence"),
        share("probability"),
        spans(),
    )


class MisconceptionResultRow(Owned, Base):
    """A wrong proposition that one answer asserted."""

    __tablename__ = "misconception_results"

    evaluation_id: Mapped[UUID] = mapped_column(primary_key=True)
    misconception_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    statement: Mapped[str]
    confidence: Mapped[float]
    evidence: Mapped[list[dict[str, Any]]]
    correction: Mapped[str]
    penalty: Mapped[float]

    __table_args__ = (
        ForeignKeyConstraint(["evaluation_id"], ["evaluations.id"], ondelete="CASCADE"),
        CheckConstraint("position >= 0", name="position"),
        share("confidence"),
        CheckConstraint("penalty >= 0 AND penalty < 'Infinity'", name="penalty"),
        spans(),
    )
