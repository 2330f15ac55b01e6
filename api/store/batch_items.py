"""Items of a batch: stored in slices, graded in slices, read again in the file's order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, cast, delete, func, insert, select, update
from sqlalchemy.orm import Session

from api.store import evaluations
from api.store.copying import copy_rows
from api.store.mapping import StoredEvaluation
from api.tables import BatchChunkRow, BatchErrorRow, BatchItemRow
from grader.batch.model import BadRow, Item

PAGE: Final = 500  # items read at once


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item to grade. `rubric_key`: row of its rubric version."""

    position: int
    line: int
    candidate_id: str | None
    rubric_key: int
    answer: str


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an item: its evaluation, or the reason why there is none."""

    item: Waiting
    result: StoredEvaluation | str


def copy_items(session: Session, batch_id: UUID, chunk: int, items: Iterable[tuple[int, Item, int]]) -> None:
    """Store items of a chunk: position, item and the row of its rubric version."""
    rows = (
        {
            "batch_id": batch_id,
            "position": position,
            "chunk": chunk,
            "line": item.line,
            "key": item.key,
            "candidate_id": item.candidate,
            "rubric_version_id": rubric_key,
            "columns": [list(pair) for pair in item.columns],
            "answer": item.answer,
            "state": "waiting",
        }
        for position, item, rubric_key in items
    )
    copy_rows(session, BatchItemRow, rows)


def copy_bad_rows(session: Session, batch_id: UUID, bad: Iterable[BadRow]) -> None:
    """Store what can't be graded."""
    rows = (
        {"batch_id": batch_id, "line": one.line, "column_name": one.column, "code": one.code, "reason": one.reason}
        for one in bad
    )
    copy_rows(session, BatchErrorRow, rows)


def waiting(session: Session, batch_id: UUID, chunk: int, after: int, limit: int) -> list[Waiting]:
    """Items of a chunk that wait, in order, from the one after `after`."""
    row = BatchItemRow
    query = select(row.position, row.line, row.candidate_id, row.rubric_version_id, row.answer)
    query = query.where(row.batch_id == batch_id, row.chunk == chunk, row.state == "waiting", row.position > after)
    found = session.execute(query.order_by(row.position).limit(limit))
    return [Waiting(place, line, who, rubric, text or "") for place, line, who, rubric, text in found]


def settle(session: Session, batch_id: UUID, chunk: int, done: Sequence[Done]) -> None:
    """Give items their evaluations, or their failures, once: what has one already keeps it, whoever grades it again.

    The key that makes a repeat change nothing is the item's own (batch, position): its row is locked, and only an item
    that still waits takes an effect.
    """
    row = BatchItemRow
    these = (row.batch_id == batch_id, row.position.in_([one.item.position for one in done]), row.state == "waiting")
    left = set(session.scalars(select(row.position).where(*these).order_by(row.position).with_for_update()))
    todo = [one for one in done if one.item.position in left]
    graded = [(one.item, one.result) for one in todo if isinstance(one.result, StoredEvaluation)]
    failed = [(one.item, one.result) for one in todo if isinstance(one.result, str)]
    evaluations.add_many(session, [(result, item.rubric_key) for item, result in graded])
    _mark_graded(session, batch_id, [(item.position, result.id) for item, result in graded])
    _mark_failed(session, batch_id, failed)
    this = (BatchChunkRow.batch_id == batch_id, BatchChunkRow.number == chunk)
    if todo:
        counted = {"graded": BatchChunkRow.graded + len(graded), "failed": BatchChunkRow.failed + len(failed)}
        session.execute(update(BatchChunkRow).where(*this).values(**counted, attempts=0, effect_at=func.now()))


def _mark_graded(session: Session, batch_id: UUID, pairs: Sequence[tuple[int, UUID]]) -> None:
    given = (
        func.unnest(
            cast([position for position, _ in pairs], ARRAY(Integer)), cast([id_ for _, id_ in pairs], ARRAY(Uuid))
        )
        .table_valued("position", "evaluation_id")
        .render_derived()
    )
    session.execute(
        update(BatchItemRow)
        .where(BatchItemRow.batch_id == batch_id, BatchItemRow.position == given.c.position)
        .values(state="graded", evaluation_id=given.c.evaluation_id, answer=None)
    )


def _mark_failed(session: Session, batch_id: UUID, failed: Sequence[tuple[Waiting, str]]) -> None:
    if not failed:
        return
    positions = [item.position for item, _ in failed]
    row = BatchItemRow
    session.execute(update(row).where(row.batch_id == batch_id, row.position.in_(positions)).values(state="failed"))
    errors = [
        {"batch_id": batch_id, "position": item.position, "line": item.line, "code": "not_graded", "reason": reason}
        for item, reason in failed
    ]
    session.execute(insert(BatchErrorRow), errors)


def reopen(session: Session, batch_id: UUID) -> int:
    """Have the items that failed wait again; how many there are. The batch is locked."""
    row, error, chunk = BatchItemRow, BatchErrorRow, BatchChunkRow
    session.execute(delete(error).where(error.batch_id == batch_id, error.position.is_not(None)))
    again = update(row).where(row.batch_id == batch_id, row.state == "failed").values(state="waiting")
    count = len(session.scalars(again.returning(row.position)).all())
    failed = (chunk.batch_id == batch_id, chunk.failed > 0)
    session.execute(update(chunk).where(*failed).values(state="waiting", failed=0))
    session.execute(update(chunk).where(chunk.batch_id == batch_id, chunk.state == "waiting").values(attempts=0))
    return count


def bad_rows(session: Session, batch_id: UUID) -> Iterator[BadRow]:
    """Everything of the file that has no evaluation for good: bad rows in the file's order, then items that failed."""
    row, after = BatchErrorRow, 0
    query = select(row).where(row.batch_id == batch_id).order_by(row.id).limit(PAGE)
    while rows := session.scalars(query.where(row.id > after)).all():
        yield from (BadRow(one.line, one.column_name, one.code, one.reason) for one in rows)
        after = rows[-1].id
        session.expunge_all()


def evaluation_ids(session: Session, batch_id: UUID, limit: int) -> list[UUID]:
    """Ids of some of the batch's evaluations."""
    row = BatchItemRow
    query = select(row.evaluation_id).where(row.batch_id == batch_id, row.state == "graded").limit(limit)
    return [id_ for id_ in session.scalars(query) if id_ is not None]
