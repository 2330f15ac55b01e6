"""Rubrics that aren't stored, on the wire: tried out, converted, made of a reference answer."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api import examples_drafts as examples
from api.schemas.base import Out
from api.schemas.evaluations import EvaluationOut
from api.texts import StorableText
from rubrics.document import ID_PATTERN, MAX_REFERENCE, MAX_TEXT, RubricDocument

MAX_ANSWERS = 20


class TryIn(BaseModel):
    """Sample answers and the rubric to grade them against."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.TRY_REQUEST]})

    rubric: RubricDocument
    answers: Annotated[list[StorableText], Field(min_length=1, max_length=MAX_ANSWERS)]


class NearestOut(Out):
    """The wording of its kind that the sentence aligns with best."""

    alignment: float = Field(description="0–1, on the scale of an evidence's `similarity`.")
    wording: int = Field(
        description="Its index in `denies` or `near`; of those that say it, 0 is the statement and n the nth of `says`."
    )


class PointNearnessOut(Out):
    """A sentence and a key point; null where the point has no wordings of that kind."""

    says: NearestOut
    denies: NearestOut | None
    near: NearestOut | None


class SentenceOut(Out):
    """A sentence of the answer, offsets in code points, beside each key point and misconception in the rubric's order.

    Both lists are empty where nothing in the sentence counts, such as in words addressed to the grader.
    """

    start: int
    end: int
    key_points: list[PointNearnessOut]
    misconceptions: list[NearestOut]


class TriedOut(Out):
    """One answer's evaluation, and why: how near each of its sentences comes to each key point."""

    evaluation: EvaluationOut
    sentences: list[SentenceOut]


class TryOut(Out):
    """In the order of the request."""

    answers: list[TriedOut]

    model_config = ConfigDict(json_schema_extra={"examples": [examples.TRY]})


class ReferenceIn(BaseModel):
    """A question and a model answer to it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.REFERENCE_REQUEST]})

    question: StorableText = Field(min_length=1, max_length=MAX_TEXT, description="The item as candidates see it.")
    reference_answer: StorableText = Field(
        min_length=1, max_length=MAX_REFERENCE, description="What a strong candidate would say."
    )
    id: str = Field("inline", pattern=ID_PATTERN, description="The rubric's id.")


class WrittenRubricOut(Out):
    """A rubric as JSON and as the text of a YAML file."""

    rubric: RubricDocument
    yaml: str

    model_config = ConfigDict(json_schema_extra={"examples": [examples.WRITTEN]})
