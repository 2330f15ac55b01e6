"""Graded answers as JSON and as tables."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from grader.batch import flat
from grader.batch.model import BadRow, Graded, Item
from grader.batch.outputs import KINDS, harmless, write, write_bad
from grader.batch.results import decode, encode, from_row, to_row
from grader.errors import DataInvalid
from grader.model import (
    AnswerInfo,
    EngineInfo,
    Evaluation,
    Evidence,
    Flag,
    KeyPointResult,
    MisconceptionResult,
    RubricRef,
    Status,
    Verdict,
)

EVIDENCE = (Evidence("Light 🌱", 0, 7, 0.1 + 0.2),)
EVALUATION = Evaluation(
    rubric=RubricRef("trees", 3, "c" * 64),
    engine=EngineInfo("1", "fake", "w" * 64),
    status=Status.SCORED,
    unscored_reason=None,
    points=1.0,
    max_points=3.0,
    coverage=1 / 3,
    expected_coverage=5e-324,
    level="developing",
    needs_review=True,
    review_reasons=("close call", "short"),
    key_points=(
        KeyPointResult("light", "Light.", 1.0, Verdict.COVERED, 1.0, 0.9, 0.95, EVIDENCE, "Right.", required=True),
        KeyPointResult("water", "Water.", 2.0, Verdict.CONTRADICTED, 0.0, 0.9, 1e-9, (), "No.\u2028No."),
    ),
    misconceptions=(MisconceptionResult("soil", "They eat soil.", 0.8, EVIDENCE, "They don't.", 0.5),),
    missed=("water",),
    feedback='=HYPERLINK("http://example.org")',
    next_step="Say\r\nwhy.",
    follow_ups=("And algae?",),
    flags=(Flag("too_short", "three words"),),
    answer=AnswerInfo("a" * 64, 3, "en"),
)
UNSCORED = replace(
    EVALUATION,
    status=Status.UNSCORED,
    unscored_reason="blank",
    points=None,
    coverage=None,
    expected_coverage=None,
    level=None,
    needs_review=False,
    key_points=(),
)
ITEM = Item(2, "ann/trees", "ann", "trees", "Light 🌱 feeds\nthem.", (("school", "+1 High"), ("points", "own")))
ROWS = [Graded(ITEM, EVALUATION), Graded(Item(4, "k", None, "trees", "-", ()), UNSCORED)]
OWN = ("school", "points")
BAD = [BadRow(3, "answer", "blank_answer", "the answer is blank"), BadRow(5, None, "malformed_row", "=1+1")]


@pytest.mark.parametrize("graded", ROWS)
def test_json_gives_back_what_it_was_given(graded: Graded) -> None:
    assert from_row(json.loads(json.dumps(to_row(graded)))) == graded
    assert decode(encode(graded)) == graded
    assert json.loads(encode(graded)) == to_row(graded)
    assert b"\n" not in encode(graded)


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT, st.none() | TEXT, st.dictionaries(TEXT, TEXT), st.floats(0, 1))
def test_no_text_and_no_digit_is_lost(text: str, candidate: str | None, own: dict[str, str], share: float) -> None:
    item = Item(1, text, candidate, "trees", text, tuple(own.items()))
    graded = Graded(item, replace(EVALUATION, feedback=text, coverage=share))
    assert decode(encode(graded)) == graded


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({}, "line"),
        (to_row(ROWS[0]) | {"line": "x"}, "line"),
        (to_row(ROWS[0]) | {"evaluation": {}}, "evaluation.rubric"),
        ([], "the row"),
    ],
)
def test_other_json_is_refused(row: object, named: str) -> None:
    with pytest.raises(DataInvalid, match=f"no graded answer: {named}: "):
        from_row(row)
    with pytest.raises(DataInvalid, match=f"no graded answer: {named}: "):
        decode(json.dumps(row).encode())


def test_a_flat_row_has_a_value_for_each_column() -> None:
    columns = flat.columns(OWN)
    row = dict(zip([column.name for column in columns], flat.row(ROWS[0], OWN), strict=True))
    assert (row["line"], row["candidate"], row["school"], row["own points"]) == (2, "ann", "+1 High", "own")
    assert (row["points"], row["coverage"], row["level"]) == (1.0, 1 / 3, "developing")
    assert row["key_points"] == "light: covered; water: contradicted"
    assert (row["missed"], row["misconceptions"], row["flags"]) == ("water", "soil", "too_short")
    unscored = dict(zip([column.name for column in columns], flat.row(ROWS[1], OWN), strict=True))
    assert (unscored["status"], unscored["points"], unscored["school"]) == ("unscored", None, None)
    assert unscored["key_points"] is None


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        (["school"], ["school"]),
        (["line"], ["own line"]),
        (["own line", "line"], ["own line", "own own line"]),
        (["line", "own line"], ["own own line", "own line"]),
    ],
)
def test_names_of_columns_are_unique(own: list[str], shown: list[str]) -> None:
    names = [column.name for column in flat.columns(own)]
    assert names[5 : 5 + len(own)] == shown
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        ("", ""),
        ("'=1", "'=1"),
    ],
)
def test_formulas_are_made_harmless(text: str, written: str) -> None:
    assert harmless(text) == written


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    write(path, "csv", ROWS, OWN)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfline,key,")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0]["answer"] == ITEM.answer
    assert (rows[0]["school"], rows[0]["feedback"]) == ("'+1 High", "'" + EVALUATION.feedback)
    assert (rows[0]["points"], rows[0]["needs_review"], float(rows[0]["coverage"])) == ("1.0", "true", 1 / 3)
    assert (rows[1]["points"], rows[1]["answer"], rows[1]["needs_review"]) == ("", "'-", "false")


def test_xlsx(tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"
    write(path, "xlsx", ROWS, OWN)
    head, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    first, second = (dict(zip(head, row, strict=True)) for row in rows)
    assert (first["answer"], first["points"], first["needs_review"]) == (ITEM.answer, 1.0, True)
    assert (first["school"], first["feedback"]) == ("'+1 High", "'" + EVALUATION.feedback)
    assert (second["points"], second["answer"]) == ("", "'-")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a" * 32_767, "a" * 32_767),
        ("a" * 32_768, "… [cut: a cell holds no more; JSONL has all 32,768 characters]"),
        ("🌱" * 16_384, "… [cut: a cell holds no more; JSONL has all 16,384 characters]"),
        ("bell \x07 and \ufffe", "bell \ufffd and \ufffd"),
        ("=" + "a" * 32_767, "… [cut: a cell holds no more; JSONL has all 32,769 characters]"),
    ],
)
def test_what_no_cell_of_xlsx_holds_is_told(tmp_path: Path, text: str, cell: str) -> None:
    path = tmp_path / "errors.xlsx"
    write_bad(path, "xlsx", [BadRow(1, None, "failed", text)])
    written = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1][3]
    assert str(written).endswith(cell)
    assert len(str(written).encode("utf-16-le")) <= 2 * 32_767


def test_an_xlsx_sheet_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.batch.outputs.SHEET_ROWS", 1)
    with pytest.raises(DataInvalid, match="at most 1 rows: take csv, jsonl or parquet"):
        write(tmp_path / "results.xlsx", "xlsx", ROWS)
    assert list(tmp_path.iterdir()) == []


def test_parquet_has_types_and_the_whole_evaluation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.batch.outputs.GROUP", 1)
    path = tmp_path / "results.parquet"
    write(path, "parquet", ROWS, OWN)
    first, second = pq.read_table(path).to_pylist()
    assert (first["line"], first["coverage"], first["needs_review"]) == (2, 1 / 3, True)
    assert (first["school"], first["feedback"]) == ("+1 High", EVALUATION.feedback)
    assert json.loads(first["evaluation"]) == to_row(ROWS[0])["evaluation"]
    assert (second["points"], second["school"]) == (None, None)
    assert pq.ParquetFile(path).num_row_groups == 2


def test_jsonl(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    write(path, "jsonl", ROWS, OWN)
    assert [decode(line) for line in path.read_bytes().split(b"\n")[:-1]] == ROWS


@pytest.mark.parametrize("kind", KINDS)
def test_bad_rows(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"errors.{kind}"
    write_bad(path, kind, BAD)
    rows = {
        "csv": lambda: list(csv.DictReader(path.open(encoding="utf-8-sig", newline=""))),
        "jsonl": lambda: [json.loads(line) for line in path.read_text().splitlines()],
        "parquet": lambda: pq.read_table(path).to_pylist(),
        "xlsx": lambda: [
            dict(zip(("line", "column", "code", "reason"), row, strict=True))
            for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1:]
        ],
    }[kind]()
    assert [int(row["line"]) for row in rows] == [3, 5]
    assert [row["code"] for row in rows] == ["blank_answer", "malformed_row"]
    assert not rows[1]["column"]
    assert rows[1]["reason"] == ("=1+1" if kind in ("jsonl", "parquet") else "'=1+1")


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_are_a_file_too(tmp_path: Path, kind: str) -> None:
    write(tmp_path / "results", kind, [], OWN)
    assert (tmp_path / "results").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_what_breaks_off_leaves_the_old_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "results"
    path.write_text("old")

    def rows() -> list[Graded]:
        raise DataInvalid("broken")

    with pytest.raises(DataInvalid, match="broken"):
        write(path, kind, (row for one in [0] for row in rows()))
    assert [one.name for one in tmp_path.iterdir()] == ["results"]
    assert path.read_text() == "old"


def test_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataInvalid, match="'ods' is no kind of file: take one of csv, jsonl, xlsx, parquet"):
        write(tmp_path / "results.ods", "ods", ROWS)
