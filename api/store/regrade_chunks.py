"""Chunks of a pass over stored answers: claimed by a job, split where they kill their workers, ended."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, text, update
from sqlalchemy.orm import Session

from api.tables import RegradeChunkRow, RegradeItemRow

LOST: Final = """
UPDATE regrade_chunks AS chunk SET started_at = now()
FROM regrades AS regrade
WHERE regrade.id = chunk.regrade_id AND regrade.state = 'grading' AND chunk.state = 'waiting'
    AND chunk.started_at < now() - CAST(:patience AS interval)
    AND NOT EXISTS (
        SELECT FROM procrastinate_jobs AS job WHERE job.status IN ('todo', 'doing') AND job.task_name = 'regrade_chunk'
        AND job.args @> jsonb_build_object('regrade', chunk.regrade_id, 'chunk', chunk.number)
    )
RETURNING chunk.regrade_id, chunk.number
"""
UNCOLLECTED: Final = """
SELECT id FROM regrades AS regrade
WHERE state = 'collecting' AND created_at < now() - CAST(:patience AS interval)
    AND NOT EXISTS (
        SELECT FROM procrastinate_jobs AS job WHERE job.status IN ('todo', 'doing')
        AND job.task_name = 'collect_regrade' AND job.args @> jsonb_build_object('regrade', regrade.id)
    )
"""


def claim(session: Session, regrade_id: UUID, number: int) -> int | None:
    """Count an attempt at a waiting chunk, and say how many ended without a word before. None for one that is done."""
    this = this_chunk(regrade_id, number)
    row = session.scalars(select(RegradeChunkRow).where(*this).with_for_update()).one_or_none()
    if row is None or row.state != "waiting":
        return None
    before = row.attempts
    row.attempts, row.started_at = before + 1, func.now()
    return before


def unclaim(session: Session, regrade_id: UUID, number: int, attempts: int) -> None:
    """Take the attempt back: it ended in good order."""
    session.execute(update(RegradeChunkRow).where(*this_chunk(regrade_id, number)).values(attempts=attempts))


def split(session: Session, regrade_id: UUID, number: int, parts: Sequence[Sequence[UUID]], attempts: int) -> list[int]:
    """Move what waits in a chunk into a new one for each part, which begins with that many attempts; their numbers."""
    highest = session.scalar(select(func.max(RegradeChunkRow.number)).where(RegradeChunkRow.regrade_id == regrade_id))
    made = list(range((highest or 0) + 1, (highest or 0) + 1 + len(parts)))
    for new, part in zip(made, parts, strict=True):
        session.add(RegradeChunkRow(regrade_id=regrade_id, number=new, state="waiting", attempts=attempts))
        session.flush()
        moved = (RegradeItemRow.regrade_id == regrade_id, RegradeItemRow.evaluation_id.in_(part))
        session.execute(update(RegradeItemRow).where(*moved).values(chunk=new))
    finish(session, regrade_id, number)
    return made


def finish(session: Session, regrade_id: UUID, number: int) -> bool:
    """Close a chunk in which nothing waits; True if that was the last one. The pass is locked."""
    waits = exists().where(*waiting_in(regrade_id, number))
    session.execute(update(RegradeChunkRow).where(*this_chunk(regrade_id, number), ~waits).values(state="done"))
    open_ = exists().where(RegradeChunkRow.regrade_id == regrade_id, RegradeChunkRow.state == "waiting")
    return not session.scalar(select(open_))


def lost(session: Session, patience: timedelta) -> dict[UUID, list[int]]:
    """Chunks, by pass, that were begun so long ago and that no job waits for. Each is told once in that while."""
    found: dict[UUID, list[int]] = {}
    for id_, number in session.execute(text(LOST), {"patience": patience}):
        found.setdefault(id_, []).append(number)
    return found


def uncollected(session: Session, patience: timedelta) -> list[UUID]:
    """Passes that began so long ago, that aren't collected, and that no job waits for."""
    return list(session.scalars(text(UNCOLLECTED), {"patience": patience}))


def this_chunk(regrade_id: UUID, number: int) -> tuple[ColumnElement[bool], ...]:
    """A chunk of a pass."""
    return RegradeChunkRow.regrade_id == regrade_id, RegradeChunkRow.number == number


def waiting_in(regrade_id: UUID, number: int) -> tuple[ColumnElement[bool], ...]:
    """Items of a chunk that wait."""
    return RegradeItemRow.regrade_id == regrade_id, RegradeItemRow.chunk == number, RegradeItemRow.state == "waiting"
