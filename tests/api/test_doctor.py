"""The report on an installation."""

from pathlib import Path

import pytest

from api.doctor import Check, check_bank, check_data_dir, check_database, check_model, check_python, settings_in_force
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


@pytest.mark.parametrize(("version", "ok"), [((3, 10), False), ((3, 11), True), ((3, 14), True), ((4, 0), True)])
def test_python(version: tuple[int, int], ok: bool) -> None:
    assert check_python(version).ok is ok


def test_data_dir(tmp_path: Path) -> None:
    assert check_data_dir(settings(tmp_path / "not" / "yet")).ok
    assert not (tmp_path / "not").exists()
    (tmp_path / "file").write_text("")
    check = check_data_dir(settings(tmp_path / "file"))
    assert not check.ok and "GRADER_DATA_DIR" in check.remedy


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
