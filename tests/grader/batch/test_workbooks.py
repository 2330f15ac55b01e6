"""XLSX: real workbooks, damaged ones, and some built to exhaust memory."""

import datetime
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from grader.batch import xlsx_cells
from grader.batch.model import BadRow
from grader.batch.tables import Row, open_table
from grader.errors import DataInvalid

TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def workbook(path: Path, fill: Callable[[xlsxwriter.Workbook], None]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        fill(book)
    return path


def relationships(**targets: str) -> str:
    inside = (f'<Relationship Id="{kind}" Type="{TYPES}/{kind}" Target="{part}"/>' for kind, part in targets.items())
    return f'<Relationships xmlns="{PACKAGE}">{"".join(inside)}</Relationships>'


def crafted(path: Path, rows: str, texts: str = "", head: str = "") -> Path:
    """A minimal workbook whose only sheet has `rows`, its XML headed by `head`."""
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relationships(officeDocument="xl/workbook.xml"),
        "xl/workbook.xml": (
            f'<workbook {MAIN} xmlns:r="{TYPES}"><sheets><sheet name="S" r:id="worksheet"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": relationships(worksheet="worksheets/sheet1.xml"),
        "xl/sharedStrings.xml": f"<sst {MAIN}>{texts}</sst>",
        "xl/worksheets/sheet1.xml": f"{head}<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def inline(*cells: str) -> str:
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"


def test_values_lines_and_faults(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Answers")
        sheet.write_row(1, 1, ["who", "answer", "n"])
        sheet.write_row(2, 1, ["c1", " one\ntwo é😀 ", 17])
        sheet.write_row(4, 1, ["c2", "x", 0.1])
        sheet.write_formula(5, 2, '="a"&"b"', None, "ab")
        sheet.write_formula(5, 3, "=1/0", None, "#DIV/0!")
        sheet.write(6, 2, True)
        sheet.write_datetime(6, 3, datetime.datetime(2024, 2, 1), book.add_format({"num_format": "d mmm yyyy"}))
        sheet.write_rich_string(7, 2, "plain ", book.add_format({"bold": True}), "bold", " plain")

    table = open_table(workbook(tmp_path / "a.xlsx", fill))
    assert table.columns == ("who", "answer", "n") and table.notes == ()
    rows = [row for row in table.rows() if isinstance(row, Row)]
    assert [(row.line, row.values) for row in rows] == [
        (3, ("c1", " one\ntwo é😀 ", "17")),
        (5, ("c2", "x", "0.1")),
        (6, ("", "ab", "")),
        (7, ("", "true", "2024-02-01")),
        (8, ("", "plain bold plain", "")),
    ]
    assert [(fault.column, fault.code, fault.reason) for row in rows for fault in row.faults] == [
        (1, "formula", "the cell C6 holds a formula, whose value may be out of date: paste it as a value"),
        (2, "error", "the cell D6 holds an error instead of a value: correct it"),
        (1, "not_text", "the cell C7 holds true or false ('true'): format it as text"),
        (2, "not_text", "the cell D7 holds a date or time ('2024-02-01'): format it as text"),
    ]
    assert list(table.rows()) == rows


def test_the_first_visible_sheet_is_read_and_others_are_named(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        names = ["Secret", "Answers", "Notes & more", "Empty"]
        sheets = {name: book.add_worksheet(name) for name in names}
        sheets["Secret"].hide()
        sheets["Secret"].write(0, 0, "hidden")
        sheets["Answers"].write_column(0, 0, ["answer", "yes"])
        sheets["Notes & more"].write(0, 0, "note")
        sheets["Answers"].activate()
        sheets["Answers"].set_first_sheet()

    table = open_table(workbook(tmp_path / "a.xlsx", fill))
    assert list(table.rows()) == [Row(2, ("yes",))]
    assert table.notes == ("only the sheet 'Answers' was read, not 'Notes & more'",)


def test_rows_beyond_the_header_are_bad(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["who", "answer"])
        sheet.write_row(1, 0, ["c1", "fine"])
        sheet.write_row(2, 0, ["c2", "fine", "stray"])

    rows = list(open_table(workbook(tmp_path / "a.xlsx", fill)).rows())
    assert rows[0] == Row(2, ("c1", "fine")) and isinstance(rows[1], BadRow) and rows[1].code == "malformed_row"


def test_a_crafted_workbook_without_positions_is_read(tmp_path: Path) -> None:
    """The refusals below come from what is wrong with them, not from how they are made."""
    rows = inline("who", "answer") + inline("c1", "x") + '<row><c t="s"><v>0</v></c><c><f>1+1</f><v>2</v></c></row>'
    table = open_table(crafted(tmp_path / "a.xlsx", rows, "<si><t>c2</t></si>"))
    found = list(table.rows())
    assert [(row.line, row.values) for row in found if isinstance(row, Row)] == [(2, ("c1", "x")), (3, ("c2", "2"))]
    assert isinstance(found[1], Row) and found[1].faults[0].code == "formula"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="Z1048576"><v>1</v></c></row>',
            "27,262,976 cells",
        ),
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>', r"has a cell in column 16,384 of the sheet 'S', 1,000 are"),
        ("<row>" + "<c><v>1</v></c>" * 1001 + "</row>", "a cell in column 1,001 "),
        ('<row><c r="A0"><v>1</v></c></row>', "cell at 'A0', which is no place"),
        ('<row r="one"><c><v>1</v></c></row>', "can't be read as XLSX"),
        ("", "is blank: put a header and answers into the first sheet"),
        (inline("who", "answer").replace("<is>", "<f>A1</f><is>", 1), "header, row 1, the cell A1 holds a formula"),
        (inline("who", "who"), "2 columns named 'who'"),
        ("<row><c><v>1</row>", r"can't be read as XLSX \(mismatched tag"),
    ],
)
def test_sheets_that_are_refused(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(DataInvalid, match=message):
        open_table(crafted(tmp_path / "a.xlsx", rows))


def test_an_encoding_that_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(DataInvalid, match=r"can't be read as XLSX .*unknown encoding: UTF-9"):
        open_table(crafted(tmp_path / "a.xlsx", inline("a"), head='<?xml version="1.0" encoding="UTF-9"?>'))


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    head = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    with pytest.raises(DataInvalid, match="declares a document type"):
        open_table(crafted(tmp_path / "a.xlsx", inline("&b;"), head=head))


def test_one_long_text_that_every_cell_refers_to(tmp_path: Path) -> None:
    refers = '<row><c t="s"><v>0</v></c></row>'
    text = f"<si><t>{'x' * 30_000}</t></si>"
    with pytest.raises(DataInvalid, match=r"more than 200,000,000 characters in the sheet 'S': save the sheet as CSV"):
        open_table(crafted(tmp_path / "a.xlsx", refers * 7_000, text))


def test_too_many_formulas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_cells, "MAX_FAULTS", 10)
    with pytest.raises(DataInvalid, match="more than 10 formulas or errors"):
        open_table(crafted(tmp_path / "a.xlsx", inline("a") + "<row><c><f>1</f></c></row>" * 11))


def test_parts_that_grow_too_much(tmp_path: Path) -> None:
    path = crafted(tmp_path / "a.xlsx", inline("a") + " " * 11_000_000)
    with pytest.raises(DataInvalid, match=r"part 'xl/worksheets/sheet1\.xml' grow from [\d,]+ bytes to 11,000,"):
        open_table(path)


def test_parts_that_lie_about_their_size(tmp_path: Path) -> None:
    """zipfile believes the size that a part declares; other readers unpack all of it."""
    path = crafted(tmp_path / "a.xlsx", inline("a") + " " * 11_000_000)
    with zipfile.ZipFile(path) as archive:
        declared = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    content = path.read_bytes()
    path.write_bytes(content.replace(declared.to_bytes(4, "little"), (5_000).to_bytes(4, "little")))
    with pytest.raises(DataInvalid, match=r"says that 'xl/worksheets/sheet1\.xml' has 5,000 bytes, which isn't so"):
        open_table(path)


def test_parts_that_are_too_much_together(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(30):
            archive.writestr(f"{number}.bin", bytes(9_000_000))
    with pytest.raises(DataInvalid, match="unpacks to 270,000,000 bytes, 200,000,000 are allowed"):
        open_table(path)


def test_an_archive_of_a_million_parts_is_not_listed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"PK\5\6" + bytes(8) + (50_000_000).to_bytes(4, "little") + bytes(6))
    with pytest.raises(DataInvalid, match="far more parts than a workbook has"):
        open_table(path)


BOMBS = {
    "grows": lambda path: crafted(path, inline("a") + " " * 100_000_000),
    "far corner": lambda path: crafted(path, inline("a") + '<row r="1048576"><c r="ALL1048576"><v>1</v></c></row>'),
    "columns": lambda path: crafted(path, "<row>" + "<c><v>1</v></c>" * 16_384 + "</row>"),
    "one text": lambda path: crafted(
        path, '<row><c t="s"><v>0</v></c></row>' * 7_000, f"<si><t>{'x' * 30_000}</t></si>"
    ),
    "formulas": lambda path: crafted(path, inline("a") + "<row><c><f>1</f></c></row>" * 300_000),
    "texts": lambda path: crafted(path, inline("a"), "<si><t>x</t></si>" * 2_100_000),
}
OPEN_ALL = """
import sys
from pathlib import Path
from benchmarks.measure import most
from grader.batch.tables import open_table
from grader.errors import DataInvalid

before = most()
for name in sys.argv[1:]:
    try:
        open_table(Path(name))
    except DataInvalid:
        print(most() - before)
"""


def test_bombs_are_refused_in_little_memory(tmp_path: Path) -> None:
    paths = [make(tmp_path / f"{name}.xlsx") for name, make in BOMBS.items()]
    command = [sys.executable, "-c", OPEN_ALL, *map(str, paths)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert len(told) == len(BOMBS), "all are refused"
    assert max(map(float, told)) < 60, told  # MiB; unpacked they are up to 210 MB each


def test_no_workbook_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("answers.txt", "hello")
    with pytest.raises(DataInvalid, match=r"has no part '_rels/\.rels'"):
        open_table(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ANSWERS.txt", "hello")
    with pytest.raises(DataInvalid, match="holds a part twice"):
        open_table(path)


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("_rels/.rels", relationships(officeDocument="other/workbook.xml")),
        ("xl/_rels/workbook.xml.rels", relationships(worksheet="worksheets/sheet1.xml", sharedStrings="/other.xml")),
    ],
)
def test_a_workbook_that_leads_its_reader_elsewhere(tmp_path: Path, part: str, content: str) -> None:
    whole, path = crafted(tmp_path / "whole.xlsx", inline("a")), tmp_path / "a.xlsx"
    with zipfile.ZipFile(whole) as before, zipfile.ZipFile(path, "w") as after:
        for name in before.namelist():
            after.writestr(name, content if name == part else before.read(name))
    with pytest.raises(DataInvalid, match=r"keeps in 'other.*\.xml' what a workbook has in 'xl/"):
        open_table(path)


def test_a_workbook_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = crafted(tmp_path / "whole.xlsx", inline("who", "answer") + inline("c1", "x")).read_bytes()
    path = tmp_path / "a.xlsx"
    for size in range(4, len(whole), 37):
        path.write_bytes(whole[:size])
        with pytest.raises(DataInvalid, match=r"a\.xlsx: can't be read as XLSX|far more parts"):
            open_table(path)


def test_a_damaged_workbook_is_read_or_refused(tmp_path: Path) -> None:
    whole = crafted(tmp_path / "whole.xlsx", inline("who", "answer") + inline("c1", "x")).read_bytes()
    path = tmp_path / "a.xlsx"
    for at in range(4, len(whole), 11):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        path.write_bytes(damaged)
        try:
            assert list(open_table(path).rows())
        except DataInvalid as error:
            assert str(path) in str(error)
