"""PostgreSQL is killed under load and comes back after half a minute: what was acknowledged is there, and once."""

import asyncio
import json
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx
import psutil

from api.db import EmbeddedPostgres
from benchmarks.load import Outcome, closed, opened
from benchmarks.microbatch import bodies
from benchmarks.serving import service
from benchmarks.soak_load import tell

SHARE = 0.4  # of saturation, so that what is lost was lost by the outage
WARM_SECONDS = 10.0
BEFORE, GONE, AFTER = 15.0, 30.0, 45.0
SETTLED = 10.0  # seconds after the database is back in which 503 is still fair


def run(cache: Path) -> bool:
    """Whether nothing acknowledged was lost, nothing is there twice, and the service recovered by itself."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        with service(cache, {"DATABASE_URL": server.url}) as running:
            some = bodies(store=True)
            rate = max(1.0, SHARE * asyncio.run(closed(running.port, some, 4, WARM_SECONDS)).rate())
            requests = [_named(some[at % len(some)], at) for at in range(int(rate * (BEFORE + GONE + AFTER)))]
            outcome, late = asyncio.run(_broken(running.port, requests, rate, Path(folder) / "postgres"))
            stored = _stored(running.address)
        server.stop()
    tell(f"PostgreSQL gone for {GONE:.0f} s at {rate:.1f}/s", outcome)
    told = Counter(json.loads(body)["candidate_id"] for body in outcome.bodies)
    lost, twice = set(told) - set(stored), [name for name, count in stored.items() if count > 1]
    unasked = len(set(stored) - set(told))
    print(f"  acknowledged {len(told)}, stored {sum(stored.values())}: lost {len(lost)}, twice {len(twice)}")
    print(f"  stored without an answer that says so: {unasked}; failures once it was back for {SETTLED:.0f} s: {late}")
    return not lost and not twice and not late and set(outcome.statuses()) <= {201, 503}


def _named(body: bytes, at: int) -> bytes:
    return json.dumps({**json.loads(body), "candidate_id": f"outage-{at}"}).encode()


async def _broken(port: int, requests: list[bytes], rate: float, folder: Path) -> tuple[Outcome, int]:
    """What was answered in all, and how many failures there were when the database had been back for a while."""
    first = asyncio.create_task(opened(port, requests, rate, BEFORE + GONE + SETTLED, keep=True))
    await asyncio.sleep(BEFORE)
    process = psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))
    process.kill()
    gone_at = time.monotonic()
    process.wait(10)
    await asyncio.sleep(GONE - (time.monotonic() - gone_at))
    await asyncio.to_thread(EmbeddedPostgres, folder)
    outcome = await first
    rest = await opened(port, requests[int(rate * (BEFORE + GONE + SETTLED)) :], rate, AFTER - SETTLED, keep=True)
    for status, times in rest.times.items():
        outcome.times.setdefault(status, []).extend(times)
    outcome.bodies.extend(rest.bodies)
    outcome.seconds += rest.seconds
    return outcome, sum(count for status, count in rest.statuses().items() if status != 201)


def _stored(address: str) -> Counter[str]:
    """How many evaluations each candidate has."""
    found: Counter[str] = Counter()
    cursor: str | None = None
    with httpx.Client(base_url=address, timeout=300) as client:
        while True:
            params = {"limit": "200", **({"cursor": cursor} if cursor else {})}
            page = client.get("/v1/evaluations", params=params).raise_for_status().json()
            found.update(str(item["candidate_id"]) for item in page["items"] if item["candidate_id"])
            if (cursor := page["next_cursor"]) is None:
                return found
