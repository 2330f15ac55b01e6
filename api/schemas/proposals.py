"""Proposals on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api import examples_proposals as examples
from api.schemas.base import Out
from api.schemas.reviews import Reviewer
from api.texts import StorableText
from grader.proposals import ProposalKind


class ProposalDecisionIn(BaseModel):
    """Who decides, and why."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.DECISION_REQUEST]})

    reviewer: StorableText = Reviewer
    reason: StorableText = Field("", max_length=2000)


class ProposalDecisionOut(Out):
    """Who decided, and why. `version`: the draft that it made; null where the author has to write the change."""

    reviewer: str
    reason: str
    at: datetime
    version: int | None


class ProposalOut(Out):
    """Something that reviews say about a rubric."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PROPOSAL]})

    id: UUID
    rubric_id: str
    kind: ProposalKind
    key_point_id: str
    wordings: list[str] = Field(description="What accepting it adds; none where the author has to write the change.")
    answers: list[UUID] = Field(description="The answers that it comes from.")
    n: int = Field(description="Answers that were looked at for it.")
    share: float | None = Field(description="Of those, 0–1; null for a wording.")
    state: str
    decision: ProposalDecisionOut | None


class ProposalList(Out):
    """By rubric and key point."""

    items: list[ProposalOut]

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PROPOSALS]})
