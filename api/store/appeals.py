"""Appeals and the states that they entered."""

from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from api.store.appeal_model import Appeal, AppealState, Change, NewAppeal
from api.tables import AppealChangeRow, AppealRow, EvaluationRow, RubricVersionRow


def add(session: Session, new: NewAppeal) -> None:
    """Store an appeal. It is nowhere until it enters a state."""
    session.add(
        AppealRow(
            id=new.id,
            evaluation_id=new.evaluation_id,
            answer_id=new.answer_id,
            key_point_id=new.key_point_id,
            statement=new.statement,
            argument=new.argument,
            quote=new.quote,
        )
    )
    session.flush()


def add_change(session: Session, appeal_id: UUID, change: Change) -> None:
    """Have an appeal enter a state. The database refuses a second end."""
    session.add(
        AppealChangeRow(
            appeal_id=appeal_id,
            number=0 if change.state is AppealState.OPEN else 1,
            state=change.state.value,
            by=change.by,
            reason=change.reason,
            review_id=change.review_id,
            created_at=change.at,
        )
    )
    session.flush()


def is_open_on(session: Session, answer_id: UUID, key_point_id: str) -> bool:
    """Whether somebody contests this key point of this answer already."""
    ended = exists().where(AppealChangeRow.appeal_id == AppealRow.id, AppealChangeRow.number == 1)
    same = exists().where(AppealRow.answer_id == answer_id, AppealRow.key_point_id == key_point_id, ~ended)
    return bool(session.scalar(select(same)))


def get(session: Session, appeal_id: UUID) -> Appeal | None:
    """One appeal."""
    found = _loaded(session, _appeals().where(AppealRow.id == appeal_id))
    return found[0] if found else None


def page(
    session: Session, state: AppealState | None, rubric_id: str | None, before: UUID | None, limit: int
) -> list[Appeal]:
    """Newest first, from the one before `before`."""
    query = _appeals().order_by(AppealRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AppealRow.id < before)
    if rubric_id is not None:
        query = query.where(RubricVersionRow.rubric_id == rubric_id)
    if state is not None:
        ended = AppealChangeRow.appeal_id == AppealRow.id, AppealChangeRow.number == 1
        is_open = ~exists().where(*ended)
        query = query.where(
            is_open if state is AppealState.OPEN else exists().where(*ended, AppealChangeRow.state == state)
        )
    return _loaded(session, query)


def _appeals() -> Select[AppealRow, str, str | None]:
    return (
        select(AppealRow, RubricVersionRow.document["id"].astext, EvaluationRow.candidate_id)
        .join(EvaluationRow, EvaluationRow.id == AppealRow.evaluation_id)
        .join(RubricVersionRow, RubricVersionRow.id == EvaluationRow.rubric_version_id)
    )


def _loaded(session: Session, query: Select[AppealRow, str, str | None]) -> list[Appeal]:
    rows = session.execute(query).all()
    changes: dict[UUID, list[Change]] = {row[0].id: [] for row in rows}
    entered = select(AppealChangeRow).where(AppealChangeRow.appeal_id.in_(changes)).order_by(AppealChangeRow.number)
    for one in session.scalars(entered):
        changes[one.appeal_id].append(Change(AppealState(one.state), one.created_at, one.by, one.reason, one.review_id))
    return [_appeal(row, rubric_id, candidate, changes[row.id]) for row, rubric_id, candidate in rows]


def _appeal(row: AppealRow, rubric_id: str, candidate_id: str | None, changes: list[Change]) -> Appeal:
    what = NewAppeal(row.id, row.evaluation_id, row.answer_id, row.key_point_id, row.statement, row.argument, row.quote)
    return Appeal(what, rubric_id, candidate_id, tuple(changes))
