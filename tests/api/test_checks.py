"""Checking rubrics over HTTP and on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

import api.cli_check
from api.schemas import FileCheckOut, FindingOut, RubricCheckOut
from grader.rubric_check import ALL_RULES
from rubrics import dump_yaml, from_rubric, load_bank
from rubrics.findings import FORMAT, FORMAT_EXPLANATION, FORMAT_REMEDY
from rubrics.index import index
from tests.command import Run
from tests.fakes import fake_engine

ROOT = Path(__file__).parents[2]
GOOD = load_bank()["bagging-vs-boosting"]
VAGUE = "Bagging has various benefits over one model."


@pytest.fixture
def document() -> dict[str, Any]:
    """A rubric with one error in its text."""
    data = from_rubric(GOOD).model_dump(mode="json")
    data["key_points"][1]["statement"] = VAGUE
    return data


@pytest.fixture
def folder(tmp_path: Path, document: dict[str, Any]) -> Path:
    (tmp_path / "good.yaml").write_text(dump_yaml(GOOD))
    (tmp_path / "vague.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    (tmp_path / "wrong.json").write_text(
        '{"kwestion": "Why?",\n "question": "Why?", "key_points": ["Because it rains."]}'
    )
    return tmp_path


def findings(answer: dict[str, Any], code: str) -> list[FindingOut]:
    checked = RubricCheckOut.model_validate(answer)
    assert checked.errors + checked.warnings == len(checked.findings)
    return [finding for finding in checked.findings if finding.code == code]


def test_post_finds_faults_with_their_lines(client: TestClient, document: dict[str, Any]) -> None:
    text = yaml.safe_dump(document, sort_keys=False)
    in_yaml = client.post("/v1/rubrics:check", content=text, headers={"content-type": "application/yaml"})
    in_json = client.post("/v1/rubrics:check", json=document)
    assert in_yaml.status_code == in_json.status_code == 200
    (found,) = findings(in_yaml.json(), "vague_wording")
    assert found.path == "key_points[1].statement" and found.severity == "error"
    assert found.line and VAGUE in text.splitlines()[found.line - 1]
    assert findings(in_json.json(), "vague_wording")[0].line == 1


def test_post_asks_the_engine(client: TestClient, document: dict[str, Any]) -> None:
    document["question"] = document["key_points"][2]["statement"]
    answer = client.post("/v1/rubrics:check", json=document).json()
    assert [found.path for found in findings(answer, "given_away")] == ["key_points[2].statement"]


def test_post_stores_nothing(client: TestClient, document: dict[str, Any]) -> None:
    document["id"] = "never-stored"
    assert client.post("/v1/rubrics:check", json=document).status_code == 200
    assert client.get("/v1/rubrics/never-stored").status_code == 404


@pytest.mark.parametrize(
    ("body", "kind", "path", "line"),
    [
        (b'{"kwestion": "Why?",\n "question": "Why?", "key_points": ["It rains."]}', "json", "kwestion", 1),
        (b"question: Why?\nkey_points: []\n", "yaml", "key_points", 2),
        (b"question: Why?\nkey_points: [a\n", "yaml", "", 3),
        (b"{", "json", "", 1),
        (b"question: Why?\n\xff", "yaml", "", 2),
    ],
)
def test_faults_of_the_format_are_findings(client: TestClient, body: bytes, kind: str, path: str, line: int) -> None:
    answer = client.post("/v1/rubrics:check", content=body, headers={"content-type": f"application/{kind}"})
    assert answer.status_code == 200
    found = findings(answer.json(), FORMAT)[0]
    assert (found.path, found.line) == (path, line)


def test_other_bodies_are_refused(client: TestClient) -> None:
    assert client.post("/v1/rubrics:check", content=b"x", headers={"content-type": "text/plain"}).status_code == 415


def test_command_line_names_file_line_path_and_code(run: Run, folder: Path) -> None:
    result = run("rubrics", "check", "--no-model", str(folder))
    assert result.status == 1
    assert "1 of 3 files are good; 0 warnings." in result.out
    assert f"{folder}/wrong.json:1: kwestion: unknown key; did you mean 'question'?" in result.out
    assert f"{folder}/vague.yaml:" in result.out and "[error: vague_wording]\n    → Say what exactly" in result.out
    good = run("rubrics", "check", "--no-model", str(folder / "good.yaml"))
    assert (good.status, good.out) == (0, "1 of 1 files are good; 0 warnings.\n")


def test_warnings_alone_leave_the_status_at_0(run: Run, tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text(dump_yaml(GOOD).replace(GOOD.key_points[1].near[0], "bagging trains copies"))
    result = run("rubrics", "check", "--no-model", str(tmp_path))
    assert result.status == 0
    assert "[warning: wording_length]" in result.out and "1 of 1 files are good; 1 warnings." in result.out


def test_the_model_and_golden_answers_are_asked(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.cli_check, "load_engine", lambda settings: fake_engine())
    marks = {point.id: {"verdict": "covered", "quote": "x"} for point in GOOD.key_points}
    answer = {"kind": "free", "voice": "terse", "text": "x", "marks": marks, "misconceptions": []}
    golden = tmp_path / "golden" / "ensembles" / "bagging-vs-boosting.yaml"
    golden.parent.mkdir(parents=True)
    golden.write_text(yaml.safe_dump({"rubric": GOOD.id, "answers": [{"id": str(n), **answer} for n in range(3)]}))
    result = run("rubrics", "check", str(folder / "good.yaml"), "--golden", str(tmp_path / "golden"), "--json")
    (checked,) = [FileCheckOut.model_validate(one) for one in json.loads(result.out)]
    assert checked.file == f"{folder}/good.yaml"
    assert [one.path for one in checked.findings if one.code == "never_missed"] == [
        f"key_points[{index}]" for index in range(len(GOOD.key_points))
    ]
    refused = run("rubrics", "check", str(folder), "--golden", str(tmp_path / "golden"), "--no-model")
    assert (refused.status, refused.out) == (2, "") and "--no-model" in refused.err


def test_codes_are_explained(run: Run) -> None:
    told = run("rubrics", "check", "--explain", "same_point")
    assert told.status == 0 and told.out.startswith("same_point (warning)\n") and "Remedy: Merge them" in told.out
    assert FORMAT_EXPLANATION in run("rubrics", "check", "--explain", FORMAT).out
    unknown = run("rubrics", "check", "--explain", "same_pint")
    assert (unknown.status, unknown.out) == (2, "") and "same_point" in unknown.err


def test_the_index_is_printed(run: Run) -> None:
    assert run("rubrics", "index").out == index(load_bank().values())


def test_the_guide_explains_every_code() -> None:
    guide = " ".join((ROOT / "docs" / "linter.md").read_text(encoding="utf-8").split())
    for rule in ALL_RULES:
        assert f"`{rule.code}` ({rule.severity}) {rule.explanation} *{rule.remedy}*" in guide, rule.code
    assert f"`{FORMAT}` (error) {FORMAT_EXPLANATION} *{FORMAT_REMEDY}*" in guide
