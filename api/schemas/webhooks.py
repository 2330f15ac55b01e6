"""Webhooks on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api import examples_webhooks as examples
from api.schemas.base import Out
from api.store.webhook_model import DeliveryState
from api.texts import StorableText

EventName = Literal[
    "evaluation.completed",
    "evaluation.needs_review",
    "batch.completed",
    "batch.failed",
    "rubric.updated",
    "appeal.opened",
    "appeal.decided",
]


class WebhookIn(BaseModel):
    """An address to tell of events."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.WEBHOOK_REQUEST]})

    url: StorableText = Field(min_length=1, max_length=2000, description="https://, at a public address.")
    events: list[EventName] = Field(min_length=1, max_length=20)
    description: StorableText = Field("", max_length=500)


class WebhookChangeIn(BaseModel):
    """What to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.WEBHOOK_CHANGE]})

    url: StorableText | None = Field(None, min_length=1, max_length=2000)
    events: list[EventName] | None = Field(None, min_length=1, max_length=20)
    description: StorableText | None = Field(None, max_length=500)
    enabled: bool | None = Field(
        None, strict=True, description="False: nothing is stored or sent; true: what waits is sent."
    )


class RotateIn(BaseModel):
    """How long the old secret goes on signing beside the new one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.ROTATE_REQUEST]})

    overlap_hours: float = Field(24, strict=True, ge=0, le=720, description="0: the old one signs no more.")


class WebhookOut(Out):
    """A webhook, without its secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.WEBHOOK]})

    id: UUID
    url: str
    events: list[str]
    description: str
    enabled: bool
    disabled_at: datetime | None
    disabled_reason: str | None
    old_secret_until: datetime | None = Field(description="Until then messages carry the old signature, too.")
    created_at: datetime


class NewWebhookOut(WebhookOut):
    """A webhook with its secret, which is shown this once."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.NEW_WEBHOOK]})

    secret: str | None = Field(description="Keep it where messages arrive. Null in an answer that is repeated.")


class WebhookPage(Out):
    """Newest first. `next_cursor` is null on the last page."""

    items: list[WebhookOut]
    next_cursor: str | None

    model_config = ConfigDict(json_schema_extra={"examples": [examples.WEBHOOK_PAGE]})


class AttemptOut(Out):
    """One try to send a message. `status` is null where there was no answer; `error` says why it doesn't count."""

    number: int
    at: datetime
    milliseconds: int
    status: int | None
    error: str | None


class DeliveryOut(Out):
    """A message and what became of it, its attempts oldest first. `id` is the message's `webhook-id`."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.DELIVERY]})

    id: UUID
    webhook_id: UUID
    event: str
    state: DeliveryState
    created_at: datetime
    next_attempt_at: datetime | None
    finished_at: datetime | None
    payload: dict[str, JsonValue] = Field(description="What was sent, or will be.")
    attempts: list[AttemptOut]


class DeliveryPage(Out):
    """Newest first. `next_cursor` is null on the last page."""

    items: list[DeliveryOut]
    next_cursor: str | None

    model_config = ConfigDict(json_schema_extra={"examples": [examples.DELIVERY_PAGE]})
