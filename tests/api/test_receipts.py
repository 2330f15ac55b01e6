"""Receipts over HTTP and on the command line: signed, checked, marked again."""

import base64
import json
import shutil
import stat
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

import api.cli_receipts
from api.errors import KeyInvalid
from api.receipt_key import FILE, ReceiptKey
from api.settings import Settings
from api.worker import Worker
from grader.engine import Engine
from grader.receipt import canonical
from tests.api.conftest import running
from tests.api.reviewing import COVERS_A, Desk, desk
from tests.command import Run
from tests.fakes import fake_engine


@pytest.fixture(scope="module")
def settings(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(database_url=new_database(), data_dir=tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def client(settings: Settings, engine: Engine) -> Iterator[TestClient]:
    with running(settings, engine) as client:
        yield client


@pytest.fixture
def at(client: TestClient) -> Desk:
    return desk(client)


def receipt_of(client: TestClient, id_: str) -> dict[str, Any]:
    made = client.get(f"/v1/evaluations/{id_}/receipt")
    assert made.status_code == 200, made.text
    found: dict[str, Any] = made.json()
    return found


def verify(client: TestClient, receipt: dict[str, Any], **more: Any) -> dict[str, Any]:
    checked = client.post("/v1/receipts:verify", json={**receipt, **more})
    assert checked.status_code == 200, checked.text
    found: dict[str, Any] = checked.json()
    return found


def test_signed_and_marked_again(at: Desk) -> None:
    id_ = at.grade(candidate_id="c-1")
    receipt = receipt_of(at.client, id_)  # type: ignore[arg-type]
    evaluation = at.client.get(f"/v1/evaluations/{id_}").json()
    said = receipt["receipt"]
    assert said["engine"] == evaluation["engine"]
    assert said["answer_sha256"] == evaluation["answer"]["sha256"]
    assert float(said["mark"]["points"]) == evaluation["points"]
    assert said["mark"]["key_points"] == {one["id"]: one["verdict"] for one in evaluation["key_points"]}
    assert "c-1" not in json.dumps(receipt)
    assert verify(at.client, receipt)["outcome"] == "signed"  # type: ignore[arg-type]
    again = verify(at.client, receipt, answer=COVERS_A)  # type: ignore[arg-type]
    assert (again["outcome"], again["differences"]) == ("verified", [])
    assert again["again"]["points"] == evaluation["points"]


def test_anybody_can_check_it(at: Desk, tmp_path: Path) -> None:
    receipt = receipt_of(at.client, at.grade())  # type: ignore[arg-type]
    key = at.client.get("/v1/receipts/key").json()
    assert receipt["key_id"] == key["key_id"]
    loaded = load_pem_public_key(key["pem"].encode())
    assert isinstance(loaded, Ed25519PublicKey)
    assert base64.b64encode(loaded.public_bytes_raw()).decode() == key["public_key"]
    signature = base64.b64decode(receipt["signature"])
    by_hand = json.dumps(receipt["receipt"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    loaded.verify(signature, by_hand)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl isn't installed")
def test_openssl_can_check_it(at: Desk, tmp_path: Path) -> None:
    receipt = receipt_of(at.client, at.grade())  # type: ignore[arg-type]
    pem = at.client.get("/v1/receipts/key").json()["pem"]
    signature, by_hand = base64.b64decode(receipt["signature"]), canonical(receipt["receipt"])
    files = {"key.pem": pem.encode(), "signature": signature, "body": by_hand}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    command = "openssl pkeyutl -verify -rawin -pubin -inkey key.pem -sigfile signature -in body"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def changed(receipt: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(receipt))
    part = copy
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = to
    return copy


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("receipt", "mark", "points"), "4"),
        (("receipt", "mark", "points"), 4.0),
        (("receipt", "answer_sha256"), "0" * 64),
        (("receipt", "engine", "version"), "1"),
        (("receipt", "extra"), 1),
        (("signature",), "AAAA"),
        (("signature",), "é"),
        (("signature",), ""),
        (("receipt",), {}),
    ],
)
def test_whatever_is_changed_is_forged(at: Desk, path: tuple[str, ...], to: Any) -> None:
    receipt = receipt_of(at.client, at.grade())  # type: ignore[arg-type]
    found = verify(at.client, changed(receipt, *path, to=to), answer=COVERS_A)  # type: ignore[arg-type]
    assert (found["outcome"], found["again"]) == ("forged", None)


def test_for_other_texts_and_keys(at: Desk, client: TestClient) -> None:
    receipt = receipt_of(client, at.grade())
    assert verify(client, receipt, answer=COVERS_A + " ")["outcome"] == "other_answer"
    other = {"question": "Why?", "key_points": ["Something else."]}
    assert verify(client, receipt, answer=COVERS_A, rubric=other)["outcome"] == "other_rubric"
    assert verify(client, changed(receipt, "key_id", to="0" * 16), answer=COVERS_A)["outcome"] == "unknown_key"


def test_an_inline_rubric_is_found_by_its_hash(client: TestClient) -> None:
    rubric, answer = {"question": "Why?", "key_points": ["Boosting is sequential."]}, "Boosting is sequential."
    body = {"rubric": rubric, "answer": answer}
    receipt = receipt_of(client, client.post("/v1/evaluations", json=body).json()["id"])
    assert verify(client, receipt, answer=answer)["outcome"] == "verified"
    assert verify(client, receipt, answer=answer, rubric=rubric)["outcome"] == "verified"


def test_an_unscored_answer_has_one(at: Desk, client: TestClient) -> None:
    receipt = receipt_of(client, at.grade(" "))
    assert (receipt["receipt"]["mark"]["status"], receipt["receipt"]["mark"]["points"]) == ("unscored", None)
    assert verify(client, receipt, answer=" ")["outcome"] == "verified"


def test_what_people_decided_is_in_it_and_stays_apart(at: Desk, client: TestClient) -> None:
    id_ = at.grade()
    before = receipt_of(client, id_)
    at.reviewed(id_, ("b", "covered"), reviewer="ann-the-reviewer")
    receipt = receipt_of(client, id_)
    said = receipt["receipt"]
    assert said["engine_mark"] == before["receipt"]["engine_mark"]
    assert said["mark"]["key_points"]["b"] == "covered"
    assert said["decided_by_people"] == ["key_point.b"]
    assert "ann-the-reviewer" not in json.dumps(receipt)
    assert verify(client, receipt, answer=COVERS_A)["outcome"] == "verified"
    assert verify(client, before, answer=COVERS_A)["outcome"] == "verified"


def test_another_engine_is_said_to_be_another(at: Desk, settings: Settings) -> None:
    receipt = receipt_of(at.client, at.grade())  # type: ignore[arg-type]
    newer = fake_engine()
    newer.info = type(newer.info)("99", newer.info.model, newer.info.weights_hash)
    with running(settings, newer) as client:
        found = verify(client, receipt, answer=COVERS_A)
    assert found["outcome"] == "other_engine"
    assert "is engine 99" in found["told"]
    assert found["again"] is not None


def test_a_mark_that_was_changed_in_the_database_shows(at: Desk, settings: Settings) -> None:
    id_ = at.grade()
    with create_engine(settings.database_url, poolclass=NullPool).begin() as connection:
        connection.execute(
            text("UPDATE key_point_results SET verdict = 'covered', credit = 1 WHERE evaluation_id = :id"), {"id": id_}
        )
    receipt = receipt_of(at.client, id_)  # type: ignore[arg-type]
    found = verify(at.client, receipt, answer=COVERS_A)  # type: ignore[arg-type]
    assert found["outcome"] == "differs"
    assert [(one["field"], one["receipt"]) for one in found["differences"]] == [("key_points.b", "covered")]


def test_each_of_a_batchs_evaluations_and_each_regrade_has_one(at: Desk, settings: Settings, engine: Engine) -> None:
    client: Any = at.client
    file = f"candidate,rubric,answer\nc-1,{at.rubric},{COVERS_A}\n"
    client.post("/v1/batches", files={"file": ("a.csv", file)})
    worker = Worker(settings.database_url, settings, lambda: engine)
    worker.run_until_idle()
    rubric = client.get(f"/v1/rubrics/{at.rubric}").json()["rubric"]
    rubric["key_points"][0]["weight"] = 5
    client.put(f"/v1/rubrics/{at.rubric}", json=rubric, headers={"if-match": "*"})
    client.post(f"/v1/rubrics/{at.rubric}/versions/2:publish")
    worker.run_until_idle()
    found = client.get("/v1/evaluations", params={"rubric_id": at.rubric}).json()["items"]
    assert [one["rubric"]["version"] for one in found] == [2, 1]
    for one in found:
        receipt = receipt_of(client, one["id"])
        assert receipt["receipt"]["rubric"]["version"] == one["rubric"]["version"]
        assert verify(client, receipt, answer=COVERS_A)["outcome"] == "verified"


def test_no_such_evaluation(client: TestClient) -> None:
    assert client.get(f"/v1/evaluations/{uuid.uuid4()}/receipt").status_code == 404


@pytest.mark.parametrize("body", [{}, {"receipt": []}, {"receipt": {}, "key_id": "", "signature": 1}])
def test_what_is_no_receipt(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post("/v1/receipts:verify", json=body).status_code == 422


def test_the_key_is_made_once_for_its_owner(tmp_path: Path, in_parallel: Callable[..., list[Any]]) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    found = in_parallel(lambda key: key.public().id, [ReceiptKey(settings) for _ in range(8)])
    assert len(set(found)) == 1
    file = settings.data_dir / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(settings.data_dir.iterdir()) == [file]
    assert ReceiptKey(settings).public().id == found[0]


def test_a_key_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.pem"
    ReceiptKey(Settings(data_dir=tmp_path)).public()
    (tmp_path / FILE).rename(file)
    key = ReceiptKey(Settings(data_dir=tmp_path / "no", receipt_key_file=str(file)))
    receipt = key.sign({"format": 1})
    assert key.public().has_signed(receipt.body, receipt.signature)
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("content", [None, "", "-----BEGIN PRIVATE KEY-----\n"])
def test_a_key_that_is_none(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "key.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(KeyInvalid, match="openssl genpkey"):
        ReceiptKey(Settings(receipt_key_file=str(file))).public()


def test_a_service_without_a_key_grades_all_the_same(
    new_database: Callable[..., str], migrated: str, engine: Engine, tmp_path: Path
) -> None:
    settings = Settings(database_url=new_database(migrated), receipt_key_file=str(tmp_path / "none"))
    with running(settings, engine) as client:
        id_ = desk(client).grade()
        refused = client.get(f"/v1/evaluations/{id_}/receipt")
    assert (refused.status_code, refused.json()["code"]) == (503, "key_invalid")


@pytest.fixture
def shell(
    run: Run, settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., tuple[int, str]]:
    monkeypatch.setenv("GRADER_DATA_DIR", str(settings.data_dir))
    monkeypatch.setattr(api.cli_receipts, "load_engine", lambda _: engine)

    def call(receipt: dict[str, Any], *more: str) -> tuple[int, str]:
        file = tmp_path / "receipt.json"
        file.write_text(json.dumps(receipt))
        done = run("verify", str(file), *more)
        return done.status, done.out + done.err

    return call


def test_the_command_line_checks_it(at: Desk, shell: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    client: Any = at.client
    receipt = receipt_of(client, at.grade())
    answer, rubric, key = tmp_path / "answer.txt", tmp_path / "rubric.json", tmp_path / "key.pem"
    answer.write_text(COVERS_A)
    rubric.write_text(json.dumps(client.get(f"/v1/rubrics/{at.rubric}").json()["rubric"]))
    key.write_text(client.get("/v1/receipts/key").json()["pem"])
    assert shell(receipt) == (0, shell(receipt, "--key", str(key))[1])
    given = ("--answer", str(answer), "--rubric", str(rubric))
    status, out = shell(receipt, *given)
    assert (status, out.partition(":")[0]) == (0, "verified")
    assert json.loads(shell(receipt, *given, "--json")[1])["outcome"] == "verified"
    status, out = shell(receipt, "--answer", str(answer))
    assert (status, out.partition(":")[0]) == (1, "other_rubric")
    status, out = shell(changed(receipt, "receipt", "mark", "points", to="4"), *given)
    assert (status, out.partition(":")[0]) == (1, "forged")
    assert shell(changed(receipt, "key_id", to="0"))[0] == 3
    key.write_text("no key")
    status, out = shell(receipt, "--key", str(key))
    assert (status, "pem of GET /v1/receipts/key" in out) == (1, True)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"receipt": {}}', "[" * 100_000])
def test_files_that_are_no_receipt(run: Run, tmp_path: Path, content: str) -> None:
    file = tmp_path / "receipt.json"
    file.write_text(content)
    done = run("verify", str(file))
    assert done.status == 1
    assert "GET /v1/evaluations/ID/receipt" in done.err


def test_without_a_key_here_one_is_asked_for(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_DATA_DIR", str(tmp_path / "nothing"))
    file = tmp_path / "receipt.json"
    file.write_text('{"receipt": {}, "key_id": "", "signature": ""}')
    done = run("verify", str(file))
    assert (done.status, "--key" in done.err) == (1, True)
    assert not (tmp_path / "nothing").exists()


def test_the_signed_bytes_have_no_floats(at: Desk) -> None:
    canonical(receipt_of(at.client, at.grade())["receipt"])  # type: ignore[arg-type]
