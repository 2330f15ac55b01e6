"""What the judge costs: `python -m benchmarks.second_reading`.

Golden answers graded without it and with it, and both in int8, in turn; answers a second of processor time, so that
other work on the machine doesn't count.
"""

import argparse
import time
from itertools import cycle, islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grader.engine import Engine
from grader.golden import load_golden
from grader.judge import OFF
from rubrics import load_bank
from rubrics.model import Rubric

ENGINES = {  # judge and precision
    "without": (OFF, "auto"),
    "with": ("", "auto"),
    "without, int8": (OFF, "int8"),
    "with, int8": ("", "int8"),
}


def rate(engine: Engine, pairs: list[tuple[Rubric, str]]) -> float:
    """Answers a second of all threads together."""
    begun = time.process_time()
    for _ in engine.grade_many(pairs):
        pass
    return len(pairs) / (time.process_time() - begun)


def main() -> None:
    """Print the rates of each round and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.second_reading", description=__doc__)
    parser.add_argument("--answers", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    bank = load_bank()
    golden = [answer for answer in load_golden(Path("tests/golden")) if answer.id == "free"][:20]
    pairs = [(bank[one.rubric], one.text) for one in islice(cycle(golden), chosen.answers)]
    engines = {
        name: Engine.load(judge=judge, precision=precision, cache_dir=chosen.cache)
        for name, (judge, precision) in ENGINES.items()
    }
    for engine in engines.values():
        rate(engine, pairs[:40])  # prepares the rubrics
    table = Table(
        title=f"{chosen.answers} answers, {sum(len(r.key_points) for r, _ in pairs) / len(pairs):.1f} points each"
    )
    table.add_column("round")
    for name in engines:
        table.add_column(f"{name}: answers/s (× the first)", justify="right")
    for number in range(chosen.rounds):
        rates = [rate(engine, pairs) for engine in engines.values()]
        table.add_row(str(number + 1), *(f"{one:.1f} ({one / rates[0]:.2f}×)" for one in rates))
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
