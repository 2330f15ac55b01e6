"""Locks on things that may not exist yet, held to the end of the transaction. Each workspace has names of its own."""

from collections.abc import Iterable

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session


def lock(session: Session, *names: str) -> None:
    """Wait until no other transaction holds these names. In one order, so that two callers can't block each other."""
    for name in sorted(names):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_full(session, name), 0))))


def lock_many(session: Session, names: Iterable[str]) -> None:
    """The same for many names, in one statement."""
    query = text(
        "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) "
        "FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS given (name, place) ORDER BY place"
    )
    session.execute(query, {"names": sorted(_full(session, name) for name in names)})


def _full(session: Session, name: str) -> str:
    return f"{session.info['workspace']}:{name}"
