"""Webhooks and API keys."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from answer_grader_client import calls_admin as calls
from answer_grader_client.async_base import AsyncConnection
from answer_grader_client.models_admin import ApiKey, Delivery, NewApiKey, NewWebhook, Webhook


class AsyncAdministration(AsyncConnection):
    """What needs a key with the scope admin, where the service asks for keys."""

    async def create_webhook(
        self, url: str, events: Sequence[str], *, description: str = "", idempotency_key: str | None = None
    ) -> NewWebhook:
        """Have an address told of events. The answer is the only one with its secret."""
        return await self._send(calls.create_webhook(url, events, description, idempotency_key))

    def webhooks(self) -> AsyncIterator[Webhook]:
        """All, newest first."""
        return self._all(calls.webhooks)

    async def webhook(self, id: UUID | str) -> Webhook:
        """A webhook without its secret."""
        return await self._send(calls.webhook(id))

    async def change_webhook(
        self,
        id: UUID | str,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        description: str | None = None,
        enabled: bool | None = None,
    ) -> Webhook:
        """Change what is given. A disabled webhook is told nothing of what happens in the meantime."""
        return await self._send(calls.change_webhook(id, url, events, description, enabled))

    async def delete_webhook(self, id: UUID | str) -> None:
        """Remove it with its log; what waits isn't sent."""
        await self._send(calls.delete_webhook(id))

    async def rotate_webhook(
        self, id: UUID | str, *, overlap_hours: float = 24, idempotency_key: str | None = None
    ) -> NewWebhook:
        """Make a new secret. For so many hours messages carry the signatures of both."""
        return await self._send(calls.rotate_webhook(id, overlap_hours, idempotency_key))

    async def test_webhook(self, id: UUID | str) -> Delivery:
        """Send a message that tells nothing. Read its delivery a moment later to see what became of it."""
        return await self._send(calls.test_webhook(id))

    def deliveries(self, webhook_id: UUID | str, state: str | None = None) -> AsyncIterator[Delivery]:
        """What a webhook was told, newest first. `state`: waiting, delivered or failed."""
        return self._all(lambda cursor: calls.deliveries(webhook_id, state, cursor))

    async def delivery(self, webhook_id: UUID | str, id: UUID | str) -> Delivery:
        """One message with its attempts."""
        return await self._send(calls.delivery(webhook_id, id))

    async def replay(self, webhook_id: UUID | str, id: UUID | str, *, idempotency_key: str | None = None) -> Delivery:
        """Send a message again, whatever became of it before."""
        return await self._send(calls.replay(webhook_id, id, idempotency_key))

    async def create_key(
        self,
        name: str,
        scopes: Sequence[str],
        *,
        expires_in_days: int | None = None,
        rate_limit: str | None = None,
        daily_quota: int | None = None,
        idempotency_key: str | None = None,
    ) -> NewApiKey:
        """Make a key of this key's workspace. The answer is the only one with its secret. `rate_limit`: 600/minute."""
        return await self._send(
            calls.create_key(name, scopes, expires_in_days, rate_limit, daily_quota, idempotency_key)
        )

    def keys(self) -> AsyncIterator[ApiKey]:
        """The workspace's keys, newest first, with those that have ended."""
        return self._all(calls.keys)

    async def key(self, id: UUID | str) -> ApiKey:
        """What is known of a key."""
        return await self._send(calls.key(id))

    async def rotate_key(
        self, id: UUID | str, *, overlap_hours: int = 24, idempotency_key: str | None = None
    ) -> NewApiKey:
        """A new key that may do the same. The old one ends after so many hours."""
        return await self._send(calls.rotate_key(id, overlap_hours, idempotency_key))

    async def revoke_key(self, id: UUID | str) -> None:
        """End a key at once."""
        await self._send(calls.revoke_key(id))
