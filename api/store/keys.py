"""API keys and their use in the database."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from api.access.model import Key, scopes_of
from api.tables import ApiKeyRow, KeyUsageRow

TOUCH: Final = timedelta(minutes=1)  # a key's last use is no more exact than this
KEPT: Final = timedelta(days=40)  # of counts by day


def add(session: Session, key: Key, key_hash: str) -> None:
    """Store a key of the session's workspace."""
    session.add(
        ApiKeyRow(
            id=key.id,
            name=key.name,
            shown=key.shown,
            key_hash=key_hash,
            scopes=sorted(key.scopes),
            rate_limit=key.rate_limit,
            daily_quota=key.daily_quota,
            replaces=key.replaces,
            created_at=key.created_at,
            expires_at=key.expires_at,
        )
    )
    session.flush()


def exist(session: Session) -> bool:
    """Whether there is, or was, any key."""
    return bool(session.scalar(select(exists().select_from(ApiKeyRow))))


def find(session: Session, key_hash: str) -> Key | None:
    """The key of this hash, valid or not."""
    row = session.scalars(select(ApiKeyRow).where(ApiKeyRow.key_hash == key_hash)).one_or_none()
    return _key(row) if row else None


def get(session: Session, key_id: UUID) -> Key | None:
    """One key."""
    row = session.get(ApiKeyRow, key_id)
    return _key(row) if row else None


def page(session: Session, before: UUID | None, limit: int) -> list[Key]:
    """Newest first, from the one before `before`."""
    query = select(ApiKeyRow).order_by(ApiKeyRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(ApiKeyRow.id < before)
    return [_key(row) for row in session.scalars(query)]


def lock(session: Session, key_id: UUID) -> Key | None:
    """One key, kept from other changes until the transaction ends."""
    row = session.scalars(select(ApiKeyRow).where(ApiKeyRow.id == key_id).with_for_update()).one_or_none()
    return _key(row) if row else None


def expire(session: Session, key_id: UUID, at: datetime) -> None:
    """Have a key end at that time, if it doesn't end earlier."""
    row = ApiKeyRow
    later = or_(row.expires_at.is_(None), row.expires_at > at)
    session.execute(update(row).where(row.id == key_id, later).values(expires_at=at))


def revoke(session: Session, key_id: UUID, at: datetime) -> None:
    """Have a key end at once; one that is revoked stays as it is."""
    row = ApiKeyRow
    session.execute(update(row).where(row.id == key_id, row.revoked_at.is_(None)).values(revoked_at=at))


def touch(session: Session, key_id: UUID, at: datetime) -> None:
    """Note that a key is used, if the last note is old."""
    row = ApiKeyRow
    is_old = or_(row.last_used_at.is_(None), row.last_used_at < at - TOUCH)
    session.execute(update(row).where(row.id == key_id, is_old).values(last_used_at=at))


def count_use(session: Session, key_id: UUID, day: date) -> int:
    """Count a request of a key; how many there are on that day."""
    row = KeyUsageRow
    made = insert(row).values(key_id=key_id, day=day, requests=1)
    counted = made.on_conflict_do_update(index_elements=["key_id", "day"], set_={"requests": row.requests + 1})
    return session.execute(counted.returning(row.requests)).scalar_one()


def forget_use(session: Session, today: date) -> None:
    """Remove the counts of days long ago."""
    session.execute(delete(KeyUsageRow).where(KeyUsageRow.day < today - KEPT))


def _key(row: ApiKeyRow) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        shown=row.shown,
        scopes=scopes_of(row.scopes),
        workspace=row.workspace_id,
        rate_limit=row.rate_limit,
        daily_quota=row.daily_quota,
        replaces=row.replaces,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
