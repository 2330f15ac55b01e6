"""Webhooks in the database."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, cast, delete, exists, func, select, text, update
from sqlalchemy.orm import Session

from api.store.webhook_model import Hook
from api.tables import WebhookDeliveryRow, WebhookRow

LEASE_SECONDS: Final = 60  # for which a worker has a webhook to itself; longer than any message takes


def add(session: Session, hook: Hook) -> None:
    """Store a webhook."""
    session.add(
        WebhookRow(
            id=hook.id,
            url=hook.url,
            description=hook.description,
            events=list(hook.events),
            secret=hook.secret,
            created_at=hook.created_at,
        )
    )
    session.flush()


def get(session: Session, hook_id: UUID) -> Hook | None:
    """One webhook."""
    row = session.scalars(select(WebhookRow).where(WebhookRow.id == hook_id)).one_or_none()
    return _hook(row) if row else None


def lock(session: Session, hook_id: UUID) -> WebhookRow | None:
    """The webhook's row, to change it."""
    query = select(WebhookRow).where(WebhookRow.id == hook_id).with_for_update(key_share=True)
    return session.scalars(query).one_or_none()


def page(session: Session, before: UUID | None, limit: int) -> list[Hook]:
    """Newest first, from the one before `before`."""
    query = select(WebhookRow).order_by(WebhookRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(WebhookRow.id < before)
    return [_hook(row) for row in session.scalars(query)]


def count(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(WebhookRow)) or 0


def remove(session: Session, hook_id: UUID) -> bool:
    """Delete a webhook with its messages; False if there is none."""
    gone = session.scalar(delete(WebhookRow).where(WebhookRow.id == hook_id).returning(WebhookRow.id))
    return gone is not None


def listening(session: Session, events: Collection[str]) -> dict[UUID, Sequence[str]]:
    """The webhooks that are told of any of these events, with the events that they are told of."""
    row = WebhookRow
    query = select(row.id, row.events).where(
        row.disabled_at.is_(None), row.events.bool_op("&&")(cast(list(events), ARRAY(Text)))
    )
    return {id_: of for id_, of in session.execute(query)}  # noqa: C416 - rows are no pairs to a type checker


def disable(session: Session, hook_id: UUID, at: datetime, reason: str) -> None:
    """Have nothing sent to a webhook any more."""
    row = WebhookRow
    values = {"disabled_at": at, "disabled_reason": reason, "sending_until": None}
    session.execute(update(row).where(row.id == hook_id, row.disabled_at.is_(None)).values(**values))


def claim(session: Session, hook_id: UUID) -> Hook | None:
    """Have a webhook to oneself for LEASE_SECONDS. None where it is gone, disabled, or another's."""
    row = WebhookRow
    is_free = row.sending_until.is_(None) | (row.sending_until < func.now())
    changed = (
        update(row)
        .where(row.id == hook_id, row.disabled_at.is_(None), is_free)
        .values(sending_until=_lease())
        .returning(row)
    )
    found = session.scalars(changed).one_or_none()
    return _hook(found) if found else None


def renew(session: Session, hook_id: UUID) -> Hook | None:
    """Keep it for as long again, and read it anew. None where it is gone or disabled."""
    row = WebhookRow
    changed = update(row).where(row.id == hook_id, row.disabled_at.is_(None)).values(sending_until=_lease())
    found = session.scalars(changed.returning(row)).one_or_none()
    return _hook(found) if found else None


def release(session: Session, hook_id: UUID, only_if_idle: bool = True) -> bool:
    """Give it back, if nothing is due: what is stored in the meantime is either seen here or finds it free."""
    due = exists().where(
        WebhookDeliveryRow.webhook_id == hook_id,
        WebhookDeliveryRow.state == "waiting",
        WebhookDeliveryRow.next_attempt_at <= func.now(),
    )
    change = update(WebhookRow).where(WebhookRow.id == hook_id).values(sending_until=None)
    return bool(session.scalars((change.where(~due) if only_if_idle else change).returning(WebhookRow.id)).all())


_LOST: Final = text(
    "SELECT DISTINCT w.workspace_id, webhook_id FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id "
    "WHERE d.state = 'waiting' AND d.next_attempt_at < now() - make_interval(secs => :patience) "
    "AND w.disabled_at IS NULL AND (w.sending_until IS NULL OR w.sending_until < now())"
)


def lost(session: Session, patience: float) -> dict[str, list[UUID]]:
    """By workspace, the webhooks with messages that are due for so many seconds and that nobody sends."""
    found: dict[str, list[UUID]] = defaultdict(list)
    for workspace, hook_id in session.execute(_LOST, {"patience": patience}):
        found[workspace].append(hook_id)
    return found


def _lease() -> object:
    return func.now() + func.make_interval(0, 0, 0, 0, 0, 0, LEASE_SECONDS)


def _hook(row: WebhookRow) -> Hook:
    return Hook(
        id=row.id,
        url=row.url,
        description=row.description,
        events=tuple(row.events),
        secret=row.secret,
        old_secret=row.old_secret,
        old_until=row.old_until,
        disabled_at=row.disabled_at,
        disabled_reason=row.disabled_reason,
        created_at=row.created_at,
    )
