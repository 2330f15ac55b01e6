"""Locks on things that may not exist yet, held to the end of the transaction."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def lock(session: Session, *names: str) -> None:
    """Wait until no other transaction holds these names. In one order, so that two callers can't block each other."""
    for name in sorted(names):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
