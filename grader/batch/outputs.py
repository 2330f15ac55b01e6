"""Writing results and bad rows as JSONL, CSV, XLSX or Parquet, in a stream. The only importer of writers of files."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain, islice
from pathlib import Path
from typing import Final

from grader.batch import flat
from grader.batch.files import replacing
from grader.batch.flat import Cell, Column
from grader.batch.model import BadRow, Graded
from grader.batch.results import encode, evaluation_json
from grader.errors import DataInvalid

KINDS: Final = ("csv", "jsonl", "xlsx", "parquet")
SHEET_ROWS = 1_048_575  # below the header
CELL = 32_767  # UTF-16 units in a cell of XLSX
GROUP = 1_000  # rows of Parquet held in memory
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_EVALUATION = Column("evaluation", str)


def write(path: Path, kind: str, graded: Iterable[Graded], own: Sequence[str] = ()) -> None:
    """Write results to `path`, which is there only when it is whole. `kind`: one of KINDS; `own`: names of the items'
    own columns.

    JSONL loses nothing; the others have the columns of `grader.batch.flat`, Parquet the whole evaluation as JSON too.
    In CSV and XLSX, text that a spreadsheet could take for a formula begins with an apostrophe. Raises DataInvalid for
    more rows than an XLSX sheet has, and for any other kind.
    """
    if kind == "jsonl":
        _write_lines(path, (encode(one) for one in graded))
    elif kind == "parquet":
        columns = (*flat.columns(own), _EVALUATION)
        _write(path, kind, columns, ((*flat.row(one, own), evaluation_json(one.evaluation)) for one in graded))
    else:
        _write(path, kind, flat.columns(own), (flat.row(one, own) for one in graded))


def write_bad(path: Path, kind: str, bad: Iterable[BadRow]) -> None:
    """Write the rows that weren't graded, with line and reason, as `write` does."""
    if kind == "jsonl":
        _write_lines(path, (json.dumps(asdict(one), ensure_ascii=False).encode() for one in bad))
    else:
        _write(path, kind, flat.BAD_COLUMNS, (flat.bad_row(one) for one in bad))


def harmless(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet could take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write_lines(path: Path, lines: Iterable[bytes]) -> None:
    with replacing(path) as temporary, temporary.open("wb") as stream:
        stream.writelines(line + b"\n" for line in lines)


def _write(path: Path, kind: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    if kind not in KINDS:
        raise DataInvalid(f"{kind!r:.40} is no kind of file: take one of {', '.join(KINDS)}")
    with replacing(path) as temporary:
        if kind == "csv":
            _write_csv(temporary, columns, rows)
        elif kind == "xlsx":
            _write_xlsx(temporary, path.name, columns, rows)
        else:
            _write_parquet(temporary, columns, rows)


def _write_csv(path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    """UTF-8 with a byte order mark, without which Excel takes it for something else."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        for row in chain([[column.name for column in columns]], rows):
            writer.writerow([_csv_cell(value) for value in row])


def _csv_cell(value: Cell) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    return harmless(value) if isinstance(value, str) else value


def _write_xlsx(path: Path, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    """Each row goes to a temporary file at once."""
    from xlsxwriter import Workbook

    with Workbook(str(path), {"constant_memory": True, "use_zip64": True}) as book:
        sheet = book.add_worksheet("results")
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for place, column in enumerate(columns):
            sheet.write_string(0, place, _xlsx_text(column.name), bold)
        for number, row in enumerate(rows, 1):
            if number > SHEET_ROWS:
                raise DataInvalid(f"{name}: a sheet has at most {SHEET_ROWS:,} rows: take csv, jsonl or parquet")
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, place, _xlsx_text(value))
                elif isinstance(value, bool):
                    sheet.write_boolean(number, place, value)
                elif value is not None:
                    sheet.write_number(number, place, value)


def _xlsx_text(text: str) -> str:
    """Text that a cell can hold: what no XML can have is U+FFFD, what is too long ends with a note that says so."""
    text = harmless(_NO_XML.sub("\ufffd", text))
    if 2 * len(text) <= CELL or len(units := text.encode("utf-16-le")) <= 2 * CELL:
        return text
    note = f"… [cut: a cell holds no more; JSONL has all {len(text):,} characters]"
    return units[: 2 * (CELL - len(note))].decode("utf-16-le", "ignore") + note


def _write_parquet(path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {str: pa.string(), float: pa.float64(), int: pa.int64(), bool: pa.bool_()}
    schema = pa.schema([(column.name, types[column.kind]) for column in columns])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _groups(rows):
            arrays = [
                pa.array(values, field.type) for values, field in zip(zip(*group, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _groups(rows: Iterable[Sequence[Cell]]) -> Iterator[list[Sequence[Cell]]]:
    stream = iter(rows)
    while group := list(islice(stream, GROUP)):
        yield group
