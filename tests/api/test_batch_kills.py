"""Workers killed at random and a database that stops hard: every answer is graded once, and as if nothing happened."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from api.db import Database, EmbeddedPostgres
from api.errors import DatabaseUnavailable
from api.migrate import upgrade
from api.service import batches
from api.service.rubrics import create
from api.settings import Settings
from api.store.batch_model import Batch, BatchState, Counts
from api.worker import Worker
from grader.engine import Engine
from tests.api.mortal_workers import POISON, Workers
from tests.api.small_batches import RUBRIC, address, rows, submit

WORDS = ("boosting", "bagging", "is", "isn't", "sequential", "parallel", "each", "never", "because", "trees")
ANSWERS = 5_000
KILLS = 24
OUTAGES = (8, 16)  # after so many kills
PATIENCE = 300  # seconds until a batch that hangs fails the test
MARKS = """
SELECT evaluation.candidate_id, evaluation.answer_sha256, evaluation.points, evaluation.expected_coverage,
    array_agg(result.verdict ORDER BY result.position), array_agg(result.probability ORDER BY result.position)
FROM evaluations AS evaluation JOIN key_point_results AS result ON result.evaluation_id = evaluation.id
GROUP BY evaluation.id ORDER BY 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "postgres"


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder)
    upgrade(server.url)
    yield server
    server.stop()


def answers() -> list[str]:
    odd = random.Random(5)
    return [" ".join([*odd.choices(WORDS, k=9), f"{number}."]) for number in range(ANSWERS)]


def watched(database: Database, batch_id: UUID) -> Iterator[Batch]:
    """The batch, again and again until it is done; while the database is away it is waited for."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(DatabaseUnavailable):
            batch = batches.read(database, batch_id)
            yield batch
            if batch.state is BatchState.DONE:
                return
            assert batch.state is not BatchState.FAILED, batch
        time.sleep(0.05)
    pytest.fail("the batch is never done")


def stop_hard(server: EmbeddedPostgres, folder: Path) -> None:
    """All of PostgreSQL ends at once, in mid-transaction, without a checkpoint; then it recovers."""
    os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    while (folder / "postmaster.pid").exists():
        time.sleep(0.01)
    while not server.revive():  # the file goes before the process does, which on a busy machine still looks alive
        time.sleep(0.01)


def test_killed_at_random_every_answer_is_graded_once_and_as_ever(
    server: EmbeddedPostgres, folder: Path, database: Database, engine: Engine, tmp_path: Path
) -> None:
    texts, odd = answers(), random.Random(20)
    disturbed = Database(server.url)
    for one in (database, disturbed):
        create(one, RUBRIC)
    submit(database, texts)
    Worker(address(database), Settings(), lambda: engine).run_until_idle()

    batch_id = submit(disturbed, texts)
    workers = Workers(server.url, tmp_path, count=3, seconds=0.01)
    try:
        kills = outages = 0
        for batch in watched(disturbed, batch_id):
            if kills == KILLS or batch.state is BatchState.DONE:
                continue
            if batch.state is BatchState.READING and kills:
                continue  # once is enough: a file that several readers died of is given up
            time.sleep(odd.uniform(0.1, 0.6))
            workers.kill(odd.randrange(3))
            kills += 1
            if kills in OUTAGES:
                stop_hard(server, folder)
                outages += 1
    finally:
        workers.stop()
    assert (kills, outages) == (KILLS, len(OUTAGES)), "it was over before"
    assert batch.counts == Counts(ANSWERS, ANSWERS, 0)
    once = "SELECT count(*), count(DISTINCT evaluation_id), count(DISTINCT candidate_id) FROM batch_items"
    assert rows(disturbed, once) == [(ANSWERS, ANSWERS, ANSWERS)]
    assert rows(disturbed, "SELECT count(*) FROM evaluations") == [(ANSWERS,)]
    assert rows(disturbed, MARKS) == rows(database, MARKS)
    disturbed.close()


def test_an_answer_that_kills_ends_alone(database: Database, tmp_path: Path) -> None:
    texts = [*answers()[:200], POISON, *answers()[200:300]]
    create(database, RUBRIC)
    batch_id = submit(database, texts)
    workers = Workers(address(database), tmp_path, count=3, seconds=0)
    deaths = 0
    try:
        for _ in watched(database, batch_id):
            deaths += workers.replace_dead()
    finally:
        workers.stop()
    assert batches.read(database, batch_id).counts == Counts(len(texts), len(texts) - 1, 1)
    [listed], _ = batches.errors(database, batch_id, 0, 5)
    assert (listed.position, listed.code) == (200, "not_graded")
    assert "died" in listed.reason
    assert deaths >= 3
