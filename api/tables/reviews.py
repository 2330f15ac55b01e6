"""What people decide: reviews, claims on them, appeals, proposals.

What a person said is only ever added to: triggers refuse to change or delete it. It goes with the answer alone.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, event, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.tables.base import Base
from api.tables.checks import one_of
from api.tables.workspaces import HERE, Owned


class ReviewRow(Owned, Base):
    """One person's rating of one answer, made on one of its evaluations. `id` grows with time (UUID version 7)."""

    __tablename__ = "reviews"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"), index=True)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"))
    kind: Mapped[str]
    reviewer: Mapped[str]
    comment: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)

    marks: Mapped[list["ReviewMarkRow"]] = relationship(
        lazy="raise", order_by="ReviewMarkRow.position", passive_deletes="all"
    )

    __table_args__ = (
        Index(None, "answer_id", "id"),
        one_of("kind", "review", "blind", "adjudication", "appeal", "import"),
        CheckConstraint("reviewer <> ''", name="reviewer"),
    )


class ReviewMarkRow(Owned, Base):
    """A person's word on one target: a key point, a misconception, or the whole answer."""

    __tablename__ = "review_marks"

    review_id: Mapped[UUID] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    target: Mapped[str]
    target_id: Mapped[str]
    statement: Mapped[str]
    verdict: Mapped[str | None]
    points: Mapped[float | None]
    reason: Mapped[str]
    quote: Mapped[str | None]
    quote_start: Mapped[int | None]
    quote_end: Mapped[int | None]

    __table_args__ = (
        Index(None, "review_id", "target", "target_id", unique=True),
        one_of("target", "key_point", "misconception", "total"),
        CheckConstraint(
            "CASE target "
            "WHEN 'key_point' THEN coalesce(verdict, '') IN ('covered', 'partial', 'missed', 'contradicted') "
            "WHEN 'misconception' THEN coalesce(verdict, '') IN ('asserted', 'absent') ELSE verdict IS NULL END",
            name="verdict",
        ),
        CheckConstraint("(target = 'total') = (points IS NOT NULL)", name="total"),
        CheckConstraint("points >= 0 AND points < 'Infinity'", name="points"),
        CheckConstraint(
            "(quote IS NULL) = (quote_start IS NULL) AND (quote IS NULL) = (quote_end IS NULL) AND "
            "quote_start >= 0 AND quote_start < quote_end",
            name="quote",
        ),
    )


class ReviewStateRow(Owned, Base):
    """Where an answer is with its reviewers: worked out from its reviews whenever one is added, for the queue's sake.

    `raters`: who rated it, other than blind; `blind`: who did so blind; `disputed`: ids of targets that wait for
    adjudication.
    """

    __tablename__ = "review_states"

    answer_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True)
    raters: Mapped[list[str]]
    blind: Mapped[list[str]]
    disputed: Mapped[list[str]]


class ReviewClaimRow(Owned, Base):
    """An answer that somebody is about to rate. One person at a time and lane; an old claim gives way to the next."""

    __tablename__ = "review_claims"

    answer_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True)
    lane: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    reviewer: Mapped[str]
    claimed_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (
        one_of("lane", "review", "blind", "adjudication"),
        CheckConstraint("reviewer <> ''", name="reviewer"),
    )


class AppealRow(Owned, Base):
    """A key point that a candidate contests, in words. What became of it is in its changes."""

    __tablename__ = "appeals"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"), index=True)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"), index=True)
    key_point_id: Mapped[str]
    statement: Mapped[str]
    argument: Mapped[str]
    quote: Mapped[str | None]

    __table_args__ = (CheckConstraint("argument <> ''", name="argument"),)


class AppealChangeRow(Owned, Base):
    """A state that an appeal entered: 0 is its beginning, 1 its end, so that it ends once."""

    __tablename__ = "appeal_changes"

    appeal_id: Mapped[UUID] = mapped_column(ForeignKey("appeals.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    by: Mapped[str | None]
    reason: Mapped[str]
    review_id: Mapped[UUID | None] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]

    __table_args__ = (
        one_of("state", "open", "upheld", "rejected"),
        CheckConstraint("number = CASE state WHEN 'open' THEN 0 ELSE 1 END", name="number"),
        CheckConstraint("(state = 'upheld') = (review_id IS NOT NULL)", name="review"),
        CheckConstraint("state = 'open' OR (coalesce(by, '') <> '' AND reason <> '')", name="reason"),
    )


class ProposalDecisionRow(Owned, Base):
    """What became of a proposal, whose id is a hash of what it proposes: it is decided once, however often it is found.

    No words of an answer are kept here, so that they go with the answer.
    """

    __tablename__ = "proposal_decisions"

    workspace_id: Mapped[str] = mapped_column(primary_key=True, server_default=text(HERE))
    id: Mapped[UUID] = mapped_column(primary_key=True)
    rubric_id: Mapped[str] = mapped_column(index=True)  # its own, or one of the bank's
    kind: Mapped[str]
    target_id: Mapped[str]
    decision: Mapped[str]
    by: Mapped[str]
    reason: Mapped[str]
    rubric_version_id: Mapped[int | None] = mapped_column(ForeignKey("rubric_versions.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]

    __table_args__ = (
        one_of("decision", "accepted", "dismissed"),
        CheckConstraint("by <> ''", name="by"),
    )


# A deletion inside a trigger is a foreign key's: it goes with its answer.
REFUSE_CHANGE = """
CREATE FUNCTION refuse_change_of_what_people_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND pg_trigger_depth() > 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what a person said never changes: add to %', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""
APPEND_ONLY = (ReviewRow, ReviewMarkRow, AppealRow, AppealChangeRow, ProposalDecisionRow)


def append_only(table: str) -> str:
    """The trigger that keeps a table's rows as they are."""
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_what_people_said()"
    )


event.listen(Base.metadata, "before_create", DDL(REFUSE_CHANGE.replace("%", "%%")))  # type: ignore[no-untyped-call]
for _row in APPEND_ONLY:
    _ddl = DDL(append_only(_row.__tablename__))  # type: ignore[no-untyped-call]
    event.listen(_row.__table__, "after_create", _ddl)
