"""Settings from the environment: `GRADER_…`, and `DATABASE_URL`. Built when a process starts, never at import."""

import difflib
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.hooks.addresses import Network, networks

PREFIX = "GRADER_"


class Settings(BaseSettings):
    """What a person who runs the service may choose. Each field's description is shown by `grader doctor`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,  # an address may hold a password
        frozen=True,
    )

    host: str = Field(default="127.0.0.1", description="Address that the HTTP service listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port of the HTTP service; 0 takes a free one.")
    data_dir: Path = Field(default=Path("var"), description="Folder of the embedded database and of cached models.")
    database_url: str = Field(
        default="",
        validation_alias="DATABASE_URL",
        repr=False,
        description="PostgreSQL to use, as postgresql://user:password@host/name. Empty: an embedded one in the data "
        "folder.",
    )
    database_pool: int = Field(
        default=10, ge=1, le=200, description="Most database connections that one process opens."
    )
    model: str = Field(
        default="", description="Name or folder of the embedding model. Empty: the packaged all-MiniLM-L6-v2."
    )
    judge: str = Field(
        default="",
        description="Model that reads doubtful points a second time: a CrossEncoder with inference labels, name or "
        "folder. Empty: the packaged one; off: none.",
    )
    backend: Literal["auto", "openvino", "torch", "cuda"] = Field(
        default="auto", description="Inference runtime of the model; cuda is torch on a GPU."
    )
    precision: Literal["auto", "bf16", "fp32", "int8"] = Field(
        default="auto",
        description="Arithmetic of the model; auto takes bf16 where the processor has it. int8 is faster where it has "
        "VNNI, and a little less exact; last digits may then depend on what else is graded.",
    )
    micro_batch_ms: int = Field(
        default=20,
        ge=0,
        le=1000,
        description="Most milliseconds that an answer waits, when every core is grading, to be graded together with "
        "others; 0 grades each by itself.",
    )
    max_answer_chars: int = Field(
        default=20_000, ge=1, le=1_000_000, description="Longest accepted answer, in Unicode code points."
    )
    max_body_bytes: int = Field(
        default=2_000_000, ge=1_000, description="Largest accepted HTTP request body, in bytes."
    )
    max_upload_bytes: int = Field(
        default=2_000_000_000, ge=1_000, description="Largest accepted upload of a file of answers, in bytes."
    )
    admin_key: str = Field(
        default="",
        repr=False,
        pattern=r"^(grader_[A-Za-z0-9_-]{43,200})?$",
        description="First key of a service, with every right in the workspace default: grader_ and 43 to 200 random "
        "letters and digits, as by echo grader_$(openssl rand -hex 32).",
    )
    metrics_key: str = Field(
        default="",
        repr=False,
        pattern=r"^(grader_[A-Za-z0-9_-]{43,200})?$",
        description="Key that opens /metrics and nothing else, for Prometheus: made as GRADER_ADMIN_KEY is. Empty: "
        "keys of the workspace default with the scope admin open it.",
    )
    cors_origins: str = Field(
        default="",
        description="Origins whose pages may call the service from a browser, separated by commas, as "
        "https://prep.example.org. Empty: none.",
    )
    rate_limit: str = Field(
        default="6000/minute",
        pattern=r"^[1-9][0-9]{0,6}/(second|minute|hour)$",
        description="Most requests of a key to one process, unless the key says otherwise, as 600/minute.",
    )
    max_in_flight: int = Field(
        default=256,
        ge=4,
        le=10_000,
        description="Most requests that one process works on or keeps waiting; others get 503 at once. Uploads and "
        "streams are counted by themselves.",
    )
    longest_wait_seconds: float = Field(
        default=4.0,
        ge=0,
        le=600,
        description="A single answer that might take longer than this, with all that wait before it, gets 503 at "
        "once. 0: it waits however long it takes.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How log lines are written: for people, or one JSON object a line."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least serious events that are logged; info has a line for each request."
    )
    otlp_endpoint: str = Field(
        default="",
        description="OpenTelemetry collector that gets traces, as http://host:4318. Empty: no traces.",
    )
    worker: bool = Field(
        default=True, description="Run a worker beside the service; it grades batches in time that nothing else needs."
    )
    worker_stalled_seconds: int = Field(
        default=30, ge=3, le=3600, description="A worker that gave no sign of life for so long is taken for dead."
    )
    batch_retention_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Batches are removed, evaluations included, so many days after their end; 0 keeps them.",
    )

    second_opinion_url: str = Field(
        default="",
        description="OpenAI-compatible address of a language model that is asked about doubtful points, as "
        "http://localhost:11434/v1. Empty: none is asked.",
    )
    second_opinion_model: str = Field(default="", validate_default=True, description="Name of that model.")
    second_opinion_key: str = Field(default="", repr=False, description="Key that it wants, if any.")
    second_opinion_daily: int = Field(default=1_000, ge=0, description="Most calls of that model in a day (UTC).")
    second_opinion_seconds: float = Field(
        default=20, gt=0, le=600, description="Most seconds that one call of that model may take."
    )

    @field_validator("second_opinion_url")
    @classmethod
    def _http_only(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError(f"must begin with http:// or https://, not {url[:20]!r}")
        return url

    @field_validator("second_opinion_model")
    @classmethod
    def _model_is_named(cls, model: str, info: ValidationInfo) -> str:
        if not model and info.data.get("second_opinion_url"):
            raise ValueError("is empty while GRADER_SECOND_OPINION_URL is set: name the model")
        return model

    answer_retention_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Answers that came alone or in practice sets are removed, with all that was said about them, so "
        "many days after they were last graded; 0 keeps them.",
    )
    preview_retention_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="What previews and publications of rubrics told of the difference is removed so many days after "
        "their end; 0 keeps it.",
    )
    delivery_retention_days: int = Field(
        default=30,
        ge=0,
        le=36_500,
        description="Messages to webhooks that ended are removed from the log so many days after they were made; 0 "
        "keeps them.",
    )
    webhook_networks: str = Field(
        default="",
        description="Networks that webhooks may reach beside public addresses, and in which http:// will do, as "
        "10.2.0.0/16, 127.0.0.1/32. Empty: none.",
    )
    webhook_key_file: str = Field(
        default="",
        description="File with a Fernet key, one a line, that encrypts the secrets of webhooks in the database; the "
        "first one encrypts, all of them decrypt. Empty: they are stored as they are.",
    )

    receipt_key_file: str = Field(
        default="",
        description="File with the Ed25519 key (PEM) that signs receipts; services on one database need the same one. "
        "Empty: receipt-key.pem in the data folder, made when it is first needed.",
    )

    @property
    def webhook_allowed(self) -> tuple[Network, ...]:
        """The networks in `webhook_networks`."""
        return networks(self.webhook_networks)

    @field_validator("webhook_networks")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        networks(text)
        return text

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches the service."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @field_validator("database_url")
    @classmethod
    def _postgresql_only(cls, url: str) -> str:
        """Take the spellings of a PostgreSQL address that hosts hand out, and name our driver in it."""
        if not url:
            return url
        scheme, separator, rest = url.partition("://")
        if not separator or scheme not in ("postgres", "postgresql", "postgresql+psycopg"):
            raise ValueError(f"must begin with postgresql://, not {scheme[:20]!r}")
        return f"postgresql+psycopg://{rest}"


def variable(field: str) -> str:
    """The environment variable of a field of `Settings`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else PREFIX + field.upper()


def unknown_variables(names: Iterable[str]) -> list[str]:
    """A warning for each name that begins with `GRADER_` and is no setting, with the nearest name that is."""
    known = {variable(field).removeprefix(PREFIX): variable(field) for field in Settings.model_fields}
    warnings = []
    for name in sorted(names):
        if not name.upper().startswith(PREFIX) or name.upper() in known.values():
            continue
        near = difflib.get_close_matches(name.upper().removeprefix(PREFIX), known, n=1, cutoff=0.0)
        warnings.append(f"{name} is no setting and is ignored; did you mean {known[near[0]]}?")
    return warnings
