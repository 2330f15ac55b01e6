"""A thousand sockets that send a byte now and then must not keep the others waiting."""

import asyncio
import resource
from contextlib import suppress
from pathlib import Path

from benchmarks.load import Outcome, closed
from benchmarks.microbatch import bodies
from benchmarks.serving import service
from benchmarks.soak_load import tell

SOCKETS = 1000
CLIENTS, SECONDS = 4, 20.0
HEAD = (
    b"POST /v1/evaluations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n"
)


def run(cache: Path) -> bool:
    """Whether every request of the others was answered beside the slow ones."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4096), hard), hard))
    requests = bodies(store=False)
    with service(cache, {}) as running:
        asyncio.run(closed(running.port, requests, CLIENTS, 5.0))
        alone = asyncio.run(closed(running.port, requests, CLIENTS, SECONDS))
        beside, held = asyncio.run(_beside(running.port, requests))
    tell(f"{CLIENTS} clients alone for {SECONDS:.0f} s", alone)
    tell(f"{CLIENTS} clients beside {held} slow sockets", beside)
    print(f"  p99 {beside.quantile(0.99) / alone.quantile(0.99):.2f} × of alone")
    return held == SOCKETS and set(beside.statuses()) == {200}


async def _beside(port: int, requests: list[bytes]) -> tuple[Outcome, int]:
    writers = []
    for _ in range(SOCKETS):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD)
        writers.append(writer)
    dripping = asyncio.create_task(_drip(writers))
    outcome = await closed(port, requests, CLIENTS, SECONDS)
    held = sum(not writer.is_closing() for writer in writers)
    dripping.cancel()
    for writer in writers:
        writer.close()
    return outcome, held


async def _drip(writers: list[asyncio.StreamWriter]) -> None:
    """A byte a second on each, a header at first and no end to it."""
    for _ in range(int(2 * SECONDS)):
        for writer in writers:
            with suppress(OSError):
                writer.write(b"x")
        await asyncio.sleep(1)
