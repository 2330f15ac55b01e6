"""The job that reads a batch's file: bad rows told, answers stored in chunks, and a job for each chunk."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from itertools import count, islice, takewhile
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from api import jobs
from api.db import Database
from api.errors import DatabaseUnavailable
from api.service.batch_ends import end
from api.service.batch_files import plan, spooled
from api.service.batch_steps import Stopped
from api.store import batch_items, chunks
from api.store import batches as store
from api.store.batch_model import Batch, BatchState
from api.store.rubrics import StoredRubric
from grader.batch.columns import Guess
from grader.batch.items import items
from grader.batch.model import BadRow, Item
from grader.batch.tables import Table, open_table
from grader.errors import DataInvalid
from grader.text import check

log = logging.getLogger(__name__)

CHUNK: Final = 512  # answers a job: some seconds of work, so that workers share evenly and one that dies loses little
READS: Final = 3  # attempts at a file before it is given up
LONG: Final = (  # one transaction over all rows of a large file, a dry run of which has nothing to store for long
    "SET LOCAL statement_timeout = '30min'",
    "SET LOCAL idle_in_transaction_session_timeout = '30min'",
)
MAX_CANDIDATE: Final = 200  # characters, as everywhere in the service


class _Over(Exception):
    """The batch isn't being read any more: it was cancelled, or another worker has read it."""


def read(database: Database, batch_id: UUID, max_chars: int, may_go_on: Callable[[], bool]) -> None:
    """Read a batch's file into chunks in one transaction: all of it or nothing. Does nothing where that is done.

    A file that can't be read, or that kills its worker READS times, fails the batch. Raises Stopped once `may_go_on`
    says no, and DatabaseUnavailable.
    """
    found = _begun(database, batch_id)
    if found is None:
        return
    batch, pinned = found
    try:
        with spooled(_content(database, batch_id), batch.name) as path, suppress(_Over):
            _Reading(batch, pinned, max_chars, may_go_on).run(database, path)
    except DataInvalid as error:
        _fail(database, batch_id, str(error))
    except (DatabaseUnavailable, Stopped):
        _uncount(database, batch_id)
        raise
    except Exception as error:
        log.exception("batch %s can't be read", batch_id)
        _fail(database, batch_id, f"reading failed ({type(error).__name__}); the worker's log has the details")


def _begun(database: Database, batch_id: UUID) -> tuple[Batch, dict[str, StoredRubric]] | None:
    """Count an attempt. None where there is nothing to read."""
    with database.transaction() as session:
        row = store.lock(session, batch_id)
        if row is None or row.state != BatchState.READING:
            return None
        if row.reads >= READS:
            fault = f"the worker died each of {READS} times that it read the file; submit it in another format"
            store.forget_content(session, batch_id)
            end(session, row, BatchState.FAILED, datetime.now(UTC), fault)
            return None
        row.reads, row.started_at = row.reads + 1, datetime.now(UTC)
        session.flush()
        batch = store.get(session, batch_id)
        return (batch, store.pinned(session, batch_id)) if batch else None


def _uncount(database: Database, batch_id: UUID) -> None:
    """Take the attempt back: it says nothing against the file."""
    with suppress(DatabaseUnavailable), database.transaction() as session:
        row = store.lock(session, batch_id)
        if row is not None and row.reads:
            row.reads -= 1


def _content(database: Database, batch_id: UUID) -> Iterator[bytes]:
    with database.reading() as session:
        yield from store.content(session, batch_id)


def _fail(database: Database, batch_id: UUID, fault: str) -> None:
    with database.transaction() as session:
        row = store.lock(session, batch_id)
        if row is not None and row.state == BatchState.READING:
            store.forget_content(session, batch_id)
            end(session, row, BatchState.FAILED, datetime.now(UTC), fault)


class _Reading:
    """One pass over a file, and what of it is stored so far."""

    def __init__(
        self, batch: Batch, pinned: dict[str, StoredRubric], max_chars: int, may_go_on: Callable[[], bool]
    ) -> None:
        self._batch, self._pinned, self._max_chars, self._may_go_on = batch, pinned, max_chars, may_go_on
        self._items, self._bad, self._used = 0, 0, set[int]()

    def run(self, database: Database, path: Path) -> None:
        batch = self._batch
        rubrics = {id_: stored.rubric for id_, stored in self._pinned.items()}
        guess = plan(path, batch.kind, batch.columns, batch.fixed_rubric, rubrics)
        table = open_table(path, batch.kind)
        rows = map(short, items(table, guess.map, rubrics, partial(check, limit=self._max_chars)))
        with database.transaction() as session:
            for statement in LONG:
                session.execute(text(statement))
            for number in takewhile(lambda _: self._may_go_on(), count()):
                if not (some := list(islice(rows, CHUNK))):
                    self._end(session, table, guess)
                    return
                self._take(session, number, some)
            raise Stopped

    def _take(self, session: Session, number: int, some: Iterable[Item | BadRow]) -> None:
        good = [one for one in some if isinstance(one, Item)]
        bad = [one for one in some if isinstance(one, BadRow)]
        batch_items.copy_bad_rows(session, self._batch.id, bad)
        keyed = [(position, item, self._pinned[item.rubric].key) for position, item in enumerate(good, self._items)]
        if good and not self._batch.dry_run:
            chunks.add(session, self._batch.id, number, len(good))
            batch_items.copy_items(session, self._batch.id, number, keyed)
        self._items, self._bad = self._items + len(good), self._bad + len(bad)
        self._used.update(key for _, _, key in keyed)

    def _end(self, session: Session, table: Table, guess: Guess) -> None:
        batch_id = self._batch.id
        chunks.gather(session, batch_id)
        row = store.lock(session, batch_id)
        if row is None or row.state != BatchState.READING:
            raise _Over
        store.keep_pins(session, batch_id, self._used)
        store.forget_content(session, batch_id)
        row.items, row.bad_rows, row.column_map = self._items, self._bad, store.written(guess.map)
        row.own_columns = [name for name in table.columns if name not in guess.map.used]
        row.doubts = list(dict.fromkeys([*row.doubts, *guess.doubts]))
        row.started_at = datetime.now(UTC)
        waiting = chunks.waiting(session, batch_id)
        if waiting:
            row.state = BatchState.GRADING.value
            jobs.add_chunks(session, batch_id, waiting)
        else:
            end(session, row, BatchState.DONE, row.started_at)


def short(found: Item | BadRow) -> Item | BadRow:
    """The same, if its candidate's name is as short as everywhere in the service."""
    if isinstance(found, BadRow) or found.candidate is None or len(found.candidate) <= MAX_CANDIDATE:
        return found
    reason = f"the candidate {found.candidate:.40}… has {len(found.candidate)} characters: {MAX_CANDIDATE} are allowed"
    return BadRow(found.line, None, "too_long", reason)
