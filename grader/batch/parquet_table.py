"""Parquet, in a stream: a few rows of one row group at a time."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from grader.batch.cells import written
from grader.batch.model import BadRow
from grader.batch.rows import Fault, Row, blank, named
from grader.errors import DataInvalid

BATCH = 64  # rows decoded together: that many times the longest row is in memory
BUFFER = 1 << 20  # bytes of a column read together
BOMB = (16 << 20, 100)  # a column's bytes in one row group, and their ratio to those stored, that together are refused


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A Parquet file; a row's line is its number, from 1."""

    path: Path
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def rows(self) -> Iterator[Row | BadRow]:
        with opened(str(self.path), self.path) as file:
            yield from rows_of(str(self.path), file, range(file.metadata.num_rows))


def open_parquet(path: Path) -> ParquetTable:
    """Read the footer. Raises DataInvalid."""
    with opened(str(path), path) as file:
        return ParquetTable(path, columns_of(str(path), file))


def opened(name: str, source: Path | BinaryIO) -> pq.ParquetFile:
    """The file, of which nothing but the footer is read. Raises DataInvalid, which says `name`."""
    try:
        return pq.ParquetFile(source, buffer_size=BUFFER, pre_buffer=False)
    except (OSError, pa.ArrowException) as error:
        raise DataInvalid(f"{name}: can't be read as Parquet ({error}): it may be cut off; write it anew") from error


def columns_of(name: str, file: pq.ParquetFile) -> tuple[str, ...]:
    """The names of the columns. Raises DataInvalid where they aren't distinct text, and for columns that would grow
    out of all proportion in memory.
    """
    columns = named(name, file.schema_arrow.names)
    for group in range(file.metadata.num_row_groups):
        for place in range(file.metadata.num_columns):
            column = file.metadata.row_group(group).column(place)
            size, stored = column.total_uncompressed_size, max(column.total_compressed_size, 1)
            if size > BOMB[0] and size > BOMB[1] * stored:
                raise DataInvalid(
                    f"{name}: the column {column.path_in_schema!r:.80} grows from {stored:,} bytes to {size:,} in row "
                    f"group {group}: write it anew with smaller row groups or without compression"
                )
    return columns


def rows_of(name: str, file: pq.ParquetFile, wanted: range, before: int = 0) -> Iterator[Row | BadRow]:
    """The `wanted` rows of the file (0-based); blank ones are left out. A row's line is its number in the file, from 1,
    plus `before`. Raises DataInvalid.
    """
    at, groups = _groups(file, wanted)
    columns = file.schema_arrow.names
    dates = [place for place, kind in enumerate(file.schema_arrow.types) if pa.types.is_temporal(kind)]
    try:
        for batch in file.iter_batches(BATCH, row_groups=groups, use_threads=False):
            cells = [_printed(column) for column in batch.columns]
            for place in range(max(0, wanted.start - at), min(len(batch), wanted.stop - at)):
                row = _row(before + at + place + 1, [column[place] for column in cells], dates, columns)
                if isinstance(row, BadRow) or not blank(row.values):
                    yield row
            at += len(batch)
            if at >= wanted.stop:
                return
    except (OSError, pa.ArrowException) as error:
        raise DataInvalid(f"{name}: can't be read after row {at:,} ({error}): write it anew") from error


def _groups(file: pq.ParquetFile, wanted: range) -> tuple[int, list[int]]:
    """The row groups that hold the wanted rows, and the first row of the first of them."""
    first = at = 0
    groups: list[int] = []
    for group in range(file.metadata.num_row_groups):
        end = at + file.metadata.row_group(group).num_rows
        if at < wanted.stop and end > wanted.start:
            first = first if groups else at
            groups.append(group)
        at = end
    return first, groups


def _printed(column: pa.Array) -> pa.Array:
    """Dates and times as Arrow prints them, for Python's have no nanoseconds; all else as it is."""
    return column.cast(pa.string()) if pa.types.is_temporal(column.type) else column


def _row(line: int, scalars: Sequence[pa.Scalar], dates: Collection[int], columns: Sequence[str]) -> Row | BadRow:
    values: list[str | None] = []
    faults = []
    for place, scalar in enumerate(scalars):
        try:
            text, other = written(scalar.as_py())
        except UnicodeDecodeError as error:
            reason = f"has the byte 0x{error.object[error.start]:02X}, no UTF-8: write texts as strings"
            return BadRow(line, columns[place], "not_text", reason)
        if place in dates and text is not None:
            other = "a date or time"
        if other is not None:
            faults.append(Fault(place, "not_text", f"{text!r:.60} is {other}: write it as a string"))
        values.append(text)
    return Row(line, tuple(values), tuple(faults))
