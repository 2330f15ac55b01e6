"""A batch's file on this machine's disk, and which of its columns hold what."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from grader.batch.columns import ColumnMap, Guess, guess
from grader.batch.items import items
from grader.batch.tables import open_table
from grader.errors import DataInvalid
from rubrics import Rubric

SLICE: Final = 1_000_000  # bytes


@contextmanager
def spooled(content: Iterable[bytes], name: str) -> Iterator[Path]:
    """A file of this content, under its own name where that is a name for a file, as long as the block runs.

    A DataInvalid of the block names the file, and not its folder of ours.
    """
    with tempfile.TemporaryDirectory(prefix="grader-") as folder:
        path = Path(folder) / (re.sub(r"[^\w.-]+", "_", name)[-100:].lstrip(".") or "answers")
        with path.open("wb") as stream:
            stream.writelines(content)
        try:
            yield path
        except DataInvalid as error:
            raise DataInvalid(str(error).replace(f"{folder}/", "")) from error


def sliced(stream: BinaryIO) -> Iterator[bytes]:
    """The content of a file from its beginning, in slices."""
    stream.seek(0)
    while piece := stream.read(SLICE):
        yield piece


def plan(
    path: Path, kind: str | None, columns: ColumnMap | None, fixed_rubric: str | None, rubrics: Mapping[str, Rubric]
) -> Guess:
    """The given map, or one that is guessed; it fits the file and names known rubrics. Raises DataInvalid."""
    table = open_table(path, kind)
    found = Guess(columns, table.notes) if columns else guess(table, rubrics, fixed_rubric)
    items(table, found.map, rubrics, lambda _: None)  # refuses at once what the file or the catalogue doesn't have
    return found
