"""Why an answer got its verdicts: how near each of its sentences comes to each key point, wording by wording."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from grader.encoder import TokenVectors
from grader.engine import Engine
from grader.guards import Guarded, guard
from grader.matcher import match
from grader.model import Evaluation
from grader.prepared import PreparedRubric
from grader.text import clauses, trimmed
from rubrics.model import Rubric


@dataclass(frozen=True, slots=True)
class Nearest:
    """The wording of one kind that a sentence aligns with best.

    `alignment` (0–1), as in `Evidence.similarity`. `wording`: its index in `denies` or `near`; among those that say a
    point or a misconception 0 is the statement, and n the n-th of `says`.
    """

    alignment: float
    wording: int


@dataclass(frozen=True, slots=True)
class PointNearness:
    """A sentence and a key point. None where the point has no wordings of a kind."""

    says: Nearest
    denies: Nearest | None
    near: Nearest | None


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence `text[start:end]` beside each key point and each misconception, in the rubric's order.

    Both are empty where nothing in it counts, such as in the question copied back.
    """

    start: int
    end: int
    key_points: tuple[PointNearness, ...]
    misconceptions: tuple[Nearest, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An evaluation and the alignments of the answer's sentences."""

    evaluation: Evaluation
    sentences: tuple[Sentence, ...]


def explain(engine: Engine, rubric: Rubric, texts: Sequence[str]) -> list[Explanation]:
    """Grade answers as `Engine.grade` does, and say how their sentences align. Raises AnswerInvalid."""
    evaluations = list(engine.grade_many((rubric, text) for text in texts))
    (prepared,) = engine.prepared([rubric]).values()
    encoded = engine.encoder.encode(texts)
    return [
        Explanation(evaluation, _sentences(guard(rubric, text), text, tokens, prepared))
        for evaluation, text, tokens in zip(evaluations, texts, encoded, strict=True)
    ]


def _sentences(guarded: Guarded, text: str, tokens: TokenVectors, prepared: PreparedRubric) -> tuple[Sentence, ...]:
    cut = clauses(text)
    bounds = [*(cut.starts[index] for index in cut.sentences), len(text)]
    out = []
    for begin, stop in pairwise(bounds):
        start, end = trimmed(text, begin, stop)
        if start < end:
            counting = _within(tokens, begin, stop, ((0, len(text)),) if guarded.nothing else guarded.void)
            out.append(_aligned(start, end, prepared, text, counting))
    return tuple(out)


def _within(tokens: TokenVectors, start: int, end: int, void: Sequence[tuple[int, int]]) -> TokenVectors:
    """The tokens that begin in a span, without those that must earn nothing."""
    keep = (tokens.starts >= start) & (tokens.starts < end)
    for first, last in void:
        keep &= (tokens.ends <= first) | (tokens.starts >= last)
    return TokenVectors(tokens.ids[keep], tokens.starts[keep], tokens.ends[keep], tokens.vectors[keep])


def _aligned(start: int, end: int, prepared: PreparedRubric, text: str, tokens: TokenVectors) -> Sentence:
    if not len(tokens):
        return Sentence(start, end, (), ())
    # Of all stretches of a sentence the whole of it aligns best: more words can't take an alignment away.
    best = match(prepared, text, tokens).alignments.max(axis=1)
    groups = [_nearest(part) for part in np.split(best, prepared.groups[1:])]
    points = tuple(
        PointNearness(groups[says], groups[denies] if denies >= 0 else None, groups[near] if near >= 0 else None)
        for says, denies, near in zip(prepared.says, prepared.denies, prepared.near, strict=True)
    )
    return Sentence(start, end, points, tuple(groups[at] for at in prepared.misconceptions))


def _nearest(alignments: NDArray[np.float32]) -> Nearest:
    at = int(alignments.argmax())
    return Nearest(round(min(max(float(alignments[at]), 0.0), 1.0), 4), at)
