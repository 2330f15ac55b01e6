"""Appeals on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api import examples_appeals as examples
from api.schemas.base import Out
from api.schemas.reviews import Quote, Reviewer
from api.store.appeal_model import AppealState
from api.texts import StorableText


class AppealIn(BaseModel):
    """What a candidate contests, in their words."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.APPEAL_REQUEST]})

    key_point_id: str
    argument: StorableText = Field(min_length=1, max_length=5000, description="Why the answer makes this point.")
    quote: StorableText = Quote


class RulingIn(BaseModel):
    """How a person decides an appeal."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.RULING_REQUEST]})

    reviewer: StorableText = Reviewer
    decision: Literal["upheld", "rejected"]
    reason: StorableText = Field(min_length=1, max_length=5000, description="For the candidate, too.")
    verdict: Literal["covered", "partial"] = Field("covered", description="What counts where it is upheld.")
    quote: StorableText = Field(
        "", max_length=2000, description="Words of the answer that make the point; those of the appeal when left out."
    )


class AppealChangeOut(Out):
    """A state that the appeal entered. `by` is null for the candidate."""

    state: AppealState
    at: datetime
    by: str | None
    reason: str


class AppealOut(Out):
    """An appeal with its history, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.APPEAL]})

    id: UUID
    evaluation_id: UUID
    rubric_id: str
    candidate_id: str | None
    key_point_id: str
    statement: str = Field(description="What the key point said when it was contested.")
    argument: str
    quote: str | None
    state: AppealState
    review_id: UUID | None = Field(description="The review that upholding it made.")
    history: list[AppealChangeOut]


class AppealPage(Out):
    """Newest first. `next_cursor` is null on the last page."""

    items: list[AppealOut]
    next_cursor: str | None

    model_config = ConfigDict(json_schema_extra={"examples": [examples.APPEAL_PAGE]})
