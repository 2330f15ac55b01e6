"""`grader batch` beside bare `grade_many`, and the memory it takes: `python -m benchmarks.batch`.

Rates: the same answers (70 words, 8 key points, 20 rubrics) in one run, in turn; only the ratio is worth quoting. On a
machine that isn't quiet, processor time tells more than the clock.
`grader batch` is timed as a whole: reading the file twice, grading, part files, and results as JSONL and CSV. It gets
an engine that is loaded and warm, as `grade_many` does. Memory: of processes that each grade a file of another length;
beyond --distinct rows answers come again and are copied, for only the length of the file matters here.
"""

import argparse
import csv
import multiprocessing
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median

import typer
from rich.console import Console
from rich.table import Table

import api.cli_batch
from api.cli_batch import Order
from benchmarks.measure import Cost, measured, most
from benchmarks.speed import POINTS, RUBRICS, WORDS, material
from grader.engine import Engine
from rubrics import dump_yaml
from rubrics.model import Rubric

Load = Callable[[], Engine]


def costs(engine: Engine, count: int, rounds: int, folder: Path) -> list[tuple[Cost, Cost]]:
    """`grade_many` and `grader batch` in turn, a pair for each round."""
    pairs = distinct(material(count))
    order = written(pairs, count, folder)
    for _ in engine.grade_many(pairs[: min(count, 500)]):
        pass
    out = []
    for number in range(rounds):
        bare = measured(lambda: sum(1 for _ in engine.grade_many(pairs)))
        out.append((bare, measured(partial(run, engine, order, folder / f"out-{number}"))))
    return out


def distinct(pairs: Sequence[tuple[Rubric, str]]) -> list[tuple[Rubric, str]]:
    """The pairs with a word of their own in each answer, so that none is a copy that needn't be graded."""
    return [(rubric, f"{text.rpartition(' ')[0]} n{at}") for at, (rubric, text) in enumerate(pairs)]


def written(pairs: Sequence[tuple[Rubric, str]], rows: int, folder: Path) -> Order:
    """A CSV file of `rows` rows that has the pairs again and again, with their rubrics beside it."""
    (folder / "rubrics").mkdir(parents=True)
    for rubric in {rubric.id: rubric for rubric, _ in pairs}.values():
        (folder / "rubrics" / f"{rubric.id}.yaml").write_text(dump_yaml(rubric), encoding="utf-8")
    (folder / "map.yaml").write_text("{candidate: candidate, rubric: rubric, answer: answer}", encoding="utf-8")
    with (folder / "answers.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["candidate", "rubric", "answer"])
        for at in range(rows):
            rubric, text = pairs[at % len(pairs)]
            writer.writerow([f"c{at}", rubric.id, text])
    return Order(
        folder / "answers.csv", None, folder / "map.yaml", folder / "rubrics", None, ["jsonl", "csv"], report=False
    )


def run(engine: Engine, order: Order, out: Path) -> None:
    """`grader batch` from beginning to end, the engine loaded."""
    api.cli_batch.load_engine = lambda _: engine  # type: ignore[assignment]
    try:
        api.cli_batch.grade(order, out)
    except typer.Exit as end:
        if end.exit_code:
            raise


def peak(load: Load, rows: int, several: int) -> tuple[float, float]:
    """MiB that this process holds at most while it grades `rows` rows, and when the model is loaded and warm."""
    with tempfile.TemporaryDirectory() as name:
        pairs = distinct(material(min(rows, several)))
        engine = load()
        for _ in engine.grade_many(pairs[:100]):
            pass
        before = most()
        run(engine, written(pairs, rows, Path(name) / "in"), Path(name) / "out")
        return most(), before


def fake() -> Engine:
    """An engine that knows no meaning, to try the benchmark out."""
    from tests.fakes import fake_engine

    return fake_engine()


def shown(found: Sequence[tuple[Cost, Cost]], count: int) -> Table:
    """A row for each round: rates by the clock, and how much of `grade_many`'s rate is left."""
    title = f"{count:,} answers of {WORDS} words, {POINTS} key points, {RUBRICS} rubrics; CSV to JSONL and CSV"
    table = Table(title=title)
    for column in ("grade_many, answers/s", "grader batch", "of its rate", "by processor time"):
        table.add_column(column, justify="right")
    for bare, batch in found:
        shares = (bare.clock / batch.clock, bare.processor / batch.processor)
        table.add_row(f"{count / bare.clock:.1f}", f"{count / batch.clock:.1f}", *(f"{share:.0%}" for share in shares))
    middle = [
        median(getattr(bare, what) / getattr(batch, what) for bare, batch in found) for what in ("clock", "processor")
    ]
    table.add_row("", "median", *(f"{share:.0%}" for share in middle))
    return table


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--answers", type=int, default=20_000, help="for the rates; 0 leaves them out")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rows", type=int, nargs="*", default=[2_000, 20_000, 200_000], help="for the memory")
    parser.add_argument("--distinct", type=int, default=2_000, help="answers among those rows that are graded")
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    parser.add_argument("--judge", default="", help="off: grade faster, so that everything else weighs more")
    parser.add_argument("--fake", action="store_true", help="without the model, to try the benchmark out")
    chosen = parser.parse_args()
    load: Load = fake if chosen.fake else partial(Engine.load, cache_dir=chosen.cache, judge=chosen.judge)
    console = Console(width=110)
    if chosen.answers:
        with tempfile.TemporaryDirectory() as name:
            found = costs(load(), chosen.answers, chosen.rounds, Path(name) / "in")
        console.print(shown(found, chosen.answers))
    table = Table(title="Memory of grader batch, MiB")
    for column in ("rows", "peak", "model loaded and warm"):
        table.add_column(column, justify="right")
    for rows in chosen.rows:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
            most_held, loaded = apart.submit(peak, load, rows, chosen.distinct).result()
        table.add_row(f"{rows:,}", f"{most_held:.0f}", f"{loaded:.0f}")
    if chosen.rows:
        console.print(table)


if __name__ == "__main__":
    main()
