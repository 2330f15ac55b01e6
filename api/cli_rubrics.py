"""`grader rubrics …`: look at rubrics, check them, bring them in and out."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli_common import read_settings

if TYPE_CHECKING:
    from rubrics import Rubric

app = typer.Typer(help="Rubrics in files, in the bank, in the database.", no_args_is_help=True)

RUBRIC = Annotated[str, typer.Argument(help="A rubric's file, or its id in the bank.")]
FILES = Annotated[list[Path], typer.Argument(help="Rubric files, or folders of them.")]


class Format(StrEnum):
    """How `export` writes."""

    YAML = "yaml"
    JSON = "json"


@app.command("list")
def list_(topic: Annotated[str, typer.Option(help="Only this topic.")] = "") -> None:
    """List the rubrics of the bank."""
    from rich.console import Console

    from api.render import show_rubrics
    from rubrics import load_bank

    show_rubrics(Console(), (rubric for rubric in load_bank().values() if topic in ("", rubric.topic)))


@app.command()
def show(rubric: RUBRIC) -> None:
    """Draw a rubric."""
    from rich.console import Console

    from api.render import show_rubric

    show_rubric(Console(), find(rubric))


@app.command()
def calibrate(
    rubric: RUBRIC,
    file: Annotated[
        Path, typer.Argument(help="Marked answers: CSV, XLSX, JSONL, Parquet.", exists=True, dir_okay=False)
    ],
    output: Annotated[Path | None, typer.Option(help="Where to write the rubric's next version.")] = None,
) -> None:
    """Learn from marks (columns answer, and key points' ids or mark). Status 1: refused, and why; 3: bad rows."""
    from api.cli_calibrate import run

    run(find(rubric), file, output)


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Files or folders; the bank when left out.")] = None,
    model: Annotated[bool, typer.Option("--model/--no-model", help="Ask the engine too, or not.")] = True,
    golden: Annotated[Path | None, typer.Option(help="Folder of golden answers.", exists=True, file_okay=False)] = None,
    explain: Annotated[str, typer.Option(help="Say what a code means and what to do about it, and stop.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what is wrong with rubrics: file, line, path, code and remedy. Status 1 if there is an error."""
    from api import cli_check
    from rubrics.loader import BANK

    if explain:
        cli_check.explain(explain)
    else:
        cli_check.run(expand(files or [BANK]), with_model=model, golden=golden, as_json=as_json)


@app.command()
def index() -> None:
    """Print docs/bank.md: the bank's items by topic, with counts."""
    from rubrics import load_bank
    from rubrics.index import index

    typer.echo(index(load_bank().values()), nl=False)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a rubric file."""
    from rubrics import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command("export")
def export(
    rubrics: Annotated[list[str] | None, typer.Argument(help="Files or ids; the whole bank when left out.")] = None,
    to: Annotated[Path | None, typer.Option(help="Write TOPIC/ID files into this folder.")] = None,
    format: Annotated[Format, typer.Option(help="How to write.")] = Format.YAML,
) -> None:
    """Write rubrics in the format's own order, one to standard output or several into a folder."""
    from rubrics import load_bank

    chosen = [find(name) for name in rubrics] if rubrics else list(load_bank().values())
    if to is None:
        if len(chosen) > 1:
            raise typer.BadParameter("name the folder for several rubrics", param_hint="--to")
        typer.echo(_written(chosen[0], format), nl=False)
        return
    for rubric in chosen:
        path = to / rubric.topic / f"{rubric.id}.{format}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_written(rubric, format), encoding="utf-8")
        typer.echo(str(path))


@app.command("import")
def import_(files: FILES) -> None:
    """Store rubric files in the database, a changed rubric as its next version. If one is faulty, none is stored."""
    from api.cli_database import open_database, store
    from rubrics import load_file

    rubrics = [load_file(path) for path in expand(files)]
    with open_database(read_settings()) as database:
        for rubric in rubrics:
            stored = store(database, rubric)
            typer.echo(f"{stored.rubric.id} version {stored.rubric.version}")


def find(name: str) -> "Rubric":
    """The rubric of a file, or of an id in the bank. Raises RubricError, with the nearest id."""
    from difflib import get_close_matches

    from rubrics import Problem, RubricError, load_bank, load_file

    if Path(name).suffix in (".yaml", ".yml", ".json") or Path(name).is_file():
        return load_file(name)
    bank = load_bank()
    if name in bank:
        return bank[name]
    near = get_close_matches(name, bank, n=1)
    hint = f"did you mean {near[0]}?" if near else "grader rubrics list shows the bank"
    raise RubricError([Problem(name, "", None, f"is neither a file nor a rubric of the bank; {hint}")])


def expand(paths: list[Path]) -> list[Path]:
    """Files as they are; folders as the YAML and JSON files below them, in order."""
    found: list[Path] = []
    for path in paths:
        below = (file for file in path.rglob("*") if file.suffix in (".yaml", ".yml", ".json"))
        found.extend(sorted(below) if path.is_dir() else [path])
    return found


def _written(rubric: "Rubric", format: Format) -> str:
    from rubrics import dump_yaml, from_rubric

    if format is Format.YAML:
        return dump_yaml(rubric)
    return from_rubric(rubric).model_dump_json(indent=2) + "\n"
