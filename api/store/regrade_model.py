"""A pass over stored answers, as the service knows it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from grader.model import EngineInfo, Evaluation
from grader.rating import Rating


class Mode(StrEnum):
    """preview: only the difference is kept; publish: each answer gets a new evaluation, which counts from then on."""

    PREVIEW = "preview"
    PUBLISH = "publish"


class RegradeState(StrEnum):
    """Where a pass is: its answers are collected, then graded; it ends done."""

    COLLECTING = "collecting"
    GRADING = "grading"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Regrade:
    """One pass. `rubric_key`: row of the version graded against; `engine`: None until the answers are collected."""

    id: UUID
    rubric_id: str
    version: int
    rubric_key: int
    mode: Mode
    state: RegradeState
    engine: EngineInfo | None
    unaffected: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Old:
    """An answer as it counted before. `points`, `level`: with people's decisions; `verdicts`: the engine's alone."""

    evaluation_id: UUID
    answer_id: UUID
    rubric_key: int
    candidate_id: str | None
    text: str
    points: float | None
    level: str | None
    verdicts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an answer. `evaluation`: the new one; `points`, `level`: what counts with people's decisions."""

    old: Old
    evaluation: Evaluation
    points_before: float | None
    level_before: str | None
    points: float | None
    level: str | None
    marks: int
    gained: int
    lost: int
    ratings: tuple[Rating, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that couldn't be graded, and why."""

    old: Old
    reason: str


@dataclass(frozen=True, slots=True)
class Flip:
    """So many answers (or verdicts on `key_point`) went from one level (or verdict) to another."""

    key_point: str | None
    before: str | None
    after: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A pass so far. Points: of what counts. Without a graded answer, the mean change and the largest are None."""

    items: int
    waiting: int
    graded: int
    failed: int
    up: int
    down: int
    mean_change: float | None
    largest_gain: float | None
    largest_loss: float | None
    levels: tuple[Flip, ...]
    points: tuple[Flip, ...]
    marks: int
    gained: int
    lost: int


@dataclass(frozen=True, slots=True)
class Mover:
    """An answer whose points or level change."""

    evaluation_id: UUID
    candidate_id: str | None
    points_before: float | None
    points_after: float | None
    level_before: str | None
    level_after: str | None
    changes: tuple[Flip, ...]
