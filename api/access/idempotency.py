"""Requests that may come twice: with an Idempotency-Key, the second is answered as the first was, and does nothing."""

import json
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar
from uuid import UUID

import anyio
from anyio import CancelScope, CapacityLimiter
from anyio.to_thread import run_sync
from sqlalchemy.orm import Session
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.model import Caller
from api.access.payload import Payload
from api.db import Database
from api.errors import ApiError, DatabaseUnavailable, InProgress, InputInvalid, KeyReused, response_to
from api.runtime import Runtime
from api.store import idempotency as store
from api.store.idempotency import Answer, Name

log = logging.getLogger(__name__)

T = TypeVar("T")

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
METHODS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
KEPT_HEADERS: Final = frozenset({"content-type", "location", "etag", "allow", "retry-after"})
LARGEST: Final = 8_000_000  # bytes of an answer that is kept
RENEW_SECONDS: Final = store.LEASE.total_seconds() / 3
THREADS: Final = 8  # of their own, as for looking up keys
SECRETS: Final = {"/v1/keys": "key", "/v1/webhooks": "secret"}  # told once: where, and in which field
_FIT: Final = re.compile(r"[!-~]{1,255}", re.ASCII)


class Idempotency:
    """ASGI middleware. An answer is stored before it is sent; what failed here (5xx) may be tried again."""

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        self._app, self._runtime = app, runtime
        self._threads = CapacityLimiter(THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key, who = _key(scope), scope.get("state", {}).get("caller")
        if key is None or who is None:
            await self._app(scope, receive, send)
            return
        try:
            if not _FIT.fullmatch(key):
                raise InputInvalid(HEADER, "must be 1 to 255 visible ASCII characters, such as a UUID")
            answer = await self._once(Name(who.owner, key), who, scope, receive)
        except ApiError as error:
            answer = response_to(error)
        await answer(scope, receive, send)

    async def _once(self, name: Name, who: Caller, scope: Scope, receive: Receive) -> Response:
        payload = Payload(scope, receive)
        database = self._runtime.database.within(who.workspace)
        claim = await self._do(database, lambda session: store.claim(session, name))
        if claim is None:
            raise InProgress("The first request with this Idempotency-Key isn't answered yet; try again in a moment.")
        if isinstance(claim, UUID):
            return await self._first(name, claim, database, scope, payload)
        await payload.drain()
        if payload.fingerprint() != claim.fingerprint:
            raise KeyReused(HEADER, "came with another request before; a new request needs a new key")
        return Response(claim.body, claim.status, {**claim.headers, REPLAYED: "true"})

    async def _first(self, name: Name, claim: UUID, database: Database, scope: Scope, payload: Payload) -> Response:
        said, kept = _Said(), False
        try:
            async with self._renewing(name, claim, database):
                await self._app(scope, payload.receive, said.send)
            if not payload.is_form:
                await payload.drain()
            if said.status < 500 and payload.is_whole and len(said.body) <= LARGEST:
                kept = await self._keep(name, claim, database, said.answer(payload.fingerprint(), scope["path"]))
        finally:
            if not kept:
                with CancelScope(shield=True):
                    await self._release(name, claim, database, had_effect=0 < said.status < 400)
        return said.response()

    async def _keep(self, name: Name, claim: UUID, database: Database, answer: Answer) -> bool:
        try:
            await self._do(database, lambda session: store.keep(session, name, claim, answer))
        except DatabaseUnavailable:
            log.warning("the answer to a request with an Idempotency-Key can't be kept: it may be done again")
            return False
        return True

    async def _release(self, name: Name, claim: UUID, database: Database, had_effect: bool) -> None:
        """What had an effect and can't be told again holds its name until its lease ends."""
        if not had_effect:
            try:
                await self._do(database, lambda session: store.release(session, name, claim))
            except DatabaseUnavailable:
                return  # the lease ends

    @asynccontextmanager
    async def _renewing(self, name: Name, claim: UUID, database: Database) -> AsyncIterator[None]:
        async def renew() -> None:
            while True:
                await anyio.sleep(RENEW_SECONDS)
                try:
                    await self._do(database, lambda session: store.renew(session, name, claim))
                except DatabaseUnavailable:
                    continue

        failure: Exception | None = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(renew)
            try:
                yield
            except Exception as error:  # not as a group of errors: handlers outside tell errors by their kind
                failure = error
            tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure

    async def _do(self, database: Database, work: Callable[[Session], T]) -> T:
        def run() -> T:
            with database.transaction() as session:
                return work(session)

        return await run_sync(run, limiter=self._threads)


class _Said:
    """An answer that is caught on its way out."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""
        self._headers: list[tuple[bytes, bytes]] = []

    async def send(self, message: Message) -> None:
        """Take what the application sends."""
        if message["type"] == "http.response.start":
            self.status, self._headers = message["status"], list(message.get("headers", []))
        else:
            self.body += message.get("body", b"")

    def response(self) -> Response:
        """The same answer."""
        made = Response(self.body, self.status)
        made.raw_headers = self._headers
        return made

    def answer(self, fingerprint: str, path: str) -> Answer:
        """The answer as it is kept: a new key, or a webhook's new secret, is in it no more."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self._headers}
        kept = {name: value for name, value in headers.items() if name.lower() in KEPT_HEADERS}
        body = _without_secrets(self.body, path) if self.status < 400 else self.body
        return Answer(fingerprint, self.status, kept, body)


def _without_secrets(body: bytes, path: str) -> bytes:
    field = next((field for place, field in SECRETS.items() if path.startswith(place)), None)
    told = json.loads(body) if field and body else {}
    return json.dumps(told | {field: None}).encode() if field in told else body


def _key(scope: Scope) -> str | None:
    if scope["type"] != "http" or scope["method"] not in METHODS:
        return None
    return Headers(scope=scope).get(HEADER)
