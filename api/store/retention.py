"""What is old enough to go, in the database."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from api.tables import AppealChangeRow, AppealRow, BatchItemRow, BatchRow, EvaluationRow, RegradeRow

_OPEN: Final = ~exists().where(AppealChangeRow.appeal_id == AppealRow.id, AppealChangeRow.number == 1)


def answers(session: Session, before: datetime, limit: int) -> list[UUID]:
    """Some answers that came alone or in a practice set before that time, the oldest first."""
    query = select(EvaluationRow.id).where(*_old_answers(before), ~_appealed(EvaluationRow.id))
    return list(session.scalars(query.order_by(EvaluationRow.created_at).limit(limit)))


def count_answers(session: Session, before: datetime) -> tuple[int, int]:
    """How many of these there are, and how many more an open appeal keeps."""
    counted = select(func.count()).select_from(EvaluationRow).where(*_old_answers(before))
    kept = session.scalar(counted.where(_appealed(EvaluationRow.id))) or 0
    return (session.scalar(counted) or 0) - kept, kept


def batches(session: Session, before: datetime, limit: int) -> list[UUID]:
    """Some batches that ended before that time, the oldest first."""
    query = select(BatchRow.id).where(BatchRow.finished_at < before, ~_batch_appealed())
    return list(session.scalars(query.order_by(BatchRow.finished_at).limit(limit)))


def count_batches(session: Session, before: datetime) -> tuple[int, int]:
    """How many of these there are, and how many more an open appeal keeps."""
    counted = select(func.count()).select_from(BatchRow).where(BatchRow.finished_at < before)
    kept = session.scalar(counted.where(_batch_appealed())) or 0
    return (session.scalar(counted) or 0) - kept, kept


def regrades(session: Session, before: datetime, limit: int) -> list[UUID]:
    """Some passes over stored answers that ended before that time: what they told of the difference."""
    row = RegradeRow
    return list(session.scalars(select(row.id).where(row.finished_at < before).order_by(row.finished_at).limit(limit)))


def count_regrades(session: Session, before: datetime) -> int:
    """How many they are."""
    return session.scalar(select(func.count()).select_from(RegradeRow).where(RegradeRow.finished_at < before)) or 0


def _old_answers(before: datetime) -> tuple[ColumnElement[bool], ...]:
    row = EvaluationRow
    other = aliased(row)
    newest = select(func.max(other.created_at)).where(other.answer_id == row.id).scalar_subquery()
    in_batch = exists().where(BatchItemRow.evaluation_id == row.id)
    return row.answer_id == row.id, row.created_at < before, newest < before, ~in_batch


def _appealed(answer_id: object) -> ColumnElement[bool]:
    return exists().where(AppealRow.answer_id == answer_id, _OPEN)


def _batch_appealed() -> ColumnElement[bool]:
    return exists().where(
        BatchItemRow.batch_id == BatchRow.id, BatchItemRow.evaluation_id == AppealRow.answer_id, _OPEN
    )
