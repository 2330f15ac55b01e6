"""The report on an installation."""

import shutil
import socket
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from api.doctor import Check, check_bank, check_data_dir, check_database, check_model, check_python, settings_in_force
from api.doctor_machine import check_clock, check_disk, check_embedded_folder, check_port
from api.settings import Settings


def settings(tmp_path: Path, **given: object) -> Settings:
    return Settings.model_validate({"data_dir": tmp_path, **given})


def test_every_setting_is_shown_with_its_source_and_without_passwords(tmp_path: Path) -> None:
    url = "postgresql://me:secret@host/db"
    shown = settings_in_force(settings(tmp_path, database_url=url), {"DATABASE_URL": url, "grader_port": "8000"})
    by_name = {item.variable: item for item in shown}
    assert set(by_name) >= {"GRADER_HOST", "GRADER_PORT", "GRADER_DATA_DIR", "GRADER_MODEL", "DATABASE_URL"}
    assert by_name["DATABASE_URL"].value == "postgresql+psycopg://me:…@host/db"
    assert {name for name, item in by_name.items() if item.source == "environment"} == {"DATABASE_URL", "GRADER_PORT"}
    assert all(item.description for item in shown)


def test_a_password_among_an_addresss_parameters_is_hidden(tmp_path: Path) -> None:
    url = "postgresql://host/db?user=me&password=se%26cret&sslmode=require"
    shown = {one.variable: one.value for one in settings_in_force(settings(tmp_path, database_url=url), {})}
    assert shown["DATABASE_URL"] == "postgresql+psycopg://host/db?user=me&password=…&sslmode=require"


@pytest.mark.parametrize("name", ["admin_key", "metrics_key", "second_opinion_key"])
def test_keys_are_not_shown(tmp_path: Path, name: str) -> None:
    key = "grader_" + "k" * 43
    given, empty = (
        {one.variable: one.value for one in settings_in_force(settings(tmp_path, **{name: value}), {})}
        for value in (key, "")
    )
    assert {variable for variable in given if given[variable] != empty[variable]} == {f"GRADER_{name.upper()}"}
    assert given[f"GRADER_{name.upper()}"] == "…" and empty[f"GRADER_{name.upper()}"] == ""


@pytest.mark.parametrize(("version", "ok"), [((3, 10), False), ((3, 11), True), ((3, 14), True), ((4, 0), True)])
def test_python(version: tuple[int, int], ok: bool) -> None:
    assert check_python(version).ok is ok


def test_data_dir(tmp_path: Path) -> None:
    assert check_data_dir(settings(tmp_path / "not" / "yet")).ok
    assert not (tmp_path / "not").exists()
    (tmp_path / "file").write_text("")
    check = check_data_dir(settings(tmp_path / "file"))
    assert not check.ok and "GRADER_DATA_DIR" in check.remedy


@pytest.mark.parametrize(("free", "ok"), [(999_999_999, False), (1_000_000_000, True)])
def test_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, ok: bool) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12 - free, free))
    check = check_disk(settings(tmp_path / "not" / "yet"))
    assert check.ok is ok and "GRADER_DATA_DIR" in check.remedy


@pytest.mark.parametrize(("mode", "ok"), [(0o700, True), (0o750, True), (0o755, False), (0o777, False)])
def test_database_folder(tmp_path: Path, mode: int, ok: bool) -> None:
    folder = tmp_path / "postgres"
    assert check_embedded_folder(settings(tmp_path)).ok
    folder.mkdir()
    (folder / "PG_VERSION").write_text("18")
    folder.chmod(mode)
    check = check_embedded_folder(settings(tmp_path))
    assert check.ok is ok and (ok or "chmod 700" in check.remedy)


@pytest.mark.parametrize(
    ("year", "apart", "ok"), [(1970, 0, False), (2025, 0, False), (2027, 0, True), (2027, 4, True), (2027, -6, False)]
)
def test_clock(year: int, apart: int, ok: bool) -> None:
    now = datetime(year, 6, 1, tzinfo=UTC)
    assert check_clock(now, now + timedelta(seconds=apart)).ok is ok
    assert check_clock(now).ok is (year > 2025)


def test_a_free_address(tmp_path: Path) -> None:
    assert check_port(settings(tmp_path, port=0)).ok


def test_an_address_that_another_program_has(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0)
        check = check_port(settings(tmp_path, port=other.getsockname()[1]))
    assert not check.ok and "GRADER_PORT" in check.remedy


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    check = check_port(settings(tmp_path, host="192.0.2.1", port=8000))
    assert not check.ok and "GRADER_HOST" in check.remedy


def test_the_service_itself_may_have_the_address(tmp_path: Path) -> None:
    class Info(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"name": "answer-grader"}')

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Info) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        check = check_port(settings(tmp_path, port=server.server_port))
    assert check.ok and "runs at" in check.detail


def test_bank() -> None:
    assert check_bank().ok


def test_model_folder_without_weights(tmp_path: Path) -> None:
    check = check_model(settings(tmp_path, model=str(tmp_path)))
    assert not check.ok and "GRADER_MODEL" in check.remedy


def test_packaged_model_is_verified(tmp_path: Path) -> None:
    check = check_model(settings(tmp_path))
    assert check.ok, check.detail


def test_database_that_is_not_made_yet_is_fine(tmp_path: Path) -> None:
    check = check_database(settings(tmp_path))
    assert check.ok and "grader serve makes it" in check.detail
    assert list(tmp_path.iterdir()) == []


def test_database_that_does_not_answer(tmp_path: Path) -> None:
    check = check_database(settings(tmp_path, database_url="postgresql://me:secret@127.0.0.1:9/db"))
    assert isinstance(check, Check) and not check.ok
    assert "secret" not in check.detail and "DATABASE_URL" in check.remedy
