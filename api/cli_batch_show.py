"""What `grader batch` says while it works, on standard error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from grader.batch.model import BadRow
from rubrics.errors import printable

NAMED_ROWS = 20


def say(message: str) -> None:
    """Tell the user something that is no result."""
    typer.echo(message, err=True)


def shown(path: Path | str, row: BadRow) -> str:
    """`file:line: column: reason [code]`, on one line, whatever the file holds."""
    told = ": ".join(part for part in (f"{path}:{row.line}", row.column, row.reason) if part)
    return printable(f"{told} [{row.code}]")


class BadRows:
    """Names the first bad rows of a file as they come."""

    def __init__(self, path: Path | str) -> None:
        self._path, self._count = path, 0

    def __call__(self, row: BadRow) -> None:
        self._count += 1
        if self._count <= NAMED_ROWS:
            say(shown(self._path, row))

    def rest(self, unseen: int = 0) -> None:
        """Say how many more there were, `unseen` ones that didn't come included."""
        if (more := max(0, self._count - NAMED_ROWS) + unseen) > 0:
            say(f"{self._path}: {more:,} more rows can't be graded")


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal and nothing elsewhere; it is told how many of `total` are done, None for nobody knows."""
    console = Console(stderr=True)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)
