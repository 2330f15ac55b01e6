"""/v1/webhooks."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Query, Response, status

from api import examples_webhooks as examples
from api.deps import JSON, Cursor, DatabaseDep, Limit, SettingsDep, VaultDep, accepts, encode_cursor, uuid_place
from api.hooks.events import Event
from api.openapi import BODY, documented
from api.schemas.webhooks import (
    AttemptOut,
    DeliveryOut,
    DeliveryPage,
    NewWebhookOut,
    RotateIn,
    WebhookChangeIn,
    WebhookIn,
    WebhookOut,
    WebhookPage,
)
from api.service import webhooks as service
from api.service.webhooks import Changes
from api.store.webhook_model import Delivery, DeliveryState, Hook

# ":uuid" keeps "ID:rotate" from being read as an id, so that a method that isn't allowed there is told so.
router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

WebhookId = Annotated[UUID, Path(description="A webhook's id.", examples=[examples.WEBHOOK_ID])]
DeliveryId = Annotated[UUID, Path(description="A delivery's id.", examples=[examples.DELIVERY_ID])]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Have an address told of events",
    operation_id="createWebhook",
    responses=documented(examples.NEW_WEBHOOK, 409, 503, *BODY, status=201),
    dependencies=[Depends(accepts(*JSON))],
)
def create(
    body: Annotated[WebhookIn, Body(examples=[examples.WEBHOOK_REQUEST])],
    response: Response,
    database: DatabaseDep,
    vault: VaultDep,
    settings: SettingsDep,
) -> NewWebhookOut:
    """Messages follow the Standard Webhooks scheme. The secret that signs them is shown this once."""
    events = [Event(name) for name in body.events]
    hook, secret = service.create(database, vault, settings.webhook_allowed, body.url, body.description, events)
    response.headers["Location"] = f"{router.prefix}/{hook.id}"
    return NewWebhookOut(**dict(_out(hook)), secret=secret)


@router.get(
    "",
    summary="List webhooks",
    operation_id="listWebhooks",
    responses=documented(examples.WEBHOOK_PAGE, 422, 503),
)
def list_page(database: DatabaseDep, limit: Limit = 50, cursor: Cursor = None) -> WebhookPage:
    """Newest first, without their secrets."""
    found, rest = service.page(database, uuid_place(cursor), limit)
    return WebhookPage(items=[_out(one) for one in found], next_cursor=encode_cursor(str(rest)) if rest else None)


@router.get(
    "/{webhook_id:uuid}",
    summary="Read a webhook",
    operation_id="getWebhook",
    responses=documented(examples.WEBHOOK, 404, 422, 503),
)
def read(webhook_id: WebhookId, database: DatabaseDep) -> WebhookOut:
    """One webhook, without its secret."""
    return _out(service.read(database, webhook_id))


@router.patch(
    "/{webhook_id:uuid}",
    summary="Change, disable or enable a webhook",
    operation_id="changeWebhook",
    responses=documented(examples.WEBHOOK, 404, 503, *BODY),
    dependencies=[Depends(accepts(*JSON))],
)
def change(
    webhook_id: WebhookId,
    body: Annotated[WebhookChangeIn, Body(examples=[examples.WEBHOOK_CHANGE])],
    database: DatabaseDep,
    settings: SettingsDep,
) -> WebhookOut:
    """What is left out stays. A disabled webhook is told nothing of what happens in the meantime."""
    events = None if body.events is None else [Event(name) for name in body.events]
    changes = Changes(body.url, body.description, events, body.enabled)
    return _out(service.change(database, settings.webhook_allowed, webhook_id, changes))


@router.delete(
    "/{webhook_id:uuid}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Delete a webhook",
    operation_id="deleteWebhook",
    responses=documented(None, 404, 422, 503, status=204),
)
def delete(webhook_id: WebhookId, database: DatabaseDep) -> None:
    """Remove it with its log; what waits isn't sent."""
    service.delete(database, webhook_id)


@router.post(
    "/{webhook_id:uuid}:rotate",
    summary="Make a new secret",
    operation_id="rotateWebhookSecret",
    responses=documented(examples.NEW_WEBHOOK, 404, 503, *BODY),
    dependencies=[Depends(accepts(*JSON))],
)
def rotate(
    webhook_id: WebhookId,
    body: Annotated[RotateIn, Body(examples=[examples.ROTATE_REQUEST])],
    database: DatabaseDep,
    vault: VaultDep,
) -> NewWebhookOut:
    """Shown this once. Messages carry both signatures for a while, so that a receiver can change over.

    Rotated again in that while, the old secret stays with its end, and only the new one is replaced.
    """
    hook, secret = service.rotate(database, vault, webhook_id, timedelta(hours=body.overlap_hours))
    return NewWebhookOut(**dict(_out(hook)), secret=secret)


@router.post(
    "/{webhook_id:uuid}:test",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Send a message that tells nothing",
    operation_id="testWebhook",
    responses=documented(examples.DELIVERY, 404, 409, 422, 503, status=202),
)
def test(webhook_id: WebhookId, response: Response, database: DatabaseDep) -> DeliveryOut:
    """Of the event `webhook.test`. Read its delivery a moment later to see what became of it."""
    return _sent(response, service.test(database, webhook_id))


@router.get(
    "/{webhook_id:uuid}/deliveries",
    summary="List what a webhook was told",
    operation_id="listDeliveries",
    responses=documented(examples.DELIVERY_PAGE, 404, 422, 503),
)
def deliveries(
    webhook_id: WebhookId,
    database: DatabaseDep,
    state: Annotated[DeliveryState | None, Query(examples=["failed"])] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeliveryPage:
    """Newest first, each with its attempts and when it is tried next."""
    found, rest = service.messages(database, webhook_id, state, uuid_place(cursor), limit)
    return DeliveryPage(items=[_delivery(one) for one in found], next_cursor=encode_cursor(str(rest)) if rest else None)


@router.get(
    "/{webhook_id:uuid}/deliveries/{delivery_id:uuid}",
    summary="Read a delivery",
    operation_id="getDelivery",
    responses=documented(examples.DELIVERY, 404, 422, 503),
)
def delivery(webhook_id: WebhookId, delivery_id: DeliveryId, database: DatabaseDep) -> DeliveryOut:
    """One message with its attempts."""
    return _delivery(service.message(database, webhook_id, delivery_id))


@router.post(
    "/{webhook_id:uuid}/deliveries/{delivery_id:uuid}:replay",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Send a message again",
    operation_id="replayDelivery",
    responses=documented(examples.DELIVERY, 404, 409, 422, 503, status=202),
)
def replay(webhook_id: WebhookId, delivery_id: DeliveryId, response: Response, database: DatabaseDep) -> DeliveryOut:
    """The same body under the same `webhook-id`, whatever became of it before; tried for a day again."""
    return _sent(response, service.replay(database, webhook_id, delivery_id))


def _sent(response: Response, found: Delivery) -> DeliveryOut:
    response.headers["Location"] = f"{router.prefix}/{found.hook_id}/deliveries/{found.id}"
    return _delivery(found)


def _out(hook: Hook) -> WebhookOut:
    overlaps = hook.old_until is not None and hook.old_until > datetime.now(UTC)
    return WebhookOut(
        id=hook.id,
        url=hook.url,
        events=list(hook.events),
        description=hook.description,
        enabled=hook.disabled_at is None,
        disabled_at=hook.disabled_at,
        disabled_reason=hook.disabled_reason,
        old_secret_until=hook.old_until if overlaps else None,
        created_at=hook.created_at,
    )


def _delivery(found: Delivery) -> DeliveryOut:
    return DeliveryOut(
        id=found.id,
        webhook_id=found.hook_id,
        event=found.event,
        state=found.state,
        created_at=found.created_at,
        next_attempt_at=found.next_attempt_at,
        finished_at=found.finished_at,
        payload=json.loads(found.payload),
        attempts=[AttemptOut.model_validate(one) for one in found.attempts],
    )
