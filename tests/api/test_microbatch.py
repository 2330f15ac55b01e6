"""Answers that are graded together come out as they do alone, and none suffers for another."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.microbatch import MicroBatcher
from grader.engine import Engine
from grader.errors import AnswerInvalid
from grader.model import Evaluation
from rubrics import load_bank
from rubrics.model import Rubric
from tests.fakes import fake_engine

RUBRICS = list(load_bank().values())[:3]
PAIRS = [(RUBRICS[n % 3], f"Answer {n}: {RUBRICS[n % 3].key_points[0].statement}") for n in range(24)]
WaitUntil = Callable[[Callable[[], bool]], None]


class Watched(Engine):
    """A real engine that tells what it was asked for, and can be held up before a lone answer."""

    def __init__(self, broken_by: str = "") -> None:
        self.__dict__.update(fake_engine().__dict__)
        self.groups: list[int] = []
        self.open = threading.Event()
        self.open.set()
        self._broken_by = broken_by

    def grade(self, rubric: Rubric, answer: str) -> Evaluation:
        self.groups.append(1)
        self.open.wait(10)
        self._check(answer)
        return next(super().grade_many([(rubric, answer)]))

    def grade_many(self, pairs: Iterable[tuple[Rubric, str]]) -> Iterator[Evaluation]:
        pairs = list(pairs)
        self.groups.append(len(pairs))
        for _, answer in pairs:
            self._check(answer)
        return super().grade_many(pairs)

    def _check(self, answer: str) -> None:
        if self._broken_by and self._broken_by in answer:
            raise RuntimeError("broken")


def test_one_alone_goes_straight_to_the_engine() -> None:
    engine = Watched()
    batcher = MicroBatcher(engine, passes=1, wait_seconds=10)
    for pair in PAIRS[:3]:
        batcher.grade(*pair)
    assert engine.groups == [1, 1, 1]


def test_those_who_wait_are_graded_together_with_the_same_results(wait_until: WaitUntil) -> None:
    engine = Watched()
    alone = [engine.grade(*pair) for pair in PAIRS]
    engine.groups.clear()
    engine.open.clear()
    batcher = MicroBatcher(engine, passes=1, wait_seconds=10)
    with ThreadPoolExecutor(len(PAIRS)) as threads:
        futures = [threads.submit(batcher.grade, *pair) for pair in PAIRS]
        wait_until(lambda: batcher.waiting() == len(PAIRS) - 1)
        engine.open.set()
        together = [future.result(10) for future in futures]
    assert together == alone
    assert engine.groups == [1, len(PAIRS) - 1]
    assert batcher.waiting() == 0


def test_nobody_waits_longer_than_the_limit(wait_until: WaitUntil) -> None:
    engine = Watched()
    engine.open.clear()
    batcher = MicroBatcher(engine, passes=1, wait_seconds=0.001)
    with ThreadPoolExecutor(3) as threads:
        held = threads.submit(batcher.grade, *PAIRS[0])
        wait_until(lambda: engine.groups == [1])
        others = [threads.submit(batcher.grade, *pair) for pair in PAIRS[1:3]]
        wait_until(lambda: sum(engine.groups) == 3)
        assert not held.done()
        engine.open.set()
        assert [one.result(10).answer.words for one in [held, *others]]


def test_an_answer_that_is_no_text_disturbs_nobody() -> None:
    batcher = MicroBatcher(fake_engine(max_chars=300), passes=1, wait_seconds=10)
    with ThreadPoolExecutor(8) as threads:
        good = [threads.submit(batcher.grade, RUBRICS[0], "Because of it.") for _ in range(4)]
        bad = [threads.submit(batcher.grade, RUBRICS[0], answer) for answer in ("x" * 301, "a\ud800b")]
        assert len({future.result(10) for future in good}) == 1
        for future in bad:
            with pytest.raises(AnswerInvalid):
                future.result(10)


def test_only_the_answer_that_breaks_the_engine_fails(wait_until: WaitUntil) -> None:
    engine = Watched(broken_by="Answer 7:")
    engine.open.clear()
    batcher = MicroBatcher(engine, passes=1, wait_seconds=10)
    with ThreadPoolExecutor(len(PAIRS)) as threads:
        futures = [threads.submit(batcher.grade, *pair) for pair in PAIRS]
        wait_until(lambda: batcher.waiting() == len(PAIRS) - 1)
        engine.open.set()
        failed = [at for at, future in enumerate(futures) if future.exception(10)]
    assert failed == [7]
    assert batcher.grade(*PAIRS[0]) == futures[0].result()
