"""Evaluations on the wire."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from api import examples
from api.schemas.base import Out
from api.texts import StorableJson, StorableText
from grader.model import Evaluation, Status, Verdict
from rubrics.document import ID_PATTERN, RubricDocument


class EvaluationIn(BaseModel):
    """An answer to grade against exactly one of `rubric_id` and `rubric`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": list(examples.EVALUATION_REQUESTS)})

    rubric_id: str | None = Field(None, pattern=ID_PATTERN, description="A stored rubric.")
    rubric_version: int | None = Field(
        None, ge=1, le=2**31 - 1, description="One version of the stored rubric; the latest when left out."
    )
    rubric: RubricDocument | None = Field(None, description="A rubric of your own, used for this answer only.")
    answer: StorableText = Field(description="The candidate's answer, exactly as submitted.")
    store: bool = Field(True, strict=True, description="Keep the evaluation, so that it can be read again.")
    candidate_id: StorableText | None = Field(
        None, min_length=1, max_length=200, description="Your own name for the person who answered."
    )
    metadata: StorableJson | None = Field(None, description="Anything of yours to keep with the evaluation.")

    @model_validator(mode="after")
    def _one_rubric(self) -> Self:
        if (self.rubric_id is None) == (self.rubric is None):
            raise ValueError("give exactly one of rubric_id and rubric")
        if self.rubric is not None and self.rubric_version is not None:
            raise ValueError("rubric_version belongs to rubric_id; leave it out with an inline rubric")
        return self


class RubricRefOut(Out):
    """The rubric version that was graded against."""

    id: str
    version: int
    content_hash: str


class EngineOut(Out):
    """The engine that graded."""

    version: str
    model: str
    weights_hash: str


class EvidenceOut(Out):
    """A span of the answer: `quote == answer[start:end]`, offsets in Unicode code points."""

    quote: str
    start: int
    end: int
    similarity: float


class KeyPointOut(Out):
    """One key point's verdict. `credit`, `confidence` and `probability` are shares from 0 to 1."""

    id: str
    statement: str
    weight: float
    required: bool
    verdict: Verdict
    credit: float
    confidence: float
    probability: float
    evidence: list[EvidenceOut]
    feedback: str


class MisconceptionOut(Out):
    """A wrong proposition that the answer asserts. `penalty` in points."""

    id: str
    statement: str
    confidence: float
    evidence: list[EvidenceOut]
    correction: str
    penalty: float


class FlagOut(Out):
    """Something that a reader of the mark should know."""

    code: str
    detail: str


class AnswerOut(Out):
    """The answer, without its text. `language` is an ISO 639-1 code or "und"."""

    sha256: str
    words: int
    language: str


class StoredAnswerOut(AnswerOut):
    """The answer with its text as submitted."""

    text: str


class EvaluationOut(Out):
    """One answer against one rubric version by one engine version. Unscored is a status with a reason, not a zero."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.EVALUATION]})

    id: UUID | None = Field(None, description="Null when the evaluation isn't stored.")
    rubric: RubricRefOut
    engine: EngineOut
    status: Status
    unscored_reason: str | None
    points: float | None
    max_points: float
    coverage: float | None = Field(description="Weighted share of key points covered, 0–1.")
    expected_coverage: float | None = Field(
        description="The same from each key point's probability: finer, for ranking."
    )
    level: str | None
    needs_review: bool
    review_reasons: list[str]
    key_points: list[KeyPointOut]
    misconceptions: list[MisconceptionOut]
    missed: list[str] = Field(description="Ids of the key points that were missed, heaviest first.")
    feedback: str
    next_step: str
    follow_ups: list[str]
    flags: list[FlagOut]
    answer: AnswerOut
    candidate_id: str | None = None
    metadata: dict[str, JsonValue] | None = None
    created_at: datetime | None = Field(None, description="When it was graded; null where nobody kept the time.")

    @classmethod
    def from_evaluation(
        cls,
        evaluation: Evaluation,
        *,
        id: UUID | None = None,
        created_at: datetime | None = None,
        candidate_id: str | None = None,
        metadata: dict[str, JsonValue] | None = None,
    ) -> "EvaluationOut":
        """The engine's result as JSON shows it, with what only the service knows."""
        known = {"id": id, "created_at": created_at, "candidate_id": candidate_id, "metadata": metadata}
        return EvaluationOut.model_validate(evaluation).model_copy(update=known)


class StoredEvaluationOut(EvaluationOut):
    """A stored evaluation with the answer's text."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.STORED_EVALUATION]})

    answer: StoredAnswerOut

    @classmethod
    def with_text(cls, evaluation: EvaluationOut, text: str) -> "StoredEvaluationOut":
        """The same evaluation with the text that it was made from."""
        answer = StoredAnswerOut(**dict(evaluation.answer), text=text)
        return cls(**{**dict(evaluation), "answer": answer})


class EvaluationPage(Out):
    """Newest first. `next_cursor` is null on the last page."""

    items: list[EvaluationOut]
    next_cursor: str | None

    model_config = ConfigDict(json_schema_extra={"examples": [examples.EVALUATION_PAGE]})
