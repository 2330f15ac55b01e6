"""Which answers are identical, so that each is graded once."""

import sqlite3
from hashlib import blake2b
from typing import Self

from grader.batch.model import Item


def digest(item: Item) -> bytes:
    """128 bits of what is graded: rubric and answer."""
    return blake2b(f"{item.rubric}\0{item.answer}".encode(), digest_size=16).digest()


class Copies:
    """Where the result of each distinct answer stands: the part it is in and the offset of its line in bytes.

    About 40 bytes an answer in a temporary file that goes with the process, and at most 8 MB in memory.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA cache_size = -8000")
        self._database.execute("CREATE TABLE place (digest BLOB PRIMARY KEY, part INT, start INT) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def is_new(self, digest: bytes) -> bool:
        """Whether this is the first answer of its kind; True once for each."""
        return self._database.execute("INSERT OR IGNORE INTO place VALUES (?, NULL, NULL)", (digest,)).rowcount == 1

    def put(self, digest: bytes, part: int, start: int) -> None:
        """Remember where the first one's result stands."""
        self._database.execute("UPDATE place SET part = ?, start = ? WHERE digest = ?", (part, start, digest))

    def place(self, digest: bytes) -> tuple[int, int]:
        """Part and start of the first one's result, which was `put` before."""
        part, start = self._database.execute("SELECT part, start FROM place WHERE digest = ?", (digest,)).fetchone()
        return int(part), int(start)
