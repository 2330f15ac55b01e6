"""Files of answers in slices, each of which can be read on a machine of its own.

Several files are read as one, in the order of their names: lines are counted through, and columns are those of all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.batch.jsonl_table import blank_line, lines, object_of, row_of
from grader.batch.model import BadRow
from grader.batch.parquet_table import columns_of, opened, rows_of
from grader.batch.places import StoredFile
from grader.batch.rows import MAX_COLUMNS, Row, named
from grader.errors import DataInvalid


@dataclass(frozen=True, slots=True)
class Size:
    """How much a slice holds at most: rows (Parquet), and bytes, which a last line may go beyond."""

    rows: int = 5_000
    size: int = 4_000_000


@dataclass(frozen=True, slots=True)
class Slice:
    """A run of rows. `begin`, `end`: bytes of JSONL between which its lines begin, or rows of Parquet (0-based).

    number: its place among all slices; before: lines before its first one, in all files.
    """

    number: int
    file: StoredFile
    begin: int
    end: int
    before: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """What a slice of JSONL was found to hold: how many lines, and all keys of its objects in order of appearance."""

    number: int
    lines: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SliceTable:
    """The rows of slices as a table."""

    slices: Sequence[Slice]
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def rows(self) -> Iterator[Row | BadRow]:
        for one in self.slices:
            yield from _jsonl_rows(one, self.columns) if one.file.kind == "jsonl" else _parquet_rows(one)


def cut_bytes(files: Sequence[StoredFile], size: Size) -> list[Slice]:
    """JSONL in slices; `before` isn't known until they are counted."""
    slices: list[Slice] = []
    for file in files:
        for begin in range(0, file.size, size.size):
            slices.append(Slice(len(slices), file, begin, min(begin + size.size, file.size)))
    return slices


def count(one: Slice) -> Counted:
    """Count the lines of a slice of JSONL and gather its keys. Raises DataInvalid."""
    number, keys = 0, dict[str, None]()
    for number, raw in enumerate(_raw(one), 1):
        found = None if blank_line(raw) else object_of(number, raw, first=one.begin == 0 and number == 1)
        if isinstance(found, dict) and len(keys) <= MAX_COLUMNS:
            keys.update(dict.fromkeys(found))
    return Counted(one.number, number, tuple(keys))


def counted_table(slices: Sequence[Slice], found: Sequence[Counted]) -> SliceTable:
    """The table of slices of JSONL that are counted, in whatever order. Raises DataInvalid where no line has a key."""
    keys, before, placed = dict[str, None](), 0, []
    for one, counted in zip(slices, sorted(found, key=lambda counted: counted.number), strict=True):
        placed.append(replace(one, before=before))
        before += counted.lines
        keys.update(dict.fromkeys(counted.keys))
    url = slices[0].file.url if slices else "the file"
    if not keys:
        raise DataInvalid(f"{url}: no line holds a JSON object: write one object a line")
    return SliceTable(placed, named(url, list(keys)))


def parquet_table(files: Sequence[StoredFile], size: Size) -> SliceTable:
    """The table of files of Parquet, of which the footers are read. Raises DataInvalid, also where columns differ."""
    slices: list[Slice] = []
    columns: tuple[str, ...] = ()
    before = 0
    for file in files:
        with file.open() as stream, opened(file.url, stream) as parquet:
            found = columns_of(file.url, parquet)
            groups = [parquet.metadata.row_group(at) for at in range(parquet.metadata.num_row_groups)]
            rows = parquet.metadata.num_rows
        columns = columns or found
        if found != columns:
            raise DataInvalid(
                f"{file.url}: has the columns {', '.join(map(repr, found))}, {files[0].url} has others or in another "
                "order: write them alike, or grade them apart"
            )
        row = sum(group.total_byte_size for group in groups) // max(1, rows)
        step = max(1, min(size.rows, size.size // max(1, row)))
        for begin in range(0, rows, step):
            slices.append(Slice(len(slices), file, begin, min(begin + step, rows), before))
        before += rows
    return SliceTable(slices, columns)


def _raw(one: Slice) -> Iterator[bytes]:
    try:
        with one.file.open() as stream:
            yield from lines(stream, one.begin, one.end)
    except OSError as error:
        raise DataInvalid(f"{one.file.url}: can't be read to its end ({error})") from error


def _jsonl_rows(one: Slice, columns: Sequence[str]) -> Iterator[Row | BadRow]:
    for number, raw in enumerate(_raw(one), 1):
        if not blank_line(raw):
            line = one.before + number
            found = object_of(line, raw, first=one.begin == 0 and number == 1)
            yield found if isinstance(found, BadRow) else row_of(line, found, columns)


def _parquet_rows(one: Slice) -> Iterator[Row | BadRow]:
    """`before` counts the rows of the files before."""
    with one.file.open() as stream, opened(one.file.url, stream) as file:
        yield from rows_of(one.file.url, file, range(one.begin, one.end), one.before)
