"""Previewing and publishing a rubric change beside grading the same answers: `python -m benchmarks.preview`.

One run on a fresh PostgreSQL: a batch of answers is graded through a worker; then a draft with one more wording is
previewed, then published by a worker that is killed with SIGKILL in the middle and by another that goes on. All
different answers are graded in each pass. At the end every stored effective result is compared with one from scratch.
By default on the fake encoder, which knows no meaning and costs little, so that the database shows; `--model`
takes the real one.
"""

import argparse
import io
import multiprocessing
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.table import Table

from api.db import Database, EmbeddedPostgres
from api.migrate import upgrade
from api.service import batches, regrades, reviews, rubrics
from api.service.batches import Submitted
from api.service.reviews import NewRating, laid_over
from api.settings import Settings
from api.store import batch_items, evaluations
from api.store.batch_model import BatchState
from api.store.regrade_model import Mode, RegradeState
from api.worker import Worker
from benchmarks.batch import fake
from grader.effective import effective
from grader.engine import Engine
from grader.model import Verdict
from grader.rate import Said, Word
from grader.rating import RatingKind, Target
from rubrics import Rubric, load_data

Load = Callable[[], Engine]
PAGE = 500
SUBJECT = [
    "trees",
    "models",
    "bagging",
    "boosting",
    "samples",
    "errors",
    "data",
    "variance",
    "bias",
    "each",
    "learns",
    "draws",
    "follows",
    "corrects",
    "votes",
]


def rubric(points: int, said: str = "") -> Rubric:
    """A rubric of so many key points; `said`: one more wording of the first."""
    texts = [f"{SUBJECT[at]} {SUBJECT[at + 1]} {SUBJECT[at + 2]} in step {at}." for at in range(points)]
    first = {"id": "p0", "statement": texts[0], "says": [said] if said else []}
    rest = [{"id": f"p{at}", "statement": one} for at, one in enumerate(texts[1:], 1)]
    return load_data({"id": "benchmark", "question": "What happens?", "key_points": [first, *rest]})


def answers(count: int, words: int) -> list[str]:
    """Different answers of so many words."""
    size = len(SUBJECT)
    return [
        " ".join(SUBJECT[(at * 7 + place * (1 + at % 5)) % size] for place in range(words)) + f" n{at}."
        for at in range(count)
    ]


class Place:
    """A database, and workers on it."""

    def __init__(self, url: str, load: Load) -> None:
        self.url, self.load, self.engine = url, load, load()
        self.database = Database(url)

    def timed(self, is_done: Callable[[], bool]) -> tuple[float, float]:
        """Wall and processor seconds of this process until a worker in it has done it all."""
        worker = Worker(self.url, Settings(), lambda: self.engine)
        wall, own = time.perf_counter(), time.process_time()
        thread = threading.Thread(target=worker.run)
        thread.start()
        while not is_done():
            time.sleep(0.05)
        taken = time.perf_counter() - wall, time.process_time() - own
        worker.stop()
        thread.join()
        return taken


def work(url: str, load: Load) -> None:
    """A worker in a process of its own, until somebody ends it."""
    engine = load()
    Worker(url, Settings(worker_stalled_seconds=3), lambda: engine).run()


def submit(place: Place, texts: list[str]) -> UUID:
    """A batch of these answers, with its file read."""
    content = ("candidate,answer\n" + "".join(f"c{at},{one}\n" for at, one in enumerate(texts))).encode()
    given = Submitted(io.BytesIO(content), len(content), "a.csv", None, None, "benchmark", False)
    return batches.accept(place.database, given).id


def review_some(place: Place, batch_id: UUID, every: int) -> int:
    """A person's word on every so many answers; how many that are."""
    with place.database.reading() as session:
        ids = batch_items.evaluation_ids(session, batch_id, 10**9)[::every]
    word = Word("key_points[0]", Target.KEY_POINT, "p1", Verdict.PARTIAL, "half of it")
    for id_ in ids:
        reviews.add(place.database, id_, NewRating(RatingKind.REVIEW, "ann", "", Said((word,), accept_rest=True)))
    return len(ids)


def killed_and_resumed(place: Place, regrade_id: UUID) -> int:
    """Have a worker killed in the middle of a pass and another end it; how many answers were graded at the kill."""
    spawn = multiprocessing.get_context("spawn")

    def graded() -> int:
        return regrades.read(place.database, regrade_id)[1].graded

    first = spawn.Process(target=work, args=(place.url, place.load))
    first.start()
    total = 0
    while not total or graded() < total // 3:
        time.sleep(0.05)
        total = regrades.read(place.database, regrade_id)[1].items
    first.kill()
    first.join()
    assert first.exitcode == -signal.SIGKILL
    at_kill = graded()
    second = spawn.Process(target=work, args=(place.url, place.load))
    second.start()
    while regrades.read(place.database, regrade_id)[0].state is not RegradeState.DONE:
        time.sleep(0.2)
    second.terminate()
    second.join()
    return at_kill


def differing(place: Place, batch_id: UUID, version: int) -> tuple[int, int]:
    """Answers whose stored effective result isn't that from scratch, of how many."""
    with place.database.reading() as session:
        ids = sorted(batch_items.evaluation_ids(session, batch_id, 10**9))
    wrong = 0
    for begin in range(0, len(ids), PAGE):
        with place.database.reading() as session:
            found = laid_over(session, evaluations.newest_of(session, ids[begin : begin + PAGE]))
        fresh = place.engine.grade_many((one.rubric.rubric, one.stored.submission.text) for one in found)
        for one, scratch in zip(found, fresh, strict=True):
            whole = effective(one.rubric.rubric, scratch, one.ratings)
            is_same = one.rubric.rubric.version == version and one.stored.evaluation == scratch
            wrong += not (is_same and one.effective == whole)
    return wrong, len(ids)


def measure(place: Place, count: int, words: int, points: int, console: Console) -> None:
    """Run all of it, and print the tables."""
    rubrics.create(place.database, rubric(points))
    texts = answers(count, words)
    batch_id = submit(place, texts)
    batch = place.timed(lambda: batches.read(place.database, batch_id).state is BatchState.DONE)
    wall, own = time.perf_counter(), time.process_time()
    for _ in place.engine.grade_many((rubric(points), one) for one in texts):
        pass
    bare = time.perf_counter() - wall, time.process_time() - own
    people = review_some(place, batch_id, max(1, count // 400))
    version = rubrics.edit(place.database, rubric(points, "samples vote in turn"), {"*"}, draft=True).rubric.version
    shown = regrades.preview(place.database, "benchmark", version).id
    preview = place.timed(lambda: regrades.read(place.database, shown)[0].state is RegradeState.DONE)
    table = Table(title=f"{count:,} answers of {words} words, {points} key points, {people} of them reviewed")
    for column in ("", "wall s", "own processor s", "preview's wall to it", "processor"):
        table.add_column(column, justify="right" if column else "left")
    for name, taken in (("grade_many alone", bare), ("a batch through a worker", batch), ("preview", preview)):
        ratios = (f"{mine / theirs:.2f}" for mine, theirs in zip(preview, taken, strict=True))
        table.add_row(name, *(f"{one:.1f}" for one in taken), *ratios)
    console.print(table)
    published = regrades.publish(place.database, "benchmark", version).id
    at_kill = killed_and_resumed(place, published)
    found, made = regrades.read(place.database, published)
    assert found.mode is Mode.PUBLISH
    wrong, all_ = differing(place, batch_id, version)
    console.print(
        f"published: killed with SIGKILL at {at_kill:,} of {made.items:,} graded, resumed, {made.graded:,} graded, "
        f"{made.failed} failed; {wrong} of {all_:,} stored effective results differ from scratch"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preview", description=__doc__)
    parser.add_argument("--answers", type=int, default=20_000)
    parser.add_argument("--words", type=int, default=15)
    parser.add_argument("--points", type=int, default=4)
    parser.add_argument("--model", action="store_true", help="the real model in the place of the fake encoder")
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    load: Load = partial(Engine.load, cache_dir=chosen.cache.resolve()) if chosen.model else fake
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        try:
            upgrade(server.url)
            place = Place(server.url, load)
            measure(place, chosen.answers, chosen.words, chosen.points, Console(width=110))
            place.database.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
