"""`grader rubrics calibrate`."""

from pathlib import Path

import typer

from api.cli_common import load_engine, read_settings
from grader.batch.tables import open_table
from grader.calibrate_file import FileLearned, calibrate
from rubrics import Rubric, dump_yaml


def run(rubric: Rubric, file: Path, output: Path | None) -> None:
    """Print what a file teaches, and write the rubric's next version where it holds."""
    found = calibrate(load_engine(read_settings()), rubric, open_table(file))
    for bad in found.bad_rows:
        place = f"{file}:{bad.line}" + (f": {bad.column}" if bad.column else "")
        typer.echo(f"{place}: {bad.reason}", err=True)
    if found.rubric is None:
        typer.echo(found.learned.refusal, err=True)
        raise typer.Exit(1)
    typer.echo(_told(found), err=output is None)
    if output is None:
        typer.echo(dump_yaml(found.rubric), nl=False)
    else:
        output.write_text(dump_yaml(found.rubric), encoding="utf-8")
    if found.bad_rows:
        raise typer.Exit(3)


def _told(found: FileLearned) -> str:
    tried = found.learned.tried
    if tried is None:
        return ""
    return (
        f"{tried.marks} marks on {tried.answers} answers; outside the fold log loss {tried.loss_before:.4f} → "
        f"{tried.loss_after:.4f}, distance from people's marks {tried.distance_before:.4f} → {tried.distance_after:.4f}"
    )
