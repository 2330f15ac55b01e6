"""CSV, JSONL and Parquet as they come from spreadsheets, scripts and broken exports."""

import csv
import io
import json
import random
import re
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.batch.model import BadRow
from grader.batch.rows import MAX_ROW
from grader.batch.tables import Row, Table, open_table
from grader.errors import DataInvalid


def written(tmp_path: Path, content: str | bytes, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def good(table: Table) -> list[tuple[int, tuple[str | None, ...]]]:
    return [(row.line, row.values) for row in table.rows() if isinstance(row, Row)]


def bad(table: Table) -> list[tuple[int, str | None, str]]:
    return [(row.line, row.column, row.code) for row in table.rows() if isinstance(row, BadRow)]


def faults(table: Table) -> list[tuple[int, str, str]]:
    rows = (row for row in table.rows() if isinstance(row, Row))
    return [(row.line, table.columns[fault.column], fault.reason) for row in rows for fault in row.faults]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_told_from_the_rows(tmp_path: Path, delimiter: str) -> None:
    rows = ["who@answer", 'c1@"a, b; c | d"', 'c2@"x\ty, z"']
    table = open_table(written(tmp_path, "\n".join(rows).replace("@", delimiter)))
    assert table.columns == ("who", "answer")
    assert good(table) == [(2, ("c1", "a, b; c | d")), (3, ("c2", "x\ty, z"))]


def test_delimiter_may_be_given(tmp_path: Path) -> None:
    path = written(tmp_path, "a^b\n1^2\n")
    assert open_table(path).columns == ("a^b",)
    assert good(open_table(path, delimiter="^")) == [(2, ("1", "2"))]
    assert open_table(written(tmp_path, "a\tb\n"), delimiter="tab").columns == ("a", "b")
    for wrong in ("", "::", '"', "\n"):
        with pytest.raises(DataInvalid, match=r"can't be a delimiter: give one character"):
            open_table(path, delimiter=wrong)


def test_delimiter_named_in_the_first_line_the_way_excel_does(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "sep=;\r\na;b\r\n1,5;2,5\r\n"))
    assert table.columns == ("a", "b") and good(table) == [(3, ("1,5", "2,5"))]


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("who,answer\nJosé,“naïve” – 5 €\n".encode(), False),
        ("who,answer\nJosé,“naïve” – 5 €\n".encode("utf-8-sig"), False),
        ("who,answer\nJosé,“naïve” – 5 €\n".encode("cp1252"), True),
        ("who,answer\nJosé,“naïve” – 5 €\n".encode("utf-16"), False),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, note: bool) -> None:
    table = open_table(written(tmp_path, content))
    assert table.columns == ("who", "answer")
    assert good(table) == [(2, ("José", "“naïve” – 5 €"))]
    assert any("Windows-1252" in one for one in table.notes) == note


def test_a_late_accent_decides_the_encoding_of_the_whole_file(tmp_path: Path) -> None:
    rows = "".join(f"c{number},plain words of an answer\n" for number in range(50_000))
    table = open_table(written(tmp_path, b"who,answer\n" + rows.encode() + "José,naïve\n".encode("cp1252")))
    assert good(table)[-1] == (50_002, ("José", "naïve"))


def test_a_damaged_byte_in_utf8_is_its_own_cells_fault(tmp_path: Path) -> None:
    content = "who,answer\nJosé,naïve\nZoë,caf@\nAnaïs,ça va\n".encode().replace(b"@", b"\xff")
    table = open_table(written(tmp_path, content))
    assert [line for line, _ in good(table)] == [2, 3, 4] and good(table)[2][1] == ("Anaïs", "ça va")
    assert faults(table) == [(3, "answer", "has the byte 0xFF, which is no UTF-8: save the file as UTF-8")]


def test_line_numbers_after_quoted_line_breaks_and_blank_lines(tmp_path: Path) -> None:
    text = '\n"who","the\nanswer"\n\nc1,"one\r\ntwo\n\nthree"\n,\nc2,four\n'
    table = open_table(written(tmp_path, text))
    assert table.columns == ("who", "the\nanswer")
    assert good(table) == [(5, ("c1", "one\r\ntwo\n\nthree")), (10, ("c2", "four"))]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ('c2,"never closed', "close every quote"),
        ('c2,"a "quoted" word"', "double those inside"),
        ("c2,one, two", "3 cells where the header has 2: put answers with delimiters or line breaks between"),
        ("c2", "1 cells where the header has 2"),
    ],
)
def test_a_broken_row_costs_itself_alone(tmp_path: Path, broken: str, reason: str) -> None:
    lines = [f'c{number},"quoted answer, {number}"' for number in range(200)]
    table = open_table(written(tmp_path, "\n".join(["who,answer", *lines[:100], broken, *lines[100:]])))
    found = [row for row in table.rows() if isinstance(row, BadRow)]
    assert [(row.line, row.code) for row in found] == [(102, "malformed_row")] and reason in found[0].reason
    assert [line for line, _ in good(table)] == [*range(2, 102), *range(103, 203)]


def test_a_row_without_an_end_neither_fills_memory_nor_takes_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w") as stream:
        stream.write('who,answer\nc1,"open\n')
        stream.writelines(f"c{number},{'word ' * 20}\n" for number in range(2, 60_000))
    table = open_table(path, delimiter=",")
    tracemalloc.start()
    lines = [row.line for row in table.rows() if isinstance(row, Row)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert bad(table) == [(2, None, "malformed_row")] and lines == list(range(3, 60_001))
    assert peak < 40 * 1024 * 1024 < 10 * path.stat().st_size


def test_a_single_endless_line_is_reported_with_its_length(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, f"who,answer\nc1,{'x' * 3 * MAX_ROW}\nc2,fine\n"))
    assert bad(table) == [(2, None, "malformed_row")] and good(table) == [(3, ("c2", "fine"))]


def test_rows_lost_to_many_broken_quotes_are_named(tmp_path: Path) -> None:
    """A file made to be read again and again: past a bound, lines are left out, and the reason says which."""
    runaway = f'x","{"y" * 1000}\n'  # opens a quote where there is none, closes and opens it again where there is one
    table = open_table(written(tmp_path, "who,answer\n" + runaway * 12_000), delimiter=",")
    found = [row for row in table.rows() if isinstance(row, BadRow)]
    lost = [re.search(r"lines (\d+) to (\d+) are left out", row.reason) for row in found]
    told = {row.line for row in found} | {
        line for span in lost if span for line in range(int(span[1]), int(span[2]) + 1)
    }
    assert told == set(range(2, 12_002)) and any(lost)


CELL = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(['"', "\n", "\r", "\r\n", 'a"\n,b', " x "])


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL), max_size=12),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    dialect=st.sampled_from(
        [("\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_ALL), ("\r", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_MINIMAL)]
    ),
    mark=st.booleans(),
)
def test_what_a_csv_writer_writes_is_read_back_with_its_lines(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str]],
    delimiter: str,
    dialect: tuple[str, Literal[0, 1]],
    mark: bool,
) -> None:
    out, expected = io.StringIO(newline=""), []
    writer = csv.writer(out, delimiter=delimiter, lineterminator=dialect[0], quoting=dialect[1])
    writer.writerow(("who", "answer"))
    for row in rows:
        line = len(re.findall(r"\r\n|\r|\n", out.getvalue())) + 1
        writer.writerow(row)
        if any(cell.strip() for cell in row):
            expected.append((line, row))
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(out.getvalue().encode("utf-8-sig" if mark else "utf-8"))
    table = open_table(path, delimiter=delimiter)
    assert list(table.rows()) == [Row(line, row) for line, row in expected]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a"
    for kind in (None, "csv", "jsonl", "xlsx", "parquet"):
        for start in (b"", b"PK\x03\x04", b"PAR1", b'{"a":', b"\xff\xfe", b"a,b\n"):
            path.write_bytes(start + content)
            try:
                for row in open_table(path, kind).rows():
                    assert row.line >= 1
            except DataInvalid as error:
                assert str(path) in str(error)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("", "a.csv", r"a\.csv: is empty"),
        ("\n\n", "a.csv", "is blank"),
        (" ,\n,\n", "a.csv", "is blank"),
        ("a,b,a\n", "a.csv", "has 2 columns named 'a': give each a name of its own"),
        (",".join(f"q{number}" for number in range(16_384)), "a.csv", "has 16,384 columns, 1,000 are allowed"),
        ('a,"b\n1,2\n', "a.csv", "line 1: the header can't be read as CSV"),
        (b"\x00\x01" * 500, "a.csv", "is full of null bytes"),
        (b"\xd0\xcf\x11\xe0 old", "a.xls", r"old \.xls workbook or one with a password"),
        (b"\x1f\x8b zipped", "a.csv.gz", "compressed with gzip: unpack it first"),
        ("a,b\n", "a.xlsx", "isn't xlsx, for it begins with b'a,b"),
        ("a,b\n", "a.parquet", "isn't parquet"),
        (b"PAR1 cut off", "a.parquet", "can't be read as Parquet"),
        (b"PK\x03\x04 cut off", "a.xlsx", "can't be read as XLSX .* cut off; save it anew"),
        ('[{"a": 1}]', "a.json", r"no line holds a JSON object \(line 1 must be a JSON object"),
        ("\n \n", "a.jsonl", "it is blank"),
        ('{"": 1}', "a.jsonl", "has a column named '', which is no text"),
        ('{"\\ud800": 1}', "a.jsonl", r"named '\\ud800', which is no text"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, content: str | bytes, name: str, message: str) -> None:
    with pytest.raises(DataInvalid, match=message):
        open_table(written(tmp_path, content, name))


def test_a_missing_file_and_an_unknown_kind(tmp_path: Path) -> None:
    with pytest.raises(DataInvalid, match=r"none\.csv: can't be read \(No such file"):
        open_table(tmp_path / "none.csv")
    with pytest.raises(DataInvalid, match="'ods' is no kind of file: take one of csv, xlsx, jsonl, parquet"):
        open_table(written(tmp_path, "a\n"), "ods")
    with pytest.raises(DataInvalid, match="read as jsonl, which has no delimiter"):
        open_table(written(tmp_path, '{"a": 1}'), "jsonl", ";")


def test_kinds_are_told_from_content_where_the_name_says_nothing(tmp_path: Path) -> None:
    assert open_table(written(tmp_path, '\n{"a": 1, "b": 2}\n', "upload")).columns == ("a", "b")
    assert open_table(written(tmp_path, "a,b\n", "upload")).columns == ("a", "b")
    pq.write_table(pa.table({"c": ["x"]}), tmp_path / "answers.csv")
    assert open_table(tmp_path / "answers.csv").columns == ("c",)


def test_header_names_are_trimmed_and_blank_ones_named(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, " who ,,answer,,\nc1,x,hello,,\nc2,x,hello,,y\n"))
    assert table.columns == ("who", "column 2", "answer")
    assert good(table) == [(2, ("c1", "x", "hello"))] and bad(table) == [(3, None, "malformed_row")]


def test_jsonl(tmp_path: Path) -> None:
    rows = [
        '{"who": "c1", "answer": "one\\ntwo", "n": 3}',
        "",
        '{"who": 17, "answer": "x", "late": null}',
        "{not json}",
        '["a", "list"]',
        '{"who": "c2", "who": "c3"}',
        '{"who": true, "answer": ["x", "é"], "n": 0.1}',
        '{"answer": NaN}',
        '{"answer": 1e999}',
        "[" * 100_000,
        "",
    ]
    table = open_table(written(tmp_path, "\ufeff" + "\n".join(rows), "a.jsonl"))
    assert table.columns == ("who", "answer", "n", "late")
    assert good(table) == [
        (1, ("c1", "one\ntwo", "3", None)),
        (3, ("17", "x", None, None)),
        (7, ("true", '["x", "é"]', "0.1", None)),
        (9, (None, "inf", None, None)),
    ]
    assert bad(table) == [(line, None, "malformed_row") for line in (4, 5, 6, 8, 10)]
    assert [(line, column) for line, column, _ in faults(table)] == [(7, "who"), (7, "answer"), (9, "answer")]
    assert faults(table)[1][2] == '\'["x", "é"]\' is a list or an object: put it between double quotes'


def test_jsonl_lines_that_are_no_utf8_or_too_long(tmp_path: Path) -> None:
    long = json.dumps({"answer": "x" * MAX_ROW}).encode()
    lines = [b'{"answer": "a"}', b'{"answer": "\xe9"}', long, b'{"answer": "b"}']
    table = open_table(written(tmp_path, b"\n".join(lines), "a.jsonl"))
    assert good(table) == [(1, ("a",)), (4, ("b",))]
    assert bad(table) == [(2, None, "not_text"), (3, None, "too_long")]


def test_parquet_in_several_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    columns = {"who": [f"c{n}" for n in range(1000)], "answer": ["é" * (n % 7) or None for n in range(1000)]}
    pq.write_table(pa.table(columns), path, row_group_size=150)
    table = open_table(path)
    assert table.columns == ("who", "answer")
    assert good(table) == [(n + 1, (f"c{n}", "é" * (n % 7) or None)) for n in range(1000)]


def test_parquet_types(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    values = {
        "text": pa.array(["x"], pa.large_string()),
        "category": pa.array(["y"]).dictionary_encode(),
        "bytes": pa.array([b"z"]),
        "int": pa.array([17]),
        "missing": pa.array([float("nan")]),
        "day": pa.array([date(2024, 2, 1)]),
        "at": pa.array([datetime(2024, 2, 1, 3)], pa.timestamp("ns")),
        "list": pa.array([["a", "b"]]),
        "flag": pa.array([True]),
    }
    pq.write_table(pa.table(values), path)
    table = open_table(path)
    [(line, found)] = good(table)
    assert line == 1 and found[:6] == ("x", "y", "z", "17", None, "2024-02-01") and found[7:] == ('["a", "b"]', "true")
    assert {column for _, column, _ in faults(table)} == {"day", "at", "list", "flag"}


def test_parquet_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"answer": [b"fine", b"\xff\xfe", b"fine"]}), path)
    table = open_table(path)
    assert [line for line, _ in good(table)] == [1, 3] and bad(table) == [(2, "answer", "not_text")]


def test_parquet_cut_off_or_built_to_burst(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    random_texts = [random.Random(n).randbytes(200).hex() for n in range(2000)]
    pq.write_table(pa.table({"answer": random_texts}), path, use_dictionary=False)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataInvalid, match="can't be read as Parquet"):
        open_table(path)
    damaged = bytearray(whole)
    damaged[100:5000] = bytes(4900)
    path.write_bytes(damaged)
    with pytest.raises(DataInvalid, match=r"can't be read after row \d+"):
        list(open_table(path).rows())
    pq.write_table(pa.table({"answer": ["x" * 20_000_000]}), path, compression="zstd", use_dictionary=False)
    with pytest.raises(DataInvalid, match=r"column 'answer' grows from [\d,]+ bytes to 20,0"):
        open_table(path)


def test_a_long_file_is_read_in_constant_memory(tmp_path: Path) -> None:
    def peak(kind: str, count: int) -> int:
        path = tmp_path / f"{count}.{kind}"
        with path.open("w") as stream:
            stream.writelines(_lines(kind, count))
        tracemalloc.start()
        assert sum(isinstance(row, Row) for row in open_table(path).rows()) == count
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    for kind in ("csv", "jsonl"):
        peak(kind, 10)  # imports
        assert peak(kind, 30_000) < peak(kind, 10_000) + 200_000


def _lines(kind: str, count: int) -> Iterator[str]:
    if kind == "csv":
        yield "who,answer\n"
    for number in range(count):
        row = {"who": f"c{number}", "answer": "words of an answer " * 20}
        yield json.dumps(row) + "\n" if kind == "jsonl" else ",".join(row.values()) + "\n"
