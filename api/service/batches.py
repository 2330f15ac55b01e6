"""Batches: accept one, look at it, cancel it, start again what failed, remove it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Final
from uuid import UUID

from api import jobs
from api.db import Database
from api.errors import Conflict, NotFound
from api.service.batch_files import plan, sliced, spooled
from api.service.ids import uuid7
from api.store import batch_items, catalogue, chunks
from api.store import batches as store
from api.store.batch_model import Batch, BatchError, BatchState, NewBatch, Pin
from api.store.catalogue import Filters
from api.store.rubrics import StoredRubric
from grader.batch.columns import ColumnMap, Guess
from rubrics import Rubric

SMALL: Final = 4_000_000  # bytes of a file that is looked at while its sender waits; of a larger one, a worker tells


@dataclass(frozen=True, slots=True)
class Submitted:
    """A file of answers as it came. `kind`: what it is, None to tell from name and content. `size` in bytes."""

    stream: BinaryIO
    size: int
    name: str
    kind: str | None
    columns: ColumnMap | None
    rubric_id: str | None
    dry_run: bool


def accept(database: Database, submitted: Submitted) -> Batch:
    """Store a batch and the job that reads it in one transaction.

    A small file's columns are found out at once. Raises NotFound for an unknown `rubric_id`, DataInvalid for a file
    that can't be read and for a map that doesn't fit it.
    """
    with database.reading() as session:
        known = {stored.rubric.id: stored for stored in catalogue.everything(session, Filters())}
    if submitted.rubric_id is not None and submitted.rubric_id not in known:
        raise NotFound(f"There is no rubric {submitted.rubric_id!r}; GET /v1/rubrics lists them.")
    found = _planned(submitted, {id_: stored.rubric for id_, stored in known.items()})
    now = datetime.now(UTC)
    new = NewBatch(
        id=uuid7(now),
        name=submitted.name,
        kind=submitted.kind,
        dry_run=submitted.dry_run,
        columns=found.map if found else submitted.columns,
        fixed_rubric=submitted.rubric_id,
        doubts=found.doubts if found else (),
        pins=tuple(known[id_].key for id_ in _named(found.map if found else None, known)),
        created_at=now,
    )
    with database.transaction() as session:
        store.add(session, new, sliced(submitted.stream))
        jobs.add_read(session, new.id)
    return read(database, new.id)


def _planned(submitted: Submitted, rubrics: Mapping[str, Rubric]) -> Guess | None:
    if submitted.size > SMALL:
        return None
    with spooled(sliced(submitted.stream), submitted.name) as path:
        return plan(path, submitted.kind, submitted.columns, submitted.rubric_id, rubrics)


def _named(columns: ColumnMap | None, known: Mapping[str, StoredRubric]) -> list[str]:
    """Ids of the rubrics that a file with these columns may name; all of them where its rows do."""
    if columns is None or columns.rubric is not None:
        return list(known)
    return [columns.fixed_rubric] if columns.fixed_rubric else [rubric for _, rubric in columns.questions]


def read(database: Database, batch_id: UUID) -> Batch:
    """One batch as it is now. Raises NotFound."""
    with database.reading() as session:
        found = store.get(session, batch_id)
    if found is None:
        raise _missing(batch_id)
    return found


def pins(database: Database, batch_id: UUID) -> tuple[Pin, ...]:
    """The rubric versions that a batch is graded against; until its file is read, those that it may name."""
    with database.reading() as session:
        return store.pins(session, batch_id)


def page(database: Database, before: UUID | None, limit: int) -> tuple[list[Batch], UUID | None]:
    """Newest first, and where the next page begins (None on the last one)."""
    with database.reading() as session:
        found = store.page(session, before, limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def errors(database: Database, batch_id: UUID, after: int, limit: int) -> tuple[list[BatchError], int | None]:
    """Bad rows and items that failed, and where the next page begins (None on the last one). Raises NotFound."""
    with database.reading() as session:
        if store.get(session, batch_id) is None:
            raise _missing(batch_id)
        found = store.errors(session, batch_id, after, limit + 1)
    return found[:limit], after + limit if len(found) > limit else None


def cancel(database: Database, batch_id: UUID) -> Batch:
    """Stop a batch; what is graded stays, and one that is over stays as it is. Raises NotFound."""
    with database.transaction() as session:
        row = store.lock(session, batch_id)
        if row is None:
            raise _missing(batch_id)
        if row.state in (BatchState.READING, BatchState.GRADING):
            store.end(row, BatchState.CANCELLED, datetime.now(UTC))
            store.forget_content(session, batch_id)
    return read(database, batch_id)


def retry(database: Database, batch_id: UUID) -> Batch:
    """Grade what failed, and what a cancelled batch left. Raises NotFound, and Conflict where that is nothing."""
    with database.transaction() as session:
        row = store.lock(session, batch_id)
        if row is None:
            raise _missing(batch_id)
        if row.state in (BatchState.READING, BatchState.GRADING):
            raise Conflict(f"Batch {batch_id} is {row.state}; try again when it is over, or cancel it first.")
        batch_items.reopen(session, batch_id)
        waiting = chunks.waiting(session, batch_id)
        if not waiting:
            raise Conflict(f"Batch {batch_id} has nothing to grade again; correct its file and submit that.")
        row.state, row.fault, row.finished_at = BatchState.GRADING.value, None, None
        row.started_at = datetime.now(UTC)
        jobs.add_chunks(session, batch_id, waiting)
    return read(database, batch_id)


def _missing(batch_id: UUID) -> NotFound:
    return NotFound(f"There is no batch {batch_id}; GET /v1/batches lists them.")
