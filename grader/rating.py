"""What people say about a graded answer: a rating is one person's marks at one time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from grader.model import EngineInfo, RubricRef, Verdict

TOTAL = "total"  # the name of the whole answer among targets


class RatingKind(StrEnum):
    """How a rating came about, which decides what it outranks (`RANK`).

    review: made in sight of the engine's verdicts; import: marks that a person gave elsewhere; blind: a second rating
    by somebody who saw neither the engine's verdicts nor another rating; adjudication: settles a disagreement; appeal:
    settles what a candidate contested.
    """

    REVIEW = "review"
    BLIND = "blind"
    ADJUDICATION = "adjudication"
    APPEAL = "appeal"
    IMPORT = "import"


RANK = {
    RatingKind.BLIND: 1,
    RatingKind.REVIEW: 2,
    RatingKind.IMPORT: 2,
    RatingKind.ADJUDICATION: 3,
    RatingKind.APPEAL: 3,
}
SETTLES = 3  # from this rank on, a mark ends a disagreement
UNSEEN = (RatingKind.BLIND, RatingKind.IMPORT)  # the rater hadn't seen what the engine says


class Target(StrEnum):
    """What a mark is about: a key point, a misconception, or the answer as a whole."""

    KEY_POINT = "key_point"
    MISCONCEPTION = "misconception"
    TOTAL = "total"


class Found(StrEnum):
    """Whether an answer asserts a misconception."""

    ASSERTED = "asserted"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Span:
    """Words of the answer that decide a mark: `quote == text[start:end]`, in code points."""

    quote: str
    start: int
    end: int


Place = tuple[Target, str]


@dataclass(frozen=True, slots=True)
class Mark:
    """One person's word on one target. `statement`: what the target said when the mark was given.

    value: a Verdict on a key point, a Found on a misconception, points (0 to the maximum) on the whole.
    """

    target: Target
    id: str
    statement: str
    value: Verdict | Found | float
    reason: str = ""
    span: Span | None = None

    @property
    def place(self) -> Place:
        """Which target this is; ids of key points and misconceptions may be the same."""
        return self.target, self.id


@dataclass(frozen=True, slots=True)
class Rating:
    """Marks that one person gave at one time, on what one engine version found against one rubric version."""

    id: UUID
    kind: RatingKind
    reviewer: str
    at: datetime
    comment: str
    rubric: RubricRef
    engine: EngineInfo
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A mark with the rating that it is part of."""

    rating: Rating
    mark: Mark
