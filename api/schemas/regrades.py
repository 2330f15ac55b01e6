"""Passes over stored answers on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from api import examples_regrades as examples
from api.schemas.base import Out
from api.schemas.evaluations import EngineOut
from api.store.regrade_model import Mode, RegradeState


class RegradeCountsOut(Out):
    """Answers by state. `unaffected` provably get the same marks: the scoring hash and the engine are the same."""

    unaffected: int
    items: int
    waiting: int
    graded: int
    failed: int


class MovesOut(Out):
    """Whose points change, and by how much; means over the graded answers that have points before and after."""

    up: int
    down: int
    mean_change: float | None
    largest_gain: float | None
    largest_loss: float | None


class LevelFlipOut(Out):
    """So many answers go from one level to another; null is unscored."""

    before: str | None
    after: str | None
    answers: int


class VerdictFlipOut(Out):
    """So many of the engine's verdicts on a key point change."""

    key_point_id: str | None
    before: str | None
    after: str | None
    answers: int


class PeopleOut(Out):
    """People's marks on these answers that hold: with how many the engine newly agrees, and newly doesn't."""

    marks: int
    now_agree: int
    now_disagree: int


class RegradeOut(Out):
    """A pass over a rubric's stored answers, and the difference that it makes so far."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.REGRADE]})

    id: UUID
    rubric_id: str
    version: int
    mode: Mode
    state: RegradeState
    engine: EngineOut | None = Field(description="What grades; null until the answers are collected.")
    counts: RegradeCountsOut
    points: MovesOut
    levels: list[LevelFlipOut]
    key_points: list[VerdictFlipOut]
    people: PeopleOut
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class MoverOut(Out):
    """An answer that moves. Points and levels are those that count, with people's decisions; verdicts the engine's."""

    evaluation_id: UUID
    candidate_id: str | None
    points_before: float | None
    points_after: float | None
    level_before: str | None
    level_after: str | None
    verdicts: list[VerdictFlipOut]


class MoverPage(Out):
    """The largest moves first. `next_cursor` is null on the last page."""

    items: list[MoverOut]
    next_cursor: str | None

    model_config = ConfigDict(json_schema_extra={"examples": [examples.MOVER_PAGE]})
