"""XLSX. The sheet is in memory while it is read, so it is looked through beforehand (`xlsx_scan`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from grader.batch.cells import written
from grader.batch.model import BadRow
from grader.batch.rows import Fault, Row, blank, fitted, header
from grader.batch.xlsx_scan import Sheet, scan
from grader.errors import DataInvalid

_EXACT = 1e15  # whole numbers below it are exact in a spreadsheet
_FAULTS = {
    "formula": "holds a formula, whose value may be out of date: paste it as a value",
    "error": "holds an error instead of a value: correct it",
}


@dataclass(frozen=True, slots=True)
class XlsxTable:
    """A workbook's first visible sheet. `first`: row of the header, `left`: its first column, both 1-based."""

    path: Path
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    first: int
    left: int
    sheet: CalamineSheet
    faults: dict[tuple[int, int], str]

    def rows(self) -> Iterator[Row | BadRow]:
        for line, (values, faults) in _cells(self.sheet, self.left, self.faults):
            if line > self.first and (faults or not blank(values)):
                cells = fitted(line, values, len(self.columns))
                yield cells if isinstance(cells, BadRow) else Row(line, cells, tuple(faults))


def open_xlsx(path: Path) -> XlsxTable:
    """Look through the workbook and read its sheet. Raises DataInvalid."""
    found = scan(path)
    sheet = _sheet(path, found)
    left = (sheet.start or (0, 0))[1] + 1
    for line, (values, faults) in _cells(sheet, left, found.faults):
        if faults:
            raise DataInvalid(f"{path}: in the header, row {line}, {faults[0].reason}")
        if not blank(values):
            notes = (f"only the sheet {found.name!r} was read, not {', '.join(map(repr, found.others))}",)
            columns = header(path, values)
            return XlsxTable(path, columns, notes if found.others else (), line, left, sheet, found.faults)
    raise DataInvalid(f"{path}: the sheet {found.name!r:.80} is blank: put a header and answers into the first sheet")


def _sheet(path: Path, found: Sheet) -> CalamineSheet:
    try:
        with CalamineWorkbook.from_path(path) as book:
            if book.sheet_names[found.index : found.index + 1] != [found.name]:
                raise DataInvalid(f"{path}: is built in an unusual way: save the sheet as CSV")
            return book.get_sheet_by_index(found.index)
    except (CalamineError, OSError, ValueError) as error:
        raise DataInvalid(f"{path}: can't be read as XLSX ({error}): save it anew, or as CSV") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how a fault inside calamine arrives; no child of Exception
            raise
        raise DataInvalid(f"{path}: can't be read as XLSX: save it anew, or as CSV") from error


def _cells(
    sheet: CalamineSheet, left: int, faults: dict[tuple[int, int], str]
) -> Iterator[tuple[int, tuple[list[str | None], list[Fault]]]]:
    """Every row with its number, the first one in the sheet being 1."""
    faulty = {row for row, _ in faults}
    for line, cells in enumerate(sheet.iter_rows(), 1):
        yield line, _row(line, cells, left, faults if line in faulty else {})


def _row(
    line: int, cells: Sequence[object], left: int, faults: dict[tuple[int, int], str]
) -> tuple[list[str | None], list[Fault]]:
    values: list[str | None] = []
    found = []
    for place, cell in enumerate(cells):
        whole = isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT
        text, other = written(int(cell) if whole and isinstance(cell, float) else cell)
        where = f"the cell {_letters(left + place)}{line}"
        if (what := faults.get((line, left + place))) is not None:
            found.append(Fault(place, what, f"{where} {_FAULTS[what]}"))
        elif other is not None:
            found.append(Fault(place, "not_text", f"{where} holds {other} ({text!r:.40}): format it as text"))
        values.append(text)
    return values, found


def _letters(number: int) -> str:
    """A column's letters: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
