"""The catalogue as a whole: every rubric in its latest version."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from api.store.rubrics import StoredRubric, is_draft, is_shown, to_stored
from api.tables import RubricVersionRow


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rubrics to take; None is no filter. `guide` is one of a rubric's guides."""

    topic: str | None = None
    kind: str | None = None
    difficulty: str | None = None
    guide: str | None = None


@dataclass(frozen=True, slots=True)
class TopicCount:
    """How many rubrics share a topic, a kind and a difficulty."""

    topic: str
    kind: str
    difficulty: str
    rubrics: int


@dataclass(frozen=True, slots=True)
class GuideCount:
    """How many rubrics of a topic came from a guide; one that came from two counts for both."""

    topic: str
    guide: str
    rubrics: int


def page(session: Session, filters: Filters, after: str | None, limit: int) -> list[StoredRubric]:
    """In order of id, from the one after `after`."""
    query = _matching(filters).order_by(RubricVersionRow.rubric_id).limit(limit)
    if after is not None:
        query = query.where(RubricVersionRow.rubric_id > after)
    return [to_stored(row) for row in session.scalars(query)]


def everything(session: Session, filters: Filters) -> list[StoredRubric]:
    """All that match, in order of id."""
    return [to_stored(row) for row in session.scalars(_matching(filters).order_by(RubricVersionRow.rubric_id))]


def named(session: Session, ids: Collection[str]) -> dict[str, StoredRubric]:
    """Those of these ids, by id; what isn't in the catalogue is left out."""
    query = _matching(Filters()).where(RubricVersionRow.rubric_id.in_(ids))
    return {stored.rubric.id: stored for stored in map(to_stored, session.scalars(query))}


def topic_counts(session: Session) -> list[TopicCount]:
    """The catalogue counted by topic, kind and difficulty, in this order."""
    newest = _latest_of_each().subquery()
    columns = (RubricVersionRow.topic, RubricVersionRow.kind, RubricVersionRow.difficulty)
    query = select(*columns, func.count()).join(newest, newest.c.id == RubricVersionRow.id)
    return [TopicCount(*row) for row in session.execute(query.group_by(*columns).order_by(*columns))]


def guide_counts(session: Session) -> list[GuideCount]:
    """The catalogue counted by topic and guide, in this order."""
    newest = _latest_of_each().subquery()
    guides = func.jsonb_array_elements_text(RubricVersionRow.document["guides"]).table_valued("value")
    columns = (RubricVersionRow.topic, guides.c.value)
    query = select(*columns, func.count(RubricVersionRow.id.distinct()))
    joined = query.join_from(RubricVersionRow, newest, newest.c.id == RubricVersionRow.id).join(guides, true())
    return [GuideCount(*row) for row in session.execute(joined.group_by(*columns).order_by(*columns))]


def _matching(filters: Filters) -> Select[RubricVersionRow]:
    newest = _latest_of_each().subquery()
    query = select(RubricVersionRow).join(newest, newest.c.id == RubricVersionRow.id)
    for column in ("topic", "kind", "difficulty"):
        if (value := getattr(filters, column)) is not None:
            query = query.where(getattr(RubricVersionRow, column) == value)
    if filters.guide is not None:
        query = query.where(RubricVersionRow.document["guides"].contains([filters.guide]))
    return query


def _latest_of_each() -> Select[int]:
    return (
        select(RubricVersionRow.id)
        .where(RubricVersionRow.rubric_id.is_not(None), ~is_draft(), is_shown())
        .ext(distinct_on(RubricVersionRow.rubric_id))
        .order_by(RubricVersionRow.rubric_id, RubricVersionRow.version.desc())
    )
