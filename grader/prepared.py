"""A rubric made ready for matching: its wordings' token vectors and weights, computed once a scoring hash."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.encoder import Encoder, TokenVectors
from grader.learned import TokenWeights
from grader.lexical import Lexicon
from rubrics.model import KeyPoint, Rubric

QUESTION_SHARE = 0.1  # of its weight that a token keeps when the question has it: the question's words prove nothing
CONTENT = 3.0  # a token this heavy carries content; see grader/weights/README.md

F32 = NDArray[np.float32]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class PreparedRubric:
    """Wordings of one rubric, flattened: T tokens in W wordings in G groups.

    A group holds what is compared as one: a key point's statement and `says`, its `denies`, its `near`, or a
    misconception's wordings. `says`, `denies` and `near` give each key point's group, -1 where it has none;
    `misconceptions` each misconception's. topic [dim]: mean vector of question and wordings.

    vectors [T, dim]; weights [T]; content bool [T]; starts [W]: a wording's first token; totals [W]: a wording's summed
    weights; asked [W]: how far the question itself aligns with it; groups [G]: a group's first wording.
    """

    vectors: F32
    weights: F32
    content: NDArray[np.bool_]
    starts: Index
    totals: F32
    asked: F32
    groups: Index
    says: Index
    denies: Index
    near: Index
    misconceptions: Index
    topic: F32
    lexicon: Lexicon


@dataclass(frozen=True, slots=True)
class _Layout:
    """A rubric's wordings in order, and which of them form the groups of PreparedRubric."""

    texts: list[str]
    groups: list[int]
    says: list[int]
    denies: list[int]
    near: list[int]
    misconceptions: list[int]


def prepare(rubrics: Sequence[Rubric], encoder: Encoder, weights: TokenWeights) -> list[PreparedRubric]:
    """Encode every wording of every rubric in one go. Keep the results by scoring hash."""
    layouts = [_layout(rubric) for rubric in rubrics]
    asked = [rubric.question for rubric in rubrics]
    tokens = iter(encoder.encode([*asked, *(text for layout in layouts for text in layout.texts)]))
    questions = [next(tokens) for _ in rubrics]
    out = []
    for rubric, layout, question in zip(rubrics, layouts, questions, strict=True):
        wordings = [_something(next(tokens), encoder.dim) for _ in layout.texts]
        out.append(_flatten(rubric, layout, question, wordings, weights))
    return out


def wording_vectors(rubric: Rubric, prepared: PreparedRubric) -> dict[str, F32]:
    """Every wording's unit vector [dim], the mean of its tokens', as `grader.search.text_vectors` has it."""
    texts = _layout(rubric).texts
    return dict(zip(texts, map(_pooled, np.split(prepared.vectors, prepared.starts[1:])), strict=True))


def says_of(point: KeyPoint) -> tuple[str, ...]:
    """The wordings that say a key point, its statement first."""
    return (point.statement, *point.says)


def _layout(rubric: Rubric) -> _Layout:
    texts: list[str] = []
    groups: list[int] = []

    def group(wordings: Sequence[str]) -> int:
        if not wordings:
            return -1
        groups.append(len(texts))
        texts.extend(wordings)
        return len(groups) - 1

    return _Layout(
        texts=texts,
        groups=groups,
        says=[group(says_of(point)) for point in rubric.key_points],
        denies=[group(point.denies) for point in rubric.key_points],
        near=[group(point.near) for point in rubric.key_points],
        misconceptions=[group((item.statement, *item.says)) for item in rubric.misconceptions],
    )


def _flatten(
    rubric: Rubric, layout: _Layout, question: TokenVectors, tokens: list[TokenVectors], weights: TokenWeights
) -> PreparedRubric:
    vectors = np.concatenate([one.vectors for one in tokens])
    ids = np.concatenate([one.ids for one in tokens])
    raw = np.concatenate([weights.of(text, one) for text, one in zip(layout.texts, tokens, strict=True)])
    weighed = np.where(np.isin(ids, question.ids), raw * np.float32(QUESTION_SHARE), raw) + np.float32(1e-6)
    starts = np.cumsum([0, *(len(one) for one in tokens[:-1])]).astype(np.intp)
    totals = np.add.reduceat(weighed, starts)
    best: F32 = (vectors @ question.vectors.T).max(axis=1) if len(question) else np.zeros(len(ids), np.float32)
    terms = [term for point in rubric.key_points for term in point.terms]
    return PreparedRubric(
        vectors=vectors,
        weights=weighed,
        content=weighed > CONTENT,
        starts=starts,
        totals=totals,
        asked=(np.add.reduceat(weighed * best, starts) / totals).astype(np.float32),
        groups=np.array(layout.groups, np.intp),
        says=np.array(layout.says, np.intp),
        denies=np.array(layout.denies, np.intp),
        near=np.array(layout.near, np.intp),
        misconceptions=np.array(layout.misconceptions, np.intp),
        topic=_pooled(np.concatenate([question.vectors, vectors])),
        lexicon=Lexicon.build(layout.texts, tokens, [rubric.question], terms),
    )


def _pooled(vectors: F32) -> F32:
    mean = vectors.mean(axis=0)
    unit: F32 = mean / np.float32(max(float(np.linalg.norm(mean)), 1e-9))
    return unit


def _something(tokens: TokenVectors, dim: int) -> TokenVectors:
    """A wording that the tokenizer can't see, such as a lone zero-width mark, becomes a token aligned with nothing."""
    if len(tokens):
        return tokens
    zero = np.zeros(1, np.int32)
    return TokenVectors(zero - 1, zero, zero, np.zeros((1, dim), np.float32))
