"""The jobs of a pass over stored answers: collect them, grade them chunk by chunk, each once, whatever happens."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text

from api import jobs
from api.db import Database
from api.errors import DatabaseUnavailable
from api.service.batch_grading import KILLS
from api.service.batch_steps import TRIES, Step, next_step, parts
from api.service.regrade_pass import Pass
from api.store import regrade_chunks as chunks
from api.store import regrades as store
from api.store import rubrics as rubric_store
from api.store.regrade_model import Failure, Regrade, RegradeState
from grader.engine import Engine
from rubrics import scoring_hash

log = logging.getLogger(__name__)

CHUNK: Final = 512  # answers a job, as in a batch


def collect(database: Database, engine: Engine, regrade_id: UUID) -> None:
    """Take up the answers of a pass in one transaction. Does nothing where that is done.

    Left out is what provably gets the same marks: the rubric's scoring hash and the engine are those of the answer's
    evaluation, and the engine is a function of these and the text.
    """
    with database.transaction() as session:
        session.execute(text("SET LOCAL statement_timeout = '30min'"))
        if store.lock(session, regrade_id) is not RegradeState.COLLECTING:
            return
        regrade = store.get(session, regrade_id)
        if regrade is None:
            return
        rubric = rubric_store.by_key(session, [regrade.rubric_key])[regrade.rubric_key].rubric
        numbers = store.collect(session, regrade, scoring_hash(rubric), engine.info, CHUNK)
        store.enter(session, regrade_id, RegradeState.GRADING if numbers else RegradeState.DONE)
        jobs.add_regrade_chunks(session, regrade_id, numbers)


def grade(database: Database, engine: Engine, regrade_id: UUID, number: int, may_go_on: Callable[[], bool]) -> None:
    """Grade what waits in a chunk. Does nothing where nothing does, so that a job may run twice.

    The attempt stays counted only if this process dies. Raises DatabaseUnavailable, and Stopped once `may_go_on` says
    no.
    """
    with database.transaction() as session:
        regrade, attempts = store.get(session, regrade_id), chunks.claim(session, regrade_id, number)
    if regrade is None or attempts is None or regrade.state is not RegradeState.GRADING:
        return
    try:
        with database.reading() as session:
            ids = store.waiting_ids(session, regrade_id, number)
        match next_step(attempts, len(ids)):
            case Step.GRADE:
                Pass(database, engine, regrade, number).run(ids, may_go_on)
            case Step.SPLIT:
                _split(database, regrade_id, number, ids)
            case Step.GIVE_UP:
                _give_up(database, regrade, number, ids)
        _finish(database, regrade_id, number)
    except Exception:
        with suppress(DatabaseUnavailable), database.transaction() as session:
            chunks.unclaim(session, regrade_id, number, attempts)
        raise


def requeue_lost(database: Database, patience: timedelta) -> None:
    """Have workers take up what was begun and whose job was lost, as with batches."""
    with database.everywhere().reading() as session:
        busy = store.busy(session)
    for workspace in busy:
        with database.within(workspace).transaction() as session:
            for regrade_id in chunks.uncollected(session, patience):
                jobs.add_collect(session, regrade_id)
            for regrade_id, numbers in chunks.lost(session, patience).items():
                jobs.add_regrade_chunks(session, regrade_id, numbers)


def _split(database: Database, regrade_id: UUID, number: int, ids: Sequence[UUID]) -> None:
    log.warning("chunk %s of pass %s killed its worker %s times: it is cut up", number, regrade_id, TRIES)
    with database.transaction() as session:
        store.lock(session, regrade_id)
        made = chunks.split(session, regrade_id, number, parts(ids), TRIES - 1)
        jobs.add_regrade_chunks(session, regrade_id, made)


def _give_up(database: Database, regrade: Regrade, number: int, ids: Sequence[UUID]) -> None:
    with database.transaction() as session:
        left = store.still_waiting(session, regrade.id, ids)
        lost = [Failure(old, KILLS) for old in store.olds(session, ids) if old.evaluation_id in left]
        store.settle(session, regrade.id, number, lost)


def _finish(database: Database, regrade_id: UUID, number: int) -> None:
    with database.transaction() as session:
        state = store.lock(session, regrade_id)
        if chunks.finish(session, regrade_id, number) and state is RegradeState.GRADING:
            store.enter(session, regrade_id, RegradeState.DONE)
