"""Settings: read from the environment, documented one by one."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from api.settings import Settings, unknown_variables, variable

DOCS = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)


def test_every_setting_is_in_the_guide_with_its_default() -> None:
    rows = {line.split("|")[1].strip(" `"): line for line in DOCS.splitlines() if line.startswith("| `")}
    assert set(rows) == {variable(field) for field in Settings.model_fields}
    for field, info in Settings.model_fields.items():
        default = f"`{info.default}`" if info.default != "" else "empty"
        assert rows[variable(field)].split("|")[2].strip() == default
        assert info.description
        assert info.description in rows[variable(field)]


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_PORT", "9000")
    monkeypatch.setenv("GRADER_DATA_DIR", "/srv/grader")
    monkeypatch.setenv("GRADER_MODEL", "")
    settings = Settings()
    assert (settings.port, settings.data_dir, settings.model) == (9000, Path("/srv/grader"), "")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_spellings_of_a_database_address(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://me:secret@db/grader")
    assert Settings().database_url == "postgresql+psycopg://me:secret@db/grader"
    assert "secret" not in repr(Settings())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://me:secret@db/grader"),
        ("DATABASE_URL", "secret"),
        ("GRADER_PORT", "http"),
        ("GRADER_BACKEND", "tensorflow"),
        ("GRADER_MAX_ANSWER_CHARS", "0"),
    ],
)
def test_a_wrong_value_names_the_setting_and_keeps_passwords(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert name.removeprefix("GRADER_").lower() in str(caught.value).lower()
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize(
    ("names", "warnings"),
    [
        (["PATH", "GRADER_PORT", "DATABASE_URL"], []),
        (["GRADER_PROT"], ["GRADER_PROT is no setting and is ignored; did you mean GRADER_PORT?"]),
        (["GRADER_MAX_ANSWER_CHAR"], ["… did you mean GRADER_MAX_ANSWER_CHARS?"]),
        (["GRADER_DATABASE_URL"], ["… did you mean DATABASE_URL?"]),
    ],
)
def test_unknown_variables_are_reported(names: list[str], warnings: list[str]) -> None:
    found = unknown_variables(names)
    assert len(found) == len(warnings)
    assert all(one.endswith(other.removeprefix("…")) for one, other in zip(found, warnings, strict=True))
