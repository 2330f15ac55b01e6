"""What a workbook's sheet holds, found out in bounded memory before the sheet itself is read.

A few kilobytes of XLSX can grow to gigabytes: through compression, through one cell in the last row of the last column,
or through one long text that every cell refers to. The sheet's reader would take all of it into memory.
"""

import zipfile
import zlib
from array import array
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from grader.batch.xlsx_cells import MAX_CELLS, Cells, local, parse
from grader.batch.xlsx_package import Package, refuse_long_index
from grader.errors import DataInvalid

_BOOK, _RELATED, _TEXTS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedstrings.xml"

_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError),  # the archive's
    *(expat.ExpatError, ValueError, LookupError),  # a part's: its XML, its numbers, the encoding that it names
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet to read: its place in the workbook and its name; `others`: names of the other sheets with cells.

    faults: cells by row and column, both 1-based, that hold a "formula" or an "error".
    """

    index: int
    name: str
    others: tuple[str, ...]
    faults: dict[tuple[int, int], str]


def scan(path: Path) -> Sheet:
    """Look through a workbook for its first visible sheet. Raises DataInvalid when it is damaged or too large."""
    try:
        refuse_long_index(path)
        with zipfile.ZipFile(path) as archive:
            return _scan(Package(path, archive))
    except _DAMAGE as error:
        raise DataInvalid(f"{path}: can't be read as XLSX ({error}): it may be cut off; save it anew") from error


def _scan(package: Package) -> Sheet:
    for name in ("_rels/.rels", _BOOK, _RELATED):
        if name not in package:
            raise package.refusal(f"has no part {name!r}, so it is no usual workbook")
    sheets = _sheets(package)
    if not sheets:
        raise package.refusal("has no visible sheet")
    read = {_TEXTS, *(part for _, _, part in sheets)}
    for name in package.names():
        if name not in read:
            for _ in package.read(name):  # for its true size
                pass
    index, title, part = sheets[0]
    cells = Cells(package, title, _text_sizes(package))
    parse(package.read(part), cells.start, cells.end, cells.text)
    others = tuple(name for _, name, part in sheets[1:] if _has_cells(package, part))
    return Sheet(index, title, others, cells.checked())


def _sheets(package: Package) -> list[tuple[int, str, str]]:
    """Place, name and part of every visible worksheet."""
    _refuse_other(package, _relationships(package, "_rels/.rels", ""), "/officeDocument", _BOOK)
    related = _relationships(package, _RELATED, "xl/")
    _refuse_other(package, related, "/sharedStrings", _TEXTS)
    targets = {id_: target for id_, kind, target in related if kind.endswith("/worksheet")}
    listed: list[dict[str, str]] = []

    def start(name: str, values: dict[str, str]) -> None:
        if local(name) == "sheet":
            listed.append({local(key): value for key, value in values.items()})

    parse(package.read(_BOOK), start)
    found = []
    for index, values in enumerate(listed):
        part = targets.get(values.get("id", ""))
        if part is not None and values.get("state", "visible") == "visible":
            if part not in package:
                raise package.refusal(f"lacks the part {part!r:.80}")
            found.append((index, values.get("name", ""), part))
    return found


def _relationships(package: Package, name: str, base: str) -> list[tuple[str, str, str]]:
    """Id, type and target part of each relationship."""
    found: list[tuple[str, str, str]] = []

    def start(element: str, values: dict[str, str]) -> None:
        if local(element) == "Relationship":
            target = values.get("Target", "").casefold()
            part = target[1:] if target.startswith("/") else base + target.removeprefix(base)
            found.append((values.get("Id", ""), values.get("Type", ""), part))

    parse(package.read(name), start)
    return found


def _refuse_other(package: Package, related: list[tuple[str, str, str]], kind: str, usual: str) -> None:
    """The reader goes by these relationships, so they must not lead it past what is looked through here."""
    for _, found, part in related:
        if found.endswith(kind) and part != usual:
            raise package.refusal(f"keeps in {part!r:.80} what a workbook has in {usual!r}")


def _text_sizes(package: Package) -> "array[int]":
    """Characters of each shared text."""
    sizes = array("I")
    if _TEXTS not in package:
        return sizes

    def start(name: str, _: dict[str, str]) -> None:
        if local(name) == "si":
            sizes.append(0)
            if len(sizes) > MAX_CELLS:
                raise package.refusal(f"holds more than {MAX_CELLS:,} texts")

    def text(data: str) -> None:
        if sizes:
            sizes[-1] += len(data)

    parse(package.read(_TEXTS), start, text=text)
    return sizes


def _has_cells(package: Package, part: str) -> bool:
    found = False

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal found
        found = found or local(name) == "c"

    parse(package.read(part), start)
    return found
