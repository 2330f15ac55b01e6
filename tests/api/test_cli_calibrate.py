"""`grader rubrics calibrate`: a rubric learns from a file of marked answers."""

import json
from pathlib import Path

import pytest

from grader.engine import Engine
from rubrics import load_file
from tests.api.reviewing import new_rubric
from tests.command import Run

STRICT = "Bagging takes a bootstrap sample, number {}."  # the engine gives b half at most
RIGHT = "Each tree waits for the tree before it, number {}."


@pytest.fixture
def rubric(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("grader.engine.Engine.load", lambda **_: engine)
    path = tmp_path / "reviewed.yaml"
    path.write_text(json.dumps(new_rubric(id="reviewed")))
    return path


def _file(folder: Path, count: int, *more: str) -> Path:
    rows = [f'"{(STRICT, RIGHT)[at % 2].format(at)}",missed,{("covered", "0")[at % 2]}' for at in range(count)]
    path = folder / "marks.csv"
    path.write_text("\n".join(["answer,a,b", *rows, *more]))
    return path


def test_where_it_holds_the_next_version_is_written(run: Run, rubric: Path, engine: Engine, tmp_path: Path) -> None:
    output = tmp_path / "next.yaml"
    found = run("rubrics", "calibrate", str(rubric), str(_file(tmp_path, 40)), "--output", str(output))
    assert found.status == 0, found.err
    assert "80 marks on 40 answers" in found.out
    before, after = load_file(rubric), load_file(output)
    assert (after.version, after.key_points) == (2, before.key_points)
    assert engine.grade(before, STRICT.format("x")).key_points[1].verdict == "partial"
    assert engine.grade(after, STRICT.format("x")).key_points[1].verdict == "covered"


def test_without_an_output_the_rubric_alone_is_on_standard_output(run: Run, rubric: Path, tmp_path: Path) -> None:
    found = run("rubrics", "calibrate", str(rubric), str(_file(tmp_path, 40)))
    path = tmp_path / "printed.yaml"
    path.write_text(found.out)
    assert load_file(path).calibration is not None
    assert "80 marks" in found.err


def test_too_few_are_refused_and_bad_rows_told(run: Run, rubric: Path, tmp_path: Path) -> None:
    found = run("rubrics", "calibrate", str(rubric), str(_file(tmp_path, 2, "An answer,great,1", "Another one,,")))
    assert found.status == 1
    assert "4 marks on 2 answers" in found.err
    assert "marks.csv:4: a:" in found.err
    assert "marks.csv:5:" in found.err


@pytest.mark.parametrize(("header", "told"), [("text,a", "no column 'answer'"), ("answer,x", "has no marks")])
def test_files_that_teach_nothing(run: Run, rubric: Path, tmp_path: Path, header: str, told: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(f"{header}\none,two\n")
    found = run("rubrics", "calibrate", str(rubric), str(path))
    assert found.status == 1
    assert told in found.err


def test_marks_on_wholes_are_points_of_the_maximum(run: Run, rubric: Path, tmp_path: Path) -> None:
    path = tmp_path / "wholes.csv"
    rows = [
        f'"Boosting trains models in a row, number {at}.",{(3, "3,5", 9)[min(at % 2 + 2 * (at == 20), 2)]!r}'
        for at in range(21)
    ]
    path.write_text("\n".join(["answer;mark", *(row.replace('",', '";').replace("'", "") for row in rows)]))
    found = run("rubrics", "calibrate", str(rubric), str(path), "--output", str(tmp_path / "next.yaml"))
    assert found.status == 3, found.err
    assert "is 9; the rubric has 0 to 4" in found.err
    assert "20 marks on 20 answers" in found.out
