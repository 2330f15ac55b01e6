"""Grading on a Ray cluster: slices of the files of answers go through Ray Data, models live in a pool of actors.

The readers, the engine and the writers are those of one machine; Ray only says which machine has which slice.
"""

import logging
import pickle
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext

from grader.batch.pending import Counts
from grader.batch.places import StoredFile
from grader.batch.slice_work import SliceEngine, Surveyed, Task, Work, grade, survey
from grader.batch.slices import Counted, Size, Slice, SliceTable, count, counted_table, cut_bytes, parquet_table
from grader.errors import DataInvalid, GraderError
from grader.model import EngineInfo

RETRIES = 3  # of a slice whose actor died; an answer that kills its process would be tried for ever
AHEAD = 2  # slices that wait at each actor, so that it never waits for one

Factory = Callable[[], SliceEngine]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pool:
    """How many actors grade, and the cores and GPUs (or parts of one) that each gets. actors: None for as many as the
    cluster has room for.
    """

    actors: int | None = None
    cpus: int = 1
    gpus: float = 0


@contextmanager
def cluster(address: str | None) -> Iterator[None]:
    """Join the cluster at `address`, by default the one that RAY_ADDRESS names or that runs here, or else one of this
    machine's cores that ends with the block. Raises DataInvalid where none answers.
    """
    if ray.is_initialized():
        yield
        return
    try:
        ray.init(address=address, logging_level=logging.WARNING, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise DataInvalid(f"no Ray cluster can be joined at {address or 'this machine'} ({error})") from error
    try:
        yield
    finally:
        ray.shutdown()


def table_of(files: Sequence[StoredFile], size: Size) -> SliceTable:
    """The files' rows in slices. Raises DataInvalid."""
    if files[0].kind == "parquet":
        return parquet_table(files, size)
    slices = cut_bytes(files, size)
    found: list[Counted] = list(_tasks(slices, _Call(count)))
    return counted_table(slices, found)


def survey_all(work: Work, slices: Sequence[Slice]) -> Iterator[Surveyed]:
    """What each slice holds, in whatever order. Raises DataInvalid."""
    return _tasks(slices, _Call(_Survey(work)))


def engine_info(factory: Factory, pool: Pool) -> EngineInfo:
    """The engine that an actor would have. Raises the engine's errors."""
    asked = ray.remote(num_cpus=pool.cpus, num_gpus=pool.gpus, max_retries=0)(_info)
    with _told():
        info: EngineInfo = ray.get(asked.remote(factory))
    return info


def grade_all(work: Work, tasks: Sequence[Task], factory: Factory, info: EngineInfo, pool: Pool) -> Iterator[Counts]:
    """Grade slices and save their results, in whatever order. An actor that dies costs no more than the slices it had,
    which others grade again.

    Raises DataInvalid, and the engine's errors.
    """
    most = max(1, len(tasks))
    size = {"size": min(pool.actors, most)} if pool.actors else {"min_size": 1, "max_size": most}
    return _tasks(
        tasks,
        _Actor,
        fn_constructor_args=(work, factory, info),
        compute=ActorPoolStrategy(**size, max_tasks_in_flight_per_actor=AHEAD),
        num_cpus=pool.cpus,
        num_gpus=pool.gpus or None,
        max_task_retries=RETRIES,
    )


class _Actor:
    """A model and what it works on."""

    def __init__(self, work: Work, factory: Factory, info: EngineInfo) -> None:
        self._work, self._info = work, info
        self._engine = factory()

    def __call__(self, batch: pa.Table) -> pa.Table:
        if self._engine.info != self._info:
            raise DataInvalid(
                f"a machine of the cluster grades with {self._engine.info}, another with {self._info}: "
                "install the same release and model on all"
            )
        return _applied(lambda task: grade(self._work, self._engine, task), batch)


@dataclass(frozen=True, slots=True)
class _Survey:
    work: Work

    def __call__(self, one: Slice) -> Surveyed:
        return survey(self.work, one)


@dataclass(frozen=True, slots=True)
class _Call:
    """A function of one task as Ray Data wants it."""

    work: Callable[[Any], object]

    def __call__(self, batch: pa.Table) -> pa.Table:
        return _applied(self.work, batch)


def _info(factory: Factory) -> EngineInfo:
    return factory().info


def _applied(work: Callable[[Any], object], batch: pa.Table) -> pa.Table:
    done = [pickle.dumps(work(pickle.loads(one))) for one in batch["task"].to_pylist()]  # noqa: S301 - our own
    return pa.table({"done": pa.array(done, pa.binary())})


def _tasks(tasks: Sequence[object], work: object, **options: object) -> Iterator[Any]:
    """What becomes of each task, a block of its own in a data set, as it comes."""
    context = DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    logging.getLogger("ray.data._internal.progress").setLevel(logging.ERROR)  # that there are no bars is no warning
    if not tasks:
        return
    blocks = ray.data.from_items([{"task": pickle.dumps(one)} for one in tasks], override_num_blocks=len(tasks))
    with warnings.catch_warnings():  # of max_task_retries, which has no other place yet
        warnings.simplefilter("ignore")
        done = blocks.map_batches(work, batch_size=None, batch_format="pyarrow", **options)
    with _told():
        for batch in done.iter_batches(batch_size=None, batch_format="pyarrow"):
            for one in batch["done"].to_pylist():
                yield pickle.loads(one)  # noqa: S301 - our own


@contextmanager
def _told() -> Iterator[None]:
    """An error that explains itself, in place of those that Ray wraps around it."""
    try:
        yield
    except ray.exceptions.RayError as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, GraderError):
            cause = getattr(cause, "cause", None) or cause.__cause__
        if isinstance(cause, GraderError):
            raise cause from error
        raise DataInvalid(f"the cluster couldn't go on: {error}") from error
