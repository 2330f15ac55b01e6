"""The service about itself."""

from typing import Literal

from pydantic import ConfigDict

from api import examples
from api.schemas.base import Out
from api.schemas.evaluations import EngineOut


class HealthOut(Out):
    """The process answers."""

    status: Literal["ok"] = "ok"

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})


class ReadyOut(Out):
    """The model is loaded and the database answers."""

    status: Literal["ready"] = "ready"

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ready"}]})


class LimitsOut(Out):
    """What a request may hold at most."""

    max_answer_chars: int
    max_body_bytes: int
    max_key_points: int


class InfoOut(Out):
    """What is running. `engine` is null until the model is loaded."""

    name: str
    version: str
    engine: EngineOut | None
    database: Literal["embedded", "external"]
    limits: LimitsOut

    model_config = ConfigDict(json_schema_extra={"examples": [examples.INFO]})
