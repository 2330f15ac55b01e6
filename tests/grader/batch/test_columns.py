"""Maps: read, written, refused and guessed."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.columns import ColumnMap, guess, load_map, map_from_dict, map_to_dict
from grader.batch.tables import Table, open_table
from grader.errors import DataInvalid
from rubrics import KeyPoint, Rubric, load_bank


def rubric(id_: str, question: str) -> Rubric:
    return Rubric(id_, question, (KeyPoint("p", "It is so."),))


RUBRICS = {
    one.id: one
    for one in (
        rubric("bagging-vs-boosting", "How do bagging and boosting differ?"),
        rubric("bias-variance", "What is the bias-variance trade-off, and how does it guide model choice?"),
        rubric("overfitting", "How would you notice that a model overfits?"),
    )
}


def table(tmp_path: Path, header: Sequence[str], *rows: Sequence[str]) -> Table:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(";".join(f'"{cell}"' for cell in row) for row in (header, *rows)) + "\n")
    return open_table(path, delimiter=";")


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (
            ["candidate", "rubric", "answer"],
            ["c1", "overfitting", "x"],
            ColumnMap(candidate="candidate", rubric="rubric", answer="answer"),
        ),
        (
            ["Response ID", "Student Name", "studentId", "Question ID", "Response Text", "Grade"],
            ["1", "Ann", "s1", "overfitting", "x", "A"],
            ColumnMap(candidate="studentId", key="Response ID", rubric="Question ID", answer="Response Text"),
        ),
        (
            ["ID", "EMAIL", "Task", "Student's answer", "Notes"],
            ["1", "a@b.c", "overfitting", "a long answer in words", "short"],
            ColumnMap(candidate="EMAIL", key="ID", rubric="Task", answer="Student's answer"),
        ),
        (  # the values tell the rubric's column, whatever it is called
            ["name", "question", "which", "response"],
            ["Ann", "How would you notice?", "overfitting", "x"],
            ColumnMap(candidate="name", rubric="which", answer="response"),
        ),
        (
            ["Name", "overfitting", "Bias variance", "How do bagging and boosting differ?", "Notes"],
            ["Ann", "x", "y", "z", "n"],
            ColumnMap(
                candidate="Name",
                questions=(
                    ("overfitting", "overfitting"),
                    ("Bias variance", "bias-variance"),
                    ("How do bagging and boosting differ?", "bagging-vs-boosting"),
                ),
            ),
        ),
        (  # a header that was cut off, one with a number, and an id that only a wide form takes for the candidate
            ["id", "What is the bias-variance trade-off, and", "2. How would you notice that a model overfits?"],
            ["17", "x", "y"],
            ColumnMap(
                candidate="id",
                questions=(
                    ("What is the bias-variance trade-off, and", "bias-variance"),
                    ("2. How would you notice that a model overfits?", "overfitting"),
                ),
            ),
        ),
    ],
)
def test_guesses(tmp_path: Path, header: list[str], row: list[str], expected: ColumnMap) -> None:
    assert guess(table(tmp_path, header, row), RUBRICS).map == expected


def test_one_rubric_for_all(tmp_path: Path) -> None:
    found = guess(table(tmp_path, ["candidate", "rubric", "text"], ["c1", "r", "x"]), RUBRICS, "overfitting")
    assert found.map == ColumnMap(candidate="candidate", answer="text", fixed_rubric="overfitting")
    assert found.doubts == ("the column 'rubric' isn't used: all answers are graded against 'overfitting'",)
    found = guess(table(tmp_path, ["what they wrote"], ["x"]), RUBRICS, "overfitting")
    assert found.map == ColumnMap(answer="what they wrote", fixed_rubric="overfitting")
    assert [doubt.split(":")[0] for doubt in found.doubts] == [
        "no column is named like an answer; 'what they wrote' has the longest texts and is taken for it",
        "no column says who answered",
    ]


def test_doubts_name_what_should_be_looked_at(tmp_path: Path) -> None:
    rows = [["c1", "overfitting", "x"], ["c2", "Overfitting", "y"], ["c3", "bias", "z"]]
    found = guess(table(tmp_path, ["who is it", "rubric", "answer"], *rows), RUBRICS)
    assert found.doubts == (
        "in the column 'rubric' 2 of the first 3 values, such as 'Overfitting', are no rubric's id",
        "no column says who answered: the answers are graded without candidates",
    )
    found = guess(table(tmp_path, ["name", "Overfiting", "Age"], ["c1", "x", "33"]), RUBRICS)
    assert found.map.questions == (("Overfiting", "overfitting"),)
    assert found.doubts == (
        "the column 'Overfiting' is taken for 'overfitting', whose id or question is 95% alike",
        "taken for no question, and kept as they are: 'Age'",
    )


def test_no_rubric_is_given_to_two_columns(tmp_path: Path) -> None:
    found = guess(table(tmp_path, ["name", "overfitting", "over-fitting", "overfittin"], ["a", "x", "y", "z"]), RUBRICS)
    assert found.map.questions == (("overfitting", "overfitting"),)
    assert "'over-fitting', 'overfittin'" in found.doubts[-1]


@pytest.mark.parametrize(
    ("header", "fixed", "message"),
    [
        (
            ["candidate", "answer"],
            None,
            "can't tell which rubric each answer belongs to; the columns are 'cand",
        ),
        (["candidate", "Q1", "Q2"], None, "can't tell which rubric .* or give one rubric for all, or a map"),
        (["candidate"], "overfitting", "can't tell which column holds the answers"),
        (["candidate", "rubric"], None, "can't tell which column holds the answers"),
    ],
)
def test_nothing_to_go_by(tmp_path: Path, header: list[str], fixed: str | None, message: str) -> None:
    with pytest.raises(DataInvalid, match=message):
        guess(table(tmp_path, header), RUBRICS, fixed)


def test_the_reader_s_notes_are_doubts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("candidate,rubric,answer\nJosé,overfitting,x\n".encode("cp1252"))
    assert "Windows-1252" in guess(open_table(path), RUBRICS).doubts[0]


def test_every_rubric_of_the_bank_is_found_by_id_and_by_question(tmp_path: Path) -> None:
    bank = load_bank()
    for header in (list(bank), [one.question.replace('"', "'") for one in bank.values()]):
        found = guess(table(tmp_path, ["candidate", *header], ["c1", *["x"] * len(bank)]), bank)
        assert [id_ for _, id_ in found.map.questions] == list(bank)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("answer: Text\nrubric: Item\n", ColumnMap(answer="Text", rubric="Item")),
        ('{"answer": "a", "fixed_rubric": "r", "key": "k", "candidate": "c"}', ColumnMap("c", "k", None, "a", "r")),
        (
            "candidate: Who\nquestions:\n  'Q 1': r1\n  Q2: r2\n",
            ColumnMap("Who", questions=(("Q 1", "r1"), ("Q2", "r2"))),
        ),
    ],
)
def test_maps_are_read(tmp_path: Path, text: str, expected: ColumnMap) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(text)
    assert load_map(path) == expected
    assert map_from_dict(map_to_dict(expected)) == expected


NAME = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5)


@given(st.lists(NAME, min_size=4, max_size=8, unique=True), st.booleans(), st.booleans())
def test_a_map_survives_the_way_out_and_back(names: list[str], wide: bool, fixed: bool) -> None:
    if wide:
        columns = ColumnMap(names[0], questions=tuple((name, name) for name in names[1:]))
    else:
        columns = ColumnMap(names[0], names[1], None if fixed else names[2], names[3], names[2] if fixed else None)
    assert map_from_dict(map_to_dict(columns)) == columns


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"map\.yaml: is empty: name at least 'answer' or 'questions'"),
        ("answer: a\n", "needs one of 'rubric' .a column. and 'fixed_rubric'"),
        ("answer: a\nrubric: b\nfixed_rubric: c\n", "needs one of 'rubric'"),
        ("candidate: a\n", "needs 'answer' .* or 'questions'"),
        ("questions: {a: r}\nanswer: b\n", "'questions' takes only 'candidate' beside it"),
        ("answer: a\nrubric: a\n", "names the column 'a' 2 times: a column can be one thing only"),
        ("questions: {a: r, b: r}\n", "gives 2 columns to the rubric 'r'"),
        ("answr: a\n", r"answr: Extra inputs are not permitted \(got 'a'\): a map has 'answer'"),
        ("answer: 3\nrubric: b\n", r"answer: Input should be a valid string \(got 3\)"),
        ("questions: [a, b]\n", "questions: Input should be a valid dict"),
        ("- a\n", "the map: Input should be a valid dict"),
        ("answer: [\n", "map.yaml:2: not valid YAML"),
        ("answer: a\nanswer: b\n", "map.yaml:2: answer: is here twice"),
    ],
)
def test_maps_that_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(text)
    with pytest.raises(DataInvalid, match=message):
        load_map(path)


def test_map_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    with pytest.raises(DataInvalid, match=r"map\.yaml: can't be read \(No such file"):
        load_map(path)
    path.write_bytes("answer: Größe\n".encode("cp1252"))
    with pytest.raises(DataInvalid, match="isn't UTF-8"):
        load_map(path)
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(DataInvalid, match="larger than 1,000,000 bytes"):
        load_map(path)
