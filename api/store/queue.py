"""How long the job queue is."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from api.jobs import QUEUE

# procrastinate keeps ended jobs until they are removed: only those that are due or run are counted.
_DEPTH: Final = text(
    "SELECT status::text, count(*) FROM procrastinate_jobs WHERE queue_name = :queue AND status IN ('todo', 'doing') "
    "AND (scheduled_at IS NULL OR scheduled_at <= now()) GROUP BY status"
)


def depth(session: Session) -> dict[str, int]:
    """Jobs that wait (todo) and that are being done (doing)."""
    found = {str(status): int(count) for status, count in session.execute(_DEPTH, {"queue": QUEUE})}
    return {"todo": 0, "doing": 0} | found
