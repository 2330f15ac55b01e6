"""`grader batch --engine ray`: files of answers graded on a Ray cluster, on disks or in object stores."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from api.cli_batch import BAD_ROWS, INTERRUPTED, summary
from api.cli_batch_input import columns_of, known_rubrics
from api.cli_batch_show import BadRows, progress, say
from api.cli_common import load_engine, read_settings
from grader.batch.column_map import map_to_dict
from grader.batch.manifest import Manifest
from grader.batch.pending import Counts
from grader.batch.places import Place, StoredFile, stored
from grader.batch.slice_work import Surveyed, Task, Work, bind, finished, repeats
from grader.batch.slices import Size, SliceTable
from grader.errors import DataInvalid
from grader.text import check
from rubrics import content_hash

if TYPE_CHECKING:
    from api.settings import Settings
    from grader.batch.ray_engine import Pool
    from grader.engine import Engine
    from grader.model import EngineInfo

SIZE = Size()


@dataclass(frozen=True, slots=True)
class RayOrder:
    """What to grade and how, as given on the command line. `answers`, `out`: paths or URLs; `rubric`: id or file of the
    one for all answers; `actors`: None for as many as the cluster has room for.
    """

    answers: str
    out: str
    rubric: str | None
    map: Path | None
    rubrics: Path | None
    kinds: tuple[str, ...]
    address: str | None
    actors: int | None
    cpus: int
    gpus: float


def grade(order: RayOrder) -> None:
    """Grade the files into `out`, going on where an earlier run ended. Exits with 3 if there are bad rows.

    Raises DataInvalid, RubricError and the engine's errors.
    """
    try:
        from grader.batch import ray_engine
    except ImportError as error:
        raise DataInvalid(f"Ray is missing ({error}): pip install 'answer-grader[ray]'") from error
    pool = ray_engine.Pool(order.actors, order.cpus, order.gpus)
    try:
        with ray_engine.cluster(order.address):
            counts = _grade(order, pool)
    except KeyboardInterrupt:
        say(f"Stopped. What is graded is kept in {order.out}: the same command goes on from there.")
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(BAD_ROWS if counts.bad else 0)


def engine_factory(settings: "Settings", gpus: float) -> Callable[[], "Engine"]:
    """What builds the engine in an actor."""
    return partial(load_engine, settings.model_copy(update={"backend": "cuda"}) if gpus else settings)


def _grade(order: RayOrder, pool: "Pool") -> Counts:
    from grader.batch.ray_engine import engine_info, grade_all, table_of

    settings, began = read_settings(), time.monotonic()
    files = stored(order.answers)
    rubrics, fixed = known_rubrics(order.rubrics, order.rubric)
    table = table_of(files, SIZE)
    columns = columns_of(table, order.map, rubrics, fixed, confirm=True)
    limit = partial(check, limit=settings.max_answer_chars)
    work = Work(table.columns, columns, rubrics, limit, Place(order.out), order.kinds)
    found = _survey(order, work, table)
    factory = engine_factory(settings, order.gpus)
    info = engine_info(factory, pool)
    bind(work.out, _manifest(work, files, found, info, settings.max_answer_chars))
    done = finished(work.out, order.kinds)
    again = repeats(found)
    tasks = [Task(one, again.get(one.number, {})) for one in table.slices if one.number not in done]
    total = Counts()
    for counts in done.values():
        total = _sum(total, counts)
    with progress("Grading", sum(one.answers + one.bad for one in found)) as tell:
        for counts in grade_all(work, tasks, factory, info, pool):
            total = _sum(total, counts)
            tell(total.graded + total.bad)
    if stored(order.answers) != files:
        raise DataInvalid(f"{order.answers}: changed while it was graded: remove {order.out} and begin anew")
    work.out.tidy()
    typer.echo(summary(total, time.monotonic() - began))
    typer.echo(f"{order.out}/results" + (f", {order.out}/errors" if total.bad else ""))
    return total


def _survey(order: RayOrder, work: Work, table: SliceTable) -> list[Surveyed]:
    """What all slices hold, in their order; tells the first bad rows."""
    from grader.batch.ray_engine import survey_all

    with progress("Reading", len(table.slices)) as tell:
        found = []
        for one in survey_all(work, table.slices):
            found.append(one)
            tell(len(found))
    found.sort(key=lambda one: one.number)
    bad = BadRows(order.answers)
    for one in found:
        for row in one.named:
            bad(row)
    bad.rest(sum(one.bad - len(one.named) for one in found))
    return found


def _manifest(
    work: Work, files: Sequence[StoredFile], found: Sequence[Surveyed], info: "EngineInfo", max_chars: int
) -> Manifest:
    used = sorted(set().union(*(one.rubrics for one in found)))
    cut = json.dumps([[asdict(file) for file in files], asdict(SIZE)])
    return Manifest(
        file=hashlib.sha256(cut.encode()).hexdigest(),
        delimiter=None,
        map=map_to_dict(work.map),
        rubrics={id_: f"version {work.rubrics[id_].version}, {content_hash(work.rubrics[id_])}" for id_ in used},
        engine=asdict(info),
        max_chars=max_chars,
    )


def _sum(one: Counts, other: Counts) -> Counts:
    return replace(one, graded=one.graded + other.graded, bad=one.bad + other.bad, kept=one.kept + other.kept)
