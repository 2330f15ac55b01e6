"""The job that sends a webhook's messages: what is due, a few at a time, one worker a webhook.

One webhook takes one place of a worker, however many messages wait for it and however slow it is: the others go on.
"""

import asyncio
import copy
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final, Self, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from api import jobs
from api.db import Database
from api.hooks.addresses import Network, Refused, target
from api.hooks.backoff import next_attempt
from api.hooks.sender import Sender, Sent
from api.hooks.vault import SecretUnreadable, Vault, signed
from api.store import deliveries
from api.store import webhooks as store
from api.store.webhook_model import Attempt, Delivery, DeliveryState, Hook

AT_ONCE: Final = 4  # messages to one webhook
TURN_SECONDS: Final = 30.0  # before a webhook makes room for others
GONE: Final = 410
PATIENCE: Final = 15.0  # seconds that a message may be due before somebody looks for what became of its job

Result = TypeVar("Result")


class Sending:
    """Sends what is due. `allowed`: networks beside the public ones."""

    def __init__(self, database: Database, sender: Sender, vault: Vault, allowed: Sequence[Network]) -> None:
        self._database, self._sender, self._vault, self._allowed = database, sender, vault, allowed
        self._threads = ThreadPoolExecutor(2, "webhooks")  # not those that grading needs

    def within(self, workspace: str) -> Self:
        """The same for another workspace."""
        other = copy.copy(self)
        other._database = self._database.within(workspace)
        return other

    async def send_due(self, hook_id: UUID) -> None:
        """Send all that is due to a webhook. Does nothing where that is nothing, or another worker is at it."""
        if await self._transaction(lambda session: store.claim(session, hook_id)) is None:
            return
        until = time.monotonic() + TURN_SECONDS
        while time.monotonic() < until:
            hook, due = await self._transaction(lambda session: _due(session, hook_id))
            if hook is None:
                return
            await asyncio.gather(*(self._send(hook, one) for one in due))
        await self._transaction(lambda session: _hand_on(session, hook_id))

    def requeue_lost(self) -> None:
        """Have sent what is due and forgotten: its job was lost, or its worker died with it."""
        with self._database.everywhere().reading() as session:
            lost = store.lost(session, PATIENCE)
        for workspace, ids in lost.items():
            with self._database.within(workspace).transaction() as session:
                jobs.add_sending(session, ids)

    async def _send(self, hook: Hook, delivery: Delivery) -> None:
        began = datetime.now(UTC)
        sent = await self._sent(hook, delivery, began)
        attempt = Attempt(0, began, round(1000 * sent.seconds), sent.status, sent.error)
        await self._transaction(lambda session: _record(session, delivery, attempt, sent))

    async def _sent(self, hook: Hook, delivery: Delivery, at: datetime) -> Sent:
        try:
            place = target(hook.url, self._allowed)
            secrets = [self._vault.open(hook.secret)]
            if hook.old_secret is not None and hook.old_until is not None and at < hook.old_until:
                secrets.append(self._vault.open(hook.old_secret))
        except (Refused, SecretUnreadable) as error:
            return Sent(None, str(error), 0.0)
        headers = signed(str(delivery.id), at, delivery.payload, secrets)
        return await self._sender.send(place, delivery.payload.encode(), headers)

    async def _transaction(self, work: Callable[[Session], Result]) -> Result:
        def run() -> Result:
            with self._database.transaction() as session:
                return work(session)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)


def _due(session: Session, hook_id: UUID) -> tuple[Hook | None, list[Delivery]]:
    """The webhook with what is due, or None once nothing is and it is given back."""
    due = deliveries.due(session, hook_id, AT_ONCE)
    if not due and store.release(session, hook_id):
        return None, []
    return store.renew(session, hook_id), due


def _hand_on(session: Session, hook_id: UUID) -> None:
    store.release(session, hook_id, only_if_idle=False)
    jobs.add_sending(session, [hook_id])


def _record(session: Session, delivery: Delivery, attempt: Attempt, sent: Sent) -> None:
    now = datetime.now(UTC)
    again = None
    state = DeliveryState.DELIVERED if sent.is_taken else DeliveryState.FAILED
    if not sent.is_taken and sent.status != GONE:
        chance = random.random()  # noqa: S311 - spreads messages in time
        again = next_attempt(delivery.tries + 1, delivery.since, now, chance)
    if again is not None:
        state = DeliveryState.WAITING
        jobs.add_sending(session, [delivery.hook_id], again)
    deliveries.record(session, delivery.id, attempt, state, again)
    if sent.status == GONE:
        store.disable(session, delivery.hook_id, now, "the receiver answered 410 Gone")
        deliveries.fail_waiting(session, delivery.hook_id, now)
