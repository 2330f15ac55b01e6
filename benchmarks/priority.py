"""One POST while a batch runs beside one while none does: `python -m benchmarks.priority`.

Starts `grader serve` as a user does. In each round a client POSTs answers one after another while the batch is
cancelled, and again while it runs; so that what else the machine does hits both.
"""

import argparse
import csv
import io
import time
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.batch import distinct
from benchmarks.service import WORDS, post_all, served, wait_ready
from benchmarks.speed import material
from rubrics import from_rubric

ID = "benchmark"
LEAST_GRADED = 50  # answers of the batch, before it counts as running


def submitted(client: httpx.Client, count: int) -> str:
    """Where a batch of so many answers is."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["candidate", "answer"])
    writer.writerows([f"c{at}", answer] for at, (_, answer) in enumerate(distinct(material(count))))
    made = client.post("/v1/batches", files={"file": ("a.csv", text.getvalue())}, data={"rubric_id": ID})
    made.raise_for_status()
    return str(made.headers["location"])


def wait_running(client: httpx.Client, batch: str, graded: int) -> None:
    """Return when more of the batch is graded than before."""
    while client.get(batch).raise_for_status().json()["counts"]["graded"] < graded + LEAST_GRADED:
        time.sleep(0.1)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.priority", description=__doc__)
    parser.add_argument("--posts", type=int, default=200, help="in each half of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--answers", type=int, default=50_000, help="in the batch, more than it can grade meanwhile")
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    rubric, text = material(1)[0]
    body: dict[str, object] = {
        "rubric_id": ID,
        "answer": " ".join((text + " " + material(2)[1][1]).split()[:WORDS]),
    }
    idle, busy, rate = [], [], []
    with served(chosen.cache) as (address, process), httpx.Client(base_url=address, timeout=120) as client:
        wait_ready(client, process)
        client.post("/v1/rubrics", json=from_rubric(replace(rubric, id=ID)).model_dump(mode="json")).raise_for_status()
        post_all(address, body, 1, 50)
        batch = submitted(client, chosen.answers)
        for _ in range(chosen.rounds):
            wait_running(client, batch, client.get(batch).json()["counts"]["graded"])
            before, begun = client.get(batch).json()["counts"]["graded"], time.perf_counter()
            busy.append(post_all(address, body, 1, chosen.posts)[0])
            found = client.get(batch).json()
            if found["state"] != "grading":
                raise SystemExit("the batch was over too soon; give it more --answers")
            rate.append((found["counts"]["graded"] - before) / (time.perf_counter() - begun))
            client.delete(batch).raise_for_status()
            time.sleep(2)  # for the worker to hear of it
            idle.append(post_all(address, body, 1, chosen.posts)[0])
            client.post(f"{batch}:retry").raise_for_status()
    table = Table(title=f"one POST of {WORDS} words, stored; {chosen.rounds} × {chosen.posts} of each")
    for column in ("", "p50 ms", "p99 ms"):
        table.add_column(column, justify="right" if column else "left")
    rows = {"no batch": np.concatenate(idle), "while a batch runs": np.concatenate(busy)}
    for name, times in rows.items():
        table.add_row(name, *(f"{np.quantile(times, share):.1f}" for share in (0.5, 0.99)))
    ratios = [np.quantile(rows["while a batch runs"], one) / np.quantile(rows["no batch"], one) for one in (0.5, 0.99)]
    table.add_row("ratio", *(f"{ratio:.2f}" for ratio in ratios))
    Console().print(table)
    print(f"the batch went on meanwhile at {np.mean(rate):.0f} answers/s")


if __name__ == "__main__":
    main()
