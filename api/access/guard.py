"""Lets in who may: reads the key, looks up the scope that the route needs, counts requests."""

import logging
import time
from collections.abc import Sequence
from hmac import compare_digest
from typing import Final

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.limits import Rates, Standing, of_day
from api.access.model import ANYBODY, TOKEN, Caller, owner_of, token_hash
from api.access.model import Scope as KeyScope
from api.access.scopes import scope_of
from api.db import Database
from api.errors import ApiError, DatabaseUnavailable, Forbidden, NotReady, Unauthorized, response_to
from api.runtime import Runtime
from api.service import keys
from api.settings import Settings

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 2.0  # between looks whether a service that is open got its first key
THREADS: Final = 8  # of their own, so that a key is looked up at once although all others are busy grading
METRICS: Final = "/metrics"
REMEDY: Final = "make one with grader keys create, or set GRADER_ADMIN_KEY"


class Access:
    """Who a key is. A service that only its own machine reaches is open until it has its first key."""

    def __init__(self, settings: Settings, runtime: Runtime) -> None:
        self._runtime = runtime
        self._admin_hash = token_hash(settings.admin_key) if settings.admin_key else ""
        self._metrics_hash = token_hash(settings.metrics_key) if settings.metrics_key else ""
        self._admin_owner = owner_of(settings.admin_key)
        self._is_open = settings.is_local and not settings.admin_key
        self._place = f"{settings.host}:{settings.port}"
        self._looked = float("-inf")
        self._threads = CapacityLimiter(THREADS)

    @property
    def is_open(self) -> bool:
        """Whether anybody may do anything, as far as this process knows."""
        return self._is_open

    def tell(self, database: Database) -> None:
        """Log who is let in, once the database is there."""
        has_keys = keys.exist(database)
        if self._is_open and not has_keys:
            log.warning(
                "there are no keys: everybody who reaches %s may do everything; to end that, %s", self._place, REMEDY
            )
        elif not has_keys and not self._admin_hash:
            log.error("there are no keys: every request is refused; %s", REMEDY)

    async def caller(self, token: str | None) -> Caller:
        """Who shows this key, or none. Raises Unauthorized, NotReady and DatabaseUnavailable."""
        if _is(token, self._admin_hash):
            return Caller(self._admin_owner, ANYBODY.workspace, ANYBODY.scopes)
        if self._is_open and time.monotonic() - self._looked < LOOK_SECONDS:
            return ANYBODY
        return await run_sync(self._looked_up, token, limiter=self._threads)

    async def check_operator(self, token: str | None) -> None:
        """Raise unless whoever shows this key runs the service: for what tells of all workspaces together.

        That is an admin of the workspace default, as GRADER_ADMIN_KEY is; a tenant's admin isn't. GRADER_METRICS_KEY is
        enough, and needs no database to be known. Raises Forbidden, and what `caller` raises.
        """
        if _is(token, self._metrics_hash):
            return
        who = await self.caller(token)
        if who.workspace != ANYBODY.workspace or not who.may(KeyScope.ADMIN):
            raise Forbidden(
                f"{METRICS} tells of all workspaces together: it needs GRADER_METRICS_KEY, or a key of the workspace "
                f"{ANYBODY.workspace} with the scope {KeyScope.ADMIN}."
            )

    def _looked_up(self, token: str | None) -> Caller:
        if self._is_open and not self._has_first_key():
            return ANYBODY
        if token is None:
            raise Unauthorized("Send a key of this service: Authorization: Bearer grader_…")
        if not TOKEN.fullmatch(token):
            raise Unauthorized("That is no key of this service; they look like grader_… and follow the word Bearer.")
        return keys.caller(self._runtime.database, token)

    def _has_first_key(self) -> bool:
        """Without a database there is nothing to keep from anybody."""
        self._looked = time.monotonic()
        try:
            self._is_open = not keys.exist(self._runtime.database)
        except (NotReady, DatabaseUnavailable):
            return False
        return not self._is_open


class Guard:
    """ASGI middleware: puts the caller into `request.state.caller` for routes that need a scope, or answers why not."""

    def __init__(self, app: ASGIApp, access: Access, rates: Rates, runtime: Runtime, routes: Sequence[Route]) -> None:
        self._app, self._access, self._rates, self._runtime, self._routes = app, access, rates, runtime, routes
        self._threads = CapacityLimiter(THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == METRICS:
            await self._for_operators(scope, receive, send)
            return
        if scope["type"] != "http" or not scope["path"].startswith("/v1"):
            await self._app(scope, receive, send)
            return
        standings: list[Standing] = []

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and standings:
                headers = MutableHeaders(scope=message)
                headers["RateLimit-Policy"] = ", ".join(one.policy for one in standings)
                headers["RateLimit"] = ", ".join(one.state for one in standings)
            await send(message)

        try:
            who = await self._access.caller(_token(Headers(scope=scope)))
            if who is not ANYBODY:
                standings += await self._counted(who)
            self._check(scope, who)
        except ApiError as error:
            await response_to(error)(scope, receive, answer)
            return
        scope.setdefault("state", {})["caller"] = who
        await self._app(scope, receive, answer)

    async def _for_operators(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._access.check_operator(_token(Headers(scope=scope)))
        except ApiError as error:
            await response_to(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _counted(self, who: Caller) -> list[Standing]:
        found = [self._rates.hit(who)]
        if who.daily_quota is not None:
            left = await run_sync(keys.spend, self._runtime.database, who, limiter=self._threads)
            found.append(of_day(who.daily_quota, left))
        return found

    def _check(self, scope: Scope, who: Caller) -> None:
        """Raise Forbidden where the route needs more. What is no route is the router's to refuse."""
        route = next((one for one in self._routes if one.matches(scope)[0] is Match.FULL), None)
        needed = scope_of(scope["method"], route.path) if route else None
        if needed is not None and not who.may(needed):
            has = ", ".join(sorted(who.scopes))
            raise Forbidden(f"This needs the scope {needed}, and the key has {has}; ask for one that has it.")


def _is(token: str | None, known: str) -> bool:
    """Whether a key is the one with this hash; "" is nobody's."""
    return bool(token and known) and compare_digest(token_hash(token or ""), known)


def _token(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
