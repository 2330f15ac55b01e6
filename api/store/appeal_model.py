"""An appeal as the service knows it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class AppealState(StrEnum):
    """Where an appeal is. It ends once."""

    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Change:
    """A state that an appeal entered. `review_id`: the review that upholding it made."""

    state: AppealState
    at: datetime
    by: str | None
    reason: str
    review_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewAppeal:
    """What a candidate contests: a key point as it was stated, in words, with words of the answer if they named any."""

    id: UUID
    evaluation_id: UUID
    answer_id: UUID
    key_point_id: str
    statement: str
    argument: str
    quote: str | None


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal with its changes, oldest first; the last one is where it is."""

    what: NewAppeal
    rubric_id: str
    candidate_id: str | None
    changes: tuple[Change, ...]

    @property
    def state(self) -> AppealState:
        """Where it is."""
        return self.changes[-1].state
