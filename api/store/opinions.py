"""Second opinions in the database: whose turn it is, what was said, how many calls a day has left."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from api.tables import EvaluationRow, OpinionDayRow, OpinionRow
from grader.second_opinion import Inquiry, Word

# Newest evaluations, not flagged by any guard, with a point in doubt that this model hasn't been asked about.
WAITING: Final = """
SELECT DISTINCT evaluation.id, evaluation.workspace_id FROM evaluations AS evaluation
JOIN key_point_results AS point ON point.evaluation_id = evaluation.id AND point.confidence < :certain
WHERE evaluation.created_at > :since AND evaluation.status = 'scored' AND evaluation.flags = '[]'
    AND length(evaluation.answer) <= :chars
    AND NOT EXISTS (SELECT FROM evaluations AS newer
        WHERE newer.answer_id = evaluation.answer_id AND newer.id > evaluation.id)
    AND NOT EXISTS (SELECT FROM opinions AS opinion WHERE opinion.evaluation_id = evaluation.id
        AND opinion.key_point_id = point.key_point_id AND opinion.rater = :rater)
ORDER BY evaluation.id LIMIT :limit
"""
Outcome = Literal["answered", "garbage", "unreachable"]


@dataclass(frozen=True, slots=True)
class StoredOpinion:
    """What a model said about a key point; `word` None: nothing that means anything."""

    rater: str
    key_point_id: str
    statement: str
    word: Word | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A day's calls: all, and what became of them."""

    calls: int
    answered: int
    garbage: int
    unreachable: int


def waiting(
    session: Session, rater: str, certain: float, since: datetime, chars: int, limit: int
) -> list[tuple[str, UUID]]:
    """Workspace and id of evaluations since then that a model may be asked about, oldest first.

    chars: of the longest answer.
    """
    given = {"rater": rater, "certain": certain, "since": since, "chars": chars, "limit": limit}
    return [(workspace, id_) for id_, workspace in session.execute(text(WAITING), given)]


def known(session: Session, key: str) -> tuple[Word | None] | None:
    """What was said when the same was asked before; None if it wasn't."""
    row = OpinionRow
    found = session.execute(select(row.verdict).where(row.key == key).limit(1)).one_or_none()
    return None if found is None else (Word(found[0]) if found[0] else None,)


def add(session: Session, evaluation_id: UUID, inquiry: Inquiry, word: Word | None) -> None:
    """Store what was said; does nothing where it is stored, or where the answer is gone."""
    held = select(EvaluationRow.id).where(EvaluationRow.id == evaluation_id).with_for_update(key_share=True, read=True)
    if session.scalar(held) is None:
        return
    made = insert(OpinionRow).values(
        evaluation_id=evaluation_id,
        key_point_id=inquiry.point_id,
        rater=inquiry.rater,
        statement=inquiry.statement,
        key=inquiry.key,
        verdict=word.value if word else None,
        created_at=datetime.now(UTC),
    )
    session.execute(made.on_conflict_do_nothing())


def of_evaluations(session: Session, ids: Collection[UUID]) -> dict[UUID, list[StoredOpinion]]:
    """What models said about these evaluations, by key point and rater."""
    row = OpinionRow
    found: dict[UUID, list[StoredOpinion]] = {}
    query = select(row).where(row.evaluation_id == func.any(list(ids))).order_by(row.key_point_id, row.rater)
    for one in session.scalars(query):
        word = Word(one.verdict) if one.verdict else None
        said = StoredOpinion(one.rater, one.key_point_id, one.statement, word, one.created_at)
        found.setdefault(one.evaluation_id, []).append(said)
    return found


def take_call(session: Session, day: date, budget: int) -> bool:
    """Take one of the day's calls; False when they are spent."""
    row = OpinionDayRow
    made = insert(row).values(day=day, calls=1, answered=0, garbage=0, unreachable=0)
    counted = made.on_conflict_do_update(
        index_elements=["day"], set_={"calls": row.calls + 1}, where=row.calls < budget
    )
    return session.scalar(counted.returning(row.calls)) is not None


def count(session: Session, day: date, outcome: Outcome) -> None:
    """Say what became of a call."""
    session.execute(
        text(f"UPDATE opinion_days SET {outcome} = {outcome} + 1 WHERE day = :day"),  # noqa: S608 one of three words
        {"day": day},
    )


def day_of(session: Session, day: date) -> Day:
    """A day's calls so far."""
    row = session.scalars(select(OpinionDayRow).where(OpinionDayRow.day == day)).one_or_none()
    return Day(row.calls, row.answered, row.garbage, row.unreachable) if row else Day(0, 0, 0, 0)
