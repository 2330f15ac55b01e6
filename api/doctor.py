"""What a working installation needs, checked one by one, each with its remedy."""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from api.doctor_check import Check
from api.doctor_machine import check_clock, check_disk, check_embedded_folder, check_port, nearest
from api.settings import Settings, variable

MIN_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as it is in force. `source`: environment or default."""

    variable: str
    value: str
    source: str
    description: str


def settings_in_force(settings: Settings, environment: Mapping[str, str]) -> list[Setting]:
    """Every setting with where it comes from; keys and a password in the database's address are hidden."""
    given = {name.upper() for name, value in environment.items() if value}
    return [
        Setting(
            variable(name),
            _shown(str(getattr(settings, name)), is_secret=not field.repr),
            "environment" if variable(name) in given else "default",
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def checks(settings: Settings) -> Iterator[Check]:
    """Run the checks in order, each when it is asked for. An unexpected error fails its own check only."""
    tests: dict[str, Callable[[Settings], Check]] = {
        "python": lambda _: check_python(sys.version_info[:2]),
        "data folder": check_data_dir,
        "disk": check_disk,
        "database folder": check_embedded_folder,
        "address": check_port,
        "rubric bank": lambda _: check_bank(),
        "model": check_model,
        "inference": check_inference,
        "database": check_database,
        "clock": lambda settings: check_clock(database_now=database_time(settings)),
    }
    for name, test in tests.items():
        try:
            yield test(settings)
        except Exception as error:  # a report goes on, whatever one check runs into
            yield Check(name, False, _without_password(str(error)) or type(error).__name__, f"see docs/cli.md, {name}")


def check_python(version: tuple[int, int]) -> Check:
    """Is the interpreter new enough?"""
    shown = ".".join(map(str, version))
    return Check("python", version >= MIN_PYTHON, shown, "install Python 3.11 or newer")


def check_data_dir(settings: Settings) -> Check:
    """Can files be written to the data folder, or to the nearest folder above it that exists?"""
    folder = settings.data_dir.resolve()
    existing = nearest(folder)
    try:
        with tempfile.TemporaryFile(dir=existing):
            return Check("data folder", True, f"{folder} can be written")
    except OSError as error:
        detail = f"{folder} can't be written: {error.strerror}"
        return Check("data folder", False, detail, f"set {variable('data_dir')} to a folder of yours")


def check_bank() -> Check:
    """Do the packaged rubrics load?"""
    from rubrics import RubricError, load_bank

    try:
        return Check("rubric bank", True, f"{len(load_bank())} rubrics load")
    except RubricError as error:
        return Check("rubric bank", False, str(error.problems[0]), "mend the file, or reinstall the package")


def check_model(settings: Settings) -> Check:
    """Are the model's files there, and are they the right ones?"""
    from grader.errors import ModelUnavailable
    from grader.model_source import find_model

    try:
        source = find_model(settings.model)
    except ModelUnavailable as error:
        return Check("model", False, str(error), f"set {variable('model')}, or reinstall the package")
    return Check("model", True, f"{source.name} at {source.path}, SHA-256 {source.sha256[:12]}")


def check_inference(settings: Settings) -> Check:
    """Does the model run, on which backend and with which arithmetic? Converts the model on first use."""
    from grader.encoder import ModelEncoder
    from grader.errors import ModelUnavailable

    try:
        cache = settings.data_dir / "models"
        encoder = ModelEncoder.load(settings.model, settings.backend, settings.precision, cache)
        tokens = len(encoder.encode(["It works."])[0])
    except ModelUnavailable as error:
        return Check("inference", False, str(error), f"set {variable('backend')}=torch to do without OpenVINO")
    return Check("inference", tokens > 0, f"{encoder.backend}, {encoder.precision}", f"set {variable('backend')}=torch")


def check_database(settings: Settings) -> Check:
    """Does the database answer, and has it this release's tables? An embedded one that isn't there yet is fine."""
    folder = settings.data_dir / "postgres"
    if settings.database_url:
        return _check_migrated(settings.database_url, _without_password(settings.database_url))
    if not (folder / "PG_VERSION").is_file():
        return Check("database", True, f"embedded, not made yet; grader serve makes it in {folder}")
    from api.db import EmbeddedPostgres

    server = EmbeddedPostgres(folder)
    try:
        return _check_migrated(server.url, f"embedded, {folder}")
    finally:
        server.stop()


def database_time(settings: Settings) -> datetime | None:
    """The time by the clock of a PostgreSQL of yours; None where there is none, or it doesn't answer."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    if not settings.database_url:
        return None
    try:
        engine = create_engine(settings.database_url, poolclass=NullPool, connect_args={"connect_timeout": 5})
        with engine.connect() as connection:
            return connection.execute(text("SELECT clock_timestamp()")).scalar_one()  # type: ignore[no-any-return]
    except SQLAlchemyError:  # the check of the database tells
        return None


def _check_migrated(url: str, shown: str) -> Check:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    try:
        engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5})
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_heads()
    except SQLAlchemyError as error:
        detail = f"{shown} doesn't answer: {str(error).splitlines()[0]}"
        return Check("database", False, _without_password(detail), "start it, or correct DATABASE_URL")
    wanted = ScriptDirectory(str(files("migrations"))).get_heads()
    if set(current) == set(wanted):
        return Check("database", True, f"{shown}, migrated to {wanted[0]}")
    found = ", ".join(current) or "nothing"
    return Check("database", False, f"{shown} has {found}, this release wants {wanted[0]}", "run grader db upgrade")


def _shown(value: str, is_secret: bool) -> str:
    """An address is shown without its password, another secret not at all."""
    return _without_password(value) if "://" in value or not is_secret else "…" if value else ""


def _without_password(text: str) -> str:
    text = re.sub(r"(://[^:/@\s]*):[^@\s]*@", r"\1:…@", text)
    return re.sub(r"([?&](?:ssl)?password=)[^&\s]*", r"\1…", text)
