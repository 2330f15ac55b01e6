"""Single POSTs with and without shared forward passes: `python -m benchmarks.microbatch`.

Two services, alike but for `GRADER_MICRO_BATCH_MS`, on databases of their own; clients take them in turn, round by
round, so that whatever else the machine does hits both. 100-word answers to 20 rubrics of the bank.
"""

import argparse
import asyncio
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.load import Outcome, closed, evaluation_bodies
from benchmarks.service import WORDS
from benchmarks.serving import service
from benchmarks.speed import RUBRICS, material
from rubrics import load_bank

CLIENTS = (1, 8, 32, 128)


def bodies(store: bool) -> list[bytes]:
    """Requests: answers of 100 words made of the bank's sentences, over RUBRICS rubrics."""
    ids = list(load_bank())[:RUBRICS]
    words = " ".join(text for _, text in material(64)).split()
    texts = [" ".join(words[at : at + WORDS]) for at in range(0, len(words) - WORDS, WORDS // 2)]
    return evaluation_bodies([(ids[at % RUBRICS], text) for at, text in enumerate(texts)], store)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.microbatch", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--wait", default="20", help="milliseconds, of the service that shares passes")
    parser.add_argument("--store", action="store_true", help="store the evaluations")
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    requests = bodies(chosen.store)
    found: dict[tuple[int, str], list[Outcome]] = {}
    with ExitStack() as stack:
        patient = {"GRADER_LONGEST_WAIT_SECONDS": "0"}
        ports = {
            kind: stack.enter_context(service(chosen.cache, patient | {"GRADER_MICRO_BATCH_MS": wait})).port
            for kind, wait in (("each alone", "0"), ("shared", chosen.wait))
        }
        for port in ports.values():
            asyncio.run(closed(port, requests, 4, 3.0))
        for at in range(chosen.rounds):
            for clients in CLIENTS:
                for kind in list(ports)[:: 1 if at % 2 else -1]:
                    one = asyncio.run(closed(ports[kind], requests, clients, chosen.seconds))
                    found.setdefault((clients, kind), []).append(one)
    show(found)


def show(found: dict[tuple[int, str], list[Outcome]]) -> None:
    """Medians over the rounds."""
    table = Table(title="median of rounds in turn")
    for column in ("clients", "", "POSTs/s", "p50 ms", "p99 ms", "errors"):
        table.add_column(column, justify="right" if column else "left")
    for (clients, kind), rounds in found.items():
        errors = sum(count for one in rounds for status, count in one.statuses().items() if not 200 <= status < 300)
        table.add_row(
            str(clients),
            kind,
            f"{np.median([one.rate() for one in rounds]):.1f}",
            f"{np.median([one.quantile(0.5) for one in rounds]):.0f}",
            f"{np.median([one.quantile(0.99) for one in rounds]):.0f}",
            str(errors),
        )
    Console().print(table)


if __name__ == "__main__":
    main()
