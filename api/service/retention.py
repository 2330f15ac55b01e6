"""What is kept for how long: each kind of thing, how much of it is old enough to go, and its removal piece by piece.

With an answer goes all that was said about it: its later evaluations, reviews, appeals that were decided. An answer
that somebody contests stays, with its batch, until that appeal is decided.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from api.db import Database
from api.settings import Settings
from api.store import batch_items, deliveries, evaluations, regrades
from api.store import batches as batch_store
from api.store import retention as store

AT_ONCE: Final = 500  # rows removed in one transaction; of answers that came alone, a fifth, for each has much to it


@dataclass(frozen=True, slots=True)
class Due:
    """How much of a kind is older than its days. `kept`: as old, and kept by an open appeal. 0 days: all is kept."""

    kind: str
    setting: str
    days: int
    going: int
    kept: int


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    setting: str
    count: Callable[[Session, datetime], tuple[int, int]]
    remove: Callable[[Database, datetime], Iterator[int]]


def due(database: Database, settings: Settings, now: datetime) -> list[Due]:
    """What would go now, kind by kind, in all workspaces."""
    found = []
    with database.everywhere().reading() as session:
        for kind in KINDS:
            days = _days(settings, kind)
            going, kept = kind.count(session, now - timedelta(days=days)) if days else (0, 0)
            found.append(Due(kind.name, kind.setting, days, going, kept))
    return found


def apply(database: Database, settings: Settings, now: datetime) -> dict[str, int]:
    """Remove what is due in all workspaces, in many transactions; how many of each kind.

    What is cut short is gone on with later.
    """
    done, everywhere = {}, database.everywhere()
    for kind in KINDS:
        days = _days(settings, kind)
        done[kind.name] = sum(kind.remove(everywhere, now - timedelta(days=days))) if days else 0
    return done


def _days(settings: Settings, kind: _Kind) -> int:
    days: int = getattr(settings, kind.setting)
    return days


def _remove_answers(database: Database, before: datetime) -> Iterator[int]:
    while True:
        with database.transaction() as session:
            ids = store.answers(session, before, AT_ONCE // 5)
            for id_ in ids:
                evaluations.remove(session, id_)
        if not ids:
            return
        yield len(ids)


def _remove_batch(database: Database, batch_id: UUID) -> None:
    """A batch may have millions of evaluations."""
    while True:
        with database.transaction() as session:
            ids = batch_items.evaluation_ids(session, batch_id, AT_ONCE)
            evaluations.remove_many(session, ids)
            if not ids:
                batch_store.remove(session, batch_id)
                return


def _remove_deliveries(database: Database, before: datetime) -> Iterator[int]:
    while True:
        with database.transaction() as session:
            ids = deliveries.old(session, before, AT_ONCE)
            deliveries.remove_many(session, ids)
        if not ids:
            return
        yield len(ids)


def _remove_regrade(database: Database, regrade_id: UUID) -> None:
    """A pass may have as many answers as there are."""
    gone = AT_ONCE
    while gone == AT_ONCE:
        with database.transaction() as session:
            gone = regrades.remove_items(session, regrade_id, AT_ONCE)
            if gone < AT_ONCE:
                regrades.remove(session, regrade_id)


def _one_by_one(
    find: Callable[[Session, datetime, int], list[UUID]], remove: Callable[[Database, UUID], None]
) -> Callable[[Database, datetime], Iterator[int]]:
    """The removal of a kind whose things are large, each in transactions of its own."""

    def removal(database: Database, before: datetime) -> Iterator[int]:
        while True:
            with database.reading() as session:
                ids = find(session, before, AT_ONCE)
            for id_ in ids:
                remove(database, id_)
            if not ids:
                return
            yield len(ids)

    return removal


KINDS: Final = (
    _Kind("answers", "answer_retention_days", store.count_answers, _remove_answers),
    _Kind("batches", "batch_retention_days", store.count_batches, _one_by_one(store.batches, _remove_batch)),
    _Kind(
        "previews",
        "preview_retention_days",
        lambda session, before: (store.count_regrades(session, before), 0),
        _one_by_one(store.regrades, _remove_regrade),
    ),
    _Kind(
        "deliveries",
        "delivery_retention_days",
        lambda session, before: (deliveries.count_old(session, before), 0),
        _remove_deliveries,
    ),
)
