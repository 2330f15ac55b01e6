"""Sheds load: a request over what one process takes on is refused at once, before it costs memory or anybody's time.

Two limits: so many requests at all; and so many answers to grade as are graded in the longest time that one shall wait.
How many those are, the process learns from its own work.
"""

import math
import time
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from api.body_limit import UPLOADS
from api.errors import Overloaded, response_to

EXEMPT: Final = frozenset({"/healthz", "/readyz", "/metrics"})  # who asks for these decides whether the process lives
STREAMS: Final = "/events"
GRADING: Final = ("POST", "/v1/evaluations")
MEMORY: Final = 10.0  # seconds of work after which what was finished weighs a third
KNOWN: Final = 20  # finished requests from which the pace is known
SPREAD: Final = 2.0  # times the mean that the slowest of a hundred takes: measured (docs/reliability.md)
LEAST: Final = 8  # answers that may wait, however slow it goes


class Pace:
    """How many requests a second are finished while there is work; what is longer ago weighs less."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at = 0.0
        self._done = self._seconds = 0.0
        self._working = 0

    def begin(self) -> None:
        """One more is in work."""
        self._pass()
        self._working += 1

    def end(self) -> None:
        """One is finished."""
        self._pass()
        self._working -= 1
        self._done += 1

    def _pass(self) -> None:
        """Let the time count that went by, if it was spent working."""
        now = self._clock()
        if self._working:
            kept = math.exp((self._at - now) / MEMORY)
            self._done *= kept
            self._seconds = self._seconds * kept + now - self._at
        self._at = now

    def room(self, seconds: float) -> float:
        """How many may be in work so that next to none takes longer than this; no limit before the pace is known."""
        return max(LEAST, seconds / SPREAD * self._done / self._seconds) if self._done >= KNOWN else math.inf

    @property
    def working(self) -> int:
        """How many are in work."""
        return self._working


class Load:
    """Requests in work and waiting: short ones and long ones (uploads, event streams) by themselves, and of the short
    ones those that grade an answer. `longest`: seconds that one of these may take, 0 for any.
    """

    def __init__(self, most: int, longest: float = 0, pace: Pace | None = None) -> None:
        self._most, self._longest = most, longest
        self._now = {"short": 0, "long": 0}
        self._pace = pace or Pace()

    def refuse(self, kind: str) -> None:
        """Raise Overloaded where there is no room."""
        if self._now[_place(kind)] >= self._most:
            raise Overloaded(
                f"{self._most} requests are being worked on, the most that GRADER_MAX_IN_FLIGHT lets in; try again in "
                "a moment. Nothing was changed."
            )
        if kind == "grading" and self._longest and self._pace.working >= self._pace.room(self._longest):
            raise Overloaded(
                f"{self._pace.working} answers are waiting, and another one would take longer than the "
                f"{self._longest:g} s of GRADER_LONGEST_WAIT_SECONDS; try again in a moment. Nothing was changed."
            )

    def begin(self, kind: str) -> None:
        """Take one up. Raises Overloaded."""
        self.refuse(kind)
        self._now[_place(kind)] += 1
        if kind == "grading":
            self._pace.begin()

    def end(self, kind: str) -> None:
        """One is answered."""
        self._now[_place(kind)] -= 1
        if kind == "grading":
            self._pace.end()


def _place(kind: str) -> str:
    return "long" if kind == "long" else "short"


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
    asked = (scope["method"], scope["path"])
    if asked in UPLOADS or scope["path"].endswith(STREAMS):
        return "long"
    return "grading" if asked == GRADING else "short"
