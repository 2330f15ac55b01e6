"""One pass over a sheet's XML, an event at a time."""

import re
from array import array
from collections.abc import Callable, Iterable
from typing import NoReturn
from xml.parsers import expat  # no tree is built, no entity expanded, a document type refused

from grader.batch.rows import MAX_COLUMNS
from grader.batch.xlsx_package import MAX_BYTES, Package

MAX_CELLS = 3_000_000  # of the rectangle around all cells, which the sheet's reader holds in memory
MAX_FAULTS = 100_000  # cells with a formula or an error
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


class Cells:
    """A pass over one sheet: how far its cells reach, how much text they hold, which hold no plain value."""

    def __init__(self, package: Package, title: str, sizes: "array[int]") -> None:
        self._package, self._title, self._sizes = package, title, sizes
        self._row = self._column = self._count = 0
        self._rows: tuple[int, int] | None = None
        self._columns = (0, 0)
        self._shared: list[str] | None = None
        self._refers, self._characters = False, 0
        self._faults: dict[tuple[int, int], str] = {}

    def start(self, name: str, values: dict[str, str]) -> None:
        plain = local(name)
        if plain == "c":
            self._cell(values)
        elif plain == "row":
            self._row, self._column = int(values["r"]) if "r" in values else self._row + 1, 0
        elif plain == "f":
            self._fault("formula")
        elif plain == "v" and self._refers:
            self._shared = []

    def text(self, data: str) -> None:
        if self._shared is not None:
            self._shared.append(data)

    def end(self, name: str) -> None:
        if self._shared is not None and local(name) == "v":
            index = int("".join(self._shared)[:20])
            self._shared = None
            self._characters += self._sizes[index] if 0 <= index < len(self._sizes) else 0
            if self._characters > MAX_BYTES:
                raise self._package.refusal(f"has more than {MAX_BYTES:,} characters in the sheet {self._title!r:.80}")

    def checked(self) -> dict[tuple[int, int], str]:
        """The faults, once it is known that the cells fit into memory."""
        first, last = self._rows or (0, -1)
        left, right = self._columns
        size = max(self._count, (last - first + 1) * (right - left + 1))
        if size > MAX_CELLS:
            raise self._package.refusal(
                f"has {size:,} cells in the sheet {self._title!r:.80}, {MAX_CELLS:,} are allowed"
            )
        return self._faults

    def _cell(self, values: dict[str, str]) -> None:
        self._count += 1
        self._column += 1
        if "r" in values:
            place = _CELL.fullmatch(values["r"])
            if place is None:
                raise self._package.refusal(f"has a cell at {values['r']!r:.40}, which is no place in a sheet")
            self._row, self._column = int(place[2]), _number(place[1])
        if self._column > MAX_COLUMNS:
            where = f"column {self._column:,} of the sheet {self._title!r:.80}"
            raise self._package.refusal(f"has a cell in {where}, {MAX_COLUMNS:,} are allowed")
        first, last = self._rows or (self._row, self._row)
        left, right = self._columns if self._rows else (self._column, self._column)
        self._rows = min(first, self._row), max(last, self._row)
        self._columns = min(left, self._column), max(right, self._column)
        self._refers = values.get("t") == "s"
        if values.get("t") == "e":
            self._fault("error")

    def _fault(self, what: str) -> None:
        self._faults.setdefault((self._row, self._column), what)
        if len(self._faults) > MAX_FAULTS:
            what = f"has more than {MAX_FAULTS:,} formulas or errors in the sheet {self._title!r:.80}"
            raise self._package.refusal(what)


def _number(letters: str) -> int:
    """A column's number from its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def local(name: str) -> str:
    """An element's name without its prefix."""
    return name.rpartition(":")[2]


def parse(
    chunks: Iterable[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Call `start` (name, attributes), `end` (name) and `text` for what an XML part holds. Raises ExpatError and, where
    it declares a document type, ValueError.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    for chunk in chunks:
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _refuse_doctype(*_: object) -> NoReturn:
    raise ValueError("it declares a document type, which no workbook does")
