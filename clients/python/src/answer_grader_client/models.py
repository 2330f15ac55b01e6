"""What the service answers. Fields that a newer service adds are ignored."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

Verdict = Literal["covered", "partial", "missed", "contradicted"]


class Model(BaseModel):
    """Base of all: immutable."""

    model_config = ConfigDict(frozen=True)


class RubricRef(Model):
    """The rubric version that was graded against."""

    id: str
    version: int
    content_hash: str


class EngineRef(Model):
    """The engine that graded."""

    version: str
    model: str
    weights_hash: str


class Evidence(Model):
    """A span of the answer: `quote == answer[start:end]`."""

    quote: str
    start: int
    end: int
    similarity: float


class KeyPoint(Model):
    """One key point's verdict. `credit`, `confidence` and `probability` are shares from 0 to 1."""

    id: str
    statement: str
    weight: float
    required: bool
    verdict: Verdict
    credit: float
    confidence: float
    probability: float
    evidence: list[Evidence]
    feedback: str


class Misconception(Model):
    """A wrong proposition that the answer asserts. `penalty` in points."""

    id: str
    statement: str
    confidence: float
    evidence: list[Evidence]
    correction: str
    penalty: float


class Flag(Model):
    """Something that a reader of the mark should know."""

    code: str
    detail: str


class AnswerInfo(Model):
    """The answer that was graded. `text` only of a stored evaluation that is read by its id."""

    sha256: str
    words: int
    language: str
    text: str | None = None


class Evaluation(Model):
    """One answer against one rubric version by one engine. Unscored is a status with a reason, not a zero."""

    id: UUID | None
    rubric: RubricRef
    engine: EngineRef
    status: Literal["scored", "unscored"]
    unscored_reason: str | None
    points: float | None
    max_points: float
    coverage: float | None
    expected_coverage: float | None
    level: str | None
    needs_review: bool
    review_reasons: list[str]
    key_points: list[KeyPoint]
    misconceptions: list[Misconception]
    missed: list[str]
    feedback: str
    next_step: str
    follow_ups: list[str]
    flags: list[Flag]
    answer: AnswerInfo
    candidate_id: str | None
    metadata: dict[str, Any] | None
    created_at: datetime | None


class RubricSummary(Model):
    """The latest version of a stored rubric, without its key points. `score`: of a search, 0–1."""

    id: str
    version: int
    topic: str
    kind: str
    difficulty: str
    guides: list[str]
    question: str
    content_hash: str
    score: float | None


class Rubric(Model):
    """One version of a rubric. `rubric` is the document, as it is edited and sent back."""

    id: str
    version: int
    content_hash: str
    scoring_hash: str
    source: str
    created_at: datetime
    draft: bool = False
    rubric: dict[str, Any]


class RubricFinding(Model):
    """What the linter says of one place of a rubric."""

    code: str
    severity: str
    path: str
    line: int | None
    message: str
    remedy: str


class RubricCheck(Model):
    """What the linter found."""

    findings: list[RubricFinding]


class Topic(Model):
    """How many rubrics a topic has, all and by kind, difficulty and guide."""

    topic: str
    rubrics: int
    kinds: dict[str, int]
    difficulties: dict[str, int]
    guides: dict[str, int]


class DrawnItem(Model):
    """A question to answer."""

    rubric_id: str
    version: int
    topic: str
    kind: str
    difficulty: str
    question: str


class DrawnSet(Model):
    """A balanced set of questions. `note` says so when there are fewer than were asked for."""

    seed: int
    available: int
    note: str | None
    items: list[DrawnItem]


class BatchCounts(Model):
    """Answers by state, and rows of the file that are none."""

    items: int
    waiting: int
    graded: int
    failed: int
    bad_rows: int


class BatchSummary(Model):
    """A batch as it is now, without what it goes by."""

    id: UUID
    name: str
    state: Literal["reading", "grading", "done", "failed", "cancelled"]
    dry_run: bool
    counts: BatchCounts
    answers_per_second: float | None
    estimated_end: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be graded."""
        return self.state not in ("reading", "grading")


class Batch(BatchSummary):
    """A batch as it is now, with what it goes by."""

    mapping: dict[str, str | dict[str, str]] | None
    doubts: list[str]
    rubrics: list[RubricRef]
    fault: str | None


class BatchError(Model):
    """A row, or a cell of it, without an evaluation. `line` counts from 1, with the header."""

    line: int
    column: str | None
    code: str
    reason: str


class ServiceInfo(Model):
    """What is running. `engine` is null until the model is loaded."""

    name: str
    version: str
    engine: EngineRef | None


class FieldError(Model):
    """What is wrong with one field of a request."""

    field: str
    message: str


class WebhookEvent(Model):
    """What a callback tells."""

    type: str
    timestamp: datetime
    data: dict[str, Any]
