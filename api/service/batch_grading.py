"""The job that grades a chunk: each different answer once, effects stored in slices while the next are graded."""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Final
from uuid import UUID

import psycopg
from sqlalchemy.exc import DataError, IntegrityError

from api import jobs
from api.db import Database
from api.errors import DatabaseUnavailable
from api.service.batch_ends import end
from api.service.batch_steps import LAST_TRIES, TRIES, Step, Stopped, next_step, parts
from api.service.ids import uuid7
from api.store import batch_items, chunks
from api.store import batches as store
from api.store import rubrics as rubric_store
from api.store.batch_items import Done, Waiting
from api.store.batch_model import BatchState
from api.store.chunks import Chunk, Group
from api.store.mapping import StoredEvaluation, Submission
from grader.engine import Engine
from grader.errors import GraderError
from grader.model import Evaluation
from rubrics import Rubric

log = logging.getLogger(__name__)

SLICE: Final = 128  # items stored in one transaction
ROUND: Final = 2_000  # items held at once
KILLS: Final = (
    f"the worker died each of {LAST_TRIES} times that it graded this answer; see its log, then retry the batch"
)

REFUSED: Final = (IntegrityError, DataError, psycopg.IntegrityError, psycopg.DataError)

Result = Evaluation | str  # an evaluation, or the reason why there is none


class _Over(Exception):
    """The batch isn't being graded any more."""


def grade(database: Database, engine: Engine, batch_id: UUID, number: int, may_go_on: Callable[[], bool]) -> None:
    """Grade what waits in a chunk. Does nothing where nothing does, so that a job may run twice.

    The attempt stays counted only if this process dies. Raises DatabaseUnavailable, and Stopped once `may_go_on` says
    no.
    """
    chunk = _claimed(database, batch_id, number)
    if chunk is None:
        return
    try:
        with database.reading() as session:
            groups = chunks.groups(session, chunk)
        with suppress(_Over):
            match next_step(chunk.attempts, len(groups)):
                case Step.GRADE:
                    _Grading(database, engine, chunk).run(may_go_on)
                    _finish(database, chunk)
                case Step.SPLIT:
                    _split(database, chunk, groups)
                case Step.GIVE_UP:
                    _give_up(database, chunk)
                    _finish(database, chunk)
    except Exception:
        with suppress(DatabaseUnavailable), database.transaction() as session:
            chunks.unclaim(session, chunk)
        raise


def _claimed(database: Database, batch_id: UUID, number: int) -> Chunk | None:
    with database.transaction() as session:
        if store.share(session, batch_id) is not BatchState.GRADING:
            return None
        return chunks.claim(session, batch_id, number)


def _split(database: Database, chunk: Chunk, groups: Sequence[Group]) -> None:
    log.warning("chunk %s of batch %s killed its worker %s times: it is cut up", chunk.number, chunk.batch_id, TRIES)
    with database.transaction() as session:
        row = store.lock(session, chunk.batch_id)
        if row is not None and row.state == BatchState.GRADING:
            # The parts are suspect: a single death is enough to cut them up further.
            jobs.add_chunks(session, chunk.batch_id, chunks.split(session, chunk, parts(groups), TRIES - 1))


def _give_up(database: Database, chunk: Chunk) -> None:
    after = -1
    while rows := _waiting(database, chunk, after):
        _settle(database, chunk, [Done(row, KILLS) for row in rows])
        after = rows[-1].position


def _finish(database: Database, chunk: Chunk) -> None:
    with database.transaction() as session:
        row = store.lock(session, chunk.batch_id)
        is_last = chunks.finish(session, chunk.batch_id, chunk.number)
        if is_last and row is not None and row.state == BatchState.GRADING:
            end(session, row, BatchState.DONE, datetime.now(UTC))


def _waiting(database: Database, chunk: Chunk, after: int) -> list[Waiting]:
    with database.reading() as session:
        return batch_items.waiting(session, chunk.batch_id, chunk.number, after, ROUND)


def _settle(database: Database, chunk: Chunk, done: Sequence[Done]) -> None:
    """Store what became of these items. One that the database refuses fails alone."""
    try:
        with database.transaction() as session:
            if store.share(session, chunk.batch_id) is not BatchState.GRADING:
                raise _Over
            batch_items.settle(session, chunk.batch_id, chunk.number, done)
    except REFUSED as error:
        if len(done) == 1:
            if isinstance(done[0].result, str):
                raise
            _settle(database, chunk, [Done(done[0].item, _reason(error))])
            return
        middle = len(done) // 2
        for half in (done[:middle], done[middle:]):
            _settle(database, chunk, half)


class _Grading:
    """One chunk's answers on their way through the engine. `_known`: what became of each different answer."""

    def __init__(self, database: Database, engine: Engine, chunk: Chunk) -> None:
        self._database, self._engine, self._chunk = database, engine, chunk
        self._known: dict[tuple[int, str], Result] = {}

    def run(self, may_go_on: Callable[[], bool]) -> None:
        after = -1
        with ThreadPoolExecutor(1, "store") as storing:
            stored: Future[None] | None = None
            while rows := _waiting(self._database, self._chunk, after):
                done = self._done(rows)
                while some := list(islice(done, SLICE)):
                    if stored:
                        stored.result()
                    stored = storing.submit(_settle, self._database, self._chunk, some)
                    if not may_go_on():
                        stored.result()
                        raise Stopped
                after = rows[-1].position
            if stored:
                stored.result()

    def _done(self, rows: Sequence[Waiting]) -> Iterator[Done]:
        with self._database.reading() as session:
            rubrics = rubric_store.by_key(session, {row.rubric_key for row in rows})
        different = dict.fromkeys((row.rubric_key, row.answer) for row in rows)
        unknown = [answer for answer in different if answer not in self._known]
        graded = results(self._engine, [(rubrics[key].rubric, text) for key, text in unknown])
        for row in rows:
            answer = (row.rubric_key, row.answer)
            if answer not in self._known:
                self._known[answer] = next(graded)
            yield Done(row, _stored(row, self._known[answer]))


def _stored(row: Waiting, result: Result) -> StoredEvaluation | str:
    if isinstance(result, str):
        return result
    now = datetime.now(UTC)
    return StoredEvaluation(uuid7(now), now, Submission(row.answer, row.candidate_id, None), result)


def results(engine: Engine, pairs: Sequence[tuple[Rubric, str]]) -> Iterator[Result]:
    """Grade answers in order. What the engine raises about one of them is that one's reason; the others are graded."""
    done = 0
    try:
        for evaluation in engine.grade_many(pairs):
            done += 1
            yield evaluation
        return
    except Exception as error:  # of whatever kind: it is one answer's, and the batch goes on
        fault = error
    rest = pairs[done:]
    if len(rest) == 1:
        yield _reason(fault)
        return
    middle = len(rest) // 2
    for half in (rest[:middle], rest[middle:]):
        yield from results(engine, half)


def _reason(fault: Exception) -> str:
    if isinstance(fault, GraderError):
        return str(fault)
    log.error("an answer can't be graded", exc_info=fault)
    return f"grading this answer failed ({type(fault).__name__}); the worker's log has the details"
