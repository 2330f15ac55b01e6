import gzip
import json
from pathlib import Path

import pytest

from grader.agreement_files import agree_file
from grader.errors import DataInvalid
from grader.marked import BadRow, MarkedAnswer, read_marked
from grader.model import Verdict
from tests.fakes import fake_engine

GOOD = {"question": "Why?", "key_points": ["Because it rains."], "answer": "because it rains", "label": 1}


def file_of(folder: Path, lines: list[str], name: str = "rows.jsonl") -> Path:
    path = folder / name
    data = "\n".join(lines).encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_rows_of_every_form(tmp_path: Path, name: str) -> None:
    wordings = {"statement": "It rains.", "says": ["water falls"], "denies": ["it is dry"]}
    lines = [
        json.dumps(GOOD),
        json.dumps({"reference_answer": "It rains a lot. The ground is wet.", "answer": "wet", "label": 0.5}),
        "",
        json.dumps({"key_points": [wordings], "answer": "dry", "verdict": "contradicted"}),
    ]
    first, second, third = read_marked(file_of(tmp_path, lines, name))
    assert isinstance(first, MarkedAnswer) and isinstance(second, MarkedAnswer) and isinstance(third, MarkedAnswer)
    assert len(second.rubric.key_points) == 2 and second.rubric.question == ""
    assert third.line == 4 and third.label == 0 and third.verdict is Verdict.CONTRADICTED
    assert third.rubric.key_points[0].denies == ("it is dry",)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "must be a JSON object"),
        (json.dumps({**GOOD, "answer": None}), "'answer' must be text"),
        (json.dumps({**GOOD, "label": 1.5}), "'label' must be a number from 0 to 1, this is 1.5"),
        (json.dumps({**GOOD, "label": "1"}), "'label'"),
        (json.dumps({**GOOD, "verdict": "right"}), "'verdict' must be one of covered"),
        (json.dumps({"answer": "x", "label": 1}), "needs 'key_points'"),
        (json.dumps({**GOOD, "key_points": [{"statement": ""}]}), "key_points"),
        (json.dumps({**GOOD, "answer": "a\0b"}), "null character"),
    ],
)
def test_bad_rows_are_named_and_the_rest_goes_on(tmp_path: Path, line: str, reason: str) -> None:
    found = agree_file(fake_engine(), file_of(tmp_path, [json.dumps(GOOD), line, json.dumps(GOOD)]))
    assert found.agreement.n == 2
    (bad,) = found.bad_rows
    assert isinstance(bad, BadRow) and bad.line == 2 and reason in bad.reason


def test_blank_answers_are_unscored_not_zero(tmp_path: Path) -> None:
    found = agree_file(fake_engine(), file_of(tmp_path, [json.dumps(GOOD), json.dumps({**GOOD, "answer": " ?! "})]))
    assert (found.agreement.n, found.unscored) == (1, 1)


def test_limit_draws_the_same_rows_for_the_same_seed(tmp_path: Path) -> None:
    lines = [json.dumps({**GOOD, "answer": f"because number {at} it rains", "label": at % 2}) for at in range(40)]
    path = file_of(tmp_path, lines)
    first, again, other = (agree_file(fake_engine(), path, limit=10, seed=seed) for seed in (1, 1, 2))
    assert first.agreement == again.agreement and first.agreement.n == 10
    assert first.agreement != other.agreement


def test_unreadable_files_are_errors(tmp_path: Path) -> None:
    with pytest.raises(DataInvalid, match="can't be read"):
        list(read_marked(tmp_path / "absent.jsonl"))
    path = tmp_path / "broken.jsonl.gz"
    path.write_bytes(gzip.compress(bytes(range(256)) * 9)[:-20])
    with pytest.raises(DataInvalid, match="can't be read"):
        list(read_marked(path))
