"""Practice sets in the database, and what a candidate did before one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on
from sqlalchemy.orm import Session

from api.store import evaluations
from api.store.mapping import StoredEvaluation, from_row
from api.store.rubrics import StoredRubric, to_stored
from api.tables import CandidateRow, EvaluationRow, PracticeAnswerRow, PracticeRow, RubricVersionRow
from grader.practice_model import Earlier, Graded


@dataclass(frozen=True, slots=True)
class PracticeAnswer:
    """One answer of a set: the rubric version and the evaluation."""

    rubric: StoredRubric
    evaluation: StoredEvaluation


@dataclass(frozen=True, slots=True)
class Practice:
    """Answers given together, in their order; at least one."""

    id: UUID
    created_at: datetime
    candidate_id: str | None
    answers: tuple[PracticeAnswer, ...]


@dataclass(frozen=True, slots=True)
class PracticeSummary:
    """A set's marks. Only scored answers count: without any, points, max_points and coverage are None."""

    id: UUID
    created_at: datetime
    topics: tuple[str, ...]
    answers: int
    scored: int
    points: float | None
    max_points: float | None
    coverage: float | None


def add(session: Session, practice: Practice) -> None:
    """Store a set with its evaluations."""
    for answer in practice.answers:
        evaluations.add(session, answer.evaluation, answer.rubric.key)
    session.add(PracticeRow(id=practice.id, candidate_id=practice.candidate_id, created_at=practice.created_at))
    session.flush()
    session.add_all(
        PracticeAnswerRow(practice_id=practice.id, position=position, evaluation_id=answer.evaluation.id)
        for position, answer in enumerate(practice.answers)
    )
    session.flush()


def get(session: Session, practice_id: UUID) -> Practice | None:
    """One set with all of its evaluations that are still stored."""
    row = session.get(PracticeRow, practice_id)
    if row is None:
        return None
    of_set = PracticeAnswerRow.evaluation_id == EvaluationRow.id
    query = evaluations.whole().join(PracticeAnswerRow, of_set).where(PracticeAnswerRow.practice_id == practice_id)
    rows = session.scalars(query.order_by(PracticeAnswerRow.position))
    answers = tuple(PracticeAnswer(to_stored(one.rubric_version), from_row(one)) for one in rows)
    return Practice(row.id, row.created_at, row.candidate_id, answers)


def page(session: Session, candidate_id: str, before: UUID | None, limit: int) -> list[PracticeSummary]:
    """A candidate's sets, newest first, from the one before `before`."""
    query = _summaries().where(PracticeRow.candidate_id == candidate_id)
    if before is not None:
        query = query.where(PracticeRow.id < before)
    return [_summary(*row) for row in session.execute(query.order_by(PracticeRow.id.desc()).limit(limit))]


def is_candidate(session: Session, candidate_id: str) -> bool:
    """Whether anything of this person is stored."""
    return bool(session.scalar(select(exists().where(CandidateRow.id == candidate_id))))


def earlier(session: Session, candidate_id: str, before: datetime, ids: Collection[str]) -> dict[str, Earlier]:
    """By id of those rubrics that the candidate answered before that time: the last scored attempt."""
    rubric_id = RubricVersionRow.rubric_id
    query = (
        select(EvaluationRow.id, func.count().over(partition_by=rubric_id))
        .join(EvaluationRow.rubric_version)
        .where(*_before(candidate_id, before), EvaluationRow.status == "scored", rubric_id.in_(ids))
        .ext(distinct_on(rubric_id))
        .order_by(rubric_id, EvaluationRow.id.desc())
    )
    attempts = {id_: count for id_, count in session.execute(query)}  # noqa: C416 - rows are no pairs to a type checker
    found = {}
    for row in session.scalars(evaluations.whole().where(EvaluationRow.id.in_(attempts))):
        rubric = to_stored(row.rubric_version).rubric
        found[rubric.id] = Earlier(Graded(rubric, from_row(row).evaluation), row.created_at, attempts[row.id])
    return found


def answered(session: Session, candidate_id: str, before: datetime) -> frozenset[str]:
    """Ids of the catalogue's rubrics that the candidate answered before that time."""
    of_version = EvaluationRow.rubric_version_id == RubricVersionRow.id
    query = select(RubricVersionRow.rubric_id).distinct().join(EvaluationRow, of_version)
    return frozenset(id_ for id_ in session.scalars(query.where(*_before(candidate_id, before))) if id_ is not None)


def _before(candidate_id: str, before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Of an answer that was graded again, the evaluation that it came with."""
    is_first = EvaluationRow.answer_id == EvaluationRow.id
    return EvaluationRow.candidate_id == candidate_id, EvaluationRow.created_at < before, is_first


def _summaries() -> Select[UUID, datetime, list[str], int, int, float | None, float | None, float | None]:
    topic = RubricVersionRow.topic
    scored_max = func.sum(EvaluationRow.max_points).filter(EvaluationRow.status == "scored")
    return (
        select(
            PracticeRow.id,
            PracticeRow.created_at,
            func.array_agg(aggregate_order_by(topic.distinct(), topic)),
            func.count(),
            func.count(EvaluationRow.points),
            func.sum(EvaluationRow.points),
            scored_max,
            func.avg(EvaluationRow.coverage),
        )
        .join(PracticeAnswerRow, PracticeAnswerRow.practice_id == PracticeRow.id)
        .join(EvaluationRow, EvaluationRow.id == PracticeAnswerRow.evaluation_id)
        .join(RubricVersionRow, RubricVersionRow.id == EvaluationRow.rubric_version_id)
        .group_by(PracticeRow.id)
    )


def _summary(
    id_: UUID,
    created_at: datetime,
    topics: list[str],
    answers: int,
    scored: int,
    points: float | None,
    max_points: float | None,
    coverage: float | None,
) -> PracticeSummary:
    marks = (_rounded(value) for value in (points, max_points, coverage))
    return PracticeSummary(id_, created_at, tuple(topics), answers, scored, *marks)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
