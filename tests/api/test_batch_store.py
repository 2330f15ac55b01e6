"""Batches in the database: all or nothing, everything once."""

import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api import jobs
from api.db import Database
from api.service import batch_keeping, batch_reading, batch_results, batches
from api.service.batches import Submitted
from api.service.ids import uuid7
from api.service.rubrics import create, edit
from api.store import batch_items, batch_outcomes, chunks, evaluations
from api.store import batches as store
from api.store.batch_items import Done, Waiting
from api.store.batch_model import Batch, BatchState
from api.store.chunks import Chunk, Group
from api.store.mapping import StoredEvaluation, Submission
from grader.encoder import TokenVectors
from grader.engine import Engine
from rubrics import load_data
from tests.api.small_batches import RUBRIC, address, submit
from tests.fakes import FakeEncoder

ANSWER = "Boosting is sequential."


@pytest.fixture
def stocked(database: Database) -> Database:
    create(database, RUBRIC)
    return database


def read(database: Database, answers: list[str], dry_run: bool = False) -> Batch:
    """Submit a batch and read it."""
    batch_id = submit(database, answers, dry_run)
    batch_reading.read(database, batch_id, 1000, lambda: True)
    return batches.read(database, batch_id)


def count(database: Database, table: str) -> int:
    with database.reading() as session:
        return session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def waiting(database: Database, batch_id: UUID, chunk: int = 0) -> list[Waiting]:
    with database.reading() as session:
        return batch_items.waiting(session, batch_id, chunk, -1, 100)


def evaluated(engine: Engine, item: Waiting) -> Done:
    now = datetime.now(UTC)
    submission = Submission(item.answer, item.candidate_id, None)
    return Done(item, StoredEvaluation(uuid7(now), now, submission, engine.grade(RUBRIC, item.answer)))


def settle(database: Database, batch_id: UUID, done: list[Done]) -> None:
    with database.transaction() as session:
        batch_items.settle(session, batch_id, 0, done)


def queued(session: Session, task: str) -> list[dict[str, object]]:
    rows = session.execute(
        text("SELECT args FROM procrastinate_jobs WHERE task_name = :task ORDER BY id"), {"task": task}
    )
    return [row[0] for row in rows]


def test_a_batch_and_its_job_are_stored_together_or_not_at_all(stocked: Database) -> None:
    class Refused(Exception):
        pass

    with pytest.raises(Refused), stocked.transaction() as session:
        batch_id = uuid7(datetime.now(UTC))
        jobs.add_read(session, batch_id)
        jobs.add_chunks(session, batch_id, [1, 2])
        assert queued(session, jobs.READ) == [{"batch": str(batch_id), "workspace": "default"}]
        assert [one["chunk"] for one in queued(session, jobs.GRADE)] == [1, 2]
        raise Refused
    assert count(stocked, "procrastinate_jobs") == 0
    batch = read(stocked, [ANSWER])
    with stocked.reading() as session:
        assert queued(session, jobs.READ) == [{"batch": str(batch.id), "workspace": "default"}]
        assert queued(session, jobs.GRADE) == [{"batch": str(batch.id), "chunk": 0, "workspace": "default"}]


def test_reading_twice_changes_nothing(stocked: Database) -> None:
    batch = read(stocked, [ANSWER, "b", "c"])
    assert (batch.state, batch.counts.items, batch.own_columns) == (BatchState.GRADING, 3, ("room",))
    batch_reading.read(stocked, batch.id, 1000, lambda: True)
    assert count(stocked, "batch_items") == 3
    assert count(stocked, "batch_files") == 0
    assert [(one.position, one.line, one.candidate_id) for one in waiting(stocked, batch.id)] == [
        (0, 2, "c0"), (1, 3, "c1"), (2, 4, "c2"),
    ]  # fmt: skip


def test_bad_rows_are_kept_with_line_and_reason(stocked: Database) -> None:
    batch = read(stocked, ["", "x" * 1001, "good"])
    assert (batch.counts.items, batch.bad_rows) == (1, 2)
    found, rest = batches.errors(stocked, batch.id, 0, 1)
    assert [(one.line, one.column, one.code) for one in found] == [(2, "answer", "blank_answer")]
    found, rest = batches.errors(stocked, batch.id, rest or 0, 5)
    assert [(one.line, one.code, rest) for one in found] == [(3, "too_long", None)]


def test_a_dry_run_tells_everything_and_keeps_no_answer(stocked: Database) -> None:
    batch = read(stocked, ["", "good"], dry_run=True)
    assert (batch.state, batch.counts.items, batch.bad_rows) == (BatchState.DONE, 1, 1)
    assert count(stocked, "batch_items") == count(stocked, "batch_chunks") == 0


@pytest.fixture
def impatient(stocked: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The same database; a transaction in which nothing happens for a moment loses its connection."""
    monkeypatch.setattr("api.db.TIMEOUTS", ("SET idle_in_transaction_session_timeout = '100ms'",))
    database = Database(address(stocked))
    yield database
    database.close()


def test_a_file_may_take_long_to_read(impatient: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_reading, "CHUNK", 1)
    batch_id = submit(impatient, ["a", "b"], dry_run=True)

    def slowly() -> bool:
        time.sleep(0.2)
        return True

    batch_reading.read(impatient, batch_id, 1000, slowly)
    assert batches.read(impatient, batch_id).state is BatchState.DONE


def test_a_report_may_take_long_to_make(impatient: Database, engine: Engine, tmp_path: Path) -> None:
    class Slow(FakeEncoder):
        def encode(self, texts: Sequence[str]) -> list[TokenVectors]:
            time.sleep(0.2)
            return super().encode(texts)

    batch = read(impatient, [f"{ANSWER} It was seen by {number} people in that town." for number in range(4)])
    settle(impatient, batch.id, [evaluated(engine, item) for item in waiting(impatient, batch.id)])
    batch_results.write_report(impatient, Slow(), batch.id, "json", False, tmp_path / "report.json")
    assert (tmp_path / "report.json").stat().st_size


def test_a_file_that_kills_its_readers_fails_the_batch(stocked: Database) -> None:
    class Dead(BaseException):
        pass

    def die() -> bool:
        raise Dead

    content = b"rubric,answer\nboosting,a\n"
    batch = batches.accept(stocked, Submitted(io.BytesIO(content), len(content), "", None, None, None, False))
    for _ in range(batch_reading.READS):
        with pytest.raises(Dead):
            batch_reading.read(stocked, batch.id, 1000, die)
    batch_reading.read(stocked, batch.id, 1000, die)
    batch = batches.read(stocked, batch.id)
    assert batch.state is BatchState.FAILED
    assert "died each of 3 times" in str(batch.fault)


def test_identical_answers_are_gathered_in_one_chunk(stocked: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_reading, "CHUNK", 2)
    batch = read(stocked, ["a", "b", "c", "a", "a", "b", "c", "a"])
    with stocked.reading() as session:
        rows = session.execute(text("SELECT position, chunk FROM batch_items ORDER BY position")).all()
        counted = session.execute(text("SELECT number, items FROM batch_chunks ORDER BY number")).all()
    assert [tuple(row) for row in rows] == [(0, 0), (1, 0), (2, 1), (3, 0), (4, 0), (5, 0), (6, 1), (7, 0)]
    assert [tuple(row) for row in counted] == [(0, 6), (1, 2)]
    with stocked.reading() as session:
        assert [one["chunk"] for one in queued(session, jobs.GRADE)] == [0, 1]
    assert batch.counts.waiting == 8


def test_an_effect_happens_once(stocked: Database, engine: Engine) -> None:
    batch = read(stocked, [ANSWER, "b", "c"])
    items = waiting(stocked, batch.id)
    settle(stocked, batch.id, [evaluated(engine, items[0]), Done(items[1], "can't be graded")])
    settle(stocked, batch.id, [Done(items[0], "late"), evaluated(engine, items[1]), evaluated(engine, items[2])])
    found = batches.read(stocked, batch.id)
    assert (found.counts.graded, found.counts.failed, found.counts.waiting) == (2, 1, 0)
    assert count(stocked, "evaluations") == count(stocked, "candidates") == 2
    listed, _ = batches.errors(stocked, batch.id, 0, 5)
    assert [(one.position, one.line, one.code, one.reason) for one in listed] == [
        (1, 3, "not_graded", "can't be graded")
    ]


def test_what_is_copied_is_what_a_flush_stores(stocked: Database, engine: Engine) -> None:
    batch = read(stocked, [ANSWER])
    done = evaluated(engine, waiting(stocked, batch.id)[0])
    assert isinstance(done.result, StoredEvaluation)
    settle(stocked, batch.id, [done])
    flushed = replace(done.result, id=uuid7(datetime.now(UTC)))
    with stocked.transaction() as session:
        evaluations.add(session, flushed, done.item.rubric_key)
    with stocked.reading() as session:
        copied, other = (evaluations.get(session, one.id) for one in (done.result, flushed))
    assert copied == done.result
    assert other == flushed


def test_results_have_the_files_order_and_columns(stocked: Database, engine: Engine) -> None:
    batch = read(stocked, ["a", "b", "c"])
    items = waiting(stocked, batch.id)
    settle(stocked, batch.id, [evaluated(engine, one) for one in (items[2], items[0])])
    with stocked.reading() as session:
        found = list(batch_outcomes.graded(session, batch.id))
    assert [(one.item.line, one.item.key, one.item.answer, one.item.columns) for one in found] == [
        (2, "c0/boosting", "a", (("room", "0"),)),
        (4, "c2/boosting", "c", (("room", "2"),)),
    ]
    assert found[0].evaluation == engine.grade(RUBRIC, "a")


def test_an_evaluation_that_is_deleted_takes_its_item_along(stocked: Database, engine: Engine) -> None:
    batch = read(stocked, ["secret"])
    done = evaluated(engine, waiting(stocked, batch.id)[0])
    settle(stocked, batch.id, [done])
    assert isinstance(done.result, StoredEvaluation)
    with stocked.transaction() as session:
        assert evaluations.remove(session, done.result.id)
    assert count(stocked, "batch_items") == count(stocked, "candidates") == 0


def test_versions_are_pinned_and_can_be_edited(stocked: Database) -> None:
    batch = read(stocked, ["a"])
    edit(stocked, load_data({"id": "boosting", "question": "Why?", "key_points": ["Something else."]}), {"*"})
    create(stocked, replace(RUBRIC, id="another"))
    assert [(pin.rubric_id, pin.version) for pin in batches.pins(stocked, batch.id)] == [("boosting", 1)]


def test_a_split_keeps_every_item_in_one_chunk(stocked: Database, engine: Engine) -> None:
    batch = read(stocked, ["a", "b", "c", "b", "d"])
    items = waiting(stocked, batch.id)
    settle(stocked, batch.id, [evaluated(engine, items[0])])
    chunk = Chunk(batch.id, 0, 2)
    with stocked.transaction() as session:
        groups = chunks.groups(session, chunk)
        assert len(groups) == 3
        assert chunks.split(session, chunk, [groups[:1], groups[1:]], attempts=1) == [1, 2]
    assert [[one.answer for one in waiting(stocked, batch.id, number)] for number in (0, 1, 2)] == [
        [], ["b", "b"], ["c", "d"],
    ]  # fmt: skip
    with stocked.reading() as session:
        rows = session.execute(text("SELECT number, state, items, graded, attempts FROM batch_chunks ORDER BY 1"))
        assert [tuple(row) for row in rows] == [(0, "done", 1, 1, 0), (1, "waiting", 2, 0, 1), (2, "waiting", 2, 0, 1)]
    assert isinstance(groups[0], Group)


def test_claims_count_attempts_until_an_effect(stocked: Database, engine: Engine) -> None:
    batch = read(stocked, ["a", "b"])

    def claim() -> Chunk | None:
        with stocked.transaction() as session:
            return chunks.claim(session, batch.id, 0)

    found = [claim(), claim(), claim()]
    assert [one.attempts for one in found if one] == [0, 1, 2]
    with stocked.transaction() as session:
        chunks.unclaim(session, Chunk(batch.id, 0, 2))
    settle(stocked, batch.id, [evaluated(engine, waiting(stocked, batch.id)[0])])
    assert (claim() or Chunk(batch.id, 0, -1)).attempts == 0


def test_what_is_lost_is_told_once(stocked: Database) -> None:
    batch = read(stocked, ["a"])
    with stocked.transaction() as session:
        chunks.claim(session, batch.id, 0)
        session.execute(text("UPDATE batch_chunks SET started_at = now() - interval '1 hour'"))
    patience = timedelta(minutes=1)
    batch_keeping.requeue_lost(stocked, patience)
    assert count(stocked, "procrastinate_jobs") == 2, "its job still waits in the queue"
    with stocked.transaction() as session:
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
    for _ in range(2):
        batch_keeping.requeue_lost(stocked, patience)
    assert count(stocked, "procrastinate_jobs") == 3
    with stocked.reading() as session:
        assert queued(session, jobs.GRADE) == [{"batch": str(batch.id), "chunk": 0, "workspace": "default"}] * 2


def test_small_batches_go_first() -> None:
    assert [jobs.priority(chunks) for chunks in (1, 2, 3, 4, 4000)] == [0, -1, -1, -2, -11]
    assert jobs.HOUSEKEEPING > jobs.READING > jobs.priority(1)


def test_a_large_file_is_planned_by_its_reader(stocked: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "SMALL", 10)
    content = b"candidate,answer,room\nc1,a,7\n"
    batch = batches.accept(stocked, Submitted(io.BytesIO(content), len(content), "", None, None, "boosting", False))
    assert (batch.columns, batch.doubts) == (None, ())
    batch_reading.read(stocked, batch.id, 1000, lambda: True)
    batch = batches.read(stocked, batch.id)
    assert batch.columns is not None
    assert (batch.columns.answer, batch.columns.fixed_rubric, batch.state) == ("answer", "boosting", "grading")


def test_store_has_no_such_batch(stocked: Database) -> None:
    with stocked.reading() as session:
        assert store.get(session, uuid7(datetime.now(UTC))) is None
