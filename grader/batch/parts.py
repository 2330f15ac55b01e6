"""Results on disk while a file is graded: finished parts stay, whatever ends the run."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol, Self

from grader.batch.files import replacing
from grader.batch.manifest import Manifest, bind
from grader.batch.model import BadRow, Graded
from grader.batch.results import decode, encode
from grader.errors import DataInvalid

_BAD = b'{"bad": '


class Store(Protocol):
    """Where a run keeps its parts, as `Parts` does."""

    def lines(self, number: int) -> list[bytes] | None: ...

    def line(self, number: int, start: int) -> bytes: ...

    def write(self, number: int, lines: Sequence[bytes]) -> None: ...


class Parts:
    """One run's part files: a line for each answer or bad row, in the file's order. One process at a time."""

    def __init__(self, folder: Path, lock: sqlite3.Connection) -> None:
        self._folder, self._lock = folder, lock

    @classmethod
    def open(cls, folder: Path, manifest: Manifest) -> Self:
        """Begin in `folder`, or go on there. Raises DataInvalid where it holds the parts of anything else."""
        folder.mkdir(parents=True, exist_ok=True)
        lock = _locked(folder)
        try:
            bind(folder, manifest)
        except BaseException:
            lock.close()
            raise
        return cls(folder, lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.close()

    def lines(self, number: int) -> list[bytes] | None:
        """A finished part's lines, each with its line break; None where it isn't finished."""
        try:
            with self._path(number).open("rb") as stream:
                return list(stream)
        except FileNotFoundError:
            return None

    def line(self, number: int, start: int) -> bytes:
        """The line that begins at byte `start` of a finished part."""
        with self._path(number).open("rb") as stream:
            stream.seek(start)
            return stream.readline()

    def write(self, number: int, lines: Sequence[bytes]) -> None:
        """Finish a part."""
        with replacing(self._path(number)) as temporary:
            temporary.write_bytes(b"".join(lines))

    def graded(self) -> Iterator[Graded]:
        """All answers that are graded."""
        return (row for row in self._rows(bad=False) if isinstance(row, Graded))

    def bad(self) -> Iterator[BadRow]:
        """All rows that aren't."""
        return (row for row in self._rows(bad=True) if isinstance(row, BadRow))

    def _rows(self, *, bad: bool) -> Iterator[Graded | BadRow]:
        for path in sorted(self._folder.glob("*.jsonl")):
            with path.open("rb") as stream:
                try:
                    yield from (read_line(line) for line in stream if is_bad(line) is bad)
                except (DataInvalid, ValueError) as error:
                    raise DataInvalid(f"{path}: is damaged ({error}): remove it, and it is made again") from error

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:08}.jsonl"


def write_line(row: Graded | BadRow) -> bytes:
    """A line of a part."""
    if isinstance(row, BadRow):
        return json.dumps({"bad": asdict(row)}).encode() + b"\n"
    return encode(row) + b"\n"


def is_bad(line: bytes) -> bool:
    """Whether a line is a bad row's."""
    return line.startswith(_BAD)


def read_line(line: bytes) -> Graded | BadRow:
    """What `write_line` was given. Raises DataInvalid for any other line."""
    return BadRow(**json.loads(line)["bad"]) if is_bad(line) else decode(line)


def _locked(folder: Path) -> sqlite3.Connection:
    """A lock that ends with the process, on every system. Raises DataInvalid."""
    try:
        lock = sqlite3.connect(folder / "lock", timeout=0, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise DataInvalid(f"{folder}: another run is writing there: wait for it, or stop it") from error
        raise DataInvalid(f"{folder}: can't be written to ({error}): choose another folder with --out") from error
    return lock
