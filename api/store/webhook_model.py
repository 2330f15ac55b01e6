"""Webhooks and their messages as the service knows them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class DeliveryState(StrEnum):
    """Where a message is: it waits to be sent, or sent again; the receiver has it; or it was given up."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook. `secret`, `old_secret` as they are stored; the old one signs, too, until `old_until`."""

    id: UUID
    url: str
    description: str
    events: tuple[str, ...]
    secret: str
    old_secret: str | None
    old_until: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A message to one webhook. `evaluation_id`: what it tells of, with which it goes."""

    id: UUID
    hook_id: UUID
    event: str
    payload: str
    at: datetime
    evaluation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send a message. `status`: of the answer; `error`: why there is none, or why it doesn't count."""

    number: int
    at: datetime
    milliseconds: int
    status: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and what became of it. `attempts`, oldest first, in all; `tries` since `since`."""

    id: UUID
    hook_id: UUID
    event: str
    payload: str
    state: DeliveryState
    tries: int
    since: datetime
    next_attempt_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    attempts: tuple[Attempt, ...]
