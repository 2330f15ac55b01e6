"""Evaluations, their verdicts and their candidates in the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from api.store.copying import copy_evaluations
from api.store.locks import lock, lock_many
from api.store.mapping import StoredEvaluation, from_row, to_row
from api.store.rubrics import inline_lock
from api.tables import BatchItemRow, CandidateRow, EvaluationRow, PracticeAnswerRow, PracticeRow, RubricVersionRow


@dataclass(frozen=True, slots=True)
class Filters:
    """Which evaluations to list; None is no filter. Times are exclusive bounds. `current`: the newest of an answer."""

    rubric_id: str | None = None
    candidate_id: str | None = None
    status: str | None = None
    level: str | None = None
    needs_review: bool | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    current: bool | None = None


def add(session: Session, stored: StoredEvaluation, rubric_key: int) -> None:
    """Store an evaluation against the rubric version of this row, and its candidate on first sight."""
    candidate_id = stored.submission.candidate_id
    if candidate_id is not None:
        lock(session, _candidate_lock(candidate_id))
        session.execute(insert(CandidateRow).values(id=candidate_id).on_conflict_do_nothing())
    session.add(to_row(stored, rubric_key))
    session.flush()


def add_many(session: Session, stored: Collection[tuple[StoredEvaluation, int]]) -> None:
    """Store many evaluations, each with the row of its rubric version, and their candidates."""
    candidates = sorted({id_ for one, _ in stored if (id_ := one.submission.candidate_id) is not None})
    if candidates:
        lock_many(session, map(_candidate_lock, candidates))
        session.execute(insert(CandidateRow).on_conflict_do_nothing(), [{"id": candidate} for candidate in candidates])
    copy_evaluations(session, stored)


def get(session: Session, evaluation_id: UUID) -> StoredEvaluation | None:
    """One evaluation with all of its verdicts."""
    row = session.scalars(whole().where(EvaluationRow.id == evaluation_id)).first()
    return from_row(row) if row else None


def named(session: Session, ids: Collection[UUID]) -> list[StoredEvaluation]:
    """These evaluations, in the order of their ids."""
    rows = session.scalars(whole().where(EvaluationRow.id == func.any(list(ids))).order_by(EvaluationRow.id))
    return [from_row(row) for row in rows]


def rubric_keys(session: Session, ids: Collection[UUID]) -> dict[UUID, int]:
    """The row of the rubric version that each of these evaluations was made against."""
    query = select(EvaluationRow.id, EvaluationRow.rubric_version_id).where(EvaluationRow.id == func.any(list(ids)))
    return {id_: key for id_, key in session.execute(query)}  # noqa: C416 - rows are no pairs to a type checker


def newest_of(session: Session, answer_ids: Collection[UUID]) -> list[StoredEvaluation]:
    """The newest evaluation of each of these answers, in the order of the answers' ids."""
    newest = (
        select(EvaluationRow.id)
        .where(EvaluationRow.answer_id == func.any(list(answer_ids)))
        .ext(distinct_on(EvaluationRow.answer_id))
        .order_by(EvaluationRow.answer_id, EvaluationRow.id.desc())
    )
    rows = session.scalars(whole().where(EvaluationRow.id.in_(newest)).order_by(EvaluationRow.answer_id))
    return [from_row(row) for row in rows]


def answers_by(
    session: Session, wanted: Collection[tuple[str, str]], batch_id: UUID | None
) -> dict[tuple[str, str], UUID]:
    """The newest answer of each candidate to each rubric, of a batch if one is named; what isn't there is left out."""
    row, version = EvaluationRow, RubricVersionRow
    query = (
        select(row.candidate_id, version.rubric_id, row.id)
        .join(version, version.id == row.rubric_version_id)
        .where(row.answer_id == row.id, tuple_(row.candidate_id, version.rubric_id).in_(list(wanted)))
        .order_by(row.id)
    )
    if batch_id is not None:
        query = query.where(row.id.in_(answers_of(batch_id)))
    return {(str(candidate), str(rubric)): id_ for candidate, rubric, id_ in session.execute(query)}


def answers_of(batch_id: UUID) -> Select[UUID | None]:
    """The answers of a batch that are graded."""
    return select(BatchItemRow.evaluation_id).where(
        BatchItemRow.batch_id == batch_id, BatchItemRow.evaluation_id.is_not(None)
    )


def count_unscored(session: Session, rubric_id: str | None, batch_id: UUID | None) -> int:
    """How many answers have no mark."""
    query = select(func.count()).where(EvaluationRow.status == "unscored", EvaluationRow.answer_id == EvaluationRow.id)
    if rubric_id is not None:
        of_rubric = select(RubricVersionRow.id).where(RubricVersionRow.rubric_id == rubric_id)
        query = query.where(EvaluationRow.rubric_version_id.in_(of_rubric))
    if batch_id is not None:
        query = query.where(EvaluationRow.id.in_(answers_of(batch_id)))
    return session.scalar(query) or 0


def page(session: Session, filters: Filters, before: UUID | None, limit: int) -> list[StoredEvaluation]:
    """Newest first, from the one before `before`. New evaluations never shift what a later page holds."""
    # Row level security says so already; said again, other workspaces' rows needn't even be passed over.
    here = EvaluationRow.workspace_id == session.info["workspace"]
    query = whole().where(here).order_by(EvaluationRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(EvaluationRow.id < before)
    if filters.rubric_id is not None:
        of_rubric = select(RubricVersionRow.id).where(RubricVersionRow.rubric_id == filters.rubric_id)
        query = query.where(EvaluationRow.rubric_version_id.in_(of_rubric))
    for column in ("candidate_id", "status", "level", "needs_review"):
        if (value := getattr(filters, column)) is not None:
            query = query.where(getattr(EvaluationRow, column) == value)
    if filters.current is not None:
        newer = aliased(EvaluationRow)
        is_old = exists().where(newer.answer_id == EvaluationRow.answer_id, newer.id > EvaluationRow.id)
        query = query.where(~is_old if filters.current else is_old)
    if filters.created_after is not None:
        query = query.where(EvaluationRow.created_at > filters.created_after)
    if filters.created_before is not None:
        query = query.where(EvaluationRow.created_at < filters.created_before)
    return [from_row(row) for row in session.scalars(query)]


def of_same_answer(session: Session, evaluation_id: UUID) -> list[UUID]:
    """All evaluations of the answer that this one is of; none where there is none."""
    answer = select(EvaluationRow.answer_id).where(EvaluationRow.id == evaluation_id).scalar_subquery()
    return list(session.scalars(select(EvaluationRow.id).where(EvaluationRow.answer_id == answer)))


def remove(session: Session, evaluation_id: UUID) -> bool:
    """Delete an answer with all of its evaluations, what people said about it, and what nothing else holds: its
    practice set, its candidate, its inline rubric. False if there is none.
    """
    version = RubricVersionRow
    answer_id = session.scalar(select(EvaluationRow.answer_id).where(EvaluationRow.id == evaluation_id))
    if answer_id is None:
        return False
    evaluation_id = answer_id
    owners = select(EvaluationRow.candidate_id, version.id, version.rubric_id, version.content_hash).join(version)
    found = session.execute(owners.where(EvaluationRow.id == evaluation_id)).one_or_none()
    if found is None:
        return False
    candidate_id, rubric_key, rubric_id, content = found
    if rubric_id is None:
        lock(session, inline_lock(content))
    if candidate_id is not None:
        lock(session, _candidate_lock(candidate_id))
    practice_id = _locked_practice(session, evaluation_id)
    gone = session.scalar(delete(EvaluationRow).where(EvaluationRow.id == evaluation_id).returning(EvaluationRow.id))
    if practice_id is not None:
        in_use = exists().where(PracticeAnswerRow.practice_id == practice_id)
        session.execute(delete(PracticeRow).where(PracticeRow.id == practice_id, ~in_use))
    if candidate_id is not None:
        in_use = exists().where(EvaluationRow.candidate_id == candidate_id)
        session.execute(delete(CandidateRow).where(CandidateRow.id == candidate_id, ~in_use))
    if rubric_id is None:
        in_use = exists().where(EvaluationRow.rubric_version_id == rubric_key)
        session.execute(delete(RubricVersionRow).where(RubricVersionRow.id == rubric_key, ~in_use))
    return gone is not None


def remove_many(session: Session, ids: Collection[UUID]) -> None:
    """Delete answers of a batch, which are in no practice set, by the evaluations that they came with; and the
    candidates that nothing else holds.
    """
    these = EvaluationRow.id.in_(ids)
    candidates = {id_ for id_ in session.scalars(select(EvaluationRow.candidate_id).where(these)) if id_ is not None}
    lock_many(session, map(_candidate_lock, candidates))
    session.execute(delete(EvaluationRow).where(these))
    in_use = exists().where(EvaluationRow.candidate_id == CandidateRow.id)
    session.execute(delete(CandidateRow).where(CandidateRow.id.in_(candidates), ~in_use))


def _locked_practice(session: Session, evaluation_id: UUID) -> UUID | None:
    """The practice set that an evaluation belongs to. Of two transactions that empty a set, one waits for the other."""
    of_set = select(PracticeRow.id).join(PracticeAnswerRow).where(PracticeAnswerRow.evaluation_id == evaluation_id)
    return session.scalar(of_set.with_for_update(of=PracticeRow))


def _candidate_lock(candidate_id: str) -> str:
    return f"candidate:{candidate_id}"


def whole() -> Select[EvaluationRow]:
    """Evaluations with all that `from_row` reads."""
    return select(EvaluationRow).options(
        joinedload(EvaluationRow.rubric_version),
        selectinload(EvaluationRow.key_points),
        selectinload(EvaluationRow.misconceptions),
    )
