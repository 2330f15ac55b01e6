"""Batches in the database: accepted, counted, ended, removed. Their chunks and items have modules of their own."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from api.store.batch_model import Batch, BatchError, BatchState, Counts, NewBatch, Pace, Pin
from api.store.rubrics import StoredRubric, to_stored
from api.tables import BatchChunkRow, BatchErrorRow, BatchFileRow, BatchRow, BatchRubricRow, RubricVersionRow
from grader.batch.column_map import ColumnMap, map_from_dict, map_to_dict

LATELY: Final = timedelta(minutes=1)


def add(session: Session, new: NewBatch, content: Iterable[bytes]) -> None:
    """Store a batch that is to be read, the slices of its file, and its rubric versions."""
    session.add(
        BatchRow(
            id=new.id,
            name=new.name,
            kind=new.kind,
            state=BatchState.READING.value,
            dry_run=new.dry_run,
            fixed_rubric=new.fixed_rubric,
            column_map=written(new.columns),
            own_columns=[],
            doubts=list(new.doubts),
            items=0,
            bad_rows=0,
            reads=0,
            created_at=new.created_at,
        )
    )
    session.flush()
    session.add_all(BatchRubricRow(batch_id=new.id, rubric_version_id=key) for key in new.pins)
    session.flush()
    for part, piece in enumerate(content):
        session.execute(insert(BatchFileRow).values(batch_id=new.id, part=part, content=piece))


def written(columns: ColumnMap | None) -> dict[str, Any] | None:
    """The map as a batch's row holds it."""
    return dict(map_to_dict(columns)) if columns else None


def content(session: Session, batch_id: UUID) -> Iterable[bytes]:
    """The file's slices in order, one at a time; nothing once the file was read or given up."""
    part = 0
    query = select(BatchFileRow.content).where(BatchFileRow.batch_id == batch_id)
    while (piece := session.scalar(query.where(BatchFileRow.part == part))) is not None:
        yield piece
        part += 1


def forget_content(session: Session, batch_id: UUID) -> None:
    """Remove the file."""
    session.execute(delete(BatchFileRow).where(BatchFileRow.batch_id == batch_id))


def has_content(session: Session, batch_id: UUID) -> bool:
    """Whether the file is still there."""
    return bool(session.scalar(select(exists().where(BatchFileRow.batch_id == batch_id))))


def pinned(session: Session, batch_id: UUID) -> dict[str, StoredRubric]:
    """The rubric versions that a batch is graded against, by id."""
    query = select(RubricVersionRow).join(BatchRubricRow).where(BatchRubricRow.batch_id == batch_id)
    return {stored.rubric.id: stored for stored in map(to_stored, session.scalars(query))}


def pins(session: Session, batch_id: UUID) -> tuple[Pin, ...]:
    """The same by name, in order of id."""
    columns = (RubricVersionRow.rubric_id, RubricVersionRow.version, RubricVersionRow.content_hash)
    query = select(*columns).join(BatchRubricRow).where(BatchRubricRow.batch_id == batch_id)
    return tuple(Pin(str(id_), version, hash_) for id_, version, hash_ in session.execute(query.order_by(columns[0])))


def keep_pins(session: Session, batch_id: UUID, keys: Iterable[int]) -> None:
    """Let go of all pins but these."""
    session.execute(
        delete(BatchRubricRow).where(
            BatchRubricRow.batch_id == batch_id, BatchRubricRow.rubric_version_id.not_in(list(keys))
        )
    )


def lock(session: Session, batch_id: UUID) -> BatchRow | None:
    """The batch's row, kept from every other transaction that would change it or add effects to it."""
    return session.scalars(select(BatchRow).where(BatchRow.id == batch_id).with_for_update()).one_or_none()


def share(session: Session, batch_id: UUID) -> BatchState | None:
    """The batch's state, which stays so until the transaction ends. Many can hold it at once."""
    state = session.scalar(select(BatchRow.state).where(BatchRow.id == batch_id).with_for_update(read=True))
    return BatchState(state) if state is not None else None


def end(row: BatchRow, state: BatchState, at: datetime, fault: str | None = None) -> None:
    """Bring a locked batch to an end."""
    row.state, row.fault, row.finished_at = state.value, fault, at


def get(session: Session, batch_id: UUID) -> Batch | None:
    """One batch with its counts."""
    found = _loaded(session, session.scalars(select(BatchRow).where(BatchRow.id == batch_id)).all())
    return found[0] if found else None


def page(session: Session, before: UUID | None, limit: int) -> list[Batch]:
    """Newest first, from the one before `before`."""
    query = select(BatchRow).order_by(BatchRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(BatchRow.id < before)
    return _loaded(session, session.scalars(query).all())


def _loaded(session: Session, rows: Sequence[BatchRow]) -> list[Batch]:
    ids = [row.id for row in rows]
    chunk = BatchChunkRow
    counted = (func.sum(chunk.items), func.sum(chunk.graded), func.sum(chunk.failed))
    counts_of = select(chunk.batch_id, *counted).where(chunk.batch_id.in_(ids)).group_by(chunk.batch_id)
    recent = (func.sum(chunk.graded + chunk.failed), func.min(chunk.started_at), func.max(chunk.effect_at))
    pace_of = select(chunk.batch_id, *recent).where(chunk.batch_id.in_(ids), chunk.effect_at > func.now() - LATELY)
    counts = {row[0]: Counts(row[1], row[2], row[3]) for row in session.execute(counts_of)}
    paces = {}
    for id_, number, since, until in session.execute(pace_of.group_by(chunk.batch_id)):
        if since is not None and until is not None:
            paces[id_] = Pace(number, since, until)
    return [_batch(row, counts.get(row.id) or Counts(row.items, 0, 0), paces.get(row.id)) for row in rows]


def _batch(row: BatchRow, counts: Counts, pace: Pace | None) -> Batch:
    return Batch(
        id=row.id,
        name=row.name,
        kind=row.kind,
        state=BatchState(row.state),
        dry_run=row.dry_run,
        columns=map_from_dict(row.column_map) if row.column_map is not None else None,
        fixed_rubric=row.fixed_rubric,
        own_columns=tuple(row.own_columns),
        doubts=tuple(row.doubts),
        fault=row.fault,
        counts=counts,
        bad_rows=row.bad_rows,
        pace=pace,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def errors(session: Session, batch_id: UUID, after: int, limit: int) -> list[BatchError]:
    """Bad rows in the file's order, then items that failed, after the first `after` of them."""
    # By number, not by id: the ids count those of other workspaces, too.
    query = select(BatchErrorRow).where(BatchErrorRow.batch_id == batch_id).offset(after)
    return [
        BatchError(row.id, row.position, row.line, row.column_name, row.code, row.reason)
        for row in session.scalars(query.order_by(BatchErrorRow.id).limit(limit))
    ]


def lost(session: Session, patience: timedelta) -> list[UUID]:
    """Batches that a worker began to read so long ago that it must have been lost. Each is told once in that while."""
    began_long_ago = (BatchRow.state == "reading", BatchRow.started_at < func.now() - patience)
    return list(
        session.scalars(update(BatchRow).where(*began_long_ago).values(started_at=func.now()).returning(BatchRow.id))
    )


def busy(session: Session) -> list[str]:
    """The workspaces that have batches which aren't over."""
    return list(session.scalars(select(BatchRow.workspace_id).distinct().where(BatchRow.finished_at.is_(None))))


def remove(session: Session, batch_id: UUID) -> None:
    """Delete a batch with its rows. Evaluations stay."""
    session.execute(delete(BatchRow).where(BatchRow.id == batch_id))
