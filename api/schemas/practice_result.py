"""The parts of a practice set's result on the wire."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import Out
from api.schemas.evaluations import MisconceptionOut
from grader.model import Verdict
from grader.practice_model import TopicTally, Trend


class TallyOut(Out):
    """Marks of several answers. Unscored ones are left out: without a scored one, marks are null."""

    answers: int
    scored: int
    points: float | None
    max_points: float | None
    coverage: float | None = Field(description="Mean of the scored answers' coverages, 0–1.")
    levels: dict[str, int] = Field(description="How many answers reached each level.")


class TopicTallyOut(TallyOut):
    """Marks of one topic's answers."""

    topic: str

    @classmethod
    def of(cls, item: TopicTally) -> "TopicTallyOut":
        """The same in one piece."""
        return cls(topic=item.topic, **dict(TallyOut.model_validate(item.tally)))


class UnscoredOut(Out):
    """An answer without a mark, and why."""

    rubric_id: str
    reason: str


class GapOut(Out):
    """A key point that isn't fully covered."""

    rubric_id: str
    key_point_id: str
    statement: str
    verdict: Verdict
    lost: float = Field(description="Points.")
    hint: str = Field(description="For the candidate.")
    again: bool = Field(description="It was a gap in the candidate's last attempt at the item, too.")


class TopicGapsOut(Out):
    """A topic's gaps: contradicted key points first, then by points lost."""

    topic: str
    lost: float
    gaps: list[GapOut]


class AssertedOut(Out):
    """A misconception, and in the answer to which item it was asserted."""

    rubric_id: str
    topic: str
    misconception: MisconceptionOut


class RevisionOut(Out):
    """An item to answer next. Without `rubric_id`, the topic as a whole: the set held all of its items."""

    topic: str
    rubric_id: str | None
    question: str | None
    reason: str


class ChangeOut(Out):
    """An item answered before. Shares are points of maximum points, 0–1."""

    rubric_id: str
    attempts: int = Field(description="Scored attempts before this one.")
    last_at: datetime
    last_points_share: float
    points_share: float
    change: float
    comparable: bool = Field(description="False when the rubric's wordings or the engine changed in between.")


class ComparisonOut(Out):
    """With the candidate's earlier attempts at the same items. Only comparable ones count in mean and trend."""

    items: list[ChangeOut]
    comparable: int
    mean_change: float | None
    trend: Trend | None
