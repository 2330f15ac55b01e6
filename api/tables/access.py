"""Who may call the service, how often, and what was answered to a call that may come twice."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.tables.base import Base
from api.tables.checks import sha256
from api.tables.workspaces import HERE, Owned


class ApiKeyRow(Owned, Base):
    """A key of a workspace, known by its hash alone. It stays when it is revoked, so that its id keeps its meaning.

    `shown`: the first characters, to recognise it by; `replaces`: the key that it was rotated from.
    """

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    shown: Mapped[str]
    key_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    rate_limit: Mapped[str | None]
    daily_quota: Mapped[int | None]
    replaces: Mapped[UUID | None] = mapped_column(ForeignKey("api_keys.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        sha256("key_hash"),
        CheckConstraint("scopes <@ ARRAY['grade', 'read', 'author', 'admin'] AND scopes <> '{}'", name="scopes"),
        CheckConstraint("daily_quota > 0", name="daily_quota"),
    )


class KeyUsageRow(Owned, Base):
    """Requests of a key that has a daily quota, by day (UTC)."""

    __tablename__ = "key_usage"

    key_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    requests: Mapped[int] = mapped_column(BigInteger)


class IdempotencyRow(Owned, Base):
    """A call that its caller gave a name (`key`), and, once it has one, its answer.

    `owner`: the API key's id, all zeros where the service has no keys; `claim`: the try that runs or ran, which has it
    until `lease_until`; `fingerprint`: SHA-256 of method, address and payload.
    """

    __tablename__ = "idempotency_keys"

    workspace_id: Mapped[str] = mapped_column(primary_key=True, server_default=text(HERE))
    owner: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    claim: Mapped[UUID]
    fingerprint: Mapped[str | None]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    body: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    lease_until: Mapped[datetime]

    __table_args__ = (
        sha256("fingerprint"),
        CheckConstraint(
            "(status IS NULL) = (fingerprint IS NULL) AND (status IS NULL) = (body IS NULL)", name="answer"
        ),
    )
