"""`grader batch`: a file of answers graded into a folder, without a service or a database."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from api.cli_batch_input import columns_of, known_rubrics
from api.cli_batch_show import BadRows, progress, say, shown
from api.cli_common import load_engine, read_settings
from grader.batch.column_map import map_to_dict
from grader.batch.files import replacing
from grader.batch.manifest import Manifest
from grader.batch.outputs import write, write_bad
from grader.batch.parts import Parts
from grader.batch.pending import Counts
from grader.batch.runner import Source, Survey, run, survey
from grader.batch.tables import open_table
from grader.errors import DataInvalid
from grader.text import check
from rubrics import Rubric, content_hash

if TYPE_CHECKING:
    from grader.engine import Engine

BAD_ROWS = 3  # exit status
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Order:
    """What to grade and how, as given on the command line. `rubric`: id or file of the one for all answers.

    hide_names: in the report; results always have them.
    """

    answers: Path
    rubric: str | None
    map: Path | None
    rubrics: Path | None
    delimiter: str | None
    formats: Sequence[str]
    report: bool
    hide_names: bool = False


def dry_run(order: Order) -> None:
    """Print everything that is wrong with the file, and how much can be graded. Exits with 3 if there are bad rows."""
    source = _source(order, read_settings().max_answer_chars, confirm=False)
    found = survey(source, lambda row: typer.echo(shown(order.answers, row)))
    typer.echo(f"{found.answers:,} answers can be graded, {found.bad:,} rows can't.")
    raise typer.Exit(BAD_ROWS if found.bad else 0)


def grade(order: Order, out: Path) -> None:
    """Grade the file into `out`, going on where an earlier run ended. Exits with 3 if there are bad rows.

    Raises DataInvalid, RubricError and the engine's errors.
    """
    remedy = f"What is graded is kept in {out}: the same command goes on from there."
    try:
        counts = _grade(order, out)
    except KeyboardInterrupt:
        say(f"Stopped. {remedy}")
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        say(f"{error}. {remedy}")
        raise typer.Exit(1) from error
    raise typer.Exit(BAD_ROWS if counts.bad else 0)


def _grade(order: Order, out: Path) -> Counts:
    settings = read_settings()
    before = _state(order.answers)
    source = _source(order, settings.max_answer_chars, confirm=True)
    bad = BadRows(order.answers)
    with progress("Reading", None):
        found = survey(source, bad)
    bad.rest()
    engine = load_engine(settings)
    with Parts.open(out / "parts", _manifest(order, source, found, engine, settings.max_answer_chars)) as parts:
        began = time.monotonic()
        with progress("Grading", found.answers + found.bad) as tell:
            counts = run(source, engine, parts, tell)
        if _state(order.answers) != before:
            raise DataInvalid(f"{order.answers}: changed while it was graded: remove {out} and begin anew")
        typer.echo(summary(counts, time.monotonic() - began))
        _write(order, out, parts, source.own)
        if order.report:
            _report(out, parts, source.rubrics, engine, order.hide_names)
    return counts


def summary(counts: Counts, seconds: float) -> str:
    """What a run did, in a sentence or two."""
    text = f"{counts.graded:,} answers graded"
    if counts.copies:
        text += f", {counts.copies:,} of them identical to another and graded with it"
    text += f"; {counts.bad:,} rows can't be." if counts.bad else "."
    if counts.kept:
        text += f" {counts.kept:,} rows were done before."
    return f"{text} {seconds:,.0f} s."


def _source(order: Order, max_chars: int, *, confirm: bool) -> Source:
    rubrics, fixed = known_rubrics(order.rubrics, order.rubric)
    table = open_table(order.answers, delimiter=order.delimiter)
    columns = columns_of(table, order.map, rubrics, fixed, confirm=confirm)
    return Source(table, columns, rubrics, partial(check, limit=max_chars))


def _manifest(order: Order, source: Source, found: Survey, engine: "Engine", max_chars: int) -> Manifest:
    with order.answers.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    used = {id_: source.rubrics[id_] for id_ in sorted(found.rubrics)}
    return Manifest(
        file=sha256,
        delimiter=order.delimiter,
        map=map_to_dict(source.columns),
        rubrics={id_: f"version {rubric.version}, {content_hash(rubric)}" for id_, rubric in used.items()},
        engine=asdict(engine.info),
        max_chars=max_chars,
    )


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _write(order: Order, out: Path, parts: Parts, own: Sequence[str]) -> None:
    for kind in dict.fromkeys(order.formats):
        write(out / f"results.{kind}", kind, parts.graded(), own)
        write_bad(out / f"errors.{kind}", kind, parts.bad())
        typer.echo(f"{out / f'results.{kind}'}, {out / f'errors.{kind}'}")


def _report(out: Path, parts: Parts, rubrics: Mapping[str, Rubric], engine: "Engine", hide_names: bool) -> None:
    from api.report import build, to_html, to_json, to_xlsx
    from grader.search import text_vectors

    with progress("Reporting", None):
        embed = partial(text_vectors, encoder=engine.encoder)
        report = build(parts.graded(), rubrics, embed, engine.wording_vectors)
        with replacing(out / "report.html") as path:
            path.write_text(to_html(report, hide_names), encoding="utf-8")
        with replacing(out / "report.xlsx") as path:
            to_xlsx(report, path, hide_names)
        with replacing(out / "report.json") as path:
            path.write_text(json.dumps(to_json(report, hide_names), ensure_ascii=False), encoding="utf-8")
    typer.echo(f"{out / 'report.html'}, {out / 'report.xlsx'}, {out / 'report.json'}")
