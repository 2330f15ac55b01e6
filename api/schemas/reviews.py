"""Reviews on the wire."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api import examples_reviews as examples
from api.schemas.base import Out
from api.schemas.evaluations import EngineOut, EvidenceOut, RubricRefOut
from api.texts import StorableText
from grader.model import Status, Verdict
from grader.rating import RatingKind, Target
from grader.second_opinion import Word

Reviewer = Field(min_length=1, max_length=200, description="Your own name for the person who decides.")
Reason = Field("", max_length=2000, description="Why; required where a verdict that can be seen is changed.")
Quote = Field("", max_length=2000, description="Words of the answer that decide it, letter by letter.")


class KeyPointMarkIn(BaseModel):
    """A person's verdict on a key point."""

    model_config = ConfigDict(extra="forbid")

    id: str
    verdict: Verdict
    reason: StorableText = Reason
    quote: StorableText = Quote


class MisconceptionMarkIn(BaseModel):
    """Whether the answer asserts a misconception."""

    model_config = ConfigDict(extra="forbid")

    id: str
    asserted: bool
    reason: StorableText = Reason
    quote: StorableText = Quote


class ReviewIn(BaseModel):
    """What a person says about an answer. What isn't named stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.REVIEW_REQUEST]})

    reviewer: StorableText = Reviewer
    kind: Literal["review", "blind", "adjudication"] = Field(
        "review", description="blind: a second rating by somebody who hasn't seen the verdicts."
    )
    key_points: list[KeyPointMarkIn] = Field([], max_length=100)
    misconceptions: list[MisconceptionMarkIn] = Field([], max_length=100)
    points: float | None = Field(None, ge=0, description="A mark for the whole answer, whatever its parts say.")
    accept_rest: bool = Field(False, description="All that isn't named is right as it stands.")
    comment: StorableText = Field("", max_length=5000)
    claim_id: UUID | None = Field(None, description="The claim of the review queue that this ends.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.key_points or self.misconceptions or self.accept_rest or self.points is not None):
            raise ValueError("give a verdict in key_points or misconceptions, points, or accept_rest")
        return self


class MarkOut(Out):
    """A person's word on one target. `points` on the whole answer, `verdict` on its parts."""

    target: Target
    id: str
    statement: str
    verdict: str | None
    points: float | None
    reason: str
    quote: str | None
    applies: bool = Field(description="False where the rubric now says something else in this place.")


class ReviewOut(Out):
    """One rating, as it was given, with the rubric and engine versions that it was given on."""

    id: UUID
    kind: RatingKind
    reviewer: str
    created_at: datetime
    comment: str
    rubric: RubricRefOut
    engine: EngineOut
    marks: list[MarkOut]


class DecisionOut(Out):
    """Who decided, and why."""

    review_id: UUID
    kind: RatingKind
    reviewer: str
    at: datetime
    reason: str


class EffectivePointOut(Out):
    """What counts on a key point. `engine_verdict` is what the engine had said; `decided` is null where that counts."""

    id: str
    statement: str
    weight: float
    required: bool
    verdict: Verdict
    credit: float
    engine_verdict: Verdict
    confidence: float
    evidence: list[EvidenceOut]
    feedback: str
    decided: DecisionOut | None


class EffectiveMisconceptionOut(Out):
    """What counts on a misconception: those that somebody found asserted, engine or person."""

    id: str
    statement: str
    asserted: bool
    engine_asserted: bool
    correction: str
    penalty: float
    evidence: list[EvidenceOut]
    decided: DecisionOut | None


class EffectiveOut(Out):
    """What counts: the engine's result with what people decided laid over it."""

    status: Status
    points: float | None
    max_points: float
    coverage: float | None
    level: str | None
    needs_review: bool
    key_points: list[EffectivePointOut]
    misconceptions: list[EffectiveMisconceptionOut]
    total: DecisionOut | None = Field(description="Who gave a mark for the whole answer, if that counts last.")
    missed: list[str]
    feedback: str
    next_step: str
    follow_ups: list[str]


class SecondOpinionOut(Out):
    """What a language model said about a point that the engine couldn't tell. It counts for nothing: it is for people
    to read.
    """

    rater: str = Field(description="The model, as model:NAME.")
    key_point_id: str
    statement: str
    verdict: Word | None = Field(description="Null: its reply meant nothing.")
    at: datetime


class ReviewedOut(Out):
    """An answer as it stands, with its history."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.REVIEWED]})

    answer_id: UUID = Field(description="The evaluation that the answer came with.")
    evaluation_id: UUID = Field(description="Its newest evaluation, the one that counts.")
    rubric: RubricRefOut
    engine: EngineOut
    effective: EffectiveOut
    disputed: list[str] = Field(description="Ids on which a blind rating differs: they wait for an adjudication.")
    history: list[ReviewOut] = Field(description="Oldest first.")
    second_opinions: list[SecondOpinionOut]


class SheetTargetOut(Out):
    """Something to judge."""

    id: str
    statement: str


class SheetOut(Out):
    """What a blind rater sees: the answer and what to judge, without any verdict."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SHEET]})

    evaluation_id: UUID
    rubric: RubricRefOut
    question: str
    answer: str
    key_points: list[SheetTargetOut]
    misconceptions: list[SheetTargetOut]


class WaitingOut(Out):
    """An answer that waits for somebody."""

    evaluation_id: UUID
    rubric_id: str
    certainty: float | None = Field(description="Mean confidence over the key points, by weight, 0–1; null if blind.")
    needs_review: bool | None
    disputed: list[str]


class QueueOut(Out):
    """The head of a review queue; `waiting` counts all of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.QUEUE]})

    waiting: int
    items: list[WaitingOut]


class ImportedRowOut(Out):
    """A row that can't be used. `line` counts from 1, with the header; `code` is stable."""

    line: int
    column: str | None
    code: str
    reason: str


class ImportedOut(Out):
    """What came of a file of marks."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.IMPORTED]})

    stored: int = Field(description="Reviews that were added, one an answer and reviewer.")
    unchanged: int = Field(description="Reviews left out because the same person had given the same marks before.")
    unused_columns: list[str] = Field(description="Columns that nothing was read from; look for misspelt key points.")
    bad_rows: list[ImportedRowOut]


class ClaimIn(BaseModel):
    """Who wants an answer to rate, from which queue."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.CLAIM_REQUEST]})

    reviewer: StorableText = Reviewer
    lane: Literal["review", "blind", "adjudication"] = "review"
    order: Literal["uncertain", "sample"] = "uncertain"
    rubric: StorableText | None = Field(None, max_length=200, description="Only this rubric's answers.")
    batch: UUID | None = Field(None, description="Only this batch's answers.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Which sample; the same seed gives the same one.")
    minutes: int = Field(30, ge=1, le=1440, description="How long the answer is kept for this reviewer.")


class ClaimOut(Out):
    """An answer that is yours for a while: send the review with `claim_id`, or give it back with DELETE."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CLAIM]})

    id: UUID
    lane: str
    reviewer: str
    expires_at: datetime
    sheet: SheetOut
