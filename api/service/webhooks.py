"""Webhooks: make one, change it, look at what it was told, have a message sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from api import jobs
from api.db import Database
from api.errors import Conflict, InputInvalid, NotFound
from api.hooks.addresses import Network, Refused, target
from api.hooks.events import Event, payload
from api.hooks.vault import Vault, new_secret
from api.service.ids import uuid7
from api.store import deliveries
from api.store import webhooks as store
from api.store.webhook_model import Delivery, DeliveryState, Hook, NewDelivery
from api.tables import WebhookRow

MOST: Final = 100  # webhooks: each event is stored once for each of them
BY_HAND: Final = "disabled by request"


@dataclass(frozen=True, slots=True)
class Changes:
    """What to change of a webhook; None leaves a thing as it is."""

    url: str | None = None
    description: str | None = None
    events: Sequence[Event] | None = None
    enabled: bool | None = None


def create(
    database: Database,
    vault: Vault,
    allowed: Sequence[Network],
    url: str,
    description: str,
    events: Sequence[Event],
) -> tuple[Hook, str]:
    """A new webhook and its secret, which is told this once. Raises InputInvalid, and Conflict where there are MOST."""
    _check_url(url, allowed)
    now, secret = datetime.now(UTC), new_secret()
    names = tuple(dict.fromkeys(event.value for event in events))
    hook = Hook(uuid7(now), url, description, names, vault.seal(secret), None, None, None, None, now)
    with database.transaction() as session:
        if store.count(session) >= MOST:
            raise Conflict(f"There are {MOST} webhooks already: delete one that isn't needed.")
        store.add(session, hook)
    return hook, secret


def read(database: Database, hook_id: UUID) -> Hook:
    """One webhook. Raises NotFound."""
    with database.reading() as session:
        return _found(session, hook_id)


def page(database: Database, before: UUID | None, limit: int) -> tuple[list[Hook], UUID | None]:
    """Newest first, and where the next page begins (None on the last one)."""
    with database.reading() as session:
        found = store.page(session, before, limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def change(database: Database, allowed: Sequence[Network], hook_id: UUID, changes: Changes) -> Hook:
    """Change a webhook. Enabled again, it gets what waits for it. Raises NotFound and InputInvalid."""
    if changes.url is not None:
        _check_url(changes.url, allowed)
    with database.transaction() as session:
        row = _locked(session, hook_id)
        row.url = changes.url if changes.url is not None else row.url
        row.description = changes.description if changes.description is not None else row.description
        if changes.events is not None:
            row.events = list(dict.fromkeys(event.value for event in changes.events))
        if changes.enabled is True:
            row.disabled_at = row.disabled_reason = None
            jobs.add_sending(session, [hook_id])
        elif changes.enabled is False and row.disabled_at is None:
            row.disabled_at, row.disabled_reason = datetime.now(UTC), BY_HAND
        session.flush()
        return _found(session, hook_id)


def delete(database: Database, hook_id: UUID) -> None:
    """Remove a webhook with its log. Raises NotFound."""
    with database.transaction() as session:
        if not store.remove(session, hook_id):
            raise _missing(hook_id)


def rotate(database: Database, vault: Vault, hook_id: UUID, overlap: timedelta) -> tuple[Hook, str]:
    """A new secret, told this once; messages are signed with the old one, too, for so long. Raises NotFound.

    While an old one still signs it stays, and so does its end: the answer that told the secret after it may be lost,
    and receivers know the old one alone. Without an overlap no old one signs from now on.
    """
    secret, now = new_secret(), datetime.now(UTC)
    with database.transaction() as session:
        row = _locked(session, hook_id)
        if overlap <= timedelta(0):
            row.old_secret = row.old_until = None
        elif row.old_until is None or row.old_until <= now:
            row.old_secret, row.old_until = row.secret, now + overlap
        row.secret = vault.seal(secret)
        session.flush()
        return _found(session, hook_id), secret


def test(database: Database, hook_id: UUID) -> Delivery:
    """Send a message that tells nothing. Raises NotFound, and Conflict where the webhook is disabled."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        _enabled(session, hook_id)
        body = payload(Event.TEST, now, {"webhook_id": str(hook_id)})
        new = NewDelivery(uuid7(now), hook_id, Event.TEST.value, body, now)
        deliveries.add_many(session, [new])
        jobs.add_sending(session, [hook_id])
        return _message(session, hook_id, new.id)


def messages(
    database: Database, hook_id: UUID, state: DeliveryState | None, before: UUID | None, limit: int
) -> tuple[list[Delivery], UUID | None]:
    """What a webhook was told, newest first, and where the next page begins. Raises NotFound."""
    with database.reading() as session:
        _found(session, hook_id)
        found = deliveries.page(session, hook_id, state, before, limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def message(database: Database, hook_id: UUID, delivery_id: UUID) -> Delivery:
    """One message with its attempts. Raises NotFound."""
    with database.reading() as session:
        return _message(session, hook_id, delivery_id)


def replay(database: Database, hook_id: UUID, delivery_id: UUID) -> Delivery:
    """Send a message again: the same body and id, for a day from now. Raises NotFound, Conflict where disabled."""
    with database.transaction() as session:
        _message(session, hook_id, delivery_id)
        _enabled(session, hook_id)
        deliveries.replay(session, hook_id, delivery_id, datetime.now(UTC))
        jobs.add_sending(session, [hook_id])
        session.expire_all()
        return _message(session, hook_id, delivery_id)


def _check_url(url: str, allowed: Sequence[Network]) -> None:
    try:
        target(url, allowed)
    except Refused as error:
        raise InputInvalid("url", str(error)) from error


def _locked(session: Session, hook_id: UUID) -> WebhookRow:
    row = store.lock(session, hook_id)
    if row is None:
        raise _missing(hook_id)
    return row


def _enabled(session: Session, hook_id: UUID) -> None:
    row = _locked(session, hook_id)
    if row.disabled_at is not None:
        raise Conflict(f"Webhook {hook_id} is disabled ({row.disabled_reason}): enable it first.")


def _found(session: Session, hook_id: UUID) -> Hook:
    found = store.get(session, hook_id)
    if found is None:
        raise _missing(hook_id)
    return found


def _message(session: Session, hook_id: UUID, delivery_id: UUID) -> Delivery:
    found = deliveries.get(session, hook_id, delivery_id)
    if found is None:
        raise NotFound(
            f"Webhook {hook_id} has no delivery {delivery_id}; GET /v1/webhooks/{hook_id}/deliveries lists them."
        )
    return found


def _missing(hook_id: UUID) -> NotFound:
    return NotFound(f"There is no webhook {hook_id}; GET /v1/webhooks lists them.")
