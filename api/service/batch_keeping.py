"""What keeps batches going, again and again."""

from datetime import timedelta
from typing import Final

from api import jobs
from api.db import Database
from api.store import batches as store
from api.store import chunks

LONGEST_READ: Final = timedelta(hours=1)


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
