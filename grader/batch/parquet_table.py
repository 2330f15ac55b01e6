"""Parquet, in a stream: a few rows of one row group at a time."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

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
        line = 0
        try:
            with _open(self.path) as file:
                dates = [at for at, kind in enumerate(file.schema_arrow.types) if pa.types.is_temporal(kind)]
                for batch in file.iter_batches(BATCH, use_threads=False):
                    columns = [_printed(column) for column in batch.columns]
                    for at in range(len(batch)):
                        line += 1
                        row = _row(line, [column[at] for column in columns], dates, self.columns)
                        if isinstance(row, BadRow) or not blank(row.values):
                            yield row
        except (OSError, pa.ArrowException) as error:
            raise DataInvalid(f"{self.path}: can't be read after row {line:,} ({error}): write it anew") from error


def open_parquet(path: Path) -> ParquetTable:
    """Read the footer. Raises DataInvalid."""
    try:
        with _open(path) as file:
            columns = named(path, file.schema_arrow.names)
            _refuse_bombs(path, file.metadata)
            return ParquetTable(path, columns)
    except (OSError, pa.ArrowException) as error:
        raise DataInvalid(f"{path}: can't be read as Parquet ({error}): it may be cut off; write it anew") from error


def _open(path: Path) -> pq.ParquetFile:
    return pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False)


def _refuse_bombs(path: Path, metadata: pq.FileMetaData) -> None:
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            column = metadata.row_group(group).column(place)
            size, stored = column.total_uncompressed_size, max(column.total_compressed_size, 1)
            if size > BOMB[0] and size > BOMB[1] * stored:
                raise DataInvalid(
                    f"{path}: the column {column.path_in_schema!r:.80} grows from {stored:,} bytes to {size:,} in row "
                    f"group {group}: write it anew with smaller row groups or without compression"
                )


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
