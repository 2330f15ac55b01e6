"""Changes of a rubric: preview what one does to the stored answers, publish it."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from api import jobs
from api.db import Database
from api.errors import Conflict, NotFound
from api.hooks.events import Event, of_rubric
from api.service.ids import uuid7
from api.service.telling import tell
from api.store import regrade_views
from api.store import regrades as store
from api.store import rubrics as rubric_store
from api.store.regrade_model import Difference, Mode, Mover, Regrade
from api.store.rubrics import StoredRubric


def preview(database: Database, rubric_id: str, number: int) -> Regrade:
    """Have the stored answers graded against a version, to see the difference. Raises NotFound and Conflict.

    Of a published version it shows what the engine of today does to them.
    """
    with database.transaction() as session:
        return _begin(session, _version(session, rubric_id, number), Mode.PREVIEW)


def publish(database: Database, rubric_id: str, number: int) -> Regrade:
    """Have a draft be the latest version, and every stored answer graded against it in the same stroke of the database.

    The latest version is published again with the engine of today. Raises NotFound, and Conflict for an older version
    and while another pass runs.
    """
    with database.transaction() as session:
        version = _version(session, rubric_id, number)
        latest = rubric_store.latest(session, rubric_id)
        if latest is not None and number < latest.rubric.version:
            raise Conflict(
                f"Version {latest.rubric.version} of {rubric_id!r} was published after version {number} was made: "
                "make a new draft from that."
            )
        if version.draft:
            rubric_store.publish(session, version.key, datetime.now(UTC))
            tell(session, (Event.RUBRIC_UPDATED, of_rubric(version)))
        return _begin(session, version, Mode.PUBLISH)


def read(database: Database, regrade_id: UUID) -> tuple[Regrade, Difference]:
    """A pass with what it changed so far. Raises NotFound."""
    with database.reading() as session:
        return _found(session, regrade_id), regrade_views.difference(session, regrade_id)


def movers(
    database: Database, regrade_id: UUID, after: tuple[float, UUID] | None, limit: int
) -> tuple[list[Mover], Mover | None]:
    """Answers that move, most first, and the last one if there are more. Raises NotFound."""
    with database.reading() as session:
        _found(session, regrade_id)
        found = regrade_views.movers(session, regrade_id, after, limit + 1)
    return found[:limit], found[limit - 1] if len(found) > limit else None


def _begin(session: Session, version: StoredRubric, mode: Mode) -> Regrade:
    now = datetime.now(UTC)
    id_ = uuid7(now)
    store.add(session, id_, version.key, mode, now)
    jobs.add_collect(session, id_)
    return _found(session, id_)


def _version(session: Session, rubric_id: str, number: int) -> StoredRubric:
    """The version, its rubric kept from edits and other passes to the transaction's end."""
    rubric_store.lock_one(session, rubric_id)
    found = rubric_store.version(session, rubric_id, number)
    if found is None:
        raise NotFound(
            f"Rubric {rubric_id!r} has no version {number}; GET /v1/rubrics/{rubric_id}/versions lists them."
        )
    if (other := store.running(session, rubric_id)) is not None:
        raise Conflict(f"The answers to {rubric_id!r} are being graded again ({other.id}): wait until that is done.")
    return found


def _found(session: Session, regrade_id: UUID) -> Regrade:
    found = store.get(session, regrade_id)
    if found is None:
        raise NotFound(
            f"There is no pass {regrade_id} over stored answers; a preview or publication tells its address."
        )
    return found
