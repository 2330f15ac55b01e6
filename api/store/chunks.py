"""Chunks of a batch: claimed by a job, split where they kill their workers, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ColumnElement, cast, delete, exists, func, insert, select, text, update
from sqlalchemy.orm import Session

from api.tables import BatchChunkRow, BatchItemRow

# Identical answers to one rubric go where the first of them is. Without statistics of rows that were just copied,
# the planner would try them pair by pair.
GATHER = """
WITH first AS (
    SELECT rubric_version_id, hashtextextended(answer, 0) AS digest, min(position) AS position
    FROM batch_items WHERE batch_id = :batch GROUP BY 1, 2 HAVING min(chunk) < max(chunk)
)
UPDATE batch_items AS item SET chunk = original.chunk
FROM first JOIN batch_items AS original ON original.batch_id = :batch AND original.position = first.position
WHERE item.batch_id = :batch AND item.rubric_version_id = first.rubric_version_id
    AND hashtextextended(item.answer, 0) = first.digest AND item.chunk <> original.chunk
"""
RECOUNT = """
UPDATE batch_chunks AS chunk SET items = counted.items
FROM (
    SELECT chunk.number, count(item.position) AS items FROM batch_chunks AS chunk
    LEFT JOIN batch_items AS item ON item.batch_id = chunk.batch_id AND item.chunk = chunk.number
    WHERE chunk.batch_id = :batch GROUP BY 1
) AS counted
WHERE chunk.batch_id = :batch AND chunk.number = counted.number AND chunk.items <> counted.items
"""

LOST = """
UPDATE batch_chunks AS chunk SET started_at = now()
FROM batches AS batch
WHERE batch.id = chunk.batch_id AND batch.state = 'grading' AND chunk.state = 'waiting'
    AND greatest(chunk.started_at, chunk.effect_at) < now() - CAST(:patience AS interval)
    AND NOT EXISTS (
        SELECT FROM procrastinate_jobs AS job WHERE job.status = 'todo' AND job.task_name = 'grade_chunk'
        AND job.args @> jsonb_build_object('batch', chunk.batch_id, 'chunk', chunk.number)
    )
RETURNING chunk.batch_id, chunk.number
"""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk as a job finds it. `attempts` began since its last effect and ended without a word."""

    batch_id: UUID
    number: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Group:
    """Identical answers of a chunk to one rubric version, by a hash of their text (a name, no proof of sameness)."""

    rubric_key: int
    digest: int


def add(session: Session, batch_id: UUID, number: int, items: int) -> None:
    """Make a chunk."""
    row = {"batch_id": batch_id, "number": number, "state": "waiting", "items": items}
    session.execute(insert(BatchChunkRow).values(**row, graded=0, failed=0, attempts=0))


def gather(session: Session, batch_id: UUID) -> None:
    """Bring identical answers to one rubric version into one chunk each; chunks left empty go."""
    session.execute(text("SET LOCAL enable_nestloop = off"))
    moved = session.execute(text(GATHER), {"batch": batch_id}).rowcount  # type: ignore[attr-defined]
    if moved:
        session.execute(text(RECOUNT), {"batch": batch_id})
        session.execute(delete(BatchChunkRow).where(BatchChunkRow.batch_id == batch_id, BatchChunkRow.items == 0))
    session.execute(text("SET LOCAL enable_nestloop = on"))


def waiting(session: Session, batch_id: UUID) -> list[int]:
    """Numbers of the chunks that aren't done, in order."""
    query = select(BatchChunkRow.number).where(BatchChunkRow.batch_id == batch_id, BatchChunkRow.state == "waiting")
    return list(session.scalars(query.order_by(BatchChunkRow.number)))


def claim(session: Session, batch_id: UUID, number: int) -> Chunk | None:
    """Count an attempt at a waiting chunk, and say how many there were before. None for a chunk that is done."""
    row = session.scalars(select(BatchChunkRow).where(*_this(batch_id, number)).with_for_update()).one_or_none()
    if row is None or row.state != "waiting":
        return None
    found = Chunk(batch_id, number, row.attempts)
    row.attempts, row.started_at = row.attempts + 1, func.now()
    return found


def unclaim(session: Session, chunk: Chunk) -> None:
    """Take the attempt back: it ended in good order, and says nothing against the chunk."""
    this = _this(chunk.batch_id, chunk.number)
    taken_back = update(BatchChunkRow).where(*this, BatchChunkRow.attempts > chunk.attempts)
    session.execute(taken_back.values(attempts=chunk.attempts))


def lost(session: Session, patience: timedelta) -> dict[UUID, list[int]]:
    """Numbers, by batch, of chunks that were begun, had no effect for so long, and that no job waits for.

    Each is told once in that while.
    """
    found: dict[UUID, list[int]] = {}
    for batch_id, number in session.execute(text(LOST), {"patience": patience}):
        found.setdefault(batch_id, []).append(number)
    return found


def groups(session: Session, chunk: Chunk) -> list[Group]:
    """The different answers of a chunk that still wait, in order."""
    digest = func.hashtextextended(BatchItemRow.answer, 0)
    query = select(BatchItemRow.rubric_version_id, digest).where(*_waiting_in(chunk.batch_id, chunk.number))
    query = query.group_by(BatchItemRow.rubric_version_id, digest).order_by(func.min(BatchItemRow.position))
    return [Group(*row) for row in session.execute(query)]


def split(session: Session, chunk: Chunk, parts: Sequence[Sequence[Group]], attempts: int) -> list[int]:
    """Move what waits in a chunk into a new chunk for each part, which begins with that many attempts.

    The batch is locked. Returns the new chunks' numbers. What is graded stays in the old chunk, which is done.
    """
    batch_id = chunk.batch_id
    highest = session.scalar(select(func.max(BatchChunkRow.number)).where(BatchChunkRow.batch_id == batch_id)) or 0
    numbered = list(enumerate(parts, highest + 1))
    moved = {number: _move(session, chunk, part, number, attempts) for number, part in numbered}
    left = BatchChunkRow.items - sum(moved.values())
    session.execute(update(BatchChunkRow).where(*_this(batch_id, chunk.number)).values(items=left))
    finish(session, batch_id, chunk.number)
    return list(moved)


def _move(session: Session, chunk: Chunk, part: Sequence[Group], number: int, attempts: int) -> int:
    """Make a chunk of these groups of another one; how many items that moved."""
    add(session, chunk.batch_id, number, 0)
    given = (
        func.unnest(
            cast([group.rubric_key for group in part], ARRAY(BigInteger)),
            cast([group.digest for group in part], ARRAY(BigInteger)),
        )
        .table_valued("rubric_key", "digest")
        .render_derived()
    )
    is_given = (
        BatchItemRow.rubric_version_id == given.c.rubric_key,
        func.hashtextextended(BatchItemRow.answer, 0) == given.c.digest,
    )
    change = update(BatchItemRow).where(*_waiting_in(chunk.batch_id, chunk.number), *is_given).values(chunk=number)
    moved = len(session.scalars(change.returning(BatchItemRow.position)).all())
    session.execute(update(BatchChunkRow).where(*_this(chunk.batch_id, number)).values(items=moved, attempts=attempts))
    return moved


def finish(session: Session, batch_id: UUID, number: int) -> bool:
    """Close a chunk in which nothing waits. True if nothing waits in the whole batch either. The batch is locked."""
    waits = exists().where(*_waiting_in(batch_id, number))
    session.execute(update(BatchChunkRow).where(*_this(batch_id, number), ~waits).values(state="done"))
    return not session.scalar(
        select(exists().where(BatchChunkRow.batch_id == batch_id, BatchChunkRow.state == "waiting"))
    )


def _this(batch_id: UUID, number: int) -> tuple[ColumnElement[bool], ...]:
    return BatchChunkRow.batch_id == batch_id, BatchChunkRow.number == number


def _waiting_in(batch_id: UUID, number: int) -> tuple[ColumnElement[bool], ...]:
    return BatchItemRow.batch_id == batch_id, BatchItemRow.chunk == number, BatchItemRow.state == "waiting"
