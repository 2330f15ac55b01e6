"""Rows → items: every answer once, or the reason why not."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.batch.columns import ColumnMap
from grader.batch.items import items
from grader.batch.model import BadRow, Item
from grader.batch.tables import Table, open_table
from grader.errors import DataInvalid
from grader.text import check

LONG = ColumnMap(candidate="who", rubric="rubric", answer="answer")
KNOWN = {"r1", "r2"}


def read(table: Table, columns: ColumnMap = LONG, limit: int = 50) -> list[Item | BadRow]:
    return list(items(table, columns, KNOWN, lambda text: check(text, limit)))


def table(tmp_path: Path, text: str, name: str = "a.csv") -> Table:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return open_table(path)


def test_long_form(tmp_path: Path) -> None:
    text = 'who,age,rubric,answer,note\n c1 ,33, r1 ," one\ntwo ",\nc1,34,r2,x,é\n,35,r1,y,\n'
    assert read(table(tmp_path, text)) == [
        Item(2, "c1/r1", "c1", "r1", " one\ntwo ", (("age", "33"), ("note", ""))),
        Item(4, "c1/r2", "c1", "r2", "x", (("age", "34"), ("note", "é"))),
        Item(5, "line 5/r1", None, "r1", "y", (("age", "35"), ("note", ""))),
    ]


def test_own_keys_and_one_rubric_for_all(tmp_path: Path) -> None:
    columns = ColumnMap(key="id", answer="answer", fixed_rubric="r2")
    found = read(table(tmp_path, "id,answer\n7,x\n,y\n7,z\n8,w\n"), columns)
    assert found == [
        Item(2, "7", None, "r2", "x"),
        BadRow(3, "id", "blank_key", "the answer's id is missing: fill it in"),
        BadRow(
            4,
            "id",
            "duplicate_key",
            "the id '7' is in line 2 too: keep one, or give each answer an id in a column of its own",
        ),
        Item(5, "8", None, "r2", "w"),
    ]


def test_wide_form(tmp_path: Path) -> None:
    columns = ColumnMap("who", questions=(("Q2", "r2"), ("Q1", "r1")))
    found = read(table(tmp_path, "who,Q1,Q2,class\nc1,a,b,4b\nc2, ,d,4b\nc1,e,f,4a\n"), columns)
    own = (("class", "4b"),)
    assert found[:4] == [
        Item(2, "c1/r2", "c1", "r2", "b", own),
        Item(2, "c1/r1", "c1", "r1", "a", own),
        Item(3, "c2/r2", "c2", "r2", "d", own),
        BadRow(3, "Q1", "blank_answer", "the answer is blank: leave the row out, or fill it in"),
    ]
    assert [(row.line, row.column, row.code) for row in found[4:] if isinstance(row, BadRow)] == [
        (4, "who", "duplicate_key"),
        (4, "who", "duplicate_key"),
    ]


@pytest.mark.parametrize(
    ("row", "column", "code", "reason"),
    [
        ('{"who": "c", "rubric": "r9", "answer": "x"}', "rubric", "unknown_rubric", "no rubric is known as 'r9'"),
        ('{"who": "c", "rubric": null, "answer": "x"}', "rubric", "unknown_rubric", "the rubric's id is missing"),
        ('{"who": "c", "rubric": ["r1"], "answer": "x"}', "rubric", "not_text", "'[\"r1\"]' is a list or an object"),
        ('{"who": "c", "rubric": "r1"}', "answer", "blank_answer", "the answer is blank"),
        ('{"who": "c", "rubric": "r1", "answer": " \\n\\u00a0"}', "answer", "blank_answer", "the answer is blank"),
        ('{"who": "c", "rubric": "r1", "answer": true}', "answer", "not_text", "'true' is true or false"),
        ('{"who": "c", "rubric": "r1", "answer": "a\\u0000b"}', "answer", "not_text", "character U+0000 at 1"),
        ('{"who": "c", "rubric": "r1", "answer": "a\\ud800b"}', "answer", "not_text", "character U+D800 at 1"),
        ('{"who": "\\ud800", "rubric": "r1", "answer": "x"}', "who", "not_text", "character U+D800 at 0"),
        ('{"who": "c", "rubric": "r1", "answer": "x", "n": "\\u0000"}', "n", "not_text", "character U+0000 at 0"),
        ('{"who": "%s", "rubric": "r1", "answer": "x"}' % ("c" * 501), "who", "too_long", "501 characters"),
        ('{"who": "c", "rubric": "r1", "answer": "%s"}' % ("x" * 51), "answer", "too_long", "51 characters, 50 are"),
        ('{"who": "first", "rubric": "r1", "answer": "x"}', "who", "duplicate_key", "same candidate's answer to 'r1'"),
        ('{"who": "c"', None, "malformed_row", "isn't JSON"),
    ],
)
def test_bad_rows_don_t_stop_good_ones(tmp_path: Path, row: str, column: str | None, code: str, reason: str) -> None:
    first, last = (json.dumps({"who": who, "rubric": "r1", "answer": "x"}) for who in ("first", "last"))
    found = read(table(tmp_path, f"{first}\n{row}\n{last}\n", "a.jsonl"))
    bad = found[1]
    assert isinstance(bad, BadRow) and (bad.line, bad.column, bad.code) == (2, column, code) and reason in bad.reason
    assert [one.candidate for one in (found[0], found[2]) if isinstance(one, Item)] == ["first", "last"]


def test_numbers_are_text_and_values_that_nobody_needs_may_be_anything(tmp_path: Path) -> None:
    found = read(table(tmp_path, '{"who": 3, "rubric": "r1", "answer": 42, "own": [true]}', "a.jsonl"))
    assert found == [Item(1, "3/r1", "3", "r1", "42", (("own", "[true]"),))]


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = "who,rubric,answer,n\né,r1,@,é\né,r2,é,@\n@,r2,é,é\nc,r2,é,é\n"
    path.write_bytes(text.encode().replace(b"@", b"\xff"))
    found = read(open_table(path))
    reason = "has the byte 0xFF, which is no UTF-8: save the file as UTF-8"
    assert found[:3] == [BadRow(n, name, "not_text", reason) for n, name in ((2, "answer"), (3, "n"), (4, "who"))]
    assert isinstance(found[3], Item)


def test_a_key_is_taken_only_by_an_answer_that_is_graded(tmp_path: Path) -> None:
    found = read(table(tmp_path, "who,rubric,answer\nc1,r1, \nc1,r1,x\n"))
    assert isinstance(found[0], BadRow) and found[1] == Item(3, "c1/r1", "c1", "r1", "x")


def test_thousands_of_keys_are_told_apart(tmp_path: Path) -> None:
    rows = "".join(f"c{number},r1,x\n" for number in range(3_000))
    found = read(table(tmp_path, f"who,rubric,answer\n{rows}c1234,r1,x\n"))
    assert [one.line for one in found if isinstance(one, BadRow)] == [3_002]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (ColumnMap("who", answer="Answer", rubric="rubric"), "no column 'Answer'; it has 'who', 'rubric', 'answer'"),
        (ColumnMap("who", answer="answer", fixed_rubric="r9"), "no rubric is known as 'r9': correct the map"),
        (ColumnMap("who", questions=(("answer", "r9"),)), "no rubric is known as 'r9': correct the map"),
    ],
)
def test_a_map_that_does_not_fit_is_refused_before_the_first_row(
    tmp_path: Path, columns: ColumnMap, message: str
) -> None:
    with pytest.raises(DataInvalid, match=message):
        items(table(tmp_path, "who,rubric,answer\n"), columns, KNOWN, lambda _: None)


CELL = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(["c1", "r1", "r2", " ", "\n", "x" * 60])


@settings(deadline=None)
@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=10), st.booleans())
def test_nothing_is_lost_and_keys_are_unique(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], wide: bool
) -> None:
    path = tmp_path_factory.mktemp("items") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([("who", "rubric", "answer"), *rows])
    columns = ColumnMap("who", questions=(("rubric", "r1"), ("answer", "r2"))) if wide else LONG
    found = read(open_table(path, delimiter=","), columns)
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    good = [one for one in found if isinstance(one, Item)]
    refused_rows = sum(isinstance(one, BadRow) and one.column == "who" and one.code == "not_text" for one in found)
    assert len(found) == (2 * len(filled) - refused_rows if wide else len(filled))
    assert len({one.key for one in good}) == len(good)
    assert {one.answer for one in good} <= {cell for row in rows for cell in row}
    assert all(one.rubric in KNOWN and one.answer.strip() and len(one.answer) <= 50 for one in good)
