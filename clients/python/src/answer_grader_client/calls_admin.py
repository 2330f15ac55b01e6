"""Webhooks and API keys, each operation as a value."""

from collections.abc import Sequence
from uuid import UUID

from answer_grader_client.call import Call, Page, delete, given, named, one, page, post
from answer_grader_client.models_admin import ApiKey, Delivery, NewApiKey, NewWebhook, Webhook


def create_webhook(url: str, events: Sequence[str], description: str, key: str | None) -> Call[NewWebhook]:
    """POST /v1/webhooks."""
    body = {"url": url, "events": list(events), "description": description}
    return post("/v1/webhooks", one(NewWebhook), body, key)


def webhooks(cursor: str | None) -> Call[Page[Webhook]]:
    """GET /v1/webhooks."""
    return page("/v1/webhooks", Webhook, {}, cursor)


def webhook(id: UUID | str) -> Call[Webhook]:
    """GET /v1/webhooks/ID."""
    return Call("GET", f"/v1/webhooks/{id}", one(Webhook))


def change_webhook(
    id: UUID | str, url: str | None, events: Sequence[str] | None, description: str | None, enabled: bool | None
) -> Call[Webhook]:
    """PATCH /v1/webhooks/ID."""
    listed = None if events is None else list(events)
    body = given(url=url, events=listed, description=description, enabled=enabled)
    return Call("PATCH", f"/v1/webhooks/{id}", one(Webhook), body=body, headers=named(None))


def delete_webhook(id: UUID | str) -> Call[None]:
    """DELETE /v1/webhooks/ID."""
    return delete(f"/v1/webhooks/{id}")


def rotate_webhook(id: UUID | str, overlap_hours: float, key: str | None) -> Call[NewWebhook]:
    """POST /v1/webhooks/ID:rotate."""
    return post(f"/v1/webhooks/{id}:rotate", one(NewWebhook), {"overlap_hours": overlap_hours}, key)


def test_webhook(id: UUID | str) -> Call[Delivery]:
    """POST /v1/webhooks/ID:test."""
    return post(f"/v1/webhooks/{id}:test", one(Delivery), None, None)


def deliveries(webhook_id: UUID | str, state: str | None, cursor: str | None) -> Call[Page[Delivery]]:
    """GET /v1/webhooks/ID/deliveries."""
    return page(f"/v1/webhooks/{webhook_id}/deliveries", Delivery, {"state": state}, cursor)


def delivery(webhook_id: UUID | str, id: UUID | str) -> Call[Delivery]:
    """GET /v1/webhooks/ID/deliveries/ID."""
    return Call("GET", f"/v1/webhooks/{webhook_id}/deliveries/{id}", one(Delivery))


def replay(webhook_id: UUID | str, id: UUID | str, key: str | None) -> Call[Delivery]:
    """POST /v1/webhooks/ID/deliveries/ID:replay."""
    return post(f"/v1/webhooks/{webhook_id}/deliveries/{id}:replay", one(Delivery), None, key)


def create_key(
    name: str,
    scopes: Sequence[str],
    expires_in_days: int | None,
    rate_limit: str | None,
    daily_quota: int | None,
    key: str | None,
) -> Call[NewApiKey]:
    """POST /v1/keys."""
    limits = given(expires_in_days=expires_in_days, rate_limit=rate_limit, daily_quota=daily_quota)
    return post("/v1/keys", one(NewApiKey), {"name": name, "scopes": list(scopes)} | limits, key)


def keys(cursor: str | None) -> Call[Page[ApiKey]]:
    """GET /v1/keys."""
    return page("/v1/keys", ApiKey, {}, cursor)


def key(id: UUID | str) -> Call[ApiKey]:
    """GET /v1/keys/ID."""
    return Call("GET", f"/v1/keys/{id}", one(ApiKey))


def rotate_key(id: UUID | str, overlap_hours: int, key: str | None) -> Call[NewApiKey]:
    """POST /v1/keys/ID:rotate."""
    return post(f"/v1/keys/{id}:rotate", one(NewApiKey), {"overlap_hours": overlap_hours}, key)


def revoke_key(id: UUID | str) -> Call[None]:
    """DELETE /v1/keys/ID."""
    return delete(f"/v1/keys/{id}")
