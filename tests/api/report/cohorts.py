"""Small cohorts made by hand: every verdict and every word is given."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from grader.batch.model import Graded, Item
from grader.model import (
    AnswerInfo,
    EngineInfo,
    Evaluation,
    Evidence,
    Flag,
    KeyPointResult,
    MisconceptionResult,
    RubricRef,
    Status,
    Verdict,
)
from grader.text import words
from rubrics.model import KeyPoint, Misconception, Rubric

VERDICTS = {"c": Verdict.COVERED, "p": Verdict.PARTIAL, "m": Verdict.MISSED, "x": Verdict.CONTRADICTED}
CREDITS = {Verdict.COVERED: 1.0, Verdict.PARTIAL: 0.5, Verdict.MISSED: 0.0, Verdict.CONTRADICTED: 0.0}
DIM = 64


def rubric(name: str, points: int = 2) -> Rubric:
    """Key points p1, p2, … of weight 1, and one misconception."""
    return Rubric(
        id=name,
        question=f"What about {name}?",
        key_points=tuple(KeyPoint(f"p{n}", f"Point {n} of {name} holds.") for n in range(1, points + 1)),
        misconceptions=(Misconception("wrong", f"The moon causes {name}.", correction="It does not."),),
    )


def graded(
    candidate: str | None,
    of: Rubric,
    verdicts: str,
    text: str = "Some words that say nothing in particular.",
    *,
    key: str | None = None,
    columns: tuple[tuple[str, str], ...] = (),
    confidence: float = 0.9,
    review: tuple[str, ...] = (),
    quotes: dict[str, str] | None = None,
    wrong: str = "",
    feedback: str = "Well done.",
    flags: tuple[Flag, ...] = (),
) -> Graded:
    """One letter a key point: c, p, m or x; "" for unscored. quotes, wrong: evidence of key points, misconception."""
    name = f"{candidate}-{of.id}" if key is None else key
    item = Item(2, name, candidate, of.id, text, columns)
    results = tuple(
        KeyPointResult(
            id=point.id,
            statement=point.statement,
            weight=point.weight,
            verdict=VERDICTS[letter],
            credit=CREDITS[VERDICTS[letter]],
            confidence=confidence,
            probability=0.4 if letter == "p" else 0.1,
            evidence=_evidence(text, (quotes or {}).get(point.id, "")),
            feedback=feedback,
        )
        for point, letter in zip(of.key_points, verdicts, strict=bool(verdicts))
    )
    coverage = sum(one.credit for one in results) / len(results) if results else None
    held = MisconceptionResult(
        "wrong", of.misconceptions[0].statement, 0.8, _evidence(text, wrong), "It does not.", 0.0
    )
    evaluation = Evaluation(
        rubric=RubricRef(of.id, of.version, "hash"),
        engine=EngineInfo("1", "fake", "weights"),
        status=Status.SCORED if results else Status.UNSCORED,
        unscored_reason=None if results else "blank: the answer has no words",
        points=None if coverage is None else coverage * of.max_points,
        max_points=of.max_points,
        coverage=coverage,
        expected_coverage=coverage,
        level="developing" if results else None,
        needs_review=bool(review),
        review_reasons=review,
        key_points=results,
        misconceptions=(held,) if wrong else (),
        missed=(),
        feedback=feedback,
        next_step="",
        follow_ups=(),
        flags=flags,
        answer=AnswerInfo("0" * 64, len(words(text)), "en"),
    )
    return Graded(item, evaluation)


def _evidence(text: str, quote: str) -> tuple[Evidence, ...]:
    return (Evidence(quote, text.index(quote), text.index(quote) + len(quote), 0.5),) if quote else ()


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors [n, DIM]: a bag of words, so that texts of the same words have the same vector."""
    out = np.zeros((len(texts), DIM), np.float32)
    for row, text in enumerate(texts):
        for word in words(text):
            out[row] += np.random.default_rng(sum(map(ord, word)) * 31 + len(word)).normal(size=DIM)
    lengths = np.linalg.norm(out, axis=1, keepdims=True)
    return np.asarray(out / np.maximum(lengths, 1e-9), np.float32)
