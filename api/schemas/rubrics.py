"""Rubrics and topics on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from api import examples
from api.schemas.base import Out
from rubrics.document import RubricDocument
from rubrics.model import Difficulty, Kind


class RubricSummaryOut(Out):
    """The latest version of a stored rubric, without its key points."""

    id: str
    version: int
    topic: str
    kind: Kind
    difficulty: Difficulty
    guides: list[str]
    question: str
    content_hash: str
    score: float | None = Field(None, description="How well it fits `q`, 0–1; null where nothing was searched for.")


class RubricPage(Out):
    """In the order of ids, or of `score` where something was searched for. `next_cursor` is null on the last page."""

    items: list[RubricSummaryOut]
    next_cursor: str | None

    model_config = ConfigDict(json_schema_extra={"examples": [examples.RUBRIC_PAGE]})


class VersionOut(Out):
    """One version of a rubric. `source`: who stored it."""

    version: int
    content_hash: str
    scoring_hash: str
    source: Literal["bank", "api", "import"]
    created_at: datetime
    draft: bool = Field(False, description="It grades nothing until it is published.")


class VersionList(Out):
    """Newest first."""

    items: list[VersionOut]

    model_config = ConfigDict(json_schema_extra={"examples": [examples.VERSION_LIST]})


class RubricOut(VersionOut):
    """One version of a rubric with all of it. `rubric` can be edited and sent back with PUT."""

    id: str
    rubric: RubricDocument

    model_config = ConfigDict(json_schema_extra={"examples": [examples.RUBRIC]})


class TopicOut(Out):
    """How many rubrics a topic has, all and by kind, difficulty and guide; what has none isn't listed.

    A rubric that came from two guides counts for both.
    """

    topic: str
    rubrics: int
    kinds: dict[Kind, int]
    difficulties: dict[Difficulty, int]
    guides: dict[str, int]


class TopicList(Out):
    """In alphabetical order; a rubric without a topic counts under the empty one."""

    items: list[TopicOut]

    model_config = ConfigDict(json_schema_extra={"examples": [examples.TOPICS]})
