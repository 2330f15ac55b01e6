"""Passes over stored answers: begun, collected, settled."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, delete, func, select, text, update
from sqlalchemy.orm import Session

from api.store.regrade_chunks import this_chunk, waiting_in
from api.store.regrade_model import Failure, Mode, Old, Outcome, Regrade, RegradeState
from api.tables import EvaluationRow, KeyPointResultRow, RegradeChunkRow, RegradeItemRow, RegradeRow, RubricVersionRow
from grader.model import EngineInfo

# Answers of the same text are next to each other: they are graded once.
COLLECT: Final = """
WITH newest AS (
    SELECT DISTINCT ON (e.answer_id) e.id, e.answer_sha256, e.engine_version, e.engine_model, e.engine_weights_hash,
        v.scoring_hash
    FROM evaluations e JOIN rubric_versions v ON v.id = e.rubric_version_id
    WHERE v.rubric_id = :rubric ORDER BY e.answer_id, e.id DESC
), affected AS (
    SELECT id, (row_number() OVER (ORDER BY answer_sha256, id) - 1) / :size AS chunk FROM newest
    WHERE (scoring_hash, engine_version, engine_model, engine_weights_hash)
        <> (:scoring, :version, :model, CAST(:weights AS text))
), chunks AS (
    INSERT INTO regrade_chunks (regrade_id, number, state, attempts)
    SELECT DISTINCT CAST(:id AS uuid), chunk, 'waiting', 0 FROM affected RETURNING number
), items AS (
    INSERT INTO regrade_items (regrade_id, evaluation_id, chunk, state)
    SELECT :id, id, chunk, 'waiting' FROM affected RETURNING 1
)
SELECT (SELECT count(*) FROM newest) - (SELECT count(*) FROM items), (SELECT array_agg(number) FROM chunks)
"""
SETTLE: Final = """
UPDATE regrade_items AS item SET state = done.state, reason = done.reason, points_before = done.points_before,
    points_after = done.points_after, level_before = done.level_before, level_after = done.level_after,
    changes = done.changes, marks = done.marks, gained = done.gained, lost = done.lost
FROM jsonb_to_recordset(CAST(:done AS jsonb)) AS done (evaluation_id uuid, state text, reason text,
    points_before float8, points_after float8, level_before text, level_after text, changes jsonb,
    marks int, gained int, lost int)
WHERE item.regrade_id = :id AND item.evaluation_id = done.evaluation_id
"""


def add(session: Session, id_: UUID, rubric_key: int, mode: Mode, at: datetime) -> None:
    """Begin a pass."""
    state = RegradeState.COLLECTING.value
    session.add(
        RegradeRow(id=id_, rubric_version_id=rubric_key, mode=mode.value, state=state, unaffected=0, created_at=at)
    )
    session.flush()


def get(session: Session, regrade_id: UUID) -> Regrade | None:
    """One pass."""
    row = session.execute(_passes().where(RegradeRow.id == regrade_id)).one_or_none()
    return _regrade(*row) if row else None


def busy(session: Session) -> list[str]:
    """The workspaces that have passes which aren't done."""
    return list(session.scalars(select(RegradeRow.workspace_id).distinct().where(RegradeRow.finished_at.is_(None))))


def running(session: Session, rubric_id: str) -> Regrade | None:
    """A pass over this rubric's answers that isn't done, the newest."""
    query = _passes().where(RubricVersionRow.rubric_id == rubric_id, RegradeRow.state != RegradeState.DONE.value)
    row = session.execute(query.order_by(RegradeRow.id.desc()).limit(1)).one_or_none()
    return _regrade(*row) if row else None


def collect(session: Session, regrade: Regrade, scoring: str, engine: EngineInfo, size: int) -> list[int]:
    """Take up the answers that may get another mark, in chunks of `size`; the chunks' numbers."""
    given = {"id": regrade.id, "rubric": regrade.rubric_id, "scoring": scoring, "size": size}
    engines = {"version": engine.version, "model": engine.model, "weights": engine.weights_hash}
    unaffected, numbers = session.execute(text(COLLECT), given | engines).one()
    values = {f"engine_{name}": value for name, value in (("version", engine.version), ("model", engine.model))}
    session.execute(
        update(RegradeRow)
        .where(RegradeRow.id == regrade.id)
        .values(**values, engine_weights_hash=engine.weights_hash, unaffected=unaffected, started_at=func.now())
    )
    return list(numbers or ())


def lock(session: Session, regrade_id: UUID) -> RegradeState | None:
    """The state of a pass, which stays so until the transaction ends."""
    state = session.scalar(select(RegradeRow.state).where(RegradeRow.id == regrade_id).with_for_update())
    return RegradeState(state) if state is not None else None


def enter(session: Session, regrade_id: UUID, state: RegradeState) -> None:
    """Have a locked pass go on."""
    finished = func.now() if state is RegradeState.DONE else None
    session.execute(
        update(RegradeRow).where(RegradeRow.id == regrade_id).values(state=state.value, finished_at=finished)
    )


def waiting_ids(session: Session, regrade_id: UUID, number: int) -> list[UUID]:
    """Evaluations of a chunk that wait, in the order in which they are graded."""
    query = select(RegradeItemRow.evaluation_id).join(EvaluationRow, EvaluationRow.id == RegradeItemRow.evaluation_id)
    query = query.where(*waiting_in(regrade_id, number)).order_by(EvaluationRow.answer_sha256, EvaluationRow.id)
    return list(session.scalars(query))


def olds(session: Session, ids: Sequence[UUID]) -> list[Old]:
    """Answers as they count, by evaluation, in the order of `ids`, without what people decided."""
    row, point = EvaluationRow, KeyPointResultRow
    verdicts: dict[UUID, dict[str, str]] = {id_: {} for id_ in ids}
    for id_, key, verdict in session.execute(
        select(point.evaluation_id, point.key_point_id, point.verdict)
        .where(point.evaluation_id == func.any(list(ids)))
        .order_by(point.evaluation_id, point.position)
    ):
        verdicts[id_][key] = verdict
    columns = (row.id, row.answer_id, row.rubric_version_id, row.candidate_id, row.answer, row.points, row.level)
    found = session.execute(select(*columns).where(row.id == func.any(list(ids))))
    by_id = {one[0]: Old(*one, verdicts[one[0]]) for one in found}
    return [by_id[id_] for id_ in ids if id_ in by_id]


def metadata(session: Session, ids: Collection[UUID]) -> dict[UUID, dict[str, Any] | None]:
    """What callers keep with these evaluations."""
    query = select(EvaluationRow.id, EvaluationRow.caller_metadata).where(EvaluationRow.id == func.any(list(ids)))
    return {id_: value for id_, value in session.execute(query)}  # noqa: C416 - rows are no pairs to a type checker


def still_waiting(session: Session, regrade_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these items that wait, kept so until the transaction ends: only they take an effect, and once."""
    item = RegradeItemRow
    these = (item.regrade_id == regrade_id, item.evaluation_id.in_(ids), item.state == "waiting")
    query = select(item.evaluation_id).where(*these).order_by(item.evaluation_id).with_for_update()
    return set(session.scalars(query))


def settle(session: Session, regrade_id: UUID, number: int, done: Sequence[Outcome | Failure]) -> None:
    """Say what became of items that wait and are locked."""
    rows = json.dumps([_row(one) for one in done])
    session.execute(text(SETTLE), {"id": regrade_id, "done": rows})
    session.execute(
        update(RegradeChunkRow).where(*this_chunk(regrade_id, number)).values(attempts=0, started_at=func.now())
    )


def remove_items(session: Session, regrade_id: UUID, limit: int) -> int:
    """Delete some of a pass' items; how many."""
    item = RegradeItemRow
    some = select(item.evaluation_id).where(item.regrade_id == regrade_id).limit(limit)
    gone = delete(item).where(item.regrade_id == regrade_id, item.evaluation_id.in_(some)).returning(item.evaluation_id)
    return len(session.scalars(gone).all())


def remove(session: Session, regrade_id: UUID) -> None:
    """Delete a pass with what it told. The evaluations that it made stay."""
    session.execute(delete(RegradeRow).where(RegradeRow.id == regrade_id))


def _row(one: Outcome | Failure) -> dict[str, object]:
    if isinstance(one, Failure):
        return {"evaluation_id": str(one.old.evaluation_id), "state": "failed", "reason": one.reason}
    after = {point.id: point.verdict.value for point in one.evaluation.key_points}
    before = one.old.verdicts
    changes = [
        {"id": key, "before": before[key], "after": after[key]}
        for key in before.keys() & after.keys()
        if before[key] != after[key]
    ]
    return {
        "evaluation_id": str(one.old.evaluation_id),
        "state": "graded",
        "points_before": one.points_before,
        "points_after": one.points,
        "level_before": one.level_before,
        "level_after": one.level,
        "changes": sorted(changes, key=lambda change: change["id"]),
        "marks": one.marks,
        "gained": one.gained,
        "lost": one.lost,
    }


def _passes() -> Select[RegradeRow, str | None, int]:
    version = RubricVersionRow
    return select(RegradeRow, version.rubric_id, version.version).join(
        version, version.id == RegradeRow.rubric_version_id
    )


def _regrade(row: RegradeRow, rubric_id: str | None, version: int) -> Regrade:
    engine = None
    if row.engine_version is not None:
        engine = EngineInfo(row.engine_version, row.engine_model or "", row.engine_weights_hash or "")
    return Regrade(
        id=row.id,
        rubric_id=rubric_id or "",
        version=version,
        rubric_key=row.rubric_version_id,
        mode=Mode(row.mode),
        state=RegradeState(row.state),
        engine=engine,
        unaffected=row.unaffected,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
