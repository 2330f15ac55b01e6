"""Around every request: its id, its line in the log, its numbers."""

import logging
import re
import time
from typing import Final
from uuid import uuid4

from opentelemetry.trace import Tracer
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import response_to
from api.observe.metrics import Metrics
from api.observe.record import Record, current

log = logging.getLogger("api.requests")

HEADER: Final = "X-Request-ID"
CLIENT_GONE: Final = 499  # nothing was answered
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})  # asked for by the second
_ACCEPTED: Final = re.compile(r"[\w.:/+=-]{1,128}", re.ASCII)


class Observing:
    """ASGI middleware. Takes the caller's request id where it is fit for a log, and always answers with one.

    An unexpected error is logged with its traceback and answered here, so that its answer has the id as well.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, tracer: Tracer) -> None:
        self._app, self._metrics, self._tracer = app, metrics, tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        record = Record(_id(Headers(scope=scope).get(HEADER, "")), self._tracer)
        token = current.set(record)
        self._metrics.begun()
        begun, status = time.perf_counter(), CLIENT_GONE

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = record.request_id
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            log.exception("unexpected error")
            if status != CLIENT_GONE:  # too late to say anything else: the server closes the connection
                raise
            await response_to(error)(scope, receive, answer)
        finally:
            seconds, route = time.perf_counter() - begun, _route(scope)
            self._metrics.ended(_method(scope), route, status, seconds, record)
            _tell(scope, route, status, seconds, record)
            current.reset(token)


def _id(given: str) -> str:
    return given if _ACCEPTED.fullmatch(given) else uuid4().hex


def _route(scope: Scope) -> str:
    """The route's template: the addresses themselves are without number, and may name people."""
    return str(getattr(scope.get("route"), "path_format", "")) or "unmatched"


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else "other"


def _tell(scope: Scope, route: str, status: int, seconds: float, record: Record) -> None:
    extra: dict[str, object] = {"method": scope["method"], "route": route, "status": status, "ms": _ms(seconds)}
    extra |= {f"{name}_ms": _ms(taken) for name, taken in record.stages.items()}
    log.log(logging.DEBUG if route in QUIET else logging.INFO, "request", extra=extra)


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)
