"""A report as a workbook. The only importer of xlsxwriter here."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from api.report.hide import hidden
from api.report.model import Report
from api.report.sheets import Cell, Sheet, sheets
from api.report.show import clean
from grader.batch.outputs import CELL, harmless
from grader.errors import DataInvalid

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

WIDEST = 60  # characters, for columns of prose
_PROSE = ("question", "statement", "meaning", "correction", "quote", "why", "feedback", "next step", "answer")
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def to_xlsx(report: Report, path: Path, hide_names: bool = False) -> None:
    """Write the workbook to `path`: one sheet for each part. What can't be told is an empty cell.

    No cell is a formula: text that a spreadsheet could take for one begins with an apostrophe. Text longer than a cell
    holds ends with a note that says so. Raises DataInvalid for more rows or columns than a sheet has.
    """
    from xlsxwriter import Workbook

    if hide_names:
        report = hidden(report)
    with Workbook(str(path), _OPTIONS) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        for sheet in sheets(report):
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 1)
            for column, title in enumerate(sheet.head):
                page.set_column(column, column, _width(title))
                _placed(page.write_string(0, column, plain(title), bold), sheet)
            for number, row in enumerate(sheet.rows, 1):
                _write(page, number, row, sheet)


def plain(text: str) -> str:
    """Text that a cell can hold and no spreadsheet takes for a formula."""
    text = harmless(clean(text))
    if 2 * len(text) <= CELL:  # no character is more than two units
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * CELL:
        return text
    note = f"… [cut: a cell holds no more; the JSON report has all {len(text):,} characters]"
    return units[: 2 * (CELL - len(note))].decode("utf-16-le", "ignore") + note


def _write(page: "Worksheet", number: int, row: Sequence[Cell], sheet: Sheet) -> None:
    for column, value in enumerate(row):
        if isinstance(value, str):
            _placed(page.write_string(number, column, plain(value)), sheet)
        elif value is not None:
            _placed(page.write_number(number, column, value), sheet)


def _placed(status: int, sheet: Sheet) -> None:
    if status:
        raise DataInvalid(f"sheet {sheet.name!r} needs more rows or columns than a workbook has: take the JSON report")


def _width(title: str) -> int:
    return WIDEST if title.endswith(_PROSE) else min(max(len(title) + 2, 12), WIDEST // 2)
