"""The command line. Heavy imports are inside the commands, so that `grader --help` answers at once."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api import cli_keys, cli_reviews, cli_rubrics
from api.cli_common import fail, load_engine, read_settings

app = typer.Typer(
    help="Grades free-text answers against rubrics, with evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
database = typer.Typer(help="The service's database.", no_args_is_help=True)
app.add_typer(cli_rubrics.app, name="rubrics")
app.add_typer(cli_reviews.app, name="reviews")
app.add_typer(cli_keys.app, name="keys")
app.add_typer(database, name="db")


class BatchFormat(StrEnum):
    """How `batch` writes results."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"


class BatchEngine(StrEnum):
    """What `batch` runs on."""

    LOCAL = "local"
    RAY = "ray"


AS_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def main() -> None:
    """Entry point. Exit status: 0 success, 1 failure, 2 wrong usage; messages go to stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except Exception as error:
        if not _is_told(error):
            raise
        fail(str(error))


@app.command()
def grade(
    rubric: Annotated[str, typer.Argument(help="A rubric's file, or its id in the bank.")],
    answer: Annotated[str, typer.Option(help="The file with the answer, as UTF-8; - reads standard input.")],
    as_json: AS_JSON = False,
) -> None:
    """Grade one answer, without a database, and draw the graded rubric."""
    chosen = cli_rubrics.find(rubric)
    text = _read_answer(answer)
    evaluation = load_engine(read_settings()).grade(chosen, text)
    if as_json:
        from api.schemas import EvaluationOut

        typer.echo(EvaluationOut.from_evaluation(evaluation).model_dump_json(indent=2))
        return
    from rich.console import Console

    from api.render import show_evaluation

    show_evaluation(Console(), chosen, evaluation)


@app.command()
def agree(
    files: Annotated[
        list[Path],
        typer.Argument(help="Marked answers, .jsonl or .jsonl.gz.", exists=True, dir_okay=False, readable=True),
    ],
    as_json: AS_JSON = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Grade only so many answers of each file.")] = None,
    seed: Annotated[int, typer.Option(help="Which answers a limit draws.")] = 0,
) -> None:
    """Grade answers that people have marked, and print how well the engine agrees with them."""
    from api.agree import run

    run(load_engine(read_settings()), files, limit=limit, seed=seed, as_json=as_json)


@app.command()
def batch(
    answers: Annotated[str, typer.Argument(help="A file of answers: CSV, XLSX, JSONL or Parquet.")],
    rubric: Annotated[str | None, typer.Option(help="The rubric of all answers: its file, or its id.")] = None,
    map: Annotated[Path | None, typer.Option(help="What the columns hold, as YAML or JSON.", dir_okay=False)] = None,
    out: Annotated[str | None, typer.Option(help="Folder for the results.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Write the cohort report, too.")] = False,
    hide_names: Annotated[
        bool, typer.Option("--hide-names", help="Write the report, with pseudonyms and without your own columns.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is wrong with the file.")] = False,
    format: Annotated[list[BatchFormat], typer.Option(help="Of the results; can be given again.")] = [BatchFormat.CSV],  # noqa: B006
    rubrics: Annotated[
        Path | None, typer.Option(help="Folder of rubrics to know beside the bank's.", exists=True, file_okay=False)
    ] = None,
    delimiter: Annotated[str | None, typer.Option(help="Of a CSV file: one character, or tab.")] = None,
    engine: Annotated[
        BatchEngine, typer.Option(help="This machine, or a Ray cluster, which takes folders and URLs, too.")
    ] = BatchEngine.LOCAL,
    address: Annotated[str | None, typer.Option(help="Ray: of the cluster; by default one that runs here.")] = None,
    actors: Annotated[int | None, typer.Option(min=1, help="Ray: models at work; by default as many as fit.")] = None,
    cpus: Annotated[int, typer.Option(min=1, help="Ray: cores for each of them.")] = 1,
    gpus: Annotated[float, typer.Option(min=0, help="Ray: GPUs for each of them, such as 0.25.")] = 0,
) -> None:
    """Grade a file of answers into a folder; the same command goes on where a run was ended. Status 3: bad rows."""
    if rubric is not None and map is not None:
        raise typer.BadParameter("says which rubric an answer has, and so does --map: give one", param_hint="--rubric")
    if out is None and not dry_run:
        raise typer.BadParameter("is missing: name the folder for the results", param_hint="--out")
    if engine is BatchEngine.RAY:
        if out is None or dry_run or report or hide_names or delimiter is not None:
            raise typer.BadParameter(
                "takes no --dry-run, --report, --hide-names and --delimiter: those are for one machine",
                param_hint="--engine ray",
            )
        from api import cli_batch_ray

        kinds = tuple(dict.fromkeys(one.value for one in format))
        cli_batch_ray.grade(
            cli_batch_ray.RayOrder(answers, out, rubric, map, rubrics, kinds, address, actors, cpus, gpus)
        )
        return
    if address is not None or actors is not None or cpus != 1 or gpus:
        raise typer.BadParameter(
            "is missing: --address, --actors, --cpus and --gpus are for a cluster", param_hint="--engine ray"
        )
    if not Path(answers).exists():
        raise typer.BadParameter(f"{answers!r} does not exist", param_hint="ANSWERS")
    if out is not None and Path(out).is_file():
        raise typer.BadParameter(f"{out!r} is a file: name a folder", param_hint="--out")
    from api import cli_batch

    formats = [one.value for one in format]
    order = cli_batch.Order(Path(answers), rubric, map, rubrics, delimiter, formats, report or hide_names, hide_names)
    if dry_run or out is None:
        cli_batch.dry_run(order)
    else:
        cli_batch.grade(order, Path(out))


@app.command()
def retention(
    apply: Annotated[bool, typer.Option("--apply", help="Remove it.")] = False,
) -> None:
    """Show what is older than the settings keep it, or remove it."""
    from api.cli_retention import run

    run(apply)


@app.command()
def verify(
    receipt: Annotated[Path, typer.Argument(help="The receipt, as the service gave it.", dir_okay=False)],
    answer: Annotated[str | None, typer.Option(help="The file with the answer, as UTF-8: it is marked again.")] = None,
    rubric: Annotated[str | None, typer.Option(help="The rubric: its file, or its id in the bank.")] = None,
    key: Annotated[Path | None, typer.Option(help="The public key (PEM); by default the one of this machine.")] = None,
    as_json: AS_JSON = False,
) -> None:
    """Check a receipt's signature and, given the answer, mark it again. Status 3: that can't be told."""
    from api import cli_receipts

    cli_receipts.verify(receipt, None if answer is None else _read_answer(answer), rubric, key, as_json)


@app.command()
def doctor() -> None:
    """Show the settings in force and check everything that grading needs."""
    from rich.console import Console

    from api.doctor import checks, settings_in_force
    from api.render import safe
    from api.settings import unknown_variables

    settings, console = read_settings(), Console(soft_wrap=True)
    for item in settings_in_force(settings, os.environ):
        console.print(safe(f"{item.variable}={item.value}  ({item.source})", "bold"))
        console.print(safe(f"    {item.description}"))
    for warning in unknown_variables(os.environ):
        console.print(safe(f"! {warning}", "yellow"))
    failed = False
    for check in checks(settings):
        failed = failed or not check.ok
        sign, style, remedy = ("✓", "green", "") if check.ok else ("✗", "red", f": {check.remedy}")
        console.print(safe(f"{sign} {check.name}: {check.detail}{remedy}", style))
    if failed:
        raise typer.Exit(1)


@app.command()
def serve() -> None:
    """Serve HTTP, with the settings of the environment; `grader doctor` lists them."""
    from api.serve import run

    run(read_settings())


@app.command()
def mcp() -> None:
    """Serve tools for assistants on stdin and stdout: questions of the bank, and marks. Stores nothing."""
    try:
        from api.mcp_server import run
    except ModuleNotFoundError as error:
        fail(f"{error.name} isn't installed: pip install 'answer-grader[mcp]'")
    from api.observe import logs
    from rubrics import load_bank

    settings = read_settings()
    logs.configure(settings.log_format, settings.log_level)
    run(load_bank().values(), lambda: load_engine(settings), settings.max_answer_chars)


@app.command()
def worker(
    background: Annotated[
        bool, typer.Option("--background", help="Take leftover processor time only; stop when standard input ends.")
    ] = False,
) -> None:
    """Grade batches until stopped, with the settings of the environment; as many workers as you like share the work."""
    from api.observe import logs
    from api.worker import run

    settings = read_settings()
    logs.configure(settings.log_format, settings.log_level)
    run(settings, lambda: load_engine(settings), background)


@database.command()
def upgrade() -> None:
    """Bring the database to the tables of this release."""
    from api.cli_database import database_url
    from api.migrate import upgrade as migrate

    with database_url(read_settings()) as url:
        migrate(url)
    typer.echo("The database has the tables of this release.")


@database.command()
def backup(folder: Annotated[Path, typer.Argument(help="A new folder for the backup.", file_okay=False)]) -> None:
    """Write the database and the key of receipts into a folder, while the service runs."""
    from api.backup import backup as write
    from api.cli_database import database_url

    settings = read_settings()
    with database_url(settings) as url:
        for file in write(settings, url, folder):
            typer.echo(f"{file}: {file.stat().st_size:,} bytes")


@database.command()
def restore(folder: Annotated[Path, typer.Argument(help="The folder of a backup.", exists=True)]) -> None:
    """Put a backup into an empty database, and bring it to the tables of this release."""
    from api.backup import restore as read
    from api.cli_database import database_url
    from api.migrate import upgrade as migrate

    settings = read_settings()
    with database_url(settings) as url:
        read(settings, url, folder)
        migrate(url)
    typer.echo("The database is as it was when the backup was made, with the tables of this release.")


def _read_answer(source: str) -> str:
    """The text exactly as it is in the file, line ends included."""
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{source}: {error.strerror}", param_hint="--answer") from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = content[error.start]
        fail(f"{source}: byte 0x{byte:02x} at offset {error.start} is not UTF-8; save the answer as UTF-8")


def _is_told(error: Exception) -> bool:
    """Is it one of the errors that explain themselves?"""
    from grader.errors import GraderError
    from rubrics.errors import RubricError

    told: tuple[type[Exception], ...] = (GraderError, RubricError)
    if "api.errors" in sys.modules:
        told = (*told, sys.modules["api.errors"].ApiError)
    return isinstance(error, told)


if __name__ == "__main__":
    main()
