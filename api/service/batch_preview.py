"""What a file of answers looks like, before it is a batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from api.db import Database
from api.service.batch_files import plan, sliced, spooled
from api.service.batches import Submitted
from api.store import catalogue
from api.store.catalogue import Filters
from grader.batch.columns import Guess
from grader.batch.rows import Row
from grader.batch.tables import open_table
from grader.errors import DataInvalid
from rubrics import Rubric

ROWS: Final = 5
LONGEST: Final = 300  # characters of a value


@dataclass(frozen=True, slots=True)
class Column:
    """A column and its values in the first rows, cut to LONGEST characters; "" where a row has none."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A file's columns, and what they hold. `guess` None: it can't be told, and `fault` says why."""

    columns: tuple[Column, ...]
    guess: Guess | None
    fault: str | None


def preview(database: Database, submitted: Submitted) -> Preview:
    """Look at a file's beginning; nothing is stored. Raises DataInvalid for a file that can't be read."""
    with database.reading() as session:
        known = {stored.rubric.id: stored.rubric for stored in catalogue.everything(session, Filters())}
    with spooled(sliced(submitted.stream), submitted.name) as path:
        columns = _columns(path, submitted.kind)
        guess, fault = _planned(path, submitted, known)
    return Preview(columns, guess, fault)


def _columns(path: Path, kind: str | None) -> tuple[Column, ...]:
    table = open_table(path, kind)
    rows = list(islice((row.values for row in table.rows() if isinstance(row, Row)), ROWS))
    return tuple(
        Column(name, tuple((row[place] or "")[:LONGEST] for row in rows)) for place, name in enumerate(table.columns)
    )


def _planned(path: Path, submitted: Submitted, known: Mapping[str, Rubric]) -> tuple[Guess | None, str | None]:
    try:
        return plan(path, submitted.kind, submitted.columns, submitted.rubric_id, known), None
    except DataInvalid as error:
        return None, str(error)
