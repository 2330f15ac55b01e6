"""What the service answers about keys and webhooks."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from answer_grader_client.models import Model


class Webhook(Model):
    """An address that is told of events. `old_secret_until`: so long messages carry the old signature, too."""

    id: UUID
    url: str
    events: list[str]
    description: str
    enabled: bool
    disabled_at: datetime | None
    disabled_reason: str | None
    old_secret_until: datetime | None
    created_at: datetime


class NewWebhook(Webhook):
    """A webhook with its secret, which is shown this once. None in an answer that is repeated: rotate it then."""

    secret: str | None


class Attempt(Model):
    """One try to send a message. `status` is None where there was no answer; `error` says why it doesn't count."""

    number: int
    at: datetime
    milliseconds: int
    status: int | None
    error: str | None


class Delivery(Model):
    """A message and what became of it, its attempts oldest first. `id` is the message's `webhook-id`."""

    id: UUID
    webhook_id: UUID
    event: str
    state: Literal["waiting", "delivered", "failed"]
    created_at: datetime
    next_attempt_at: datetime | None
    finished_at: datetime | None
    payload: dict[str, Any]
    attempts: list[Attempt]


class ApiKey(Model):
    """An API key without its secret. `shown`: its first characters."""

    id: UUID
    name: str
    shown: str
    scopes: list[Literal["admin", "author", "grade", "read"]]
    workspace: str
    rate_limit: str | None
    daily_quota: int | None
    replaces: UUID | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewApiKey(ApiKey):
    """A key with its secret, which is never told again. None in an answer that is repeated: rotate it then."""

    key: str | None
