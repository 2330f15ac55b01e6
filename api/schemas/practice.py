"""Practice sets on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from api import examples_practice as examples
from api.schemas.base import Out
from api.schemas.evaluations import EvaluationOut
from api.schemas.practice_result import (
    AssertedOut,
    ComparisonOut,
    RevisionOut,
    TallyOut,
    TopicGapsOut,
    TopicTallyOut,
    UnscoredOut,
)
from api.texts import StorableText
from grader.practice_model import PracticeResult
from rubrics.document import ID_PATTERN
from rubrics.model import Difficulty, Kind, Rubric

MAX_ANSWERS = 50


class ItemOut(Out):
    """A question to answer. What a good answer holds isn't told."""

    rubric_id: str
    version: int
    topic: str
    kind: Kind
    difficulty: Difficulty
    question: str

    @classmethod
    def of(cls, rubric: Rubric) -> "ItemOut":
        """A rubric's question, and nothing of what a good answer holds."""
        return ItemOut(
            rubric_id=rubric.id,
            version=rubric.version,
            topic=rubric.topic,
            kind=rubric.kind,
            difficulty=rubric.difficulty,
            question=rubric.question,
        )


class DrawOut(Out):
    """A balanced set of questions. The same seed on the same catalogue gives the same set."""

    seed: int
    available: int = Field(description="How many items match, whether drawn or not.")
    note: str | None = Field(description="Said when fewer items are available than were asked for.")
    items: list[ItemOut]

    model_config = ConfigDict(json_schema_extra={"examples": [examples.DRAW]})


class ReplyIn(BaseModel):
    """An answer to one item."""

    model_config = ConfigDict(extra="forbid")

    rubric_id: str = Field(pattern=ID_PATTERN, description="A stored rubric; its latest version marks the answer.")
    answer: StorableText = Field(description="The candidate's answer, exactly as submitted; blank if there is none.")


class PracticeIn(BaseModel):
    """The answers to a set, each to another item."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.PRACTICE_REQUEST]})

    candidate_id: StorableText | None = Field(
        None, min_length=1, max_length=200, description="Your own name for the person, to compare with what was before."
    )
    answers: list[ReplyIn] = Field(min_length=1, max_length=MAX_ANSWERS)
    store: bool = Field(
        True, strict=True, description="Keep the evaluations and the set, so that they can be read again."
    )

    @field_validator("answers")
    @classmethod
    def _different_items(cls, answers: list[ReplyIn]) -> list[ReplyIn]:
        seen: dict[str, int] = {}
        for place, reply in enumerate(answers):
            first = seen.setdefault(reply.rubric_id, place)
            if first != place:
                raise ValueError(
                    f"answers {first} and {place} are both to {reply.rubric_id!r}; send one answer an item in a set"
                )
        return answers


class AnsweredItemOut(ItemOut):
    """An item with its answer's evaluation."""

    evaluation: EvaluationOut


class PracticeOut(Out):
    """One result over a set of answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PRACTICE]})

    id: UUID | None = Field(description="Null when the set isn't stored.")
    created_at: datetime
    candidate_id: str | None
    total: TallyOut
    topics: list[TopicTallyOut] = Field(description="In alphabetical order.")
    unscored: list[UnscoredOut] = Field(description="Answers that count in no mark, such as blank ones.")
    gaps: list[TopicGapsOut] = Field(description="The topic that lost most points first.")
    misconceptions: list[AssertedOut] = Field(description="The dearest first.")
    revise: list[RevisionOut] = Field(description="At most three, from the weakest topics.")
    comparison: ComparisonOut
    answers: list[AnsweredItemOut] = Field(description="In the order of the request.")

    @classmethod
    def from_result(
        cls,
        result: PracticeResult,
        answers: list[AnsweredItemOut],
        *,
        id: UUID | None,
        created_at: datetime,
        candidate_id: str | None,
    ) -> "PracticeOut":
        """The result as JSON shows it, with what only the service knows."""
        return cls(
            id=id,
            created_at=created_at,
            candidate_id=candidate_id,
            total=TallyOut.model_validate(result.total),
            topics=[TopicTallyOut.of(item) for item in result.topics],
            unscored=[UnscoredOut.model_validate(item) for item in result.unscored],
            gaps=[TopicGapsOut.model_validate(item) for item in result.gaps],
            misconceptions=[AssertedOut.model_validate(item) for item in result.misconceptions],
            revise=[RevisionOut.model_validate(item) for item in result.revise],
            comparison=ComparisonOut.model_validate(result.comparison),
            answers=answers,
        )


class PracticeSummaryOut(Out):
    """A set's marks, of the evaluations that are still stored."""

    id: UUID
    created_at: datetime
    topics: list[str]
    answers: int
    scored: int
    points: float | None
    max_points: float | None
    coverage: float | None


class PracticePage(Out):
    """Newest first. `next_cursor` is null on the last page."""

    items: list[PracticeSummaryOut]
    next_cursor: str | None

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PRACTICE_PAGE]})
