"""The command line as people use it, with an engine that doesn't need the model."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import api.cli
from api.schemas import EvaluationOut
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
from rubrics import Rubric, load_file, load_text
from tests.command import Run

FILE = """\
id: trees
topic: plants
question: Why do trees grow?
key_points:
  - They take in light.
  - "[bold]They[/bold] take up water."
"""
ANSI = "\x1b[31m"


class FakeEngine:
    """Finds every key point covered by the answer's first word, and keeps the text that it got."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def grade(self, rubric: Rubric, answer: str) -> Evaluation:
        self.texts.append(answer)
        quote = answer.split()[0] if answer.split() else ""
        evidence = (Evidence(quote, 0, len(quote), 0.9),)
        scored = bool(quote)
        return Evaluation(
            rubric=RubricRef(rubric.id, rubric.version, "c" * 64),
            engine=EngineInfo("1", "fake", "w" * 64),
            status=Status.SCORED if scored else Status.UNSCORED,
            unscored_reason=None if scored else "blank",
            points=2.0 if scored else None,
            max_points=2.0,
            coverage=1.0 if scored else None,
            expected_coverage=0.9 if scored else None,
            level="excellent" if scored else None,
            needs_review=True,
            review_reasons=("close call",),
            key_points=tuple(
                KeyPointResult(point.id, point.statement, 1.0, verdict, 1.0, 0.9, 0.9, evidence, "Right.")
                for point, verdict in zip(rubric.key_points, (Verdict.COVERED, Verdict.CONTRADICTED), strict=True)
            ),
            misconceptions=(MisconceptionResult("m", "Trees eat soil.", 0.8, evidence, "They don't.", 0.5),),
            missed=(),
            feedback="Well said.",
            next_step="Say why.",
            follow_ups=("And algae?",),
            flags=(Flag("too_short", "three words"),),
            answer=AnswerInfo("a" * 64, len(answer.split()), "en"),
        )


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr(api.cli, "load_engine", lambda settings: fake)
    return fake


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "trees.yaml"
    path.write_text(FILE)
    return str(path)


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, api.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "typer" in loaded
    assert not {"torch", "openvino", "fastapi", "sqlalchemy", "pydantic", "numpy", "rubrics"} & set(loaded)


def test_grade_draws_the_graded_rubric(run: Run, engine: FakeEngine, file: str) -> None:
    result = run("grade", file, "--answer", "-", stdin=b"Light feeds them.")
    assert (result.status, result.err) == (0, "")
    for shown in (
        "Why do trees grow?",
        "2 of 2 points · coverage 100% · excellent",
        "✓ covered",
        "✗ contradicted",
        "“Light”",
        "[bold]They[/bold] take up water.",
        "Trees eat soil.",
        "−0.5 points",
        "close call",
        "too_short: three words",
        "Well said.",
        "Say why.",
        "And algae?",
    ):
        assert shown in result.out


def test_unscored_is_told_with_its_reason(run: Run, engine: FakeEngine, file: str) -> None:
    result = run("grade", file, "--answer", "-", stdin=b"")
    assert "Not scored: blank" in result.out
    assert "points ·" not in result.out


def test_text_of_people_is_never_obeyed(run: Run, engine: FakeEngine, file: str) -> None:
    result = run("grade", file, "--answer", "-", stdin=f"{ANSI}[red]\x07x".encode())
    assert "\x1b" not in result.out and "\x07" not in result.out
    assert r"\x1b[31m[red]\x07x" in result.out


def test_grade_as_json_is_what_the_service_sends(run: Run, engine: FakeEngine, file: str) -> None:
    result = run("grade", file, "--answer", "-", "--json", stdin="Licht 🌱".encode())
    rubric = load_file(file)
    expected = EvaluationOut.from_evaluation(FakeEngine().grade(rubric, "Licht 🌱"))
    assert EvaluationOut.model_validate_json(result.out) == expected


def test_the_answer_is_read_as_it_is(run: Run, engine: FakeEngine, file: str, tmp_path: Path) -> None:
    text = "\ufeffLight\r\n\u0301é \n"
    (tmp_path / "answer.txt").write_bytes(text.encode())
    run("grade", file, "--answer", str(tmp_path / "answer.txt"))
    run("grade", file, "--answer", "-", stdin=text.encode())
    assert engine.texts == [text, text]


@pytest.mark.parametrize(
    ("args", "stdin", "status", "message"),
    [
        (["grade", "bagging-vs-bosting", "--answer", "-"], b"x", 1, "did you mean bagging-vs-boosting?"),
        (["grade", "zzz", "--answer", "-"], b"x", 1, "grader rubrics list shows the bank"),
        (["grade", "no/such.yaml", "--answer", "-"], b"x", 1, "no/such.yaml: can't be read: No such file"),
        (["grade", "pca", "--answer", "-"], b"ab\xff", 1, "byte 0xff at offset 2 is not UTF-8"),
        (["grade", "pca", "--answer", "no-such-file"], b"", 2, "no-such-file: No such file"),
        (["grade", "pca"], b"", 2, "--answer"),
        (["nonsense"], b"", 2, "nonsense"),
        (["rubrics", "export"], b"", 2, "--to"),
    ],
)
def test_failures(run: Run, engine: FakeEngine, args: list[str], stdin: bytes, status: int, message: str) -> None:
    result = run(*args, stdin=stdin)
    assert (result.status, result.out) == (status, "")
    assert message in result.err


def test_a_wrong_setting_is_named(run: Run, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_PORT", "many")
    result = run("grade", file, "--answer", "-", stdin=b"x")
    assert result.status == 1
    assert "GRADER_PORT" in result.err and "'many'" in result.err


def test_a_password_stays_out_of_the_message(run: Run, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://me:secret@host/db")
    result = run("db", "upgrade")
    assert result.status == 1
    assert "DATABASE_URL" in result.err and "secret" not in result.err


def test_an_absent_database_is_told(run: Run, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@127.0.0.1:9/db")
    for args in (["db", "upgrade"], ["rubrics", "import", file]):
        result = run(*args)
        assert result.status == 1
        assert "correct DATABASE_URL" in result.err and "secret" not in result.err


def test_list_and_show(run: Run) -> None:
    assert "bagging-vs-boosting" in run("rubrics", "list").out
    only = run("rubrics", "list", "--topic", "ensembles").out
    assert "bagging-vs-boosting" in only and "l1-vs-l2" not in only
    shown = run("rubrics", "show", "bagging-vs-boosting").out
    assert "How do bagging and boosting differ?" in shown and "content " in shown


def test_schema_is_json(run: Run) -> None:
    assert json.loads(run("rubrics", "schema").out)["title"] == "Rubric"


def test_export(run: Run, file: str, tmp_path: Path) -> None:
    rubric = load_file(file)
    assert load_text(run("rubrics", "export", file).out) == rubric
    assert load_text(run("rubrics", "export", file, "--format", "json").out, format="json") == rubric
    result = run("rubrics", "export", file, "pca", "--to", str(tmp_path / "out"))
    assert load_file(tmp_path / "out/plants/trees.yaml") == rubric
    assert len(result.out.splitlines()) == 2


def test_import_stores_versions_all_or_none(
    run: Run, file: str, tmp_path: Path, new_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", new_database())
    assert run("rubrics", "import", file).out == "trees version 1\n"
    assert run("rubrics", "import", file).out == "trees version 1\n"
    Path(file).write_text(FILE.replace("light", "sunlight"))
    (tmp_path / "bad.yaml").write_text("question: 3")
    failed = run("rubrics", "import", file, str(tmp_path / "bad.yaml"))
    assert (failed.status, failed.out) == (1, "")
    assert "bad.yaml:1: question" in failed.err
    assert run("rubrics", "import", file).out == "trees version 2\n"
