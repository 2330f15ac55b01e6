"""`grader batch` on real files, with the real engine on a fake encoder."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from xlsxwriter import Workbook

import api.cli_batch
from api.cli_batch import summary
from grader.batch.pending import Counts
from grader.batch.results import decode
from grader.engine import Engine
from rubrics import load_bank
from tests.command import Run
from tests.fakes import fake_engine

Rows = list[dict[str, str]]
RUBRIC = """\
id: trees
topic: plants
question: Why do trees grow?
key_points:
  - Light gives them energy.
  - Roots take up water.
"""
HEAD = ("candidate", "rubric", "answer", "school")
GOOD = [
    ("ann", "trees", "Light gives them energy; roots take up water.", "=North"),
    ("ben", "trees", "Roots take up water.\nThat's it…", "South"),
    ("cem", "pca", "Roots take up water.\nThat's it…", "South"),
    ("dee", "trees", "Light gives them energy; roots take up water.", ""),
]
BAD = [("eve", "trees", " ", "South"), ("fay", "tree", "Light.", "South")]


def write_csv(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows([HEAD, *rows])


def write_jsonl(path: Path, rows: list[tuple[str, ...]]) -> None:
    path.write_text("".join(json.dumps(dict(zip(HEAD, row, strict=True))) + "\n" for row in rows))


def write_parquet(path: Path, rows: list[tuple[str, ...]]) -> None:
    pq.write_table(pa.Table.from_pylist([dict(zip(HEAD, row, strict=True)) for row in rows]), path)


def write_xlsx(path: Path, rows: list[tuple[str, ...]]) -> None:
    with Workbook(str(path), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEAD, *rows]):
            sheet.write_row(number, 0, row)


WRITERS = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet, "xlsx": write_xlsx}


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[Engine]:
    """The engines that were loaded."""
    found: list[Engine] = []

    def load(settings: object) -> Engine:
        found.append(fake_engine())
        return found[-1]

    monkeypatch.setattr(api.cli_batch, "load_engine", load)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a folder of rubrics and a map."""
    (tmp_path / "rubrics" / "deep").mkdir(parents=True)
    (tmp_path / "rubrics" / "deep" / "trees.yaml").write_text(RUBRIC)
    (tmp_path / "map.yaml").write_text("{candidate: candidate, rubric: rubric, answer: answer}")
    return tmp_path


@pytest.fixture
def batch(run: Run, folder: Path, loads: list[Engine]) -> Callable[..., object]:
    """Grades FILE of the folder with its map and rubrics into `out`."""

    def call(name: str, *more: str) -> object:
        return run(
            "batch", f"{folder / name}", "--map", f"{folder / 'map.yaml'}", "--rubrics", f"{folder / 'rubrics'}",
            "--out", f"{folder / 'out'}", *more,
        )  # fmt: skip

    return call


def results(folder: Path) -> Rows:
    with (folder / "out" / "results.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_file_gives_the_same_results(batch: Run, folder: Path, kind: str) -> None:
    WRITERS[kind](folder / f"answers.{kind}", GOOD)
    done = batch(f"answers.{kind}", "--format", "csv", "--format", "jsonl")
    assert done.status == 0
    assert "4 answers graded, 1 of them identical to another and graded with it. " in done.out
    for name in ("results.csv", "errors.csv", "results.jsonl", "errors.jsonl"):
        assert str(folder / "out" / name) in done.out
    lines = (folder / "out" / "results.jsonl").read_bytes().split(b"\n")[:-1]
    engine, known = (
        fake_engine(),
        load_bank() | {"trees": api.cli_batch_input.find(f"{folder}/rubrics/deep/trees.yaml")},
    )
    for (candidate, rubric, answer, school), line in zip(GOOD, lines, strict=True):
        graded = decode(line)
        assert (graded.item.candidate, graded.item.key) == (candidate, f"{candidate}/{rubric}")
        assert dict(graded.item.columns) == {"school": school}
        assert graded.item.answer == answer
        assert graded.evaluation == engine.grade(known[rubric], answer)
    assert [row["school"] for row in results(folder)] == ["'=North", "South", "South", ""]
    assert (folder / "out" / "errors.jsonl").read_text() == ""


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_results(batch: Run, folder: Path, kind: str) -> None:
    write_csv(folder / "a.csv", GOOD)
    assert batch("a.csv", "--format", kind).status == 0
    assert sorted(path.name for path in (folder / "out").iterdir()) == [f"errors.{kind}", "parts", f"results.{kind}"]


def test_bad_rows_are_told_and_the_others_are_graded(batch: Run, folder: Path) -> None:
    write_csv(folder / "a.csv", [*GOOD[:2], *BAD, *GOOD[2:]])
    done = batch("a.csv")
    assert done.status == 3
    assert f"{folder / 'a.csv'}:5: answer: the answer is blank" in done.err
    assert f"{folder / 'a.csv'}:6: rubric: no rubric is known as 'tree'" in done.err
    assert "4 answers graded" in done.out and "2 rows can't be" in done.out
    assert [row["candidate"] for row in results(folder)] == ["ann", "ben", "cem", "dee"]
    errors = (folder / "out" / "errors.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[:3] for line in errors[1:]] == [
        ["5", "answer", "blank_answer"],
        ["6", "rubric", "unknown_rubric"],
    ]


def test_only_the_first_bad_rows_are_named(batch: Run, folder: Path) -> None:
    write_csv(folder / "a.csv", [GOOD[0], *(BAD[0] for _ in range(25))])
    done = batch("a.csv")
    assert done.err.count("the answer is blank") == 20
    assert "5 more rows can't be graded" in done.err


def test_dry_run_names_all_and_loads_no_model(batch: Run, folder: Path, loads: list[Engine]) -> None:
    write_csv(folder / "a.csv", [GOOD[0], *(BAD[0] for _ in range(25))])
    done = batch("a.csv", "--dry-run")
    assert (done.status, loads) == (3, [])
    assert done.out.count("the answer is blank") == 25
    assert "1 answers can be graded, 25 rows can't." in done.out
    assert not (folder / "out").exists()
    write_csv(folder / "a.csv", GOOD)
    assert batch("a.csv", "--dry-run").status == 0


def test_dry_run_imports_no_model(folder: Path) -> None:
    write_csv(folder / "a.csv", GOOD)
    code = (
        "import sys, api.cli\n"
        "try: api.cli.main()\n"
        "except SystemExit as end: assert end.code == 3, end.code\n"
        "assert not {'grader.engine', 'torch', 'openvino'} & set(sys.modules)"
    )
    options = ["--dry-run", "--map", f"{folder / 'map.yaml'}"]
    done = subprocess.run(
        [sys.executable, "-c", code, "batch", f"{folder / 'a.csv'}", *options], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_one_rubric_for_all(run: Run, folder: Path, loads: list[Engine]) -> None:
    (folder / "a.csv").write_text("student,reply\nann,Light gives them energy.\nben,Water.\n")
    rubric, out = f"{folder / 'rubrics/deep/trees.yaml'}", f"{folder / 'out'}"
    done = run("batch", f"{folder / 'a.csv'}", "--rubric", rubric, "--out", out)
    assert done.status == 0
    assert "candidate: student" in done.err and "answer: reply" in done.err and "fixed_rubric: trees" in done.err
    assert [(row["candidate"], row["rubric"]) for row in results(folder)] == [("ann", "trees"), ("ben", "trees")]
    again = run("batch", f"{folder / 'a.csv'}", "--rubric", "trees", "--rubrics", f"{folder / 'rubrics'}", "--out", out)
    assert "2 rows were done before" in again.out


def test_wide_form_is_guessed_and_must_be_confirmed(
    run: Run, folder: Path, loads: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.csv").write_text("student,pca,Why do trees grow?\nann,Axes.,Light.\nben,,Water.\n")
    command = ["batch", f"{folder / 'a.csv'}", "--rubrics", f"{folder / 'rubrics'}"]
    refused = run(*command, "--out", f"{folder / 'out'}")
    assert refused.status == 2
    assert "pca: pca" in refused.err and "Why do trees grow?: trees" in refused.err.replace("'", "").replace("? ", "")
    assert "--map" in refused.err and not (folder / "out").exists()
    assert run(*command, "--dry-run").status == 3
    for answer, status in (("n\n", 2), ("y\n", 3)):
        monkeypatch.setattr("api.cli_batch_input._interactive", lambda: True)
        assert run(*command, "--out", f"{folder / 'out'}", stdin=answer.encode()).status == status
    assert [(row["candidate"], row["rubric"]) for row in results(folder)] == [
        ("ann", "pca"),
        ("ann", "trees"),
        ("ben", "trees"),
    ]


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (["--rubric", "pca"], 2, "--out"),
        (["--rubric", "pca", "--map", "m.yaml", "--out", "x"], 2, "--rubric"),
        (["--rubric", "pcaa", "--out", "x"], 1, "did you mean pca?"),
        (["--rubric", "pca", "--map", "m.yaml", "--dry-run"], 2, "give one"),
        (["--map", "no-such.yaml", "--dry-run"], 1, "no-such.yaml: can't be read"),
        (["--rubric", "pca", "--format", "ods", "--out", "x"], 2, "--format"),
        (["--rubric", "pca", "--rubrics", "no-such", "--out", "x"], 2, "--rubrics"),
        (["--rubric", "pca", "--delimiter", ";;", "--dry-run"], 1, "can't be a delimiter"),
    ],
)
def test_wrong_usage(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], status: int, message: str
) -> None:
    monkeypatch.chdir(folder)
    (folder / "a.csv").write_text("answer\nx\n")
    done = run("batch", "a.csv", *args)
    assert done.status == status
    assert message in done.err
    assert not (folder / "x").exists()


def test_rubrics_of_a_folder_are_told_apart(batch: Run, folder: Path) -> None:
    write_csv(folder / "a.csv", GOOD)
    (folder / "rubrics" / "copy.yaml").write_text(RUBRIC)
    (folder / "rubrics" / "wrong.yaml").write_text("question: 3")
    done = batch("a.csv")
    assert done.status == 1
    assert "trees.yaml: id: is another file's too" in done.err and "wrong.yaml:1: question" in done.err


def test_a_changed_input_is_refused_with_the_remedy(batch: Run, folder: Path) -> None:
    write_csv(folder / "a.csv", GOOD)
    assert batch("a.csv").status == 0
    write_csv(folder / "a.csv", GOOD[:3])
    refused = batch("a.csv")
    assert refused.status == 1
    assert "before a change of the file of answers: choose another folder with --out, or remove" in refused.err
    write_csv(folder / "a.csv", GOOD)
    rubric = folder / "rubrics" / "deep" / "trees.yaml"
    rubric.write_text(RUBRIC.replace("water", "salt"))
    assert "before a change of the rubric 'trees'" in batch("a.csv").err
    rubric.write_text(RUBRIC)
    (folder / "rubrics" / "other.yaml").write_text(RUBRIC.replace("id: trees", "id: shrubs"))
    assert "4 rows were done before" in batch("a.csv").out


def test_a_file_that_changes_meanwhile_is_told(batch: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_csv(folder / "a.csv", GOOD)

    def load(settings: object) -> Engine:
        write_csv(folder / "a.csv", GOOD[:1])
        return fake_engine()

    monkeypatch.setattr(api.cli_batch, "load_engine", load)
    done = batch("a.csv")
    assert done.status == 1
    assert "changed while it was graded" in done.err
    assert not (folder / "out" / "results.csv").exists()


def test_stopping_keeps_what_is_graded(batch: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_csv(folder / "a.csv", GOOD)
    monkeypatch.setattr("grader.batch.runner.PART", 1)

    def stop(self: Engine, pairs: object) -> object:
        yield from ()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Engine, "grade_many", stop)
        done = batch("a.csv")
    assert done.status == 130
    assert f"What is graded is kept in {folder / 'out'}: the same command goes on from there" in done.err
    assert batch("a.csv").status == 0
    assert len(results(folder)) == 4


def test_a_full_disk_is_told(batch: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_csv(folder / "a.csv", GOOD)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "parts")

    monkeypatch.setattr("grader.batch.files._sync", full)
    done = batch("a.csv")
    assert done.status == 1
    assert "No space left on device" in done.err and "goes on from there" in done.err


SLOW = """
import sys, time
import api.cli, api.cli_batch
import grader.batch.runner as runner
from grader.engine import Engine
from tests.fakes import fake_engine

runner.PART = 10
grade = Engine.grade_encoded

def slow(self, *args):
    time.sleep(0.01)
    return grade(self, *args)

Engine.grade_encoded = slow
api.cli_batch.load_engine = lambda settings: fake_engine()
api.cli.main()
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_run_goes_on(
    batch: Run, folder: Path, loads: list[Engine], monkeypatch: pytest.MonkeyPatch, sign: signal.Signals
) -> None:
    rows = [(f"c{number}", "trees", f"Roots take up water, {number} times.", "x") for number in range(300)]
    write_csv(folder / "a.csv", rows)
    out = folder / "out"
    command = [sys.executable, "-c", SLOW, "batch", f"{folder / 'a.csv'}", "--map", f"{folder / 'map.yaml'}"]
    command += ["--rubrics", f"{folder / 'rubrics'}", "--out", f"{out}"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(root)}) as run:
        deadline = time.monotonic() + 60
        while len(list((out / "parts").glob("*.jsonl"))) < 2:
            assert run.poll() is None and time.monotonic() < deadline
            time.sleep(0.005)
        run.send_signal(sign)
        status = run.wait(30)
    assert status == (130 if sign == signal.SIGINT else -sign)
    finished = sorted((out / "parts").glob("*.jsonl"))
    assert 2 <= len(finished) < 30
    before = [path.stat().st_mtime_ns for path in finished]
    monkeypatch.setattr("grader.batch.runner.PART", 10)
    done = batch("a.csv")
    assert done.status == 0
    assert f"{10 * len(finished)} rows were done before" in done.out
    assert [path.stat().st_mtime_ns for path in finished] == before
    assert [(row["candidate"], row["answer"]) for row in results(folder)] == [(row[0], row[2]) for row in rows]


def test_the_report(batch: Run, folder: Path) -> None:
    write_csv(folder / "a.csv", GOOD)
    assert batch("a.csv", "--report").status == 0
    assert "Why do trees grow?" in (folder / "out" / "report.html").read_text()
    assert json.loads((folder / "out" / "report.json").read_text())["items"]
    assert (folder / "out" / "report.xlsx").read_bytes().startswith(b"PK")
    assert "ann" in (folder / "out" / "report.html").read_text()
    assert batch("a.csv", "--hide-names").status == 0
    assert json.loads((folder / "out" / "report.json").read_text())["names_hidden"] is True
    for name in ("report.html", "report.json"):
        assert not {"ann", "ben", "cem", "dee"} & set(re.findall(r"\w+", (folder / "out" / name).read_text()))


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (Counts(graded=2000), "2,000 answers graded. 7 s."),
        (Counts(2, 1, 3, 4), "2 answers graded, 1 of them identical to another and graded with it; 3 rows can't be. "
         "4 rows were done before. 7 s."),
    ],
)  # fmt: skip
def test_summary(counts: Counts, text: str) -> None:
    assert summary(replace(counts), 7.2) == text
