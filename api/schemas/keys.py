"""API keys on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from api import examples_keys as examples
from api.access.model import RATE, Scope
from api.schemas.base import Out
from api.texts import StorableText


class KeyIn(BaseModel):
    """What a key is to be."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.KEY_REQUEST]})

    name: StorableText = Field(min_length=1, max_length=200, description="Who or what has it.")
    scopes: list[Scope] = Field(min_length=1, max_length=4, description="admin has all of them.")
    expires_in_days: int | None = Field(None, ge=1, le=3650, description="Null: it doesn't expire.")
    rate_limit: str | None = Field(
        None,
        pattern=RATE,
        max_length=30,
        description="Most requests to one process, as 600/minute. Null: the setting's.",
    )
    daily_quota: int | None = Field(None, ge=1, le=1_000_000_000, description="Most requests a day, UTC.")


class RotationIn(BaseModel):
    """How long the old key goes on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.ROTATION_REQUEST]})

    overlap_hours: int = Field(24, ge=0, le=8760, description="So long both keys are valid.")


class KeyOut(Out):
    """A key without its secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.KEY]})

    id: UUID
    name: str
    shown: str = Field(description="Its first characters.")
    scopes: list[Scope]
    workspace: str
    rate_limit: str | None
    daily_quota: int | None
    replaces: UUID | None = Field(description="The key that it was rotated from.")
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")
    revoked_at: datetime | None

    @field_serializer("scopes")
    def _in_order(self, scopes: list[Scope]) -> list[Scope]:
        return sorted(scopes)


class NewKeyOut(KeyOut):
    """A key with its secret, which is never told again."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.NEW_KEY]})

    key: str | None = Field(description="Keep it: only its hash is stored. Null in an answer that is repeated.")


class KeyPage(Out):
    """Newest first. `next_cursor` is null on the last page."""

    items: list[KeyOut]
    next_cursor: str | None

    model_config = ConfigDict(json_schema_extra={"examples": [examples.KEY_PAGE]})
