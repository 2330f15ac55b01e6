"""A batch's end, which is told."""

from datetime import datetime

from sqlalchemy.orm import Session

from api.hooks.events import Event, of_batch
from api.service.telling import tell
from api.store import batches as store
from api.store.batch_model import BatchState
from api.tables import BatchRow

_EVENTS = {BatchState.DONE: Event.BATCH_COMPLETED, BatchState.FAILED: Event.BATCH_FAILED}


def end(session: Session, row: BatchRow, state: BatchState, at: datetime, fault: str | None = None) -> None:
    """Bring a locked batch to an end by itself: done, or failed with a fault."""
    store.end(row, state, at, fault)
    session.flush()
    batch = store.get(session, row.id)
    if batch is not None:
        tell(session, (_EVENTS[state], of_batch(batch)))
