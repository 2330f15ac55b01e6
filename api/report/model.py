"""What a cohort report says, before it is drawn. Answers, candidates and items refer to each other by position."""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.batch.model import Graded
from grader.model import KeyPointResult, Verdict
from rubrics.model import Rubric


@dataclass(frozen=True, slots=True)
class Statistic:
    """A figure over `n` observations, with a plain sentence. `value` None: it can't be told, and `meaning` says why."""

    value: float | None
    n: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of an answer: its position in `Report.answers`, offsets in code points."""

    answer: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A graded answer with the positions of its candidate and item.

    `counts`: it is the candidate's last one to this item, the one that statistics and heat map use.
    """

    candidate: int
    item: int
    counts: bool
    graded: Graded


@dataclass(frozen=True, slots=True)
class Candidate:
    """`coverage`: mean (0–1) over the candidate's scored answers that count; None where there are none."""

    name: str
    answers: tuple[int, ...]
    coverage: float | None


@dataclass(frozen=True, slots=True)
class PointCounts:
    """How many of an item's scored answers got each verdict on one key point. `lost`: 1 − mean credit, 0–1, or None."""

    id: str
    statement: str
    weight: float
    verdicts: tuple[tuple[Verdict, int], ...]
    lost: float | None


@dataclass(frozen=True, slots=True)
class Item:
    """One rubric in this cohort. Figures are over scored answers that count.

    difficulty: mean coverage (0–1, lower is harder); discrimination: corrected item–total correlation; reliability:
    alpha over the item's key points; without: alpha of the whole set when this item is left out.
    """

    rubric: Rubric
    scored: int
    unscored: int
    difficulty: Statistic
    discrimination: Statistic
    reliability: Statistic
    without: Statistic
    points: tuple[PointCounts, ...]


@dataclass(frozen=True, slots=True)
class MissedPoint:
    """A key point (of item, by positions) that many answers lack, with the words that came closest to it."""

    item: int
    point: int
    close: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class CommonMisconception:
    """A misconception with every answer's words that assert it, surest first. `share`: of the item's scored answers."""

    item: int
    id: str
    statement: str
    correction: str
    share: float
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Sentences of one meaning that the rubric doesn't expect, the most typical first; `candidates` said it."""

    item: int
    candidates: int
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """How many of an item's sentences without evidence were clustered, of how many there are."""

    item: int
    sentences: int
    of: int


@dataclass(frozen=True, slots=True)
class Review:
    """An answer that a person should look at. `certainty`: mean confidence (0–1) over key points, by weight."""

    answer: int
    certainty: float


@dataclass(frozen=True, slots=True)
class Alike:
    """Answers to one item in nearly the same words. `similarity`: the closest pair's shared wording, 0–1."""

    item: int
    answers: tuple[int, ...]
    similarity: float


@dataclass(frozen=True, slots=True)
class Bins:
    """A distribution over 0–1: counts of equal-width bins, the last one closed; with mean and median, None if empty."""

    counts: tuple[int, ...]
    mean: float | None
    median: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """A cohort. `reviews` and all other lists have the most urgent first; nothing in it is rounded."""

    candidates: tuple[Candidate, ...]
    items: tuple[Item, ...]
    answers: tuple[Answer, ...]
    by_candidate: Bins
    by_answer: Bins
    reliability: Statistic
    missed: tuple[MissedPoint, ...]
    misconceptions: tuple[CommonMisconception, ...]
    proposals: tuple[Proposal, ...]
    looked: tuple[Looked, ...]
    reviews: tuple[Review, ...]
    alike: tuple[Alike, ...]
    not_compared: int

    def words(self, quote: Quote) -> str:
        """The quoted words."""
        return self.answers[quote.answer].graded.item.answer[quote.start : quote.end]

    def unscored(self) -> Iterator[int]:
        """Positions of the answers without a mark."""
        return (at for at, answer in enumerate(self.answers) if answer.graded.evaluation.coverage is None)

    def result(self, answer: int, point_id: str) -> KeyPointResult | None:
        """What an answer got on a key point; None where it is unscored."""
        results = self.answers[answer].graded.evaluation.key_points
        return next((one for one in results if one.id == point_id), None)
