"""What a pass over stored answers shows."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from api.store.regrade_model import Difference, Flip, Mover

COUNTS: Final = """
SELECT count(*), count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'graded'),
    count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE change > 0), count(*) FILTER (WHERE change < 0),
    avg(change), max(change), min(change), coalesce(sum(marks), 0), coalesce(sum(gained), 0), coalesce(sum(lost), 0)
FROM (SELECT *, points_after - points_before AS change FROM regrade_items WHERE regrade_id = :id) AS item
"""
LEVELS: Final = """
SELECT level_before, level_after, count(*) FROM regrade_items
WHERE regrade_id = :id AND state = 'graded' AND level_before IS DISTINCT FROM level_after
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
POINTS: Final = """
SELECT change ->> 'id', change ->> 'before', change ->> 'after', count(*)
FROM regrade_items, jsonb_array_elements(changes) AS change WHERE regrade_id = :id
GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC, 2, 3
"""
MOVERS: Final = """
SELECT * FROM (
    SELECT item.evaluation_id, evaluation.candidate_id, points_before, points_after, level_before, level_after, changes,
        coalesce(abs(points_after - points_before), 0) AS change
    FROM regrade_items AS item JOIN evaluations AS evaluation ON evaluation.id = item.evaluation_id
    WHERE item.regrade_id = :id AND state = 'graded'
        AND (points_before IS DISTINCT FROM points_after OR level_before IS DISTINCT FROM level_after)
) AS mover
WHERE CAST(:after AS uuid) IS NULL OR (change, evaluation_id) < (CAST(:change AS float8), CAST(:after AS uuid))
ORDER BY change DESC, evaluation_id DESC LIMIT :limit
"""


def difference(session: Session, regrade_id: UUID) -> Difference:
    """What a pass changed so far."""
    given = {"id": regrade_id}
    items, waiting, graded, failed, up, down, mean, gain, loss, *people = session.execute(text(COUNTS), given).one()
    levels = tuple(Flip(None, *row) for row in session.execute(text(LEVELS), given))
    points = tuple(Flip(*row) for row in session.execute(text(POINTS), given))
    figures = (mean, max(gain, 0.0) if gain is not None else None, min(loss, 0.0) if loss is not None else None)
    return Difference(items, waiting, graded, failed, up, down, *figures, levels, points, *people)


def movers(session: Session, regrade_id: UUID, after: tuple[float, UUID] | None, limit: int) -> list[Mover]:
    """Answers whose points or level change, those that move most first, from the one after `after`."""
    change, id_ = after or (None, None)
    rows = session.execute(text(MOVERS), {"id": regrade_id, "after": id_, "change": change, "limit": limit})
    return [
        Mover(id_, who, before, after, level_before, level_after, tuple(map(_flip, changes)))
        for id_, who, before, after, level_before, level_after, changes, _ in rows
    ]


def _flip(change: dict[str, str]) -> Flip:
    return Flip(change["id"], change["before"], change["after"], 1)
