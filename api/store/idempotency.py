"""Calls that have names, and their answers: claimed by one try at a time, kept for a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from api.tables import IdempotencyRow

LEASE: Final = timedelta(seconds=60)  # that a try has, renewed while it runs: a process that dies frees its calls so
KEPT: Final = timedelta(hours=24)
FORGET: Final = "DELETE FROM idempotency_keys WHERE position(CAST(:id AS bytea) IN body) > 0"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered. `fingerprint`: SHA-256 of the request."""

    fingerprint: str
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Name:
    """A call as its caller named it."""

    owner: UUID
    key: str


def claim(session: Session, name: Name) -> UUID | Answer | None:
    """Begin a try: its claim. An answer where there is one already, None where another try runs."""
    row, now = IdempotencyRow, func.now()
    fresh = {"claim": uuid4(), "created_at": now, "lease_until": now + LEASE}
    empty = {"fingerprint": None, "status": None, "headers": None, "body": None}
    is_free = or_(and_(row.status.is_(None), row.lease_until < now), row.created_at < now - KEPT)
    made = insert(row).values(owner=name.owner, key=name.key, **fresh)
    made = made.on_conflict_do_update(
        index_elements=["workspace_id", "owner", "key"], set_=fresh | empty, where=is_free
    )
    claimed = session.scalar(made.returning(row.claim))
    if isinstance(claimed, UUID):
        return claimed
    found = session.execute(
        select(row.fingerprint, row.status, row.headers, row.body).where(*_named(name))
    ).one_or_none()
    if found is None or found.status is None:
        return None
    return Answer(found.fingerprint or "", found.status, dict(found.headers or {}), found.body or b"")


def renew(session: Session, name: Name, claim: UUID) -> None:
    """Say that the try still runs."""
    these = (*_named(name), IdempotencyRow.claim == claim)
    session.execute(update(IdempotencyRow).where(*these).values(lease_until=func.now() + LEASE))


def keep(session: Session, name: Name, claim: UUID, answer: Answer) -> None:
    """Store the answer of a try, unless another one took its place."""
    values = {"fingerprint": answer.fingerprint, "status": answer.status, "headers": answer.headers}
    these = (*_named(name), IdempotencyRow.claim == claim)
    session.execute(update(IdempotencyRow).where(*these).values(**values, body=answer.body))


def release(session: Session, name: Name, claim: UUID) -> None:
    """End a try whose answer isn't to be kept."""
    these = (*_named(name), IdempotencyRow.claim == claim, IdempotencyRow.status.is_(None))
    session.execute(delete(IdempotencyRow).where(*these))


def forget(session: Session, ids: Collection[UUID]) -> None:
    """Remove the workspace's kept answers that tell of these: they may quote what is deleted."""
    for id_ in ids:
        session.execute(text(FORGET), {"id": str(id_).encode()})


def purge(session: Session) -> None:
    """Remove what is older than a day."""
    session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < func.now() - KEPT))


def _named(name: Name) -> tuple[ColumnElement[bool], ...]:
    row = IdempotencyRow
    return row.workspace_id == func.current_setting("grader.workspace"), row.owner == name.owner, row.key == name.key
