"""What the service answers about people's work: practice sets, reviews, appeals, and receipts of marks."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from answer_grader_client.models import (
    DrawnItem,
    EngineRef,
    Evaluation,
    Evidence,
    Misconception,
    Model,
    RubricRef,
    Verdict,
)

RatingKind = Literal["review", "import", "blind", "adjudication", "appeal"]


class Tally(Model):
    """Marks of several answers. Without a scored one they are None. `levels`: how many answers reached each."""

    answers: int
    scored: int
    points: float | None
    max_points: float | None
    coverage: float | None
    levels: dict[str, int]


class TopicTally(Tally):
    """Marks of one topic's answers."""

    topic: str


class Unscored(Model):
    """An answer without a mark, and why."""

    rubric_id: str
    reason: str


class Gap(Model):
    """A key point that isn't fully covered. `lost` in points; `again`: it was one in the last attempt, too."""

    rubric_id: str
    key_point_id: str
    statement: str
    verdict: Verdict
    lost: float
    hint: str
    again: bool


class TopicGaps(Model):
    """A topic's gaps: contradicted key points first, then by points lost."""

    topic: str
    lost: float
    gaps: list[Gap]


class Asserted(Model):
    """A misconception, and in the answer to which item it was asserted."""

    rubric_id: str
    topic: str
    misconception: Misconception


class Revision(Model):
    """An item to answer next; without `rubric_id` the topic as a whole."""

    topic: str
    rubric_id: str | None
    question: str | None
    reason: str


class Change(Model):
    """An item answered before. Shares are points of maximum points, 0–1."""

    rubric_id: str
    attempts: int
    last_at: datetime
    last_points_share: float
    points_share: float
    change: float
    comparable: bool


class Comparison(Model):
    """With the candidate's earlier attempts at the same items. Only comparable ones count in mean and trend."""

    items: list[Change]
    comparable: int
    mean_change: float | None
    trend: Literal["better", "steady", "worse"] | None


class AnsweredItem(DrawnItem):
    """An item with its answer's evaluation."""

    evaluation: Evaluation


class Practice(Model):
    """One result over a set of answers. `id` is None when the set isn't stored."""

    id: UUID | None
    created_at: datetime
    candidate_id: str | None
    total: Tally
    topics: list[TopicTally]
    unscored: list[Unscored]
    gaps: list[TopicGaps]
    misconceptions: list[Asserted]
    revise: list[Revision]
    comparison: Comparison
    answers: list[AnsweredItem]


class PracticeSummary(Model):
    """A set's marks, of the evaluations that are still stored."""

    id: UUID
    created_at: datetime
    topics: list[str]
    answers: int
    scored: int
    points: float | None
    max_points: float | None
    coverage: float | None


class Mark(Model):
    """A person's word on one target. `applies` is False where the rubric now says something else in this place."""

    target: Literal["key_point", "misconception", "total"]
    id: str
    statement: str
    verdict: str | None
    points: float | None
    reason: str
    quote: str | None
    applies: bool


class Review(Model):
    """One rating, as it was given, with the rubric and engine versions that it was given on."""

    id: UUID
    kind: RatingKind
    reviewer: str
    created_at: datetime
    comment: str
    rubric: RubricRef
    engine: EngineRef
    marks: list[Mark]


class Decision(Model):
    """Who decided, and why."""

    review_id: UUID
    kind: RatingKind
    reviewer: str
    at: datetime
    reason: str


class EffectivePoint(Model):
    """What counts on a key point. `decided` is None where the engine's verdict counts."""

    id: str
    statement: str
    weight: float
    required: bool
    verdict: Verdict
    credit: float
    engine_verdict: Verdict
    confidence: float
    evidence: list[Evidence]
    feedback: str
    decided: Decision | None


class EffectiveMisconception(Model):
    """What counts on a misconception that somebody found asserted, engine or person."""

    id: str
    statement: str
    asserted: bool
    engine_asserted: bool
    correction: str
    penalty: float
    evidence: list[Evidence]
    decided: Decision | None


class Effective(Model):
    """What counts: the engine's result with what people decided laid over it. `total`: who marked the whole answer."""

    status: Literal["scored", "unscored"]
    points: float | None
    max_points: float
    coverage: float | None
    level: str | None
    needs_review: bool
    key_points: list[EffectivePoint]
    misconceptions: list[EffectiveMisconception]
    total: Decision | None
    missed: list[str]
    feedback: str
    next_step: str
    follow_ups: list[str]


class SecondOpinion(Model):
    """What a language model said about a doubtful point. It counts for nothing: it is for people to read."""

    rater: str
    key_point_id: str
    statement: str
    verdict: str | None
    at: datetime


class Reviewed(Model):
    """An answer as it stands, with its history, oldest first. `disputed`: ids that wait for an adjudication."""

    answer_id: UUID
    evaluation_id: UUID
    rubric: RubricRef
    engine: EngineRef
    effective: Effective
    disputed: list[str]
    history: list[Review]
    second_opinions: list[SecondOpinion]


class Waiting(Model):
    """An answer that waits for somebody. `certainty` and `needs_review` are None for blind raters."""

    evaluation_id: UUID
    rubric_id: str
    certainty: float | None
    needs_review: bool | None
    disputed: list[str]


class ReviewQueue(Model):
    """The head of a review queue; `waiting` counts all of it."""

    waiting: int
    items: list[Waiting]


class SheetTarget(Model):
    """Something to judge."""

    id: str
    statement: str


class ReviewSheet(Model):
    """The answer and what to judge, without any verdict."""

    evaluation_id: UUID
    rubric: RubricRef
    question: str
    answer: str
    key_points: list[SheetTarget]
    misconceptions: list[SheetTarget]


class ReviewClaim(Model):
    """An answer that is a reviewer's for a while: send the review with `claim_id`, or release it."""

    id: UUID
    lane: str
    reviewer: str
    expires_at: datetime
    sheet: ReviewSheet


AppealState = Literal["open", "upheld", "rejected"]


class AppealChange(Model):
    """A state that the appeal entered. `by` is None for the candidate."""

    state: AppealState
    at: datetime
    by: str | None
    reason: str


class Appeal(Model):
    """What a candidate contests, with its history, oldest first. `review_id`: the review that upholding it made."""

    id: UUID
    evaluation_id: UUID
    rubric_id: str
    candidate_id: str | None
    key_point_id: str
    statement: str
    argument: str
    quote: str | None
    state: AppealState
    review_id: UUID | None
    history: list[AppealChange]


class Receipt(Model):
    """What a mark was made of, and the service's Ed25519 signature (Base64) on the canonical JSON of `receipt`."""

    receipt: dict[str, Any]
    key_id: str
    signature: str


class PublicKey(Model):
    """What receipts are checked with. `public_key`: 32 bytes, in Base64."""

    key_id: str
    algorithm: str
    public_key: str
    pem: str


class Difference(Model):
    """A part of the engine's mark that came out otherwise; None where it isn't there."""

    field: str
    receipt: str | None
    again: str | None


class Verified(Model):
    """What a check found, `told` for people. `again`: the evaluation that grading again gave."""

    outcome: str
    told: str
    differences: list[Difference]
    again: Evaluation | None
