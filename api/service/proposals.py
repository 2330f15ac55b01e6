"""Proposals to authors: mined from reviews whenever somebody looks, decided once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.orm import Session

from api.db import Database
from api.errors import Conflict, NotFound
from api.service.agreement import reviewed
from api.service.reviews import Reviewed
from api.store import proposals as store
from api.store import rubrics as rubric_store
from api.store.proposals import ProposalDecision, ProposalState
from api.store.rubrics import StoredRubric
from grader.effective import rating_of, standing
from grader.model import Verdict
from grader.proposals import Observed, Proposal, applied, mine
from grader.rater_agreement import Compared
from grader.raters import with_each_other
from grader.rating import Target
from rubrics import Rubric, content_hash


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal, and what became of it: None while it is open."""

    proposal: Proposal
    decision: ProposalDecision | None

    @property
    def state(self) -> ProposalState:
        """Where it is."""
        return self.decision.state if self.decision else ProposalState.OPEN


def found(database: Database, rubric_id: str | None, state: ProposalState | None) -> list[Proposed]:
    """All proposals of a rubric, or of all of them, by rubric and key point. Raises NotFound."""
    with database.reading() as session:
        if rubric_id is not None and rubric_store.latest(session, rubric_id) is None:
            raise NotFound(f"There is no rubric {rubric_id!r}; GET /v1/rubrics lists them.")
        every = [rubric_id] if rubric_id is not None else store.reviewed_rubrics(session)
        return [one for id_ in every for one in _of(session, id_) if state in (None, one.state)]


def decide(database: Database, proposal_id: UUID, state: ProposalState, by: str, reason: str) -> Proposed:
    """Accept or dismiss a proposal, once. Accepted, a wording is in a new draft of the rubric, on top of older drafts.

    Raises NotFound, and Conflict for one that is decided or that the newest draft has no place for.
    """
    with database.transaction() as session:
        proposal = _named(session, proposal_id)
        rubric_store.lock_one(session, proposal.rubric_id)
        draft = _draft(session, proposal) if state is ProposalState.ACCEPTED else None
        version = draft.rubric.version if draft else None
        decision = ProposalDecision(state, by, reason, datetime.now(UTC), version)
        if not store.decide(session, proposal, decision, draft.key if draft else None):
            raise Conflict(f"Proposal {proposal_id} is decided already, and a decision stays.")
        return Proposed(proposal, decision)


def _draft(session: Session, proposal: Proposal) -> StoredRubric | None:
    newest = rubric_store.versions(session, proposal.rubric_id)[0].rubric
    changed = applied(newest, proposal)
    if changed is None:
        return None
    if content_hash(changed) == content_hash(newest):
        raise Conflict(f"Version {newest.version} has no key point {proposal.key_point!r} any more: dismiss this.")
    try:
        return rubric_store.add_version(session, replace(changed, version=newest.version + 1), "api", draft=True)
    except ValidationError as error:
        told = error.errors(include_url=False)[0]["msg"]
        raise Conflict(f"Version {newest.version} can't take it ({told}): make room in a draft of yours.") from error


def _named(session: Session, proposal_id: UUID) -> Proposal:
    for rubric_id in store.reviewed_rubrics(session):
        for one in _of(session, rubric_id):
            if one.proposal.id == proposal_id:
                return one.proposal
    raise NotFound(f"There is no proposal {proposal_id}, or its answers are gone; GET /v1/proposals lists them.")


def _of(session: Session, rubric_id: str) -> list[Proposed]:
    latest = rubric_store.latest(session, rubric_id)
    if latest is None:
        return []
    observed: list[Observed] = []
    doubles: dict[UUID, Compared] = {}
    for answer in reviewed(session, rubric_id, None, None):
        observed.extend(_observed(latest.rubric, answer))
        both = with_each_other(latest.rubric, answer.ratings)
        if both is not None:
            doubles[answer.stored.of_answer] = both
    mined = mine(latest.rubric, observed, doubles)
    decided = store.decisions(session, [one.id for one in mined])
    return [Proposed(one, decided.get(one.id)) for one in mined]


def _observed(rubric: Rubric, answer: Reviewed) -> Iterator[Observed]:
    engines = {one.id: one.verdict for one in answer.stored.evaluation.key_points}
    for (target, id_), one in standing(rating_of(rubric, rating) for rating in answer.ratings).items():
        verdict = one.mark.value
        if target is Target.KEY_POINT and isinstance(verdict, Verdict) and id_ in engines:
            quote = one.mark.span.quote if one.mark.span else ""
            yield Observed(answer.stored.of_answer, id_, verdict, engines[id_], quote)
