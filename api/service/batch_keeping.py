"""What keeps batches going and keeps their number down, again and again."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from api import jobs
from api.db import Database
from api.store import batch_items, chunks, evaluations
from api.store import batches as store

LONGEST_READ: Final = timedelta(hours=1)
REMOVED_AT_ONCE: Final = 500  # evaluations


def requeue_lost(database: Database, patience: timedelta) -> None:
    """Have workers take up what nothing was heard of for so long although its worker lives.

    That is left of a job whose end the queue never heard, because the database was away just then. Taken up for
    nothing, it costs some work and changes nothing.
    """
    with database.everywhere().reading() as session:
        busy = store.busy(session)
    for workspace in busy:
        with database.within(workspace).transaction() as session:
            for batch_id, numbers in chunks.lost(session, patience).items():
                jobs.add_chunks(session, batch_id, numbers)
            for batch_id in store.lost(session, LONGEST_READ):
                jobs.add_read(session, batch_id)


def retire(database: Database, before: datetime) -> int:
    """Remove batches that ended before that time, with their evaluations; how many there were."""
    with database.everywhere().reading() as session:
        found = store.retired(session, before)
    for workspace, batch_id in found:
        _remove(database.within(workspace), batch_id)
    return len(found)


def _remove(database: Database, batch_id: UUID) -> None:
    """In many transactions: a batch may have millions of evaluations. What is cut short is gone on with later."""
    while True:
        with database.transaction() as session:
            ids = batch_items.evaluation_ids(session, batch_id, REMOVED_AT_ONCE)
            evaluations.remove_many(session, ids)
            if not ids:
                store.remove(session, batch_id)
                return
