"""Tell webhooks what happened, in the transaction in which it happens: stored together, or not at all."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from api import jobs
from api.hooks.events import Data, Event, payload
from api.service.ids import uuid7
from api.store import deliveries, webhooks
from api.store.webhook_model import NewDelivery

News = tuple[Event, Data]


def tell(session: Session, *news: News) -> None:
    """A message to each webhook for each event that it is told of, and a job that sends them."""
    hooks = webhooks.listening(session, {event.value for event, _ in news})
    if not hooks:
        return
    now = datetime.now(UTC)
    new = [
        NewDelivery(uuid7(now), hook_id, event.value, payload(event, now, data), now, _evaluation(data))
        for event, data in news
        for hook_id, events in hooks.items()
        if event.value in events
    ]
    deliveries.add_many(session, new)
    jobs.add_sending(session, hooks.keys())


def _evaluation(data: Data) -> UUID | None:
    named = data.get("evaluation_id")
    return UUID(str(named)) if named else None
