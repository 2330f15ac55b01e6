"""/v1/proposals."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Query

from api import examples_proposals as examples
from api.deps import JSON, DatabaseDep, accepts
from api.openapi import BODY, documented
from api.schemas.proposals import ProposalDecisionIn, ProposalDecisionOut, ProposalList, ProposalOut
from api.service import proposals as service
from api.service.proposals import Proposed
from api.store.proposals import ProposalState
from api.texts import StorableText

router = APIRouter(prefix="/v1/proposals", tags=["rubrics"])

ProposalId = Annotated[UUID, Path(description="A proposal's id.", examples=[examples.PROPOSAL_ID])]
DecisionBody = Annotated[ProposalDecisionIn, Body(examples=[examples.DECISION_REQUEST])]


@router.get(
    "",
    summary="List what reviews propose to authors",
    operation_id="listProposals",
    responses=documented(examples.PROPOSALS, 404, 422, 503),
)
def list_(
    database: DatabaseDep,
    rubric: Annotated[StorableText | None, Query(max_length=200, examples=["bagging-vs-boosting"])] = None,
    state: Annotated[ProposalState | None, Query(examples=["open"])] = None,
) -> ProposalList:
    """Wordings, misconceptions that keep appearing, points to split, points that people don't agree on."""
    return ProposalList(items=[_out(one) for one in service.found(database, rubric, state)])


@router.post(
    "/{proposal_id}:accept",
    summary="Accept a proposal",
    operation_id="acceptProposal",
    responses=documented(examples.PROPOSAL, 404, 409, 503, *BODY),
    dependencies=[Depends(accepts(*JSON))],
)
def accept(proposal_id: ProposalId, body: DecisionBody, database: DatabaseDep) -> ProposalOut:
    """Put a wording or a misconception into a new draft of the rubric; preview and publish that when you like."""
    return _out(service.decide(database, proposal_id, ProposalState.ACCEPTED, body.reviewer, body.reason))


@router.post(
    "/{proposal_id}:dismiss",
    summary="Dismiss a proposal",
    operation_id="dismissProposal",
    responses=documented(examples.PROPOSAL, 404, 409, 503, *BODY),
    dependencies=[Depends(accepts(*JSON))],
)
def dismiss(proposal_id: ProposalId, body: DecisionBody, database: DatabaseDep) -> ProposalOut:
    """Put it aside for good, however often reviews say it again."""
    return _out(service.decide(database, proposal_id, ProposalState.DISMISSED, body.reviewer, body.reason))


def _out(found: Proposed) -> ProposalOut:
    one, decided = found.proposal, found.decision
    decision = None
    if decided is not None:
        decision = ProposalDecisionOut(
            reviewer=decided.by, reason=decided.reason, at=decided.at, version=decided.version
        )
    return ProposalOut(
        id=one.id,
        rubric_id=one.rubric_id,
        kind=one.kind,
        key_point_id=one.key_point,
        wordings=list(one.wordings),
        answers=list(one.answers),
        n=one.n,
        share=one.share,
        state=found.state,
        decision=decision,
    )
