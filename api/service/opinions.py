"""Second opinions: after an evaluation, a language model is asked about the points that the engine can't tell.

Nothing waits for it, and nothing that it says changes a result. A model that can't be reached leaves the doubt where it
is; the next round asks again.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from api.db import Database
from api.opinion_client import OpinionClient, Unreachable
from api.store import evaluations
from api.store import opinions as store
from api.store import rubrics as rubric_store
from grader.second_opinion import MOST_CHARS, Inquiry, OpinionInvalid, doubtful_points, inquiry, rater_of

log = logging.getLogger(__name__)

WINDOW: Final = timedelta(days=1)  # older evaluations aren't asked about any more
ROUND: Final = 100  # evaluations a round
SECONDS: Final = 15.0  # after which a round asks nothing more
SILENCES: Final = 3  # calls without a reply, one after the other


@dataclass(frozen=True, slots=True)
class Round:
    """What came of a round: points asked about, answered from what was asked before, meaningless; `stopped`: why it
    ended early, "" if it didn't.
    """

    answered: int = 0
    cached: int = 0
    garbage: int = 0
    stopped: str = ""


class _Over(Exception):
    """Nothing more is asked in this round."""


def run(
    database: Database, client: OpinionClient, budget: int, certain: float, may_go_on: Callable[[], bool] = lambda: True
) -> Round:
    """Ask about what waits in any workspace, one point after the other.

    budget: calls a day; certain: a confidence that needs no asking.

    A round is short, for it keeps a worker from other jobs. A call without a reply is passed over, for it may be that
    one question's fault; several one after the other end the round.
    """
    asking, until = _Asking(client, budget), time.monotonic() + SECONDS
    since = datetime.now(UTC) - WINDOW
    with database.everywhere().reading() as session:
        found = store.waiting(session, rater_of(client.model), certain, since, MOST_CHARS, ROUND)
    stopped = ""
    try:
        for workspace, evaluation_id in found:
            here = database.within(workspace)
            for one in _inquiries(here, client.model, evaluation_id, certain):
                if time.monotonic() > until or not may_go_on():
                    return asking.round("")
                asking.about(here, evaluation_id, one)
    except _Over as over:
        stopped = str(over)
        log.warning("second opinions: %s; the doubts stay", stopped)
    return asking.round(stopped)


def _inquiries(database: Database, model: str, evaluation_id: UUID, certain: float) -> list[Inquiry]:
    with database.reading() as session:
        found = evaluations.get(session, evaluation_id)
        if found is None:
            return []
        key = evaluations.rubric_keys(session, [evaluation_id])[evaluation_id]
        rubric = rubric_store.by_key(session, [key])[key].rubric
        said = store.of_evaluations(session, [evaluation_id]).get(evaluation_id, [])
    done = {one.key_point_id for one in said if one.rater == rater_of(model)}
    asked = set(doubtful_points(found.evaluation, certain)) - done
    return [inquiry(model, rubric, one, found.submission.text) for one in rubric.key_points if one.id in asked]


class _Asking:
    """A round's calls."""

    def __init__(self, client: OpinionClient, budget: int) -> None:
        self._client, self._budget = client, budget
        self._answered = self._cached = self._garbage = self._silent = 0

    def round(self, stopped: str) -> Round:
        """What came of it so far."""
        return Round(self._answered, self._cached, self._garbage, stopped)

    def about(self, database: Database, evaluation_id: UUID, one: Inquiry) -> None:
        """Ask, unless the same was asked before, and store what is said. Raises _Over."""
        with database.transaction() as session:
            before = store.known(session, one.key)
            if before is not None:
                store.add(session, evaluation_id, one, before[0])
                self._cached += 1
                return
        today = datetime.now(UTC).date()
        with database.transaction() as session:
            if not store.take_call(session, today, self._budget):
                raise _Over(f"the day's {self._budget} calls are spent")
        try:
            word = self._client.ask(one)
        except Unreachable as error:
            with database.transaction() as session:
                store.count(session, today, "unreachable")
            self._silent += 1
            if self._silent >= SILENCES:
                raise _Over(f"{self._client.model} can't be reached ({error})") from error
            log.warning("second opinion of %s on %s: %s", self._client.model, evaluation_id, error)
            return
        except OpinionInvalid as error:
            log.warning("second opinion of %s on %s: %s", self._client.model, evaluation_id, error)
            word = None
        with database.transaction() as session:
            store.count(session, today, "answered" if word else "garbage")
            store.add(session, evaluation_id, one, word)
        self._silent = 0
        self._answered += word is not None
        self._garbage += word is None
