"""Document ↔ Rubric, with the checks that look at several fields at once."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import count, pairwise

from rubrics.document import (
    CalibrationDocument,
    FollowUpDocument,
    KeyPointDocument,
    MisconceptionDocument,
    RubricDocument,
)
from rubrics.errors import Path, Problem, RubricError, show_path, show_value
from rubrics.model import Calibration, FollowUp, KeyPoint, Level, Misconception, PointShift, Rubric

SLUG_LENGTH = 60

Fault = tuple[Path, str, object]
LineOf = Callable[[Path], int | None]


def to_rubric(document: RubricDocument, source: str = "rubric", line_of: LineOf = lambda _: None) -> Rubric:
    """The domain value of a valid document. `line_of` gives a path's line in `source`, if it has lines.

    Raises RubricError when its parts contradict each other: ids twice, levels out of order, unknown key points.
    """
    point_ids = assign_ids(document.key_points)
    faults = list(_faults(document, point_ids))
    if faults:
        raise RubricError(
            [Problem(source, show_path(path), line_of(path), text, show_value(got)) for path, text, got in faults]
        )
    return Rubric(
        id=document.id,
        question=document.question,
        key_points=tuple(_key_point(*pair) for pair in zip(point_ids, document.key_points, strict=True)),
        version=document.version,
        topic=document.topic,
        kind=document.kind,
        difficulty=document.difficulty,
        language=document.language,
        guides=document.guides,
        reference_answer=document.reference_answer,
        misconceptions=tuple(
            Misconception(id_, item.statement, item.says, item.correction, item.penalty)
            for id_, item in zip(assign_ids(document.misconceptions), document.misconceptions, strict=True)
        ),
        levels=tuple(Level(level.name, level.min_score, level.needs_required) for level in document.levels),
        follow_ups=tuple(FollowUp(item.question, item.key_points) for item in document.follow_ups),
        author=document.author,
        licence=document.licence,
        calibration=_calibration(document.calibration),
    )


def from_rubric(rubric: Rubric) -> RubricDocument:
    """The document of a rubric; `to_rubric` takes it back unchanged. Raises pydantic's ValidationError past a limit."""
    return RubricDocument.model_validate(asdict(rubric))


def assign_ids(parts: Sequence[KeyPointDocument | MisconceptionDocument]) -> tuple[str, ...]:
    """Each part's own id, or a slug of its statement that no other part has. The same parts give the same ids."""
    taken = {part.id for part in parts if part.id}
    ids = []
    for part in parts:
        id_ = part.id or _free(slug(part.statement), taken)
        taken.add(id_)
        ids.append(id_)
    return tuple(ids)


def slug(statement: str) -> str:
    """Lower-case ASCII words joined by hyphens, at most 60 characters; "point" where nothing is left."""
    plain = unicodedata.normalize("NFKD", statement).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    full = "-".join(words)
    cut = full[: SLUG_LENGTH + 1].rpartition("-")[0] if len(full) > SLUG_LENGTH else full
    return cut or full[:SLUG_LENGTH] or "point"


def _free(wanted: str, taken: set[str]) -> str:
    if wanted not in taken:
        return wanted
    return next(name for number in count(2) if (name := f"{wanted}-{number}") not in taken)


def _key_point(id_: str, point: KeyPointDocument) -> KeyPoint:
    return KeyPoint(
        id=id_,
        statement=point.statement,
        weight=point.weight,
        required=point.required,
        terms=point.terms,
        says=point.says,
        denies=point.denies,
        near=point.near,
        missed=point.missed,
    )


def _calibration(given: CalibrationDocument | None) -> Calibration | None:
    if given is None:
        return None
    points = tuple(PointShift(one.id, one.shift) for one in given.points)
    return Calibration(given.engine, given.scoring_hash, given.slope, given.shift, points, given.marks)


def _faults(document: RubricDocument, point_ids: Sequence[str]) -> Iterator[Fault]:
    yield from _twice("key_points", "id", point_ids)
    yield from _twice("misconceptions", "id", assign_ids(document.misconceptions))
    yield from _twice("levels", "name", [level.name for level in document.levels])
    yield from _level_faults([level.min_score for level in document.levels])
    yield from _follow_up_faults(document.follow_ups, point_ids)


def _twice(part: str, field: str, names: Sequence[str]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in first:
            yield (part, index, field), f"is already that of {part}[{first[name]}]; give each its own {field}", name
        first.setdefault(name, index)


def _level_faults(scores: Sequence[float]) -> Iterator[Fault]:
    if scores[0] != 0:
        yield ("levels", 0, "min_score"), "must be 0 for the first level, so that every answer has one", scores[0]
    for index, (before, score) in enumerate(pairwise(scores), start=1):
        if score <= before:
            message = f"must be above that of the level before it ({before:g}); list levels from lowest to highest"
            yield ("levels", index, "min_score"), message, score


def _follow_up_faults(follow_ups: Sequence[FollowUpDocument], point_ids: Sequence[str]) -> Iterator[Fault]:
    for index, follow_up in enumerate(follow_ups):
        for place, id_ in enumerate(follow_up.key_points):
            if id_ not in point_ids:
                message = f"no key point has this id; there are: {', '.join(point_ids[:8])}"
                yield ("follow_ups", index, "key_points", place), message, id_
