"""What keeps the tables of access small."""

from datetime import UTC, datetime

from api.db import Database
from api.store import idempotency, keys


def purge(database: Database) -> None:
    """Forget answers to repeated calls after a day, and counts of requests after some weeks."""
    with database.everywhere().transaction() as session:
        idempotency.purge(session)
        keys.forget_use(session, datetime.now(UTC).date())
