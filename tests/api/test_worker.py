"""Workers: every answer graded once, whatever happens to them."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg.errors
import pytest
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job
from sqlalchemy import text

from api import worker_process
from api.db import Database
from api.service import batch_grading, batch_reading, batches
from api.service.batch_steps import PARTS, Step, estimated_end, next_step, parts, throughput
from api.service.rubrics import create
from api.settings import Settings
from api.store import chunks
from api.store.batch_model import Batch, BatchState, Counts, Pace
from api.tasks import Patience
from api.worker import Worker
from api.worker_process import beside
from grader.engine import Engine
from grader.errors import AnswerInvalid
from grader.model import Evaluation
from rubrics import Rubric
from tests.api.small_batches import RUBRIC, address, rows, submit

WaitUntil = Callable[[Callable[[], bool]], None]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Dead(BaseException):
    """What a process that dies would leave: nobody catches it."""


class Odd(Engine):
    """An engine that does something else when it comes to some text, and counts what it grades."""

    def __init__(self, engine: Engine, answer: str = "", action: Callable[[], None] = lambda: None) -> None:
        self._inner, self._answer, self._action = engine, answer, action
        self.graded: list[str] = []

    def grade_many(self, pairs: Iterable[tuple[Rubric, str]]) -> Iterator[Evaluation]:
        whole = list(pairs)
        if any(text == self._answer for _, text in whole):  # the engine encodes many before it gives the first
            self._action()
        for evaluation, (_, text_) in zip(self._inner.grade_many(whole), whole, strict=True):
            self.graded.append(text_)
            yield evaluation


def raising(error: BaseException) -> Callable[[], None]:
    def action() -> None:
        raise error

    return action


@pytest.fixture
def stocked(database: Database) -> Database:
    create(database, RUBRIC)
    return database


@pytest.fixture(name="address")
def address_fixture(stocked: Database) -> str:
    return address(stocked)


def work(address: str, engine: Engine) -> None:
    Worker(address, Settings(), lambda: engine).run_until_idle()


def test_a_batch_is_read_and_graded(stocked: Database, address: str, engine: Engine) -> None:
    batch_id = submit(stocked, [f"answer {n}" for n in range(7)])
    work(address, engine)
    batch = batches.read(stocked, batch_id)
    assert (batch.state, batch.counts) == (BatchState.DONE, Counts(7, 7, 0))
    assert batch.finished_at is not None
    assert throughput(batch)
    assert rows(stocked, "SELECT count(*), count(DISTINCT candidate_id) FROM evaluations") == [(7, 7)]
    assert rows(stocked, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'grade_chunk'") == [(0,)]


def test_identical_answers_are_graded_once(
    stocked: Database, address: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_reading, "CHUNK", 3)
    monkeypatch.setattr(batch_grading, "ROUND", 2)
    submit(stocked, ["a", "b", "a", "a", "c", "b", "a"])
    odd = Odd(engine)
    work(address, odd)
    assert sorted(odd.graded) == ["a", "b", "c"]
    graded = "SELECT answer, count(*), count(DISTINCT points) FROM evaluations GROUP BY 1 ORDER BY 1"
    assert rows(stocked, graded) == [("a", 4, 1), ("b", 2, 1), ("c", 1, 1)]


@pytest.mark.parametrize(
    ("error", "reason"),
    [(AnswerInvalid("too odd"), "too odd"), (ZeroDivisionError(), "grading this answer failed (ZeroDivisionError)")],
)
def test_an_answer_that_the_engine_fails_on_fails_alone(
    stocked: Database, address: str, engine: Engine, error: Exception, reason: str
) -> None:
    batch_id = submit(stocked, [f"answer {n}" for n in range(9)])
    work(address, Odd(engine, "answer 4", raising(error)))
    batch = batches.read(stocked, batch_id)
    assert (batch.state, batch.counts) == (BatchState.DONE, Counts(9, 8, 1))
    [listed], _ = batches.errors(stocked, batch_id, 0, 5)
    assert (listed.line, listed.code) == (6, "not_graded")
    assert listed.reason.startswith(reason)
    batches.retry(stocked, batch_id)
    work(address, engine)
    assert batches.read(stocked, batch_id).counts == Counts(9, 9, 0)
    assert batches.errors(stocked, batch_id, 0, 5) == ([], None)


def test_an_evaluation_that_the_database_refuses_fails_alone(
    stocked: Database, address: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = batch_grading.batch_items.settle

    def refuse(*given: object) -> None:
        done = given[-1]
        assert isinstance(done, list)
        if any(one.item.answer == "answer 2" and not isinstance(one.result, str) for one in done):
            raise psycopg.errors.CheckViolation
        settle(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(batch_grading.batch_items, "settle", refuse)
    batch_id = submit(stocked, [f"answer {n}" for n in range(5)])
    work(address, engine)
    assert batches.read(stocked, batch_id).counts == Counts(5, 4, 1)


def test_a_poison_answer_is_found_and_ends_alone(
    stocked: Database, address: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_reading, "CHUNK", 40)
    batch_id = submit(stocked, [f"answer {n}" for n in range(90)])
    batch_reading.read(stocked, batch_id, 1000, lambda: True)
    poisoned = Odd(engine, "answer 55", raising(Dead()))
    deaths = 0
    while batches.read(stocked, batch_id).state is BatchState.GRADING:
        with stocked.reading() as session:
            todo = chunks.waiting(session, batch_id)
        for number in todo:
            try:
                batch_grading.grade(stocked, poisoned, batch_id, number, lambda: True)
            except Dead:
                deaths += 1
        assert deaths < 20
    assert batches.read(stocked, batch_id).counts == Counts(90, 89, 1)
    [listed], _ = batches.errors(stocked, batch_id, 0, 5)
    assert listed.position == 55
    assert deaths == 5  # twice in 40, once in 5, twice alone


def test_jobs_of_a_dead_worker_are_taken_up(
    stocked: Database, address: str, engine: Engine, wait_until: WaitUntil
) -> None:
    batch_id = submit(stocked, ["a", "b"])
    with stocked.transaction() as session:
        session.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"))
        session.execute(
            text("SELECT procrastinate_fetch_job_v2(ARRAY['grader'], (SELECT max(id) FROM procrastinate_workers))")
        )
    worker = Worker(address, Settings(worker_stalled_seconds=3), lambda: engine)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        wait_until(lambda: batches.read(stocked, batch_id).state is BatchState.DONE)
    finally:
        worker.stop()
        thread.join()
    assert batches.read(stocked, batch_id).counts.graded == 2


def test_a_worker_that_is_stopped_leaves_the_rest_to_others(
    stocked: Database, address: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_grading, "SLICE", 1)
    batch_id = submit(stocked, [f"answer {n}" for n in range(200)])
    worker = Worker(address, Settings(), lambda: slow)

    class Slow(Odd):
        def grade_many(self, pairs: Iterable[tuple[Rubric, str]]) -> Iterator[Evaluation]:
            worker.stop()
            for evaluation in super().grade_many(pairs):
                time.sleep(0.05)
                yield evaluation

    slow = Slow(engine)
    worker.run()
    left = batches.read(stocked, batch_id)
    assert left.state is BatchState.GRADING
    assert 0 < left.counts.graded < 200
    assert rows(stocked, "SELECT attempts FROM batch_chunks") == [(0,)]
    work(address, engine)
    assert batches.read(stocked, batch_id).counts == Counts(200, 200, 0)
    assert rows(stocked, "SELECT count(*), count(DISTINCT answer) FROM evaluations") == [(200, 200)]


def test_a_cancelled_batch_keeps_what_is_graded(
    stocked: Database, address: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_reading, "CHUNK", 2)
    batch_id = submit(stocked, [f"answer {n}" for n in range(6)])

    def cancel() -> None:
        batches.cancel(stocked, batch_id)

    work(address, Odd(engine, "answer 2", cancel))
    batch = batches.read(stocked, batch_id)
    assert (batch.state, batch.counts) == (BatchState.CANCELLED, Counts(6, 2, 0))
    batches.retry(stocked, batch_id)
    work(address, engine)
    assert batches.read(stocked, batch_id).counts == Counts(6, 6, 0)


def test_two_workers_share_a_batch(
    stocked: Database, address: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_reading, "CHUNK", 5)
    batch_id = submit(stocked, [f"answer {n}" for n in range(60)])
    batch_reading.read(stocked, batch_id, 1000, lambda: True)
    threads = [threading.Thread(target=work, args=(address, engine)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert batches.read(stocked, batch_id).state is BatchState.DONE
    assert rows(stocked, "SELECT count(*), count(DISTINCT answer) FROM evaluations") == [(60, 60)]


@pytest.mark.parametrize(
    ("attempts", "answers", "step"),
    [
        (0, 512, Step.GRADE),
        (1, 512, Step.GRADE),
        (2, 512, Step.SPLIT),
        (7, 2, Step.SPLIT),
        (2, 1, Step.GRADE),
        (3, 1, Step.GIVE_UP),
        (3, 0, Step.GIVE_UP),
        (0, 0, Step.GRADE),
    ],
)
def test_what_to_do_with_a_chunk(attempts: int, answers: int, step: Step) -> None:
    assert next_step(attempts, answers) is step


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 512])
def test_parts_are_the_whole(size: int) -> None:
    whole = list(range(size))
    found = parts(whole)
    assert [one for part in found for one in part] == whole
    assert all(found)
    assert len(found) == min(size, PARTS)


def batch_at(state: BatchState, pace: Pace | None, finished: datetime | None = None) -> Batch:
    return Batch(
        id=UUID(int=0), name="", kind=None, state=state, dry_run=False, columns=None, fixed_rubric=None, own_columns=(),
        doubts=(), fault=None, counts=Counts(100, 30, 10), bad_rows=0, pace=pace, created_at=NOW, started_at=NOW,
        finished_at=finished,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("batch", "rate", "seconds_left"),
    [
        (batch_at(BatchState.READING, None), None, None),
        (batch_at(BatchState.GRADING, None), None, None),
        (batch_at(BatchState.GRADING, Pace(20, NOW, NOW + timedelta(seconds=10))), 2.0, 30),
        (batch_at(BatchState.GRADING, Pace(0, NOW, NOW + timedelta(seconds=10))), None, None),
        (batch_at(BatchState.GRADING, Pace(5, NOW, NOW)), None, None),
        (batch_at(BatchState.DONE, None, NOW + timedelta(seconds=20)), 2.0, None),
    ],
)
def test_how_fast_and_how_long(batch: Batch, rate: float | None, seconds_left: int | None) -> None:
    assert throughput(batch) == rate
    end = estimated_end(batch)
    assert batch.pace is None or seconds_left is None or end == batch.pace.until + timedelta(seconds=seconds_left)
    assert (end is None) == (seconds_left is None)


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 1), (3, 8), (6, 60), (10_000, 60)])
def test_a_job_that_raised_is_tried_again(attempts: int, seconds: int) -> None:
    job = Job(queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
    before = datetime.now(UTC)
    decision = Patience().get_retry_decision(exception=ValueError(), job=job)
    assert decision.retry_at is not None
    assert abs((decision.retry_at - before).total_seconds() - seconds) < 1
    assert Patience().get_retry_decision(exception=JobAborted(), job=job).retry_at is None


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="no such policy on this system")
def test_the_services_worker_takes_what_is_left_of_the_processor() -> None:
    code = "import os; from api.worker import yield_processor; yield_processor(); print(os.sched_getscheduler(0))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(found.stdout) == os.SCHED_IDLE


def test_a_worker_beside_the_service_is_started_again_and_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_until: WaitUntil
) -> None:
    monkeypatch.setattr(worker_process, "FIRST_WAIT", 0.01)
    log = tmp_path / "log"
    code = f"""
import os, sys
with open({str(log)!r}, "a") as log:
    log.write("x")
if os.path.getsize({str(log)!r}) < 3:
    os.kill(os.getpid(), 9)
sys.stdin.read()
"""
    with beside([sys.executable, "-c", code]):
        wait_until(lambda: log.exists() and log.read_text() == "xxx")
        running = [thread for thread in threading.enumerate() if thread.name == "worker"]
        assert len(running) == 1
    assert not running[0].is_alive()


def test_the_command_works_until_its_input_ends(stocked: Database, address: str, wait_until: WaitUntil) -> None:
    command = [sys.executable, "-m", "api.cli", "worker", "--background"]
    environment = {**os.environ, "DATABASE_URL": address}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        # Two by the queue's count: one for answers, one for webhooks.
        wait_until(lambda: rows(stocked, "SELECT count(*) FROM procrastinate_workers") == [(2,)])
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(120) == 0
    assert rows(stocked, "SELECT count(*) FROM procrastinate_workers") == [(0,)]
