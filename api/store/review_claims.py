"""Who is about to rate which answer: the review queue."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from api.store.evaluations import answers_of
from api.tables import EvaluationRow, ReviewClaimRow, ReviewStateRow, RubricVersionRow

ANSWER: Final = aliased(EvaluationRow)  # the evaluation that an answer came with: whoever rates the answer locks it


class Lane(StrEnum):
    """What somebody is asked for: a review in sight of the verdicts, a second rating without, or an adjudication."""

    REVIEW = "review"
    BLIND = "blind"
    ADJUDICATION = "adjudication"


class Order(StrEnum):
    """uncertain: where the engine is least sure first; sample: by lot, so that what is reviewed stands for all."""

    UNCERTAIN = "uncertain"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Queue:
    """Which answers wait, in which order. None is no filter; `seed` is for the lot."""

    lane: Lane
    order: Order
    rubric_id: str | None = None
    batch_id: UUID | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer that waits, by its newest evaluation."""

    evaluation_id: UUID
    answer_id: UUID
    rubric_id: str
    certainty: float
    needs_review: bool
    disputed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """An answer that a reviewer has for a while."""

    id: UUID
    lane: Lane
    evaluation_id: UUID
    reviewer: str
    expires_at: datetime


def waiting(session: Session, queue: Queue, now: datetime, limit: int) -> tuple[list[Waiting], int]:
    """The first answers of a queue that nobody has claimed, and how many there are."""
    count = session.scalar(select(func.count()).select_from(_open(queue, now, None).subquery())) or 0
    return [Waiting(*row[:5], tuple(row[5] or ())) for row in session.execute(_ordered(queue, now, None, limit))], count


def claim(session: Session, queue: Queue, id_: UUID, reviewer: str, now: datetime, until: datetime) -> Claim | None:
    """Give a reviewer the first answer that nobody else has, None where there is none.

    Answers that another transaction claims or reviews are skipped. One on which that ended between our look and our
    lock was seen as it was before: under the lock it is looked at again.
    """
    first = _ordered(queue, now, reviewer, 1).with_for_update(skip_locked=True, key_share=True, of=ANSWER)
    while (found := session.execute(first).first()) is not None:
        again = _open(queue, now, reviewer).where(EvaluationRow.id == found[0])
        if session.execute(again).first() is not None:
            _take(session, queue.lane, found[1], id_, reviewer, now, until)
            return Claim(id_, queue.lane, found[0], reviewer, until)
    return None


def _take(
    session: Session, lane: Lane, answer_id: UUID, id_: UUID, reviewer: str, now: datetime, until: datetime
) -> None:
    """Put a claim in the place of none, or of one that is over."""
    values = {"id": id_, "reviewer": reviewer, "claimed_at": now, "expires_at": until}
    made = insert(ReviewClaimRow).values(answer_id=answer_id, lane=lane.value, **values)
    session.execute(made.on_conflict_do_update(index_elements=["answer_id", "lane"], set_=values))


def end(session: Session, answer_id: UUID, lane: str, reviewer: str, claim_id: UUID | None) -> bool:
    """Remove a claim because its rating is there. False if it is somebody else's by now, or another lane's."""
    row = ReviewClaimRow
    these = (row.id == claim_id, row.answer_id == answer_id, row.lane == lane, row.reviewer == reviewer)
    return session.scalar(delete(row).where(*these).returning(row.id)) is not None


def release(session: Session, claim_id: UUID) -> bool:
    """Give an answer back; False if there is no such claim."""
    row = ReviewClaimRow
    return session.scalar(delete(row).where(row.id == claim_id).returning(row.id)) is not None


def _ordered(
    queue: Queue, now: datetime, reviewer: str | None, limit: int
) -> Select[UUID, UUID, str, float, bool, list[str]]:
    lot = func.hashtextextended(func.concat(literal(str(queue.seed)), EvaluationRow.answer_id), 0)
    query = _open(queue, now, reviewer).limit(limit)
    if queue.order is Order.SAMPLE:
        return query.order_by(lot, EvaluationRow.id)
    return query.order_by(EvaluationRow.needs_review.desc(), EvaluationRow.certainty, EvaluationRow.id)


def _open(queue: Queue, now: datetime, reviewer: str | None) -> Select[UUID, UUID, str, float, bool, list[str]]:
    """Newest evaluations of answers that wait in a lane, and that this reviewer may take."""
    row, state, version, newer = EvaluationRow, ReviewStateRow, RubricVersionRow, aliased(EvaluationRow)
    claimed = exists().where(
        ReviewClaimRow.answer_id == row.answer_id,
        ReviewClaimRow.lane == queue.lane.value,
        ReviewClaimRow.expires_at > now,
    )
    query = (
        select(row.id, row.answer_id, version.document["id"].astext, row.certainty, row.needs_review, state.disputed)
        .join(version, version.id == row.rubric_version_id)
        .join(ANSWER, ANSWER.id == row.answer_id)
        .outerjoin(state, state.answer_id == row.answer_id)
        .where(
            row.status == "scored",
            ~exists().where(newer.answer_id == row.answer_id, newer.id > row.id),
            ~claimed,
            _waits(queue.lane, reviewer),
        )
    )
    if queue.rubric_id is not None:
        query = query.where(version.rubric_id == queue.rubric_id)
    if queue.batch_id is not None:
        query = query.where(row.answer_id.in_(answers_of(queue.batch_id)))
    return query


def _waits(lane: Lane, reviewer: str | None) -> ColumnElement[bool]:
    state = ReviewStateRow
    if lane is Lane.REVIEW:
        return or_(state.answer_id.is_(None), func.cardinality(state.raters) == 0)
    if lane is Lane.ADJUDICATION:
        return func.cardinality(state.disputed) > 0
    second = and_(func.cardinality(state.raters) > 0, func.cardinality(state.blind) == 0)
    return second if reviewer is None else and_(second, literal(reviewer) != func.all(state.raters))
