"""What came of a batch's items: the results that count, in the file's order."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.store import evaluations, reviews
from api.store.mapping import StoredEvaluation, from_row
from api.store.rubrics import to_stored
from api.tables import BatchItemRow, EvaluationRow
from grader.batch.model import Graded, Item
from grader.effective import Effective, effective, people_decided

PAGE: Final = 500  # items read at once


def graded(session: Session, batch_id: UUID) -> Iterator[Graded]:
    """Every item that has its evaluation, in the file's order, a page at a time: what counts after people's reviews."""
    row, after, current = BatchItemRow, -1, versions(session, batch_id)
    query = select(row).where(row.batch_id == batch_id, row.state == "graded").order_by(row.position).limit(PAGE)
    while rows := session.scalars(query.where(row.position > after)).all():
        found = _counting(session, rows, current)
        yield from (_graded(one, found[one.evaluation_id]) for one in rows if one.evaluation_id is not None)
        after = rows[-1].position
        session.expunge_all()


def versions(session: Session, batch_id: UUID) -> dict[int, int]:
    """For each rubric version that the batch was graded against, the newest one that all of its answers have by now."""
    item, again = BatchItemRow, EvaluationRow
    answers = func.count(item.evaluation_id.distinct())
    graded_items = (item.batch_id == batch_id, item.state == "graded")
    whole = dict(
        session.execute(
            select(item.rubric_version_id, answers).where(*graded_items).group_by(item.rubric_version_id)
        ).all()
    )
    query = select(item.rubric_version_id, again.rubric_version_id, answers).join(
        again, again.answer_id == item.evaluation_id
    )
    found = {key: key for key in whole}
    for key, other, count in session.execute(
        query.where(*graded_items).group_by(item.rubric_version_id, again.rubric_version_id)
    ):
        if count == whole[key]:
            found[key] = max(found[key], other)
    return found


def _counting(
    session: Session, rows: Sequence[BatchItemRow], current: Mapping[int, int]
) -> dict[UUID, tuple[StoredEvaluation, Effective]]:
    """By answer, its newest evaluation against the version that counts, and what people made of it."""
    wanted = {one.evaluation_id: current[one.rubric_version_id] for one in rows if one.evaluation_id is not None}
    newest: dict[UUID, EvaluationRow] = {}
    query = evaluations.whole().where(EvaluationRow.answer_id.in_(wanted)).order_by(EvaluationRow.id)
    for one in session.scalars(query):
        if one.rubric_version_id == wanted[one.answer_id]:
            newest[one.answer_id] = one
    ratings = reviews.of_answers(session, wanted.keys())
    found = {}
    for answer_id, one in newest.items():
        stored = from_row(one)
        rubric = to_stored(one.rubric_version).rubric
        found[answer_id] = (stored, effective(rubric, stored.evaluation, ratings.get(answer_id, ())))
    return found


def _graded(row: BatchItemRow, counting: tuple[StoredEvaluation, Effective]) -> Graded:
    stored, result = counting
    columns = tuple((name, value) for name, value in row.columns)
    item = Item(row.line, row.key, row.candidate_id, stored.evaluation.rubric.id, stored.submission.text, columns)
    return Graded(item, result.evaluation, people_decided(result))
