"""The database's tables. Checks keep nonsense out even when it comes past the service."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DDL,
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    event,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

# A name for every constraint, so that a later migration can drop it on any database.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the service, and of nothing else that shares the database."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a plain dict
        str: Text,
        float: Double,
        datetime: DateTime(timezone=True),
        list[str]: ARRAY(Text),
        list[dict[str, Any]]: JSONB,
        dict[str, Any]: JSONB,
    }


def _one_of(column: str, *values: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)


def _share(column: str) -> CheckConstraint:
    # PostgreSQL sorts NaN above every number, so that a range refuses it.
    return CheckConstraint(f"{column} BETWEEN 0 AND 1", name=column)


def _sha256(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} ~ '^[0-9a-f]{{64}}$'", name=column)


def _spans() -> CheckConstraint:
    sound = "@.start >= 0 && @.start < @.end && @.similarity >= 0 && @.similarity <= 1"
    return CheckConstraint(
        "jsonb_typeof(evidence) = 'array' AND "
        f"NOT jsonb_path_exists(evidence, '$[*] ? (!({sound}) || ({sound}) is unknown)')",
        name="evidence",
    )


class RubricRow(Base):
    """One rubric of the catalogue: what doesn't change from version to version."""

    __tablename__ = "rubrics"

    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("id <> ''", name="id"),)


class RubricVersionRow(Base):
    """One immutable version. `rubric_id` is null for a rubric that came inline with an answer."""

    __tablename__ = "rubric_versions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    rubric_id: Mapped[str | None] = mapped_column(ForeignKey("rubrics.id", ondelete="RESTRICT"))
    version: Mapped[int]
    source: Mapped[str]
    content_hash: Mapped[str]
    scoring_hash: Mapped[str]
    topic: Mapped[str]
    kind: Mapped[str]
    difficulty: Mapped[str]
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        UniqueConstraint("rubric_id", "version"),
        Index(
            "uq_rubric_versions_inline_content_hash",
            "content_hash",
            unique=True,
            postgresql_where=text("rubric_id IS NULL"),
        ),
        CheckConstraint("version >= 1", name="version"),
        _one_of("source", "bank", "api", "import", "inline"),
        CheckConstraint("(source = 'inline') = (rubric_id IS NULL)", name="inline"),
        _sha256("content_hash"),
        _sha256("scoring_hash"),
        CheckConstraint("jsonb_typeof(document) = 'object'", name="document"),
    )


class CandidateRow(Base):
    """A person as the caller names them; gone with their last evaluation."""

    __tablename__ = "candidates"

    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("id <> ''", name="id"),)


class EvaluationRow(Base):
    """One answer against one rubric version by one engine version. `id` grows with time (UUID version 7)."""

    __tablename__ = "evaluations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_versions.id", ondelete="RESTRICT"), index=True)
    candidate_id: Mapped[str | None] = mapped_column(ForeignKey("candidates.id", ondelete="RESTRICT"), index=True)
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
        _one_of("status", "scored", "unscored"),
        *(
            CheckConstraint(f"(status = 'scored') = ({column} IS NOT NULL)", name=f"scored_{column}")
            for column in ("points", "coverage", "expected_coverage", "level")
        ),
        CheckConstraint("(status = 'unscored') = (unscored_reason IS NOT NULL)", name="unscored_reason"),
        CheckConstraint("max_points > 0 AND max_points < 'Infinity'", name="max_points"),
        CheckConstraint("points BETWEEN 0 AND max_points", name="points"),
        _share("coverage"),
        _share("expected_coverage"),
        _sha256("answer_sha256"),
        CheckConstraint("answer_words >= 0", name="answer_words"),
        CheckConstraint("jsonb_typeof(metadata) = 'object'", name="metadata"),
    )


class KeyPointResultRow(Base):
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
        _one_of("verdict", "covered", "partial", "missed", "contradicted"),
        _share("credit"),
        _share("confidence"),
        _share("probability"),
        _spans(),
    )


class MisconceptionResultRow(Base):
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
        _share("confidence"),
        CheckConstraint("penalty >= 0 AND penalty < 'Infinity'", name="penalty"),
        _spans(),
    )


class PracticeRow(Base):
    """A set of answers given together; gone with the last of their evaluations. `id` grows with time (UUID version 7).

    What the set shows is worked out from its evaluations, so that it can't differ from them.
    """

    __tablename__ = "practices"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    candidate_id: Mapped[str | None] = mapped_column(ForeignKey("candidates.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]

    __table_args__ = (Index(None, "candidate_id", "id"),)


class PracticeAnswerRow(Base):
    """An evaluation's place in the set that it belongs to."""

    __tablename__ = "practice_answers"

    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"), unique=True)

    __table_args__ = (CheckConstraint("position BETWEEN 0 AND 49", name="position"),)


REFUSE_UPDATE = """
CREATE FUNCTION refuse_rubric_version_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rubric version % never changes: an edit is a new version', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$
"""
IMMUTABLE = """
CREATE TRIGGER rubric_versions_immutable BEFORE UPDATE ON rubric_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_rubric_version_update()
"""

for _statement in (REFUSE_UPDATE, IMMUTABLE):
    _ddl = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
    event.listen(RubricVersionRow.__table__, "after_create", _ddl)
