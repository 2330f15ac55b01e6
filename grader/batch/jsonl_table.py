"""JSON lines, in a stream: one object a line."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from grader.batch.cells import written
from grader.batch.model import BadRow
from grader.batch.rows import MAX_COLUMNS, MAX_ROW, Fault, Row, named
from grader.errors import DataInvalid


@dataclass(frozen=True, slots=True)
class JsonlTable:
    """A file of JSON lines; its columns are all keys of all objects, in order of appearance."""

    path: Path
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def rows(self) -> Iterator[Row | BadRow]:
        for line, found in _objects(self.path):
            yield found if isinstance(found, BadRow) else row_of(line, found, self.columns)


def open_jsonl(path: Path) -> JsonlTable:
    """Read the file once for its keys, so that none is lost that only late rows have. Raises DataInvalid."""
    keys: dict[str, None] = {}
    first: BadRow | None = None
    for _, found in _objects(path):
        if isinstance(found, BadRow):
            first = first or found
        elif len(keys) <= MAX_COLUMNS:
            keys.update(dict.fromkeys(found))
    if not keys:
        why = f"line {first.line} {first.reason}" if first else "it is blank"
        raise DataInvalid(f"{path}: no line holds a JSON object ({why}): write one object a line")
    return JsonlTable(path, named(path, list(keys)))


def _objects(path: Path) -> Iterator[tuple[int, dict[str, object] | BadRow]]:
    try:
        with path.open("rb") as stream:
            for line, raw in enumerate(lines(stream), 1):
                if not blank_line(raw):
                    yield line, object_of(line, raw, first=line == 1)
    except OSError as error:
        raise DataInvalid(f"{path}: can't be read to its end ({error})") from error


def lines(stream: BinaryIO, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The lines that begin in the bytes from `begin` to before `end`, whole. No more than MAX_ROW bytes of a line are
    held; longer ones come too long by one byte.
    """
    if begin:
        stream.seek(begin - 1)
        begin += _skip(stream, stream.readline(MAX_ROW + 1)) - 1
    while (end is None or begin < end) and (line := stream.readline(MAX_ROW + 1)):
        begin += _skip(stream, line)
        yield line


def _skip(stream: BinaryIO, line: bytes) -> int:
    """Go to the end of a line of which `line` was read; how many bytes it has."""
    size = len(line)
    while len(line) > MAX_ROW and not line.endswith(b"\n"):
        line = stream.readline(MAX_ROW + 1)
        size += len(line)
    return size


def blank_line(raw: bytes) -> bool:
    """Whether a line holds nothing but white space and a byte order mark."""
    return not raw.strip(b"\xef\xbb\xbf \t\r\n")


def object_of(line: int, raw: bytes, first: bool) -> dict[str, object] | BadRow:
    """The object on a line, or what is wrong with it. `first`: it may begin with a byte order mark."""
    if len(raw) > MAX_ROW:
        return BadRow(line, None, "too_long", f"is longer than {MAX_ROW:,} bytes: shorten its answer")
    try:
        text = raw.decode("utf-8-sig" if first else "utf-8")
        found = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        reason = f"has the byte 0x{raw[error.start]:02X}, no UTF-8, at byte {error.start}: save the file as UTF-8"
        return BadRow(line, None, "not_text", reason)
    except (ValueError, RecursionError) as error:
        return BadRow(line, None, "malformed_row", f"isn't JSON ({error}): write one object a line")
    if not isinstance(found, dict):
        reason = f"must be a JSON object, this is {text.strip()!r:.60}: write one object a line"
        return BadRow(line, None, "malformed_row", reason)
    return found


def row_of(line: int, found: dict[str, object], columns: Sequence[str]) -> Row:
    """A line's object as a row of these columns."""
    values: list[str | None] = []
    faults = []
    for place, name in enumerate(columns):
        text, other = written(found.get(name))
        values.append(text)
        if other is not None:
            faults.append(Fault(place, "not_text", f"{text!r:.60} is {other}: put it between double quotes"))
    return Row(line, tuple(values), tuple(faults))


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
