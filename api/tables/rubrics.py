"""Rubrics and their versions, which never change."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    event,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.tables.base import Base
from api.tables.checks import one_of, sha256
from api.tables.workspaces import HERE, Owned


class RubricRow(Owned, Base):
    """One rubric of the catalogue: what doesn't change from version to version."""

    __tablename__ = "rubrics"

    workspace_id: Mapped[str] = mapped_column(primary_key=True, server_default=text(HERE))
    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("id <> ''", name="id"),)


class RubricVersionRow(Owned, Base):
    """One immutable version. `rubric_id` is null for a rubric that came inline with an answer."""

    __tablename__ = "rubric_versions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    rubric_id: Mapped[str | None]
    version: Mapped[int]
    source: Mapped[str]
    content_hash: Mapped[str]
    scoring_hash: Mapped[str]
    topic: Mapped[str]
    kind: Mapped[str]
    difficulty: Mapped[str]
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    draft: Mapped["RubricDraftRow | None"] = relationship(lazy="joined", viewonly=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "rubric_id"], ["rubrics.workspace_id", "rubrics.id"], ondelete="RESTRICT"
        ),
        UniqueConstraint("workspace_id", "rubric_id", "version"),
        Index(
            "uq_rubric_versions_inline_content_hash",
            "workspace_id",
            "content_hash",
            unique=True,
            postgresql_where=text("rubric_id IS NULL"),
        ),
        CheckConstraint("version >= 1", name="version"),
        one_of("source", "bank", "api", "import", "inline"),
        CheckConstraint("(source = 'inline') = (rubric_id IS NULL)", name="inline"),
        sha256("content_hash"),
        sha256("scoring_hash"),
        CheckConstraint("jsonb_typeof(document) = 'object'", name="document"),
    )


class RubricDraftRow(Owned, Base):
    """A version that grades nothing yet: until it is published, its rubric's latest version is an earlier one."""

    __tablename__ = "rubric_drafts"

    rubric_version_id: Mapped[int] = mapped_column(
        ForeignKey("rubric_versions.id", ondelete="CASCADE"), primary_key=True
    )
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    published_at: Mapped[datetime | None]


REFUSE_UPDATE = """
CREATE FUNCTION refuse_rubric_version_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rubric version % never changes: an edit is a new version', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$
"""
IMMUTABLE = """
CREATE TRIGGER rubric_versions_immutable BEFORE UPDATE ON rubric_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_rubric_version_update()
"""

for _statement in (REFUSE_UPDATE, IMMUTABLE):
    _ddl = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
    event.listen(RubricVersionRow.__table__, "after_create", _ddl)
