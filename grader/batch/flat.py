"""Graded answers and bad rows as rows of a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, TypeAlias

from grader.batch.model import BadRow, Graded
from grader.model import KeyPointResult

Cell: TypeAlias = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and the type of its values, each of which may be None as well."""

    name: str
    kind: type[str] | type[float] | type[int] | type[bool]


_ITEM = (
    Column("line", int),
    Column("key", str),
    Column("candidate", str),
    Column("rubric", str),
    Column("answer", str),
)
_MARKS = (
    Column("status", str),
    Column("unscored_reason", str),
    Column("points", float),
    Column("max_points", float),
    Column("coverage", float),
    Column("expected_coverage", float),
    Column("level", str),
    Column("needs_review", bool),
)
_REASONS = (
    Column("review_reasons", str),
    Column("key_points", str),
    Column("decided", str),
    Column("missed", str),
    Column("misconceptions", str),
    Column("flags", str),
    Column("feedback", str),
    Column("next_step", str),
    Column("follow_ups", str),
    Column("rubric_version", int),
    Column("rubric_hash", str),
    Column("engine_version", str),
    Column("weights_hash", str),
)
_NAMES = frozenset(column.name for column in (*_ITEM, *_MARKS, *_REASONS))
_item = attrgetter(*(column.name for column in _ITEM))
_marks = attrgetter(*(column.name for column in _MARKS))

BAD_COLUMNS: Final = (Column("line", int), Column("column", str), Column("code", str), Column("reason", str))


def columns(own: Sequence[str]) -> tuple[Column, ...]:
    """The columns of results: the item, the caller's `own`, then mark and reasons.

    One of the caller's that has the name of a result is called "own NAME".
    """
    taken = {*_NAMES, *own}
    shown = []
    for name in own:
        free = name
        while free in _NAMES or (free != name and free in taken):
            free = f"own {free}"
        taken.add(free)
        shown.append(Column(free, str))
    return (*_ITEM, *shown, *_MARKS, *_REASONS)


def row(graded: Graded, own: Sequence[str]) -> tuple[Cell, ...]:
    """One value for each of `columns(own)`; lists are joined with "; ".

    What the evidence is, and how sure the engine is of each key point, is in JSON only.
    """
    one = graded.evaluation
    given = dict(graded.item.columns)
    return (
        *_item(graded.item),
        *(given.get(name) for name in own),
        *_marks(one),
        _joined(one.review_reasons),
        _joined(_verdict(point) for point in one.key_points),
        _joined(f"{id_}: {reviewer}" for id_, reviewer in graded.decided),
        _joined(one.missed),
        _joined(found.id for found in one.misconceptions),
        _joined(flag.code for flag in one.flags),
        one.feedback,
        one.next_step,
        _joined(one.follow_ups),
        one.rubric.version,
        one.rubric.content_hash,
        one.engine.version,
        one.engine.weights_hash,
    )


def bad_row(bad: BadRow) -> tuple[Cell, ...]:
    """One value for each of `BAD_COLUMNS`."""
    return bad.line, bad.column, bad.code, bad.reason


def _verdict(point: KeyPointResult) -> str:
    return f"{point.id}: {point.verdict}"


def _joined(parts: Iterable[str]) -> str | None:
    return "; ".join(parts) or None
