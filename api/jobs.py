"""The job queue (procrastinate): what its jobs are called, and how to add some inside a transaction of ours.

procrastinate takes a connection for a deferral (`configure_task(connection=…)`), here the session's own: a job is there
if and only if the transaction that stores its batch commits. Jobs say what to do, in which workspace, and hold no data:
a job may run twice.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.types import JSONDict
from sqlalchemy.orm import Session

from api.store.copying import driver_connection

QUEUE: Final = "grader"
READ: Final = "read_batch"
GRADE: Final = "grade_chunk"
COLLECT: Final = "collect_regrade"
REGRADE: Final = "regrade_chunk"
REQUEUE: Final = "requeue_stalled"
RETIRE: Final = "retire_batches"
OPINIONS: Final = "second_opinions"
SENDING: Final = "webhooks"  # a queue of its own: whoever is slow to receive keeps no answer waiting
SEND: Final = "send_webhooks"
# Higher goes first. Housekeeping is short and keeps the rest going; a file is read before other batches are graded.
HOUSEKEEPING: Final = 100
READING: Final = 50
LEISURE: Final = -100  # when nothing else is due

_app = App(connector=SyncPsycopgConnector())  # never opened: every deferral brings its connection


def add_read(session: Session, batch_id: UUID) -> None:
    """Have a worker read the batch's file, if this transaction commits."""
    _defer(session, READ, READING, [{"batch": str(batch_id)}])


def add_chunks(session: Session, batch_id: UUID, numbers: Iterable[int]) -> None:
    """Have workers grade these chunks of a batch, if this transaction commits."""
    jobs: list[JSONDict] = [{"batch": str(batch_id), "chunk": number} for number in numbers]
    if jobs:
        _defer(session, GRADE, priority(len(jobs)), jobs)


def add_collect(session: Session, regrade_id: UUID) -> None:
    """Have a worker collect the answers of a pass over stored answers, if this transaction commits."""
    _defer(session, COLLECT, READING, [{"regrade": str(regrade_id)}])


def add_regrade_chunks(session: Session, regrade_id: UUID, numbers: Iterable[int]) -> None:
    """Have workers grade these chunks of a pass, if this transaction commits."""
    jobs: list[JSONDict] = [{"regrade": str(regrade_id), "chunk": number} for number in numbers]
    if jobs:
        _defer(session, REGRADE, priority(len(jobs)), jobs)


def add_sending(session: Session, hook_ids: Iterable[UUID], at: datetime | None = None) -> None:
    """Have a worker send what is due to these webhooks then, now by default, if this transaction commits."""
    jobs: list[JSONDict] = [{"webhook": str(hook_id)} for hook_id in hook_ids]
    if jobs:
        _defer(session, SEND, 0, jobs, SENDING, at)


def priority(chunks: int) -> int:
    """Small batches go first, so that a class of thirty doesn't wait for a million: 0 for one chunk, -1 for two, …"""
    return 1 - chunks.bit_length()


def _defer(
    session: Session,
    task: str,
    priority: int,
    jobs: Sequence[JSONDict],
    queue: str = QUEUE,
    at: datetime | None = None,
) -> None:
    here = session.info["workspace"]
    connection = driver_connection(session)
    deferrer = _app.configure_task(task, queue=queue, priority=priority, schedule_at=at, connection=connection)
    try:
        deferrer.batch_defer(*({**job, "workspace": here} for job in jobs))
    except ConnectorException as error:
        raise error.__cause__ or error from error
