"""The running service on this machine: `python -m benchmarks.service`.

Starts `grader serve` as a user does, on a fresh database, and prints: time to ready; p50 and p99 of one POST (100-word
answer, 8 key points, stored) at 1 and 8 clients beside the bare forward pass of the same text; memory after all POSTs.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.speed import material
from grader.encoder import ModelEncoder
from rubrics import from_rubric
from rubrics.model import Rubric

WORDS = 100


def wait_ready(client: httpx.Client, process: subprocess.Popen[bytes]) -> float:
    """Seconds until /readyz answers 200."""
    begun = time.perf_counter()
    while process.poll() is None and time.perf_counter() - begun < 300:
        try:
            if client.get("/readyz").status_code == 200:
                return time.perf_counter() - begun
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise SystemExit("the service did not become ready; run `grader serve` to see why")


def post_all(address: str, body: dict[str, object], clients: int, total: int) -> tuple[np.ndarray, float]:
    """Milliseconds of each of `total` POSTs shared by `clients` threads, and the seconds all took."""
    times: list[float] = []

    def work() -> None:
        with httpx.Client(base_url=address, timeout=60) as client:
            for _ in range(total // clients):
                begun = time.perf_counter()
                client.post("/v1/evaluations", json=body).raise_for_status()
                times.append(1000 * (time.perf_counter() - begun))

    threads = [threading.Thread(target=work) for _ in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return np.array(times), time.perf_counter() - begun


def memory(process: subprocess.Popen[bytes]) -> tuple[float, float]:
    """MiB of the service's own process (USS), and of its PostgreSQL processes together."""
    own = psutil.Process(process.pid)
    others = [p for p in psutil.process_iter() if p.name() == "postgres"]
    return own.memory_full_info().uss / 2**20, sum(p.memory_full_info().uss for p in others) / 2**20


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    rubric, text = material(1)[0]
    text = " ".join((text + " " + material(2)[1][1]).split()[:WORDS])
    forward = forward_times(chosen.cache, text)
    with served(chosen.cache) as (address, process):
        measure(address, process, rubric, text, forward, chosen.posts)


@contextmanager
def served(cache: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`grader serve` as a user starts it, on a fresh database: its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "models").symlink_to(cache.resolve())
        environment = {**os.environ, "GRADER_PORT": str(port), "GRADER_DATA_DIR": folder}
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "grader"), "serve"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            process.wait(30)


def forward_times(cache: Path, text: str) -> np.ndarray:
    """Milliseconds of 200 bare forward passes."""
    encoder = ModelEncoder.load("", "auto", "auto", cache)
    encoder.encode([text])
    times = []
    for _ in range(200):
        begun = time.perf_counter()
        encoder.encode([text])
        times.append(1000 * (time.perf_counter() - begun))
    return np.array(times)


def measure(
    address: str, process: subprocess.Popen[bytes], rubric: Rubric, text: str, forward: np.ndarray, posts: int
) -> None:
    """Run all measurements against a starting service."""
    console = Console()
    with httpx.Client(base_url=address, timeout=60) as client:
        console.print(f"ready after {wait_ready(client, process):.1f} s (model converted before, database fresh)")
        document = from_rubric(replace(rubric, id="benchmark")).model_dump(mode="json")
        client.post("/v1/rubrics", json=document).raise_for_status()
        client.post("/v1/evaluations", json={"rubric_id": "benchmark", "answer": text}).raise_for_status()
    before = memory(process)
    table = Table(title=f"one POST: {len(text.split())}-word answer, {len(rubric.key_points)} key points, stored")
    for column in ("", "p50 ms", "p99 ms", "POSTs/s"):
        table.add_column(column, justify="right" if column else "left")
    table.add_row("bare forward pass", f"{np.quantile(forward, 0.5):.1f}", f"{np.quantile(forward, 0.99):.1f}", "")
    body: dict[str, object] = {"rubric_id": "benchmark", "answer": text}
    for clients in (1, 8):
        times, seconds = post_all(address, body, clients, posts // 2)
        row = (f"{np.quantile(times, 0.5):.1f}", f"{np.quantile(times, 0.99):.1f}", f"{len(times) / seconds:.0f}")
        table.add_row(f"{clients} client{'s' * (clients > 1)}", *row)
    console.print(table)
    after = memory(process)
    console.print(
        f"memory: service {before[0]:.0f} MiB before, {after[0]:.0f} MiB after {posts} POSTs; "
        f"PostgreSQL {after[1]:.0f} MiB"
    )


if __name__ == "__main__":
    main()
