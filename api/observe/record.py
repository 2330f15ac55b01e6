"""What one request did, noted where it is done and told when the request ends."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from opentelemetry.trace import NoOpTracer, Tracer

from grader.model import Evaluation


@dataclass(slots=True)
class Record:
    """Of one request: its id, seconds by stage, and the evaluations that it made."""

    request_id: str
    tracer: Tracer = field(default_factory=NoOpTracer)
    stages: dict[str, float] = field(default_factory=dict)
    evaluations: list[Evaluation] = field(default_factory=list)


# The same record in the threads that work for a request: they get a copy of its context, which holds this very object.
current: ContextVar[Record | None] = ContextVar("record", default=None)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time a part of the request that is being served, as a span of its trace too; elsewhere does nothing."""
    record = current.get()
    if record is None:
        yield
        return
    begun = time.perf_counter()
    try:
        with record.tracer.start_as_current_span(name):
            yield
    finally:
        record.stages[name] = record.stages.get(name, 0.0) + time.perf_counter() - begun


def graded(*evaluations: Evaluation) -> None:
    """Count these evaluations as made by the request that is being served; elsewhere does nothing."""
    if record := current.get():
        record.evaluations.extend(evaluations)


def request_id() -> str:
    """Of the request that is being served; empty elsewhere."""
    record = current.get()
    return record.request_id if record else ""
