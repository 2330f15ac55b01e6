"""Text in, evaluation out: the values that pass between the engine's rooms and leave it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What an answer does with one key point."""

    COVERED = "covered"
    PARTIAL = "partial"
    MISSED = "missed"
    CONTRADICTED = "contradicted"


class Status(StrEnum):
    """`unscored` comes with a reason and without points; it is never a zero."""

    SCORED = "scored"
    UNSCORED = "unscored"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of the answer as submitted: `quote == text[start:end]`, offsets in Unicode code points.

    `similarity` (0–1) is the alignment of the key point's closest wording with the quote.
    """

    quote: str
    start: int
    end: int
    similarity: float


@dataclass(frozen=True, slots=True)
class KeyPointResult:
    """One key point's verdict.

    `probability`: calibrated chance (0–1) that a human marker calls the point covered.
    `confidence`: calibrated chance (0–1) that `verdict` is the one a human marker would give.
    `credit`: share of `weight` earned: covered 1, partial 0.5, otherwise 0.
    """

    id: str
    statement: str
    weight: float
    verdict: Verdict
    credit: float
    confidence: float
    probability: float
    evidence: tuple[Evidence, ...]
    feedback: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class MisconceptionResult:
    """A wrong proposition that the answer asserts. `penalty` in points."""

    id: str
    statement: str
    confidence: float
    evidence: tuple[Evidence, ...]
    correction: str
    penalty: float


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a reader of the mark should know. `code` is stable; `detail` is for people."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class RubricRef:
    """The rubric version that was graded against."""

    id: str
    version: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The engine that graded. `weights_hash` covers the weights of encoder and judge, token weights, calibration, and
    the arithmetic (backend and precision): all that a mark depends on besides version, rubric and text.
    """

    version: str
    model: str
    weights_hash: str

    @property
    def identity(self) -> str:
        """SHA-256 (64 hex digits) of all three."""
        return hashlib.sha256("\0".join((self.version, self.model, self.weights_hash)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class AnswerInfo:
    """`sha256` of the text's UTF-8 bytes, words counted, language as ISO 639-1 code or "und"."""

    sha256: str
    words: int
    language: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One answer against one rubric version by one engine version.

    `coverage`: weighted share (0–1) of key points by credit; `expected_coverage`: the same with each point's calibrated
    probability in the credit's place, finer for ranking. `points`, `coverage`, `expected_coverage` and `level` are
    None when `status` is unscored. `missed` holds key point ids, heaviest first.
    """

    rubric: RubricRef
    engine: EngineInfo
    status: Status
    unscored_reason: str | None
    points: float | None
    max_points: float
    coverage: float | None
    expected_coverage: float | None
    level: str | None
    needs_review: bool
    review_reasons: tuple[str, ...]
    key_points: tuple[KeyPointResult, ...]
    misconceptions: tuple[MisconceptionResult, ...]
    missed: tuple[str, ...]
    feedback: str
    next_step: str
    follow_ups: tuple[str, ...]
    flags: tuple[Flag, ...]
    answer: AnswerInfo
