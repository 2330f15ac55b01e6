"""What every reader of a file of answers gives: named columns and a stream of rows."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from grader.batch.model import BadRow
from grader.errors import DataInvalid

MAX_COLUMNS = 1_000
MAX_ROW = 4_000_000  # characters; a wide row of 200 answers of the usual limit fits
NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the value in column `column` (0-based) can't be taken as text that somebody wrote."""

    column: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it begins in the file (1-based) and its values, one for each of the table's columns.

    None: the file has no value there. `faults`: values to refuse where they would be an answer or an id; elsewhere they
    are kept as they are.
    """

    line: int
    values: tuple[str | None, ...]
    faults: tuple[Fault, ...] = ()


class Table(Protocol):
    """A file's rows under named columns. `notes`: what its reader assumed or left out, in words for the user."""

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

    def rows(self) -> Iterator[Row | BadRow]:
        """All rows from the first on, at every call; blank rows are left out. Raises DataInvalid, also midway."""
        ...


def header(path: Path, cells: Sequence[str | None]) -> tuple[str, ...]:
    """Column names of a header row: trimmed, blank ones at the end left out, others named by their place.

    Raises DataInvalid for a header that is blank, too wide, no text, or names a column twice.
    """
    names = [(cell or "").strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise DataInvalid(f"{path}: has no header: name the columns in the first row")
    return named(path, [name or f"column {place}" for place, name in enumerate(names, 1)])


def named(path: Path | str, names: Sequence[str]) -> tuple[str, ...]:
    """The names, once they are known to be distinct text. Raises DataInvalid."""
    if len(names) > MAX_COLUMNS:
        raise DataInvalid(
            f"{path}: has {len(names):,} columns, {MAX_COLUMNS:,} are allowed: leave out what isn't needed"
        )
    for name, count in Counter(names).items():
        if count > 1:
            raise DataInvalid(f"{path}: has {count} columns named {name!r:.80}: give each a name of its own")
        if not name.strip() or NO_TEXT.search(name):
            raise DataInvalid(f"{path}: has a column named {name!r:.80}, which is no text: rename it")
    return tuple(names)


def fitted(line: int, cells: Sequence[str | None], width: int) -> tuple[str | None, ...] | BadRow:
    """A row's cells, as many as the header has. Blank ones beyond it are dropped; with any other difference something
    was split or joined that shouldn't be, so the row is bad.
    """
    if len(cells) == width or (len(cells) > width and not any(cell and cell.strip() for cell in cells[width:])):
        return tuple(cells[:width])
    reason = (
        f"has {len(cells):,} cells where the header has {width:,}: "
        "put answers with delimiters or line breaks between double quotes"
    )
    return BadRow(line, None, "malformed_row", reason)


def blank(cells: Sequence[str | None]) -> bool:
    """Whether a row holds nothing but white space."""
    return not any(cell and not cell.isspace() for cell in cells)
