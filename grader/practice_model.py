"""The values that make up the result over a practice set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from grader.model import Evaluation, MisconceptionResult, Verdict
from grader.revise import Revision
from rubrics import Rubric

Trend = Literal["better", "steady", "worse"]


@dataclass(frozen=True, slots=True)
class Graded:
    """An evaluation and the rubric version that it was made with."""

    rubric: Rubric
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class Earlier:
    """The candidate's last scored attempt at an item before the set, of `attempts` in all."""

    last: Graded
    at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Marks of several answers. Only scored ones count: without any, points, max_points and coverage are None.

    coverage: mean of the answers' coverages, 0–1; levels: how many answers reached each.
    """

    answers: int
    scored: int
    points: float | None
    max_points: float | None
    coverage: float | None
    levels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TopicTally:
    """The marks of one topic's answers."""

    topic: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Unscored:
    """An answer without a mark, and why; it counts in no mean."""

    rubric_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A key point not fully covered. lost: points; hint: for the candidate; again: so in the last attempt, too."""

    rubric_id: str
    key_point_id: str
    statement: str
    verdict: Verdict
    lost: float
    hint: str
    again: bool


@dataclass(frozen=True, slots=True)
class TopicGaps:
    """A topic's gaps, contradicted ones first, then by points lost; `lost` is their sum."""

    topic: str
    lost: float
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Asserted:
    """A misconception that an answer asserts."""

    rubric_id: str
    topic: str
    misconception: MisconceptionResult


@dataclass(frozen=True, slots=True)
class Change:
    """An item answered before. Shares are points of maximum points, 0–1.

    comparable: the same wordings and the same engine marked both; otherwise the change isn't the candidate's alone.
    """

    rubric_id: str
    attempts: int
    last_at: datetime
    last_points_share: float
    points_share: float
    change: float
    comparable: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """With earlier attempts at the same items. mean_change, trend: of the comparable ones, None without any."""

    items: tuple[Change, ...]
    comparable: int
    mean_change: float | None
    trend: Trend | None


@dataclass(frozen=True, slots=True)
class PracticeResult:
    """What a set of answers shows. Topics in alphabetical order; topics with gaps by points lost."""

    total: Tally
    topics: tuple[TopicTally, ...]
    unscored: tuple[Unscored, ...]
    gaps: tuple[TopicGaps, ...]
    misconceptions: tuple[Asserted, ...]
    revise: tuple[Revision, ...]
    comparison: Comparison
