"""The review queue: what waits, whose turn it is, giving an answer back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from api.db import Database
from api.errors import NotFound
from api.service import reviews
from api.service.ids import uuid7
from api.service.reviews import Reviewed
from api.store import batches, catalogue
from api.store import review_claims as store
from api.store.review_claims import Claim, Queue, Waiting


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim with the answer that it is on."""

    claim: Claim
    answer: Reviewed


def head(database: Database, queue: Queue, limit: int) -> tuple[list[Waiting], int]:
    """The first answers that wait and that nobody has claimed, and how many there are. Raises NotFound."""
    with database.reading() as session:
        check(session, queue)
        return store.waiting(session, queue, datetime.now(UTC), limit)


def claim(database: Database, queue: Queue, reviewer: str, time: timedelta) -> Claimed | None:
    """Keep the first answer that waits for this reviewer, for a while; None where nothing waits. Raises NotFound."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        check(session, queue)
        found = store.claim(session, queue, uuid7(now), reviewer, now, now + time)
        return None if found is None else Claimed(found, reviews.load(session, found.evaluation_id))


def release(database: Database, claim_id: UUID) -> None:
    """Give a claimed answer back to the queue. Raises NotFound."""
    with database.transaction() as session:
        if not store.release(session, claim_id):
            raise NotFound(f"There is no claim {claim_id}: its review is in, or it was given back.")


def check(session: Session, queue: Queue) -> None:
    """Raise NotFound for a rubric or a batch that isn't there."""
    if queue.rubric_id is not None and not catalogue.named(session, [queue.rubric_id]):
        raise NotFound(f"There is no rubric {queue.rubric_id!r}; GET /v1/rubrics lists them.")
    if queue.batch_id is not None and batches.get(session, queue.batch_id) is None:
        raise NotFound(f"There is no batch {queue.batch_id}; GET /v1/batches lists them.")
