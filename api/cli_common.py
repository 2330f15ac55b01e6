"""What several commands need. Nothing heavy is imported here."""

from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from api.settings import Settings
    from grader.engine import Engine


def fail(message: str) -> NoReturn:
    """Say why on stderr and exit with 1."""
    typer.echo(message, err=True)
    raise SystemExit(1)


def read_settings() -> "Settings":
    """The settings of the environment. Exits with 1, naming the variable, where one is wrong."""
    from pydantic import ValidationError

    from api.settings import Settings, variable

    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for fault in error.errors(include_url=False):
            name = str(fault["loc"][0])
            shown = variable(name) if name in Settings.model_fields else name
            lines.append(f"{shown}: {fault['msg']}" + (f", not {fault['input']!r}" if shown != "DATABASE_URL" else ""))
        fail("\n".join(lines))


def load_engine(settings: "Settings") -> "Engine":
    """The engine that the settings name. Raises the engine's errors."""
    from grader.engine import Engine

    return Engine.load(
        model=settings.model,
        backend=settings.backend,
        precision=settings.precision,
        cache_dir=settings.data_dir / "models",
        max_chars=settings.max_answer_chars,
        judge=settings.judge,
    )
