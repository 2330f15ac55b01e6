"""`grader agree`: how well the engine agrees with people, file by file."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table

from api.render import safe
from grader.agreement_files import FileAgreement, agree_file
from grader.engine import Engine

NAMED_ROWS = 20

Figures = Mapping[str, float | None]


def run(engine: Engine, paths: Sequence[Path], *, limit: int | None, seed: int, as_json: bool) -> None:
    """Grade the files and print the figures. Bad rows are named on stderr. Raises DataInvalid."""
    results: dict[str, Figures] = {}
    for name, path in zip(names(paths), paths, strict=True):
        with _progress(name) as report:
            found = agree_file(engine, path, limit, seed, report)
        for line in bad_rows(path, found):
            typer.echo(line, err=True)
        results[name] = figures(found)
    if as_json:
        typer.echo(json.dumps(results, indent=2))
    else:
        Console().print(table(results))


def names(paths: Sequence[Path]) -> list[str]:
    """What to call the files: their names, or their paths where two have one name."""
    count = Counter(path.name for path in paths)
    return [path.name if count[path.name] == 1 else str(path) for path in paths]


def figures(found: FileAgreement) -> Figures:
    """One file's figures in the order of the report; `macro_f1` only where rows carry verdicts."""
    agreement = asdict(found.agreement)
    shown = {"n": agreement.pop("n"), "unscored": found.unscored, "bad_rows": len(found.bad_rows), **agreement}
    if found.macro_f1 is not None:
        shown["macro_f1"] = found.macro_f1
    return {**shown, "answers_per_second": found.answers_per_second}


def bad_rows(path: Path, found: FileAgreement) -> Iterator[str]:
    """`file:line: why` for the first bad rows, and how many more there are."""
    for row in found.bad_rows[:NAMED_ROWS]:
        yield f"{path}:{row.line}: {row.reason}"
    if len(found.bad_rows) > NAMED_ROWS:
        yield f"{path}: {len(found.bad_rows) - NAMED_ROWS} more rows can't be used"


def table(results: Mapping[str, Figures]) -> Table:
    """A column a file, a row a figure; – where a figure isn't defined."""
    drawn = Table("", box=None, pad_edge=False)
    for name in results:
        drawn.add_column(safe(name), justify="right")
    rows = dict.fromkeys(key for result in results.values() for key in result)
    for key in rows:
        drawn.add_row(key, *(_number(result.get(key)) for result in results.values()))
    return drawn


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


class _Report:
    """Called with the answers done and to do; draws on a terminal and nowhere else."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._task = progress.add_task(name, total=None)

    def __call__(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total)


@contextmanager
def _progress(name: str) -> Iterator[_Report]:
    console = Console(stderr=True)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield _Report(progress, name.replace("[", r"\["))
