"""The database's tables. Checks keep nonsense out even when it comes past the service."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DDL,
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
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
        list[list[str]]: JSONB,
        dict[str, Any]: JSONB,
        bytes: LargeBinary,
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


class BatchRow(Base):
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
        _one_of("kind", "csv", "xlsx", "jsonl", "parquet"),
        _one_of("state", "reading", "grading", "done", "cancelled", "failed"),
        CheckConstraint("(state = 'failed') = (fault IS NOT NULL)", name="fault"),
        CheckConstraint("(state IN ('reading', 'grading')) = (finished_at IS NULL)", name="finished_at"),
        CheckConstraint("items >= 0 AND bad_rows >= 0 AND reads >= 0", name="counts"),
        CheckConstraint("column_map IS NOT NULL OR state NOT IN ('grading', 'done')", name="planned"),
        CheckConstraint("json_typeof(column_map) = 'object'", name="column_map"),
    )


class BatchRubricRow(Base):
    """A rubric version that a batch is graded against: pinned when the batch is accepted, whatever is edited later."""

    __tablename__ = "batch_rubrics"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True)
    rubric_version_id: Mapped[int] = mapped_column(
        ForeignKey("rubric_versions.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class BatchFileRow(Base):
    """A slice of a batch's file as it was uploaded, until it is read: any worker, on any machine, may be the one."""

    __tablename__ = "batch_files"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes]


class BatchChunkRow(Base):
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
        _one_of("state", "waiting", "done"),
        CheckConstraint("graded >= 0 AND failed >= 0 AND graded + failed <= items", name="counts"),
        CheckConstraint("attempts >= 0", name="attempts"),
    )


class BatchItemRow(Base):
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
        _one_of("state", "waiting", "graded", "failed"),
        CheckConstraint("(state = 'graded') = (evaluation_id IS NOT NULL)", name="graded"),
        CheckConstraint("(state = 'graded') = (answer IS NULL)", name="answer"),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("jsonb_typeof(columns) = 'array'", name="columns"),
    )


class BatchErrorRow(Base):
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
