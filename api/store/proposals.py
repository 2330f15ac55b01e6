"""What became of proposals. Only ever added to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from api.tables import EvaluationRow, ProposalDecisionRow, ReviewRow, RubricVersionRow
from grader.proposals import Proposal


class ProposalState(StrEnum):
    """Where a proposal is."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class ProposalDecision:
    """Who decided, how and why. `version`: the draft that accepting it made, if its author hasn't to write one."""

    state: ProposalState
    by: str
    reason: str
    at: datetime
    version: int | None


def decisions(session: Session, ids: Collection[UUID]) -> dict[UUID, ProposalDecision]:
    """What became of those of these proposals that are decided."""
    row = ProposalDecisionRow
    query = select(row.id, row.decision, row.by, row.reason, row.created_at, RubricVersionRow.version).outerjoin(
        RubricVersionRow, RubricVersionRow.id == row.rubric_version_id
    )
    found = session.execute(query.where(row.id == func.any(list(ids))))
    return {
        id_: ProposalDecision(ProposalState(state), by, reason, at, version)
        for id_, state, by, reason, at, version in found
    }


def decide(session: Session, proposal: Proposal, decision: ProposalDecision, rubric_key: int | None) -> bool:
    """Store a decision; False if there is one already."""
    made = insert(ProposalDecisionRow).values(
        id=proposal.id,
        rubric_id=proposal.rubric_id,
        kind=proposal.kind.value,
        target_id=proposal.key_point,
        decision=decision.state.value,
        by=decision.by,
        reason=decision.reason,
        rubric_version_id=rubric_key,
        created_at=decision.at,
    )
    stored = session.scalar(made.on_conflict_do_nothing().returning(ProposalDecisionRow.id))
    return stored is not None


def reviewed_rubrics(session: Session) -> list[str]:
    """Ids of the catalogue's rubrics of which answers are reviewed, in order."""
    query = (
        select(RubricVersionRow.rubric_id)
        .distinct()
        .join(EvaluationRow, EvaluationRow.rubric_version_id == RubricVersionRow.id)
        .join(ReviewRow, ReviewRow.evaluation_id == EvaluationRow.id)
        .where(RubricVersionRow.rubric_id.is_not(None))
        .order_by(RubricVersionRow.rubric_id)
    )
    return [id_ for id_ in session.scalars(query) if id_ is not None]
