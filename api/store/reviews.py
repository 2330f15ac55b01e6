"""What people said about answers. Only ever added to."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from api.store.evaluations import answers_of
from api.tables import EvaluationRow, ReviewMarkRow, ReviewRow, ReviewStateRow, RubricVersionRow
from grader.model import EngineInfo, RubricRef, Verdict
from grader.rating import Found, Mark, Place, Rating, RatingKind, Span, Target


def lock_answer(session: Session, evaluation_id: UUID) -> UUID | None:
    """The answer of an evaluation, kept from other reviewers until the transaction ends; None if there is none."""
    answer_id = session.scalar(select(EvaluationRow.answer_id).where(EvaluationRow.id == evaluation_id))
    held = select(EvaluationRow.id).where(EvaluationRow.id == answer_id).with_for_update(key_share=True)
    return session.scalar(held)


def lock_answers(session: Session, answer_ids: Collection[UUID]) -> None:
    """The same for many answers."""
    held = select(EvaluationRow.id).where(EvaluationRow.id == func.any(list(answer_ids))).order_by(EvaluationRow.id)
    session.execute(held.with_for_update(key_share=True)).all()


def newest(session: Session, answer_id: UUID) -> UUID | None:
    """The newest evaluation of an answer, which is the one that counts."""
    query = select(EvaluationRow.id).where(EvaluationRow.answer_id == answer_id)
    return session.scalar(query.order_by(EvaluationRow.id.desc()).limit(1))


def add(session: Session, rating: Rating, evaluation_id: UUID, answer_id: UUID) -> None:
    """Store a rating of an evaluation."""
    row = ReviewRow(
        id=rating.id,
        evaluation_id=evaluation_id,
        answer_id=answer_id,
        kind=rating.kind.value,
        reviewer=rating.reviewer,
        comment=rating.comment,
        created_at=rating.at,
    )
    row.marks = [_mark_row(position, mark) for position, mark in enumerate(rating.marks)]
    session.add(row)
    session.flush()


def set_state(session: Session, answer_id: UUID, ratings: Iterable[Rating], disputed: Collection[Place]) -> None:
    """Say where the answer is with its reviewers now."""
    blind: set[str] = set()
    raters: set[str] = set()
    for one in ratings:
        (blind if one.kind is RatingKind.BLIND else raters).add(one.reviewer)
    state = {"raters": sorted(raters), "blind": sorted(blind), "disputed": [id_ for _, id_ in disputed]}
    made = insert(ReviewStateRow).values(answer_id=answer_id, **state)
    session.execute(made.on_conflict_do_update(index_elements=["answer_id"], set_=state))


def of_answers(session: Session, answer_ids: Collection[UUID]) -> dict[UUID, tuple[Rating, ...]]:
    """The ratings of each of these answers that has any, oldest first."""
    version = RubricVersionRow
    query = (
        select(
            ReviewRow,
            version.document["id"].astext,
            version.version,
            version.content_hash,
            EvaluationRow.engine_version,
            EvaluationRow.engine_model,
            EvaluationRow.engine_weights_hash,
        )
        .join(EvaluationRow, EvaluationRow.id == ReviewRow.evaluation_id)
        .join(version, version.id == EvaluationRow.rubric_version_id)
        .where(ReviewRow.answer_id == func.any(list(answer_ids)))
        .options(selectinload(ReviewRow.marks))
        .order_by(ReviewRow.id)
    )
    found: dict[UUID, list[Rating]] = defaultdict(list)
    for row, rubric_id, number, content, *engine in session.execute(query):
        found[row.answer_id].append(_rating(row, RubricRef(rubric_id, number, content), EngineInfo(*engine)))
    return {answer_id: tuple(ratings) for answer_id, ratings in found.items()}


def rated(session: Session, rubric_id: str | None, batch_id: UUID | None, since: datetime | None) -> list[UUID]:
    """Answers that somebody rated since then, oldest first."""
    query = select(ReviewRow.answer_id).distinct().order_by(ReviewRow.answer_id)
    if rubric_id is not None:
        query = query.join(EvaluationRow, EvaluationRow.id == ReviewRow.evaluation_id).join(RubricVersionRow)
        query = query.where(RubricVersionRow.rubric_id == rubric_id)
    if batch_id is not None:
        query = query.where(ReviewRow.answer_id.in_(answers_of(batch_id)))
    if since is not None:
        query = query.where(ReviewRow.created_at >= since)
    return list(session.scalars(query))


def _mark_row(position: int, mark: Mark) -> ReviewMarkRow:
    is_total = mark.target is Target.TOTAL
    return ReviewMarkRow(
        position=position,
        target=mark.target.value,
        target_id=mark.id,
        statement=mark.statement,
        verdict=None if is_total else str(mark.value),
        points=mark.value if is_total else None,
        reason=mark.reason,
        quote=mark.span.quote if mark.span else None,
        quote_start=mark.span.start if mark.span else None,
        quote_end=mark.span.end if mark.span else None,
    )


def _rating(row: ReviewRow, rubric: RubricRef, engine: EngineInfo) -> Rating:
    marks = tuple(map(_mark, row.marks))
    return Rating(row.id, RatingKind(row.kind), row.reviewer, row.created_at, row.comment, rubric, engine, marks)


def _mark(row: ReviewMarkRow) -> Mark:
    span = None
    if row.quote is not None and row.quote_start is not None and row.quote_end is not None:
        span = Span(row.quote, row.quote_start, row.quote_end)
    return Mark(Target(row.target), row.target_id, row.statement, _value(row), row.reason, span)


def _value(row: ReviewMarkRow) -> Verdict | Found | float:
    if row.target == Target.KEY_POINT:
        return Verdict(row.verdict or "")
    return Found(row.verdict or "") if row.target == Target.MISCONCEPTION else row.points or 0.0
