"""The catalogue: read rubrics, add them, edit them by new versions, load the bank."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from sqlalchemy.orm import Session

from api.db import Database
from api.errors import AlreadyExists, InputInvalid, NotFound, PreconditionFailed
from api.hooks.events import Event, of_rubric
from api.service.telling import tell
from api.store import catalogue
from api.store import rubrics as store
from api.store.catalogue import Filters, GuideCount, TopicCount
from api.store.rubrics import StoredRubric
from api.tables.workspaces import BANK
from rubrics import Rubric, content_hash

ANY_VERSION = "*"


def read(database: Database, rubric_id: str, version: int | None = None) -> StoredRubric:
    """One version of a rubric, the latest where `version` is None. Raises NotFound."""
    with database.reading() as session:
        latest = store.latest(session, rubric_id)
        if latest is None:
            raise _missing(rubric_id)
        found = latest if version is None else store.version(session, rubric_id, version)
    if found is None:
        raise NotFound(f"Rubric {rubric_id!r} has no version {version}; its versions are 1 to {latest.rubric.version}.")
    return found


def versions(database: Database, rubric_id: str) -> list[StoredRubric]:
    """All versions of a rubric, newest first. Raises NotFound."""
    with database.reading() as session:
        found = store.versions(session, rubric_id)
    if not found:
        raise _missing(rubric_id)
    return found


def page(database: Database, filters: Filters, after: str | None, limit: int) -> tuple[list[StoredRubric], str | None]:
    """Latest versions in order of id, and where the next page begins (None on the last one)."""
    with database.reading() as session:
        found = catalogue.page(session, filters, after, limit + 1)
    return found[:limit], found[limit - 1].rubric.id if len(found) > limit else None


def topics(database: Database) -> tuple[list[TopicCount], list[GuideCount]]:
    """The catalogue counted by topic, kind and difficulty, and by topic and guide."""
    with database.reading() as session:
        return catalogue.topic_counts(session), catalogue.guide_counts(session)


def create(database: Database, rubric: Rubric, source: str = "api") -> StoredRubric:
    """Add a rubric to the catalogue as version 1. Raises AlreadyExists, and InputInvalid without an id."""
    if rubric.id == "inline":
        raise InputInvalid("id", "is required to store a rubric, and can't be 'inline'; name it")
    with database.transaction() as session:
        if store.latest(session, rubric.id) is not None or not store.create(session, rubric.id):
            raise AlreadyExists(
                f"There is a rubric {rubric.id!r} already; change it with PUT /v1/rubrics/{rubric.id}, or rename yours."
            )
        return _told(session, store.add_version(session, replace(rubric, version=1), source))


def edit(
    database: Database, rubric: Rubric, expected: Collection[str], source: str = "api", draft: bool = False
) -> StoredRubric:
    """Store the rubric's next version if its latest content hash is in `expected` (or that holds "*").

    A draft grades nothing until it is published.
    The same content again is no edit: the latest version comes back. Raises NotFound and PreconditionFailed.
    """
    with database.transaction() as session:
        store.lock_one(session, rubric.id)
        latest = store.latest(session, rubric.id)
        if latest is None:
            raise _missing(rubric.id)
        if ANY_VERSION not in expected and latest.content_hash not in expected:
            raise PreconditionFailed(
                f"Rubric {rubric.id!r} has changed since you read it: it is at version {latest.rubric.version} "
                f'with ETag "{latest.content_hash}". Read it again, apply your change, and send that ETag in If-Match.'
            )
        if latest.content_hash == content_hash(rubric):
            return latest
        number = store.next_number(session, rubric.id)
        return _told(session, store.add_version(session, replace(rubric, version=number), source, draft))


def load_bank(database: Database, bank: Iterable[Rubric]) -> int:
    """Store what is new in the bank and return how many versions that made.

    What a workspace edited is its own and stays as it is. Safe in many processes at once.
    """
    with database.within(BANK).transaction() as session:
        store.lock_all(session)
        made = 0
        for rubric in bank:
            store.create(session, rubric.id)
            store.lock_one(session, rubric.id)
            stored = store.versions(session, rubric.id)
            if is_news(rubric, [version for version in stored if not version.draft]):
                number = max(rubric.version, stored[0].rubric.version + 1 if stored else 1)
                _told(session, store.add_version(session, replace(rubric, version=number), "bank"))
                made += 1
    return made


def is_news(rubric: Rubric, stored: list[StoredRubric]) -> bool:
    """Does a bank's rubric go on top of the stored versions (newest first)?"""
    is_banks_own = not stored or stored[0].source == "bank"
    return is_banks_own and content_hash(rubric) not in {version.content_hash for version in stored}


def _told(session: Session, stored: StoredRubric) -> StoredRubric:
    """Tell webhooks of a version that grades from now on; of a draft nothing, until it is published."""
    if not stored.draft:
        tell(session, (Event.RUBRIC_UPDATED, of_rubric(stored)))
    return stored


def _missing(rubric_id: str) -> NotFound:
    return NotFound(f"There is no rubric {rubric_id!r}; GET /v1/rubrics lists them.")
