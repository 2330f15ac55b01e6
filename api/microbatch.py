"""Answers that come at the same time share forward passes.

A request that finds a core free is graded at once, as without this module. Otherwise it waits, a few milliseconds at
most, and is then graded together with all that wait. No thread is kept for it: of those that wait, one grades for all.
What comes out is the same to the last digit, for `Engine.grade_many` doesn't depend on company.
"""

import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final, Protocol

from grader.engine import Engine
from grader.model import Evaluation
from rubrics.model import Rubric

log = logging.getLogger(__name__)

WAIT_SECONDS: Final = 0.02
LARGEST: Final = 32  # answers graded together: the last of them waits for all the others


class Grades(Protocol):
    """Grades one answer. Raises the engine's errors."""

    def grade(self, rubric: Rubric, answer: str) -> Evaluation: ...


@dataclass(slots=True, eq=False)
class _Waiting:
    """An answer in the queue. `woken`: it is graded, or its turn to grade has come."""

    rubric: Rubric
    answer: str
    woken: threading.Event = field(default_factory=threading.Event)
    result: "Future[Evaluation]" = field(default_factory=Future)


class MicroBatcher:
    """`Engine.grade` for many threads at once. While `passes` groups are being graded, the next one gathers."""

    def __init__(self, engine: Engine, passes: int = 0, wait_seconds: float = WAIT_SECONDS) -> None:
        """`passes` 0: as many as the machine has cores."""
        self._engine, self._wait = engine, wait_seconds
        self._passes = passes or os.cpu_count() or 1
        self._lock = threading.Lock()
        self._queue: list[_Waiting] = []
        self._running = 0

    def grade(self, rubric: Rubric, answer: str) -> Evaluation:
        """As `Engine.grade`. Raises the same errors, and only those of this answer."""
        if self._is_free():
            try:
                return self._engine.grade(rubric, answer)
            finally:
                self._finished()
        self._engine.check(answer)
        self._engine.prepared([rubric])  # a rubric that is new takes long, and nobody else shall wait for it
        mine = _Waiting(rubric, answer)
        if group := self._waited(mine):
            try:
                self._grade(group)
            finally:
                self._finished()
        return mine.result.result()

    def waiting(self) -> int:
        """How many answers wait for others to be graded."""
        return len(self._queue)

    def _is_free(self) -> bool:
        """Begin a pass, if one may begin and nobody waits for it."""
        with self._lock:
            free = self._running < self._passes and not self._queue
            self._running += free
            return free

    def _waited(self, mine: _Waiting) -> Sequence[_Waiting]:
        """Those whom the caller shall grade, itself among them, after its wait; none when another grades for it."""
        with self._lock:
            self._queue.append(mine)
            if self._running < self._passes:  # the last pass has ended in between
                return self._taken(mine)
        mine.woken.wait(self._wait)
        with self._lock:
            return self._taken(mine) if mine in self._queue else ()

    def _taken(self, mine: _Waiting) -> Sequence[_Waiting]:
        group = [mine, *(one for one in self._queue if one is not mine)][:LARGEST]
        self._queue = [one for one in self._queue if one not in group]
        self._running += 1
        return group

    def _finished(self) -> None:
        with self._lock:
            self._running -= 1
            if self._queue:
                self._queue[0].woken.set()

    def _grade(self, group: Sequence[_Waiting]) -> None:
        if len(group) > 1:
            try:
                pairs = [(one.rubric, one.answer) for one in group]
                for one, evaluation in zip(group, self._engine.grade_many(pairs), strict=True):
                    one.result.set_result(evaluation)
                    one.woken.set()
            except Exception:  # whatever it was, only the answer that it is about may fail by it: each alone, below
                log.exception("a group of %d answers is graded one by one", len(group))
        for one in group:
            if not one.result.done():
                self._grade_alone(one)

    def _grade_alone(self, one: _Waiting) -> None:
        try:
            one.result.set_result(self._engine.grade(one.rubric, one.answer))
        except Exception as error:
            one.result.set_exception(error)
        one.woken.set()
