"""Messages to webhooks in the database: the outbox and the log of what became of them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.orm import Session

from api.store.webhook_model import Attempt, Delivery, DeliveryState, NewDelivery
from api.tables import WebhookAttemptRow, WebhookDeliveryRow


def add_many(session: Session, new: Collection[NewDelivery]) -> None:
    """Store messages that are to be sent at once."""
    if new:
        session.execute(insert(WebhookDeliveryRow), [_values(one) for one in new])


def get(session: Session, hook_id: UUID, delivery_id: UUID) -> Delivery | None:
    """One message of a webhook."""
    row = WebhookDeliveryRow
    found = session.scalars(select(row).where(row.webhook_id == hook_id, row.id == delivery_id)).all()
    return next(iter(_loaded(session, found)), None)


def page(
    session: Session, hook_id: UUID, state: DeliveryState | None, before: UUID | None, limit: int
) -> list[Delivery]:
    """Newest first, from the one before `before`."""
    row = WebhookDeliveryRow
    query = select(row).where(row.webhook_id == hook_id).order_by(row.id.desc()).limit(limit)
    if state is not None:
        query = query.where(row.state == state.value)
    if before is not None:
        query = query.where(row.id < before)
    return _loaded(session, session.scalars(query).all())


def due(session: Session, hook_id: UUID, limit: int) -> list[Delivery]:
    """Messages of a webhook that are to be sent now, the longest due first. Without their attempts."""
    row = WebhookDeliveryRow
    is_due = (row.webhook_id == hook_id, row.state == "waiting", row.next_attempt_at <= func.now())
    query = select(row).where(*is_due).order_by(row.next_attempt_at, row.id).limit(limit)
    return [_delivery(one, ()) for one in session.scalars(query)]


def record(
    session: Session, delivery_id: UUID, attempt: Attempt, state: DeliveryState, again_at: datetime | None
) -> None:
    """Enter an attempt and where it leaves its message. Does nothing where the message is gone or has ended."""
    row = session.scalars(
        select(WebhookDeliveryRow).where(WebhookDeliveryRow.id == delivery_id).with_for_update()
    ).one_or_none()
    if row is None or row.state != "waiting":
        return
    row.attempts, row.tries = row.attempts + 1, row.tries + 1
    row.state, row.next_attempt_at = state.value, again_at
    row.finished_at = None if state is DeliveryState.WAITING else attempt.at
    session.add(
        WebhookAttemptRow(
            delivery_id=delivery_id,
            number=row.attempts,
            at=attempt.at,
            milliseconds=attempt.milliseconds,
            status=attempt.status,
            error=attempt.error,
        )
    )
    session.flush()


def fail_waiting(session: Session, hook_id: UUID, at: datetime) -> None:
    """Give up all that waits for a webhook."""
    row = WebhookDeliveryRow
    values = {"state": "failed", "next_attempt_at": None, "finished_at": at}
    session.execute(update(row).where(row.webhook_id == hook_id, row.state == "waiting").values(**values))


def replay(session: Session, hook_id: UUID, delivery_id: UUID, at: datetime) -> bool:
    """Have a message sent again, as if it were new; its attempts stay in the log. False if there is none."""
    row = WebhookDeliveryRow
    values = {"state": "waiting", "tries": 0, "since": at, "next_attempt_at": at, "finished_at": None}
    these = (row.webhook_id == hook_id, row.id == delivery_id)
    return session.scalar(update(row).where(*these).values(**values).returning(row.id)) is not None


def old(session: Session, before: datetime, limit: int) -> list[UUID]:
    """Some messages that were made before that time and aren't tried any more, the oldest first."""
    row = WebhookDeliveryRow
    return list(session.scalars(select(row.id).where(*_is_old(before)).order_by(row.created_at).limit(limit)))


def count_old(session: Session, before: datetime) -> int:
    """How many they are."""
    return session.scalar(select(func.count()).select_from(WebhookDeliveryRow).where(*_is_old(before))) or 0


def _is_old(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """What waits for so long waits for a disabled webhook."""
    row = WebhookDeliveryRow
    return row.created_at < before, (row.state != "waiting") | (row.since < before)


def remove_many(session: Session, ids: Collection[UUID]) -> None:
    """Delete messages with their attempts."""
    session.execute(delete(WebhookDeliveryRow).where(WebhookDeliveryRow.id.in_(ids)))


def _values(new: NewDelivery) -> dict[str, object]:
    return {
        "id": new.id,
        "webhook_id": new.hook_id,
        "evaluation_id": new.evaluation_id,
        "event": new.event,
        "payload": new.payload,
        "state": "waiting",
        "attempts": 0,
        "tries": 0,
        "since": new.at,
        "next_attempt_at": new.at,
        "created_at": new.at,
    }


def _loaded(session: Session, rows: Sequence[WebhookDeliveryRow]) -> list[Delivery]:
    made: dict[UUID, list[Attempt]] = {row.id: [] for row in rows}
    entered = select(WebhookAttemptRow).where(WebhookAttemptRow.delivery_id.in_(made))
    for one in session.scalars(entered.order_by(WebhookAttemptRow.number)):
        made[one.delivery_id].append(Attempt(one.number, one.at, one.milliseconds, one.status, one.error))
    return [_delivery(row, tuple(made[row.id])) for row in rows]


def _delivery(row: WebhookDeliveryRow, attempts: tuple[Attempt, ...]) -> Delivery:
    return Delivery(
        id=row.id,
        hook_id=row.webhook_id,
        event=row.event,
        payload=row.payload,
        state=DeliveryState(row.state),
        tries=row.tries,
        since=row.since,
        next_attempt_at=row.next_attempt_at,
        created_at=row.created_at,
        finished_at=row.finished_at,
        attempts=attempts,
    )
