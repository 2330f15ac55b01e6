"""What to do with a chunk, and how a batch is getting on: decisions without any I/O."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeVar

from api.store.batch_model import Batch, BatchState

TRIES: Final = 2  # attempts at a chunk that end without a word before it is cut up; the first may be an accident
PARTS: Final = 8
LAST_TRIES: Final = 3  # attempts at a single answer before it is given up

Part = TypeVar("Part")


class Stopped(Exception):
    """The worker is to stop. What is stored stays; the rest waits for another job."""


class Step(StrEnum):
    """Grade the chunk, cut it up to find what kills its workers, or give its only answer up."""

    GRADE = "grade"
    SPLIT = "split"
    GIVE_UP = "give_up"


def next_step(attempts: int, answers: int) -> Step:
    """What to do with a chunk of so many different answers, after so many attempts whose worker died on it."""
    if attempts < TRIES:
        return Step.GRADE
    if answers > 1:
        return Step.SPLIT
    return Step.GRADE if attempts < LAST_TRIES else Step.GIVE_UP


def parts(whole: Sequence[Part]) -> list[Sequence[Part]]:
    """The whole in at most PARTS pieces of nearly one size, in order."""
    count = min(PARTS, len(whole))
    bounds = [len(whole) * place // count for place in range(count + 1)] if count else []
    return [whole[start:end] for start, end in pairwise(bounds)]


def throughput(batch: Batch) -> float | None:
    """Answers a second: lately while it runs, in all once it is over. None where there is nothing to tell from."""
    counts, started, finished = batch.counts, batch.started_at, batch.finished_at
    if batch.state is BatchState.GRADING and batch.pace is not None:
        return _rate(batch.pace.items, batch.pace.until - batch.pace.since)
    if started is not None and finished is not None:
        return _rate(counts.graded + counts.failed, finished - started)
    return None


def estimated_end(batch: Batch) -> datetime | None:
    """When a running batch will be done if it goes on as lately; None where nothing is running or known."""
    rate = throughput(batch)
    if batch.state is not BatchState.GRADING or batch.pace is None or not rate:
        return None
    return batch.pace.until + timedelta(seconds=batch.counts.waiting / rate)


def _rate(items: int, time: timedelta) -> float | None:
    seconds = time.total_seconds()
    return items / seconds if items and seconds > 0 else None
