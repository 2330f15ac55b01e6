"""What a good answer contains: frozen values without behaviour beyond arithmetic on themselves."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What sort of question an item asks."""

    CONCEPT = "concept"
    COMPARISON = "comparison"
    PROCEDURE = "procedure"
    SCENARIO = "scenario"
    CALCULATION = "calculation"
    CODING = "coding"
    OPEN = "open"


class Difficulty(StrEnum):
    """How much experience an item expects."""

    CORE = "core"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """One proposition that the answer should express, with wordings that say, deny or come near it."""

    id: str
    statement: str
    weight: float = 1.0
    required: bool = False
    terms: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    denies: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    missed: str = ""


@dataclass(frozen=True, slots=True)
class Misconception:
    """A wrong proposition that the answer should not express. `penalty` is in points, 0 or more."""

    id: str
    statement: str
    says: tuple[str, ...] = ()
    correction: str = ""
    penalty: float = 0.0


@dataclass(frozen=True, slots=True)
class Level:
    """A named band. It begins at `min_score`, a share 0–1 of the maximum points.

    `needs_required`: out of reach while a required key point isn't covered.
    """

    name: str
    min_score: float
    needs_required: bool = False


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question worth asking when one of `key_points` (ids) was missed."""

    question: str
    key_points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PointShift:
    """How far a key point's log odds of covered are moved; above 0 is more lenient."""

    id: str
    shift: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What people's marks taught about one rubric: log odds of covered go to `slope * odds + shift + the point's`.

    `scoring_hash`: of the rubric without it, when it was fitted; `engine`: the identity of the engine that it was
    fitted for. Under any others it does nothing. `marks`: how many it was fitted on.
    """

    engine: str
    scoring_hash: str
    slope: float
    shift: float
    points: tuple[PointShift, ...] = ()
    marks: int = 0


DEFAULT_LEVELS = (
    Level("insufficient", 0.0),
    Level("developing", 0.4),
    Level("proficient", 0.65),
    Level("excellent", 0.85, needs_required=True),
)


@dataclass(frozen=True, slots=True)
class Rubric:
    """The immutable scoring guide of one item. One version has one content hash (`rubrics.fingerprint`)."""

    id: str
    question: str
    key_points: tuple[KeyPoint, ...]
    version: int = 1
    topic: str = ""
    kind: Kind = Kind.OPEN
    difficulty: Difficulty = Difficulty.CORE
    language: str = "en"
    guides: tuple[str, ...] = ()
    reference_answer: str = ""
    misconceptions: tuple[Misconception, ...] = ()
    levels: tuple[Level, ...] = field(default=DEFAULT_LEVELS)
    follow_ups: tuple[FollowUp, ...] = ()
    author: str = ""
    licence: str = ""
    calibration: Calibration | None = None

    @property
    def max_points(self) -> float:
        """Sum of the key points' weights."""
        return sum(point.weight for point in self.key_points)
