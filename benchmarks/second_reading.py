"""What the judge costs: `python -m benchmarks.second_reading`. Golden answers graded with it and without, in turn."""

import argparse
import time
from itertools import cycle, islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grader.engine import Engine
from grader.golden import load_golden
from rubrics import load_bank
from rubrics.model import Rubric


def rate(engine: Engine, pairs: list[tuple[Rubric, str]]) -> float:
    """Answers a second."""
    begun = time.perf_counter()
    for _ in engine.grade_many(pairs):
        pass
    return len(pairs) / (time.perf_counter() - begun)


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
    engines = {name: Engine.load(judge=name, cache_dir=chosen.cache) for name in ("", "off")}
    for engine in engines.values():
        rate(engine, pairs[:40])  # prepares the rubrics
    table = Table(
        title=f"{chosen.answers} answers, {sum(len(r.key_points) for r, _ in pairs) / len(pairs):.1f} points each"
    )
    for column in ("round", "with the judge, answers/s", "without", "ratio"):
        table.add_column(column, justify="right")
    for number in range(chosen.rounds):
        with_judge, without = (rate(engine, pairs) for engine in engines.values())
        table.add_row(str(number + 1), f"{with_judge:.1f}", f"{without:.1f}", f"{with_judge / without:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
