"""`grader reviews …`: marks that people gave elsewhere, into the database."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from api.cli_common import read_settings

app = typer.Typer(help="What people say about answers.", no_args_is_help=True)


@app.callback()
def reviews() -> None:
    """What people say about answers."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, JSONL or Parquet.", exists=True, dir_okay=False)],
    reviewer: Annotated[str, typer.Option(help="Who gave the marks, where rows don't say.")] = "",
    batch: Annotated[UUID | None, typer.Option(help="Only answers of this batch.")] = None,
) -> None:
    """Store marks of a file (candidate, rubric, marks or verdicts) as reviews. Status 3: there are bad rows."""
    from api.cli_database import open_database
    from api.service.review_import import run

    with open_database(read_settings()) as database:
        found = run(database, file, reviewer, batch)
    for bad in found.bad_rows:
        place = f"{file}:{bad.line}" + (f": {bad.column}" if bad.column else "")
        typer.echo(f"{place}: {bad.reason}", err=True)
    if found.unused_columns:
        typer.echo(f"Nothing was read from: {', '.join(found.unused_columns)}", err=True)
    typer.echo(f"{found.stored} reviews stored, {found.unchanged} unchanged, {len(found.bad_rows)} bad rows")
    if found.bad_rows:
        raise typer.Exit(3)
