"""Sheds load: a request over what one process takes on is refused at once, before it costs memory or anybody's time."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from api.body_limit import UPLOADS
from api.errors import Overloaded, response_to

EXEMPT: Final = frozenset({"/healthz", "/readyz", "/metrics"})  # who asks for these decides whether the process lives
STREAMS: Final = "/events"


class Load:
    """Requests in work and waiting, short ones and long ones (uploads, event streams) by themselves."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._now = {"short": 0, "long": 0}

    def refuse(self, kind: str) -> None:
        """Raise Overloaded where there is no room."""
        if self._now[kind] >= self._most:
            raise Overloaded(
                f"{self._most} requests are being worked on, the most that GRADER_MAX_IN_FLIGHT lets in; try again in "
                "a moment. Nothing was changed."
            )

    def begin(self, kind: str) -> None:
        """Take one up. Raises Overloaded."""
        self.refuse(kind)
        self._now[kind] += 1

    def end(self, kind: str) -> None:
        """One is answered."""
        self._now[kind] -= 1


class EarlyShedding:
    """ASGI middleware: refuses before a body is read or a key is looked up, where there is no room anyway."""

    def __init__(self, app: ASGIApp, load: Load) -> None:
        self._app, self._load = app, load

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (kind := _kind(scope)) is not None:
            try:
                self._load.refuse(kind)
            except Overloaded as error:
                await response_to(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Shedding:
    """ASGI middleware: counts requests whose bodies are there, so that slow senders take nobody's place."""

    def __init__(self, app: ASGIApp, load: Load) -> None:
        self._app, self._load = app, load

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (kind := _kind(scope)) is None:
            await self._app(scope, receive, send)
            return
        try:
            self._load.begin(kind)
        except Overloaded as error:
            await response_to(error)(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._load.end(kind)


def _kind(scope: Scope) -> str | None:
    if scope["type"] != "http" or scope["path"] in EXEMPT:
        return None
    return "long" if (scope["method"], scope["path"]) in UPLOADS or scope["path"].endswith(STREAMS) else "short"
