"""API keys: make one, look at them, rotate one, revoke one; who shows one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from api.access.limits import seconds_of_day
from api.access.model import SHOWN, Caller, Key, Scope, caller_of, new_token, token_hash
from api.db import Database
from api.errors import Conflict, NotFound, RateLimited, Unauthorized
from api.service.ids import uuid7
from api.store import keys as store

LONGEST: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a key is to be. `days` until it expires, None for never."""

    name: str
    scopes: frozenset[Scope]
    days: int | None = None
    rate_limit: str | None = None
    daily_quota: int | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A key that was just made, with what is never shown again."""

    key: Key
    token: str


def create(database: Database, new: NewKey) -> Made:
    """Make a key of the database's workspace."""
    now = datetime.now(UTC)
    expires = now + timedelta(days=new.days) if new.days is not None else None
    return _made(database, new, now, expires, None)


def rotate(database: Database, key_id: UUID, overlap: timedelta) -> Made:
    """Make a key like this one, which ends after `overlap`. Raises NotFound, and Conflict for one that has ended.

    The new key lasts as long from now as the old one was made to.
    """
    now = datetime.now(UTC)
    old = read(database, key_id)
    if fault := _fault(old, now):
        raise Conflict(f"Key {key_id} {fault}: make a new one.")
    new = NewKey(old.name, old.scopes, None, old.rate_limit, old.daily_quota)
    expires = now + (old.expires_at - old.created_at) if old.expires_at else None
    return _made(database, new, now, expires, old, overlap)


def revoke(database: Database, key_id: UUID) -> None:
    """End a key at once. Raises NotFound."""
    with database.transaction() as session:
        if store.lock(session, key_id) is None:
            raise _missing(key_id)
        store.revoke(session, key_id, datetime.now(UTC))


def read(database: Database, key_id: UUID) -> Key:
    """One key. Raises NotFound."""
    with database.reading() as session:
        found = store.get(session, key_id)
    if found is None:
        raise _missing(key_id)
    return found


def page(database: Database, before: UUID | None, limit: int) -> tuple[list[Key], UUID | None]:
    """Newest first, and where the next page begins (None on the last one)."""
    with database.reading() as session:
        found = store.page(session, before, limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def exist(database: Database) -> bool:
    """Whether there is, or was, a key in any workspace: from the first one on, a service asks for one."""
    with database.everywhere().reading() as session:
        return store.exist(session)


def caller(database: Database, token: str) -> Caller:
    """Who shows a key, and note that it was used. Raises Unauthorized."""
    now = datetime.now(UTC)
    everywhere = database.everywhere()
    with everywhere.reading() as session:
        found = store.find(session, token_hash(token))
    if found is None:
        raise Unauthorized("There is no such key; send one of this service: Authorization: Bearer grader_…")
    if fault := _fault(found, now):
        raise Unauthorized(f"The key {found.shown}… {fault}; ask for another.")
    if found.last_used_at is None or found.last_used_at < now - store.TOUCH:
        with everywhere.transaction() as session:
            store.touch(session, found.id, now)
    return caller_of(found)


def spend(database: Database, who: Caller) -> int:
    """Count a request of a caller with a daily quota; how many are left. Raises RateLimited past the last."""
    now = datetime.now(UTC)
    with database.within(who.workspace).transaction() as session:
        used = store.count_use(session, who.owner, now.date())
    quota = who.daily_quota or 0
    if used > quota:
        raise RateLimited(f"The key has made its {quota:,} requests of today (UTC).", seconds_of_day())
    return quota - used


def _made(
    database: Database,
    new: NewKey,
    now: datetime,
    expires: datetime | None,
    old: Key | None,
    overlap: timedelta = timedelta(0),
) -> Made:
    token = new_token()
    key = Key(
        id=uuid7(now),
        name=new.name,
        shown=token[:SHOWN],
        scopes=new.scopes,
        workspace=database.workspace,
        rate_limit=new.rate_limit,
        daily_quota=new.daily_quota,
        replaces=old.id if old else None,
        created_at=now,
        expires_at=expires,
        last_used_at=None,
        revoked_at=None,
    )
    with database.transaction() as session:
        store.add(session, key, token_hash(token))
        if old:
            store.expire(session, old.id, now + overlap)
    return Made(key, token)


def _fault(key: Key, now: datetime) -> str | None:
    if key.revoked_at is not None:
        return f"was revoked at {key.revoked_at:%Y-%m-%d %H:%M} UTC"
    if key.expires_at is not None and key.expires_at <= now:
        return f"expired at {key.expires_at:%Y-%m-%d %H:%M} UTC"
    return None


def _missing(key_id: UUID) -> NotFound:
    return NotFound(f"There is no key {key_id}; GET /v1/keys lists them.")
