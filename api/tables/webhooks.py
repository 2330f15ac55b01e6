"""Webhooks: who is told of what, and the log of every message."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from api.tables.base import Base
from api.tables.checks import one_of
from api.tables.workspaces import Owned


class WebhookRow(Owned, Base):
    """An address that is told of events. `id` grows with time (UUID version 7).

    `secret`, `old_secret`: as `api.hooks.vault` stores them; the old one signs beside the new one until `old_until`.
    `sending_until`: the lease of the worker that sends to it just now.
    """

    __tablename__ = "webhooks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    url: Mapped[str]
    description: Mapped[str]
    events: Mapped[list[str]]
    secret: Mapped[str]
    old_secret: Mapped[str | None]
    old_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None]
    sending_until: Mapped[datetime | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("cardinality(events) > 0", name="events"),
        CheckConstraint("(old_secret IS NULL) = (old_until IS NULL)", name="old_secret"),
        CheckConstraint("(disabled_at IS NULL) = (disabled_reason IS NULL)", name="disabled"),
    )


class WebhookDeliveryRow(Owned, Base):
    """A message to one webhook, stored with what it tells of. Its id is the message's, however often it is sent.

    `payload`: the body, letter by letter. `evaluation_id`: what it tells of, with which it goes. `attempts`: in all;
    `tries`: since `since`, when it was made or replayed.
    """

    __tablename__ = "webhook_deliveries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    evaluation_id: Mapped[UUID | None] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"), index=True)
    event: Mapped[str]
    payload: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    tries: Mapped[int]
    since: Mapped[datetime]
    next_attempt_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "webhook_id", "id"),
        Index(
            "ix_webhook_deliveries_due",
            "webhook_id",
            "next_attempt_at",
            postgresql_where=text("state = 'waiting'"),
        ),
        one_of("state", "waiting", "delivered", "failed"),
        CheckConstraint("(state = 'waiting') = (next_attempt_at IS NOT NULL)", name="next_attempt_at"),
        CheckConstraint("(state = 'waiting') = (finished_at IS NULL)", name="finished_at"),
        CheckConstraint("attempts >= tries AND tries >= 0", name="attempts"),
    )


class WebhookAttemptRow(Owned, Base):
    """One try to send a message. `status`: of the answer; `error`: why there is none, or why it doesn't count."""

    __tablename__ = "webhook_attempts"

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    milliseconds: Mapped[int]
    status: Mapped[int | None]
    error: Mapped[str | None]

    __table_args__ = (CheckConstraint("number >= 1 AND milliseconds >= 0", name="counts"),)
