"""Load on a service of this machine: as many requests as its clients get answered, or so many a second.

Bare HTTP/1.1 over asyncio, so that the load takes little of the processor that it measures. It goes to 127.0.0.1 and
nowhere else, and every run ends by itself.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

TIMEOUT = 60.0
RETRY_AFTER = 1.0  # seconds that a client waits that was refused, as the answer asks
LONGEST = 3600.0  # seconds of one run, whatever was asked for


@dataclass(slots=True)
class Outcome:
    """What was answered: milliseconds of each request by status (0: no answer), and the seconds that all took."""

    times: dict[int, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    bodies: list[bytes] = field(default_factory=list)

    def add(self, status: int, milliseconds: float) -> None:
        """One more request."""
        self.times.setdefault(status, []).append(milliseconds)

    def statuses(self) -> Counter[int]:
        """How many requests got each status."""
        return Counter({status: len(times) for status, times in self.times.items()})

    def rate(self) -> float:
        """Successes a second."""
        return sum(len(times) for status, times in self.times.items() if 200 <= status < 300) / self.seconds

    def quantile(self, share: float, *statuses: int) -> float:
        """Milliseconds within which this share of the requests with these statuses (2xx by default) was answered."""
        chosen = statuses or tuple(status for status in self.times if 200 <= status < 300)
        times = [one for status in chosen for one in self.times.get(status, [])]
        return float(np.quantile(times, share)) if times else float("nan")


class Connection:
    """One keep-alive connection, opened again where it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes, headers: str = "") -> tuple[int, bytes]:
        """Status and body of the answer. Raises OSError, TimeoutError or asyncio.IncompleteReadError."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
            f"{headers}Content-Length: {len(body)}\r\n\r\n"
        )
        if self._streams and self._streams[0].at_eof():
            self.close()  # the service closes connections that were idle for some seconds
        try:
            async with asyncio.timeout(TIMEOUT):
                reader, writer = self._streams or await asyncio.open_connection("127.0.0.1", self._port)
                self._streams = reader, writer
                writer.write(head.encode() + body)
                answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = next(int(line[15:]) for line in answer.split("\r\n") if line.startswith("content-length:"))
                content = await reader.readexactly(length)
        except BaseException:
            self.close()
            raise
        if "connection: close" in answer:
            self.close()
        return int(answer[9:12]), content

    def close(self) -> None:
        """Give the connection up."""
        if self._streams:
            with suppress(OSError):
                self._streams[1].close()
        self._streams = None


def evaluation_bodies(pairs: Sequence[tuple[str, str]], store: bool = True) -> list[bytes]:
    """Requests to grade these answers: (rubric id, text)."""
    return [json.dumps({"rubric_id": rubric, "answer": text, "store": store}).encode() for rubric, text in pairs]


async def closed(port: int, bodies: Sequence[bytes], clients: int, seconds: float) -> Outcome:
    """So many clients, each sending its next request when its last was answered, for `seconds`."""
    outcome, begun = Outcome(), time.perf_counter()
    end = begun + min(seconds, LONGEST)

    async def client(first: int) -> None:
        connection, at = Connection(port), first
        while time.perf_counter() < end:
            status = await _timed(connection, bodies[at % len(bodies)], outcome)
            at += clients
            if status == 503:
                await asyncio.sleep(RETRY_AFTER)
        connection.close()

    await asyncio.gather(*(client(first) for first in range(clients)))
    outcome.seconds = time.perf_counter() - begun
    return outcome


async def opened(port: int, bodies: Sequence[bytes], rate: float, seconds: float, keep: bool = False) -> Outcome:
    """`rate` requests a second for `seconds`, whether or not the ones before were answered. `keep`: answers' bodies."""
    outcome, begun = Outcome(), time.perf_counter()
    total = int(rate * min(seconds, LONGEST))
    free: list[Connection] = []

    async def one(at: int) -> None:
        connection = free.pop() if free else Connection(port)
        await _timed(connection, bodies[at % len(bodies)], outcome, keep)
        free.append(connection)

    async with asyncio.TaskGroup() as tasks:
        for at in range(total):
            await asyncio.sleep(max(0.0, begun + at / rate - time.perf_counter()))
            tasks.create_task(one(at))
    outcome.seconds = time.perf_counter() - begun
    for connection in free:
        connection.close()
    return outcome


async def _timed(connection: Connection, body: bytes, outcome: Outcome, keep: bool = False) -> int:
    sent = time.perf_counter()
    status, content = 0, b""
    try:
        status, content = await connection.post("/v1/evaluations", body)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        await asyncio.sleep(0.05)  # a service that is down isn't asked in a tight loop
    outcome.add(status, 1000 * (time.perf_counter() - sent))
    if keep and 200 <= status < 300:
        outcome.bodies.append(content)
    return status
