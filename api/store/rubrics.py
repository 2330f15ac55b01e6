"""Rubrics and their versions in the database.

A workspace reads the bank's rubrics with its own, and hides one by a rubric of its own with the same id: one that it
made, or the copy that its first change of the bank's makes.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from api.store.locks import lock
from api.tables import RubricDraftRow, RubricRow, RubricVersionRow
from api.tables.workspaces import BANK
from rubrics import Rubric, RubricDocument, content_hash, from_rubric, scoring_hash, to_rubric

CATALOGUE: Final = "rubrics"
KEPT: Final = 1000  # parsed rubrics


@dataclass(frozen=True, slots=True)
class StoredRubric:
    """One stored version. `key` is its row; `source` is bank, api, import or inline; `draft`: it grades nothing yet."""

    key: int
    rubric: Rubric
    source: str
    content_hash: str
    scoring_hash: str
    created_at: datetime
    draft: bool = False


def latest(session: Session, rubric_id: str) -> StoredRubric | None:
    """The newest version of a rubric that is no draft."""
    row = session.scalars(_versions_of(rubric_id).where(~is_draft()).limit(1)).first()
    return to_stored(row) if row else None


def version(session: Session, rubric_id: str, number: int) -> StoredRubric | None:
    """One version of a rubric."""
    row = session.scalars(_versions_of(rubric_id).where(RubricVersionRow.version == number)).first()
    return to_stored(row) if row else None


def versions(session: Session, rubric_id: str) -> list[StoredRubric]:
    """All versions of a rubric, drafts as well, newest first."""
    return [to_stored(row) for row in session.scalars(_versions_of(rubric_id))]


def next_number(session: Session, rubric_id: str) -> int:
    """The number of the version that comes next. The rubric is locked."""
    highest = select(func.max(RubricVersionRow.version)).where(RubricVersionRow.rubric_id == rubric_id, is_shown())
    return (session.scalar(highest) or 0) + 1


def is_shown() -> ColumnElement[bool]:
    """Whether a version isn't one of the bank's that the workspace hides by a rubric of its own."""
    own = aliased(RubricRow)
    is_hidden = exists().where(own.id == RubricVersionRow.rubric_id, own.workspace_id != BANK)
    return or_(RubricVersionRow.workspace_id != BANK, ~is_hidden)


def is_draft() -> ColumnElement[bool]:
    """Whether a version waits to be published."""
    return exists().where(
        RubricDraftRow.rubric_version_id == RubricVersionRow.id, RubricDraftRow.published_at.is_(None)
    )


def publish(session: Session, key: int, at: datetime) -> None:
    """Have a draft be the rubric's latest version."""
    session.execute(update(RubricDraftRow).where(RubricDraftRow.rubric_version_id == key).values(published_at=at))


def by_key(session: Session, keys: Collection[int]) -> dict[int, StoredRubric]:
    """The versions of these rows."""
    return {
        row.id: to_stored(row) for row in session.scalars(select(RubricVersionRow).where(RubricVersionRow.id.in_(keys)))
    }


def by_content(session: Session, content: str) -> Rubric | None:
    """A rubric of this content hash, of the catalogue or inline; its version says nothing."""
    row = session.scalars(select(RubricVersionRow).where(RubricVersionRow.content_hash == content).limit(1)).first()
    return _rubric(row) if row else None


def create(session: Session, rubric_id: str) -> bool:
    """Make room for a rubric's first version; False if the workspace has the id. Waits for a concurrent create."""
    made = insert(RubricRow).values(id=rubric_id).on_conflict_do_nothing().returning(RubricRow.id)
    return session.scalar(made) is not None


def lock_one(session: Session, rubric_id: str) -> None:
    """Keep the workspace's other edits of this rubric waiting until the transaction ends."""
    lock(session, f"rubric:{rubric_id}")


def lock_all(session: Session) -> None:
    """Keep another process that loads a bank waiting until the transaction ends."""
    lock(session, CATALOGUE)


def add_version(session: Session, rubric: Rubric, source: str, draft: bool = False) -> StoredRubric:
    """Store `rubric` as the version that it says it is, of the workspace's own rubric, whoever's it was so far."""
    _adopt(session, rubric.id)
    stored = _add(session, rubric, source, rubric.id)
    if draft:
        session.execute(insert(RubricDraftRow).values(rubric_version_id=stored.key))
    return replace(stored, draft=draft)


def _adopt(session: Session, rubric_id: str) -> None:
    """Make a rubric the workspace's own, with the versions that it has in the bank."""
    if create(session, rubric_id):
        row = RubricVersionRow
        kept = {one.name: one for one in row.__table__.columns if one.name not in ("id", "workspace_id")}
        banks = select(*kept.values()).where(row.workspace_id == BANK, row.rubric_id == rubric_id)
        session.execute(insert(row).from_select(list(kept), banks.order_by(row.version), include_defaults=False))


def inline(session: Session, rubric: Rubric) -> StoredRubric:
    """The stored copy of a rubric that came with an answer, made on first sight of its content."""
    lock(session, inline_lock(content_hash(rubric)))
    same = RubricVersionRow.content_hash == content_hash(rubric)
    row = session.scalars(select(RubricVersionRow).where(RubricVersionRow.rubric_id.is_(None), same)).first()
    return to_stored(row) if row else _add(session, rubric, "inline", None)


def inline_lock(content: str) -> str:
    """The name under which a rubric that isn't in the catalogue is locked."""
    return f"inline:{content}"


def _versions_of(rubric_id: str) -> Select[RubricVersionRow]:
    return (
        select(RubricVersionRow)
        .where(RubricVersionRow.rubric_id == rubric_id, is_shown())
        .order_by(RubricVersionRow.version.desc())
    )


def _add(session: Session, rubric: Rubric, source: str, rubric_id: str | None) -> StoredRubric:
    row = RubricVersionRow(
        rubric_id=rubric_id,
        version=rubric.version,
        source=source,
        content_hash=content_hash(rubric),
        scoring_hash=scoring_hash(rubric),
        topic=rubric.topic,
        kind=rubric.kind.value,
        difficulty=rubric.difficulty.value,
        document=from_rubric(rubric).model_dump(mode="json"),
    )
    session.add(row)
    session.flush()
    return _stored(row, draft=False)


def to_stored(row: RubricVersionRow) -> StoredRubric:
    """The version of a row."""
    return _stored(row, draft=row.draft is not None and row.draft.published_at is None)


def _stored(row: RubricVersionRow, draft: bool) -> StoredRubric:
    return StoredRubric(row.id, _rubric(row), row.source, row.content_hash, row.scoring_hash, row.created_at, draft)


_read: dict[tuple[str, int], Rubric] = {}  # by content hash and version: what these name never changes


def _rubric(row: RubricVersionRow) -> Rubric:
    key = (row.content_hash, row.version)
    if key not in _read:
        if len(_read) >= KEPT:
            _read.clear()
        _read[key] = to_rubric(RubricDocument.model_validate(row.document))
    return _read[key]
