"""Delimited text, in a stream: line numbers that are true after quoted line breaks, rows saved after broken ones."""

import csv
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TextIO

from grader.batch.encoding import WRONG_BYTE, Encoding, encoding_of
from grader.batch.model import BadRow
from grader.batch.rows import MAX_ROW, Fault, Row, blank, fitted, header
from grader.errors import DataInvalid

DELIMITERS = ",;\t|"  # those that are guessed
SAMPLE = 64_000  # characters that a guess looks at
REREAD = 10  # how often, on average, a character may be read again after broken rows
_NAMES = {"tab": "\t", "\\t": "\t"}


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A delimited file with its dialect."""

    path: Path
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    encoding: Encoding
    delimiter: str

    def rows(self) -> Iterator[Row | BadRow]:
        records = _records(self.path, self.encoding, self.delimiter)
        next(records)  # the header
        for record in records:
            if isinstance(record, BadRow):
                yield record
            elif not blank(record.cells):
                yield _row(record, self.columns, self.encoding)


def open_csv(path: Path, delimiter: str | None) -> CsvTable:
    """Read dialect and header. Raises DataInvalid."""
    encoding = encoding_of(path)
    found = _delimiter(path, encoding) if delimiter is None else _NAMES.get(delimiter, delimiter)
    if len(found) != 1 or found in '"\r\n':
        raise DataInvalid(f"{delimiter!r:.40} can't be a delimiter: give one character, such as ; or tab")
    first = next(_records(path, encoding, found), None)
    if first is None:
        raise DataInvalid(f"{path}: is blank: give a file with a header and answers")
    if isinstance(first, BadRow):
        raise DataInvalid(f"{path}, line {first.line}: the header {first.reason}")
    return CsvTable(path, header(path, first.cells), encoding.notes, encoding, found)


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    cells: list[str]


def _row(record: _Record, columns: tuple[str, ...], encoding: Encoding) -> Row | BadRow:
    cells = fitted(record.line, record.cells, len(columns))
    if isinstance(cells, BadRow):
        return cells
    faults = []
    for place, cell in enumerate(record.cells):
        if not cell.isascii() and (wrong := WRONG_BYTE.search(cell)):
            byte = f"0x{ord(wrong.group()) - 0xDC00:02X}"
            reason = f"has the byte {byte}, which is no {encoding.title}: save the file as UTF-8"
            faults.append(Fault(place, "not_text", reason))
    return Row(record.line, cells, tuple(faults))


def _delimiter(path: Path, encoding: Encoding) -> str:
    """The delimiter that gives the most rows the header's width, then the widest; a comma if none gives two columns."""
    with _text(path, encoding) as stream:
        sample = stream.read(SAMPLE)
    sample = sample if len(sample) < SAMPLE else sample[: sample.rfind("\n") + 1] or sample
    csv.field_size_limit(MAX_ROW)
    if sample[:4] == "sep=" and sample[5:6] in ("\r", "\n"):
        return sample[4]
    best, choice = (0.0, 1), ","
    for candidate in DELIMITERS:
        widths = [len(cells) for cells in csv.reader(StringIO(sample, newline=""), delimiter=candidate) if cells][:50]
        if widths and widths[0] > 1:
            score = (widths.count(widths[0]) / len(widths), widths[0])
            best, choice = (score, candidate) if score > best else (best, choice)
    return choice


@contextmanager
def _text(path: Path, encoding: Encoding) -> Iterator[TextIO]:
    """The open file. Raises DataInvalid when it can't be read to its end."""
    try:
        with path.open(encoding=encoding.codec, errors=encoding.errors, newline="") as stream:
            yield stream
    except (OSError, UnicodeError) as error:
        raise DataInvalid(f"{path}: can't be read to its end ({error}): save it anew as UTF-8") from error


def _records(path: Path, encoding: Encoding, delimiter: str) -> Iterator[_Record | BadRow]:
    """The records that aren't blank, from the header on, with the line that each begins in."""
    csv.field_size_limit(MAX_ROW)  # the record as a whole is held to the same
    with _text(path, encoding) as stream:
        lines = _Lines(stream)
        while (record := _record(lines, delimiter)) is not None:
            if isinstance(record, BadRow) or not (blank(record.cells) or _names_delimiter(record)):
                yield record


def _record(lines: "_Lines", delimiter: str) -> _Record | BadRow | None:
    """The next record, what is wrong with it, or None at the end. Strict: a stray quote must not join two answers."""
    line = lines.begin()
    try:
        return _Record(line, next(csv.reader(lines, delimiter=delimiter, strict=True)))
    except StopIteration:
        return None
    except (csv.Error, _TooLong) as error:
        lost = lines.give_back()
        where = f"; lines {line} to {line + lost} are left out" if lost else ""
        reason = f"can't be read as CSV ({error}){where}: close every quote that is opened, double those inside a cell"
        return BadRow(line, None, "malformed_row", reason)


def _names_delimiter(record: _Record) -> bool:
    """Whether this is the line with which Excel names its delimiter."""
    return record.line == 1 and record.cells[0].startswith("sep=") and len("".join(record.cells)) <= len("sep=;")


class _TooLong(ValueError):
    """A record without an end."""


class _Lines:
    """A file's lines for csv.reader. Those of a broken record, but for its first, can be given back and read again."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._line, self._size, self._room = 1, 0, 2 * MAX_ROW

    def begin(self) -> int:
        """Forget the record before; the line, 1-based, that comes next."""
        self._line += len(self._taken)
        self._taken, self._size = [], 0
        return self._line

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._fresh()
        if not line:
            raise StopIteration
        self._taken.append(line)
        self._size += len(line)
        if self._size > MAX_ROW:
            raise _TooLong(f"it is longer than {MAX_ROW:,} characters")
        return line

    def _fresh(self) -> str:
        line = self._stream.readline(MAX_ROW + 1)
        self._room += REREAD * len(line)
        rest = line
        while len(rest) > MAX_ROW and not rest.endswith(("\n", "\r")):
            rest = self._stream.readline(MAX_ROW + 1)
        return line

    def give_back(self) -> int:
        """Give back all lines but the first, unless too much was read again already; how many are lost then."""
        rest = self._taken[1:]
        size = self._size - len(self._taken[0])
        if size > self._room:
            return len(rest)
        self._room -= size
        self._again.extendleft(reversed(rest))
        del self._taken[1:]
        return 0
