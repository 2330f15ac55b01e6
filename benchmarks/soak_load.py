"""Minutes of load at 80% of what the service can do, with its memory watched; then three times as much as it can do."""

import asyncio
import time
from pathlib import Path

import numpy as np
import psutil

from benchmarks.load import Outcome, closed, opened
from benchmarks.microbatch import bodies
from benchmarks.serving import Running, service

CLIENTS = 32
WARM_SECONDS, MEASURE_SECONDS, OVER_SECONDS = 10.0, 20.0, 20.0
SAMPLE_SECONDS = 5.0
REFUSED_WITHIN = 100.0  # milliseconds


def run(cache: Path, seconds: float) -> bool:
    """Whether no request failed at 80%, and above saturation nothing but 503 did."""
    requests = bodies(store=True)
    with service(cache, {}) as running:
        asyncio.run(closed(running.port, requests, CLIENTS, WARM_SECONDS))
        most = asyncio.run(closed(running.port, requests, CLIENTS, MEASURE_SECONDS)).rate()
        print(f"saturation: {most:.1f} POSTs/s with {CLIENTS} clients")
        steady, memory = asyncio.run(_watched(running, requests, 0.8 * most, seconds))
        tell(f"{0.8 * most:.1f}/s for {seconds:.0f} s", steady)
        print(f"  memory: {memory[0][1]:.0f} MiB first, {memory[-1][1]:.0f} MiB last, {slope(memory):+.2f} MiB/min")
        over = asyncio.run(opened(running.port, requests, 3 * most, OVER_SECONDS))
        tell(f"{3 * most:.1f}/s for {OVER_SECONDS:.0f} s", over)
    return set(steady.statuses()) == {201} and set(over.statuses()) <= {201, 503}


def tell(what: str, outcome: Outcome) -> None:
    """A line on what was answered, and when."""
    counts = ", ".join(f"{count} × {status or 'no answer'}" for status, count in sorted(outcome.statuses().items()))
    print(f"{what}: {counts}; p50 {outcome.quantile(0.5):.0f} ms, p99 {outcome.quantile(0.99):.0f} ms")
    if outcome.times.get(503):
        print(f"  refused: p99 {outcome.quantile(0.99, 503):.0f} ms; to be within {REFUSED_WITHIN:.0f} ms")


async def _watched(
    running: Running, requests: list[bytes], rate: float, seconds: float
) -> tuple[Outcome, list[tuple[float, float]]]:
    process, begun = psutil.Process(running.pid), time.monotonic()
    samples: list[tuple[float, float]] = []

    async def watch() -> None:
        while True:
            samples.append((time.monotonic() - begun, process.memory_full_info().uss / 2**20))
            await asyncio.sleep(SAMPLE_SECONDS)

    watching = asyncio.create_task(watch())
    outcome = await opened(running.port, requests, rate, seconds)
    watching.cancel()
    return outcome, samples


def slope(samples: list[tuple[float, float]]) -> float:
    """MiB a minute over the second half, in which caches are full."""
    later = np.array(samples[len(samples) // 2 :])
    return float(60 * np.polyfit(later[:, 0], later[:, 1], 1)[0]) if len(later) > 1 else 0.0
