"""Batches through the service's workers on PostgreSQL beside bare `grade_many`: `python -m benchmarks.workers`.

Everything on the same cores, in turn, in one run; PostgreSQL (the embedded one) may use them, too. The workers are
`grader worker` as anyone starts it; their rate is what the batch itself tells: from when its file is read to its end.
"""

import argparse
import csv
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.db import Database, EmbeddedPostgres
from api.migrate import upgrade
from api.service import batches
from api.service.batch_reading import CHUNK
from api.service.batches import Submitted
from api.service.rubrics import create
from api.settings import Settings
from api.store.batch_model import Batch, BatchState
from api.worker import Worker
from benchmarks.batch import distinct
from benchmarks.speed import POINTS, RUBRICS, WORDS, material
from grader.encoder import Encoder
from grader.engine import Engine
from grader.learned import load_weights
from grader.model import Evaluation
from rubrics import scoring_hash
from rubrics.model import Rubric

Pairs = Sequence[tuple[Rubric, str]]
BARE = """
import sys, time
from pathlib import Path
from benchmarks.batch import distinct
from benchmarks.speed import material
from grader.engine import Engine

engine = Engine.load(cache_dir=Path(sys.argv[1]))
pairs = distinct(material(int(sys.argv[2])))
for _ in engine.grade_many(pairs[:500]):
    pass
begun = time.perf_counter()
for _ in engine.grade_many(pairs):
    pass
print(len(pairs) / (time.perf_counter() - begun))
"""


class Known(Engine):
    """An engine that takes no time: it knows all the answers."""

    def __init__(self, encoder: Encoder, known: dict[tuple[str, str], Evaluation]) -> None:
        super().__init__(encoder, load_weights())
        self._known = known

    def grade_many(self, pairs: Iterable[tuple[Rubric, str]]) -> Iterator[Evaluation]:
        return (self._known[scoring_hash(rubric), text] for rubric, text in pairs)


def submit(database: Database, pairs: Pairs) -> Batch:
    """Hand a batch in."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["candidate", "rubric", "answer"])
    writer.writerows([f"c{at}", rubric.id, answer] for at, (rubric, answer) in enumerate(pairs))
    content = text.getvalue().encode()
    return batches.accept(database, Submitted(io.BytesIO(content), len(content), "a.csv", None, None, None, False))


def done(database: Database, batch: Batch) -> float:
    """Seconds from when the batch's file was read to its end, once that is there."""
    while (found := batches.read(database, batch.id)).state is not BatchState.DONE:
        if found.state is BatchState.FAILED:
            raise SystemExit(found.fault)
        time.sleep(0.1)
    assert found.started_at is not None and found.finished_at is not None
    return (found.finished_at - found.started_at).total_seconds()


@contextmanager
def workers(url: str, cache: Path, cores: Sequence[str]) -> Iterator[None]:
    """A worker for each entry, on these cores ("0,1"), with a data folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        started = []
        for number, own in enumerate(cores):
            data = Path(folder) / str(number)
            data.mkdir()
            cache.mkdir(parents=True, exist_ok=True)
            (data / "models").symlink_to(cache.resolve())
            environment = {**os.environ, "DATABASE_URL": url, "GRADER_DATA_DIR": str(data)}
            command = ["taskset", "--cpu-list", own, str(Path(sys.executable).parent / "grader"), "worker"]
            started.append(subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL))
        try:
            yield
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(30)


def by_workers(url: str, cache: Path, cores: Sequence[str], pairs: Pairs) -> float:
    """Answers a second of a batch that these workers grade, each with its model loaded and warm."""
    database = Database(url)
    with workers(url, cache, cores):
        few = [submit(database, pairs[at : at + 20]) for at in range(0, 80, 20)]  # each worker takes one, and loads
        for one in few:
            done(database, one)
        seconds = done(database, submit(database, pairs))
    database.close()
    return len(pairs) / seconds


def by_itself(cache: Path, cores: str, count: int) -> float:
    """Answers a second of `grade_many` on these cores."""
    command = ["taskset", "--cpu-list", cores, sys.executable, "-c", BARE, str(cache), str(count)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def overhead(url: str, cache: Path, pairs: Pairs) -> tuple[float, float]:
    """Milliseconds that a whole chunk takes when grading takes none, and those that grading it takes here."""
    engine = Engine.load(cache_dir=cache)
    begun = time.perf_counter()
    found = list(engine.grade_many(pairs))
    grading = time.perf_counter() - begun
    known = {(scoring_hash(rubric), text): one for (rubric, text), one in zip(pairs, found, strict=True)}
    database = Database(url)
    batch = submit(database, pairs)
    Worker(url, Settings(database_url=url), lambda: Known(engine.encoder, known)).run_until_idle()
    per_chunk = 1000 / (len(pairs) / CHUNK)
    return done(database, batch) * per_chunk, grading * per_chunk


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=__doc__)
    parser.add_argument("--answers", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    pairs = distinct(material(chosen.answers))
    console = Console(width=110)
    title = f"{chosen.answers:,} answers of {WORDS} words, {POINTS} key points, {RUBRICS} rubrics"
    table = Table(title=title)
    for column in (
        "cores",
        "grade_many, answers/s",
        "workers",
        "answers/s",
        "of grade_many",
        "of one worker on one core",
    ):
        table.add_column(column, justify="left" if column == "workers" else "right")
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        upgrade(server.url)
        database = Database(server.url)
        for rubric in {rubric.id: rubric for rubric, _ in pairs}.values():
            create(database, rubric)
        for _ in range(chosen.rounds):
            half = chosen.answers // 2  # on one core, for about the same time
            one, both = by_itself(chosen.cache, "0", half), by_itself(chosen.cache, "0,1", chosen.answers)
            single = by_workers(server.url, chosen.cache, ["0"], pairs[:half])
            wide = by_workers(server.url, chosen.cache, ["0,1"], pairs)
            two = by_workers(server.url, chosen.cache, ["0", "1"], pairs)
            table.add_row("1", f"{one:.1f}", "one", f"{single:.1f}", f"{single / one:.0%}", "1.00")
            table.add_row("2", f"{both:.1f}", "one", f"{wide:.1f}", f"{wide / both:.0%}", f"{wide / single:.2f}")
            table.add_row(
                "2", f"{both:.1f}", "two, a core each", f"{two:.1f}", f"{two / both:.0%}", f"{two / single:.2f}"
            )
        console.print(table)
        spent, grading = overhead(server.url, chosen.cache, pairs[: 8 * CHUNK])
        console.print(f"a chunk of {CHUNK}: {spent:.0f} ms besides grading, which takes {grading:.0f} ms here")
        database.close()
        server.stop()


if __name__ == "__main__":
    main()
