"""The report on agreement with human marks."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from api.agree import bad_rows, figures, names, run, table
from grader.agreement import Agreement
from grader.agreement_files import FileAgreement
from grader.engine import Engine
from grader.marked import BadRow

AGREEMENT = Agreement(3, 0.75, None, 2 / 3, 0.5, 0.5, 0.25, 0.125, 0.9, -0.1, 0.5, 0.4, 0.0, 1.0)
FOUND = FileAgreement(
    AGREEMENT, unscored=1, bad_rows=(BadRow(7, "no answer"),), macro_f1=None, answers_per_second=125.5
)


def test_figures_have_the_order_of_the_report() -> None:
    assert list(figures(FOUND).items())[:5] == [("n", 3), ("unscored", 1), ("bad_rows", 1), ("auc", 0.75), ("ap", None)]
    assert list(figures(FOUND))[-1] == "answers_per_second"
    assert "macro_f1" not in figures(FOUND)
    with_verdicts = FileAgreement(AGREEMENT, 0, (), 0.5, 1.0)
    assert figures(with_verdicts)["macro_f1"] == 0.5


def test_files_of_one_name_are_told_apart() -> None:
    assert names([Path("a/x.jsonl"), Path("b/y.jsonl")]) == ["x.jsonl", "y.jsonl"]
    assert names([Path("a/x.jsonl"), Path("b/x.jsonl")]) == ["a/x.jsonl", "b/x.jsonl"]


def test_bad_rows_are_named_and_the_rest_counted() -> None:
    assert list(bad_rows(Path("x.jsonl"), FOUND)) == ["x.jsonl:7: no answer"]
    many = FileAgreement(AGREEMENT, 0, tuple(BadRow(line, "bad") for line in range(100)), None, 1.0)
    lines = list(bad_rows(Path("x.jsonl"), many))
    assert len(lines) == 21 and lines[-1] == "x.jsonl: 80 more rows can't be used"


def test_table_shows_what_is_not_defined() -> None:
    console = Console(file=io.StringIO(), width=80)
    console.print(table({"[red]x": figures(FOUND), "y": {"n": 2, "macro_f1": 0.5}}))
    drawn = console.file.getvalue()  # type: ignore[attr-defined]
    rows = {line.split()[0]: line.split()[1:] for line in drawn.splitlines()[1:]}
    assert "[red]x" in drawn.splitlines()[0]
    assert rows["n"] == ["3", "2"]
    assert rows["ap"] == ["–", "–"]
    assert rows["accuracy"] == ["0.667", "–"]
    assert rows["answers_per_second"] == ["125.5", "–"]


def test_run_prints_json_only_and_names_bad_rows(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"answer": f"Light number {n} feeds them.", "reference_answer": "Light.", "label": n % 2} for n in range(6)]
    path = tmp_path / "marked.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{}\n")
    run(engine, [path], limit=4, seed=1, as_json=True)
    captured = capsys.readouterr()
    result = json.loads(captured.out)["marked.jsonl"]
    assert result["n"] + result["unscored"] == 4
    assert result["bad_rows"] == 1
    assert captured.err.startswith(f"{path}:7: ")
