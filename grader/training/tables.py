"""Marked data → tables of alignments, through the very code that grades."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader.encoder import ModelEncoder, TokenVectors
from grader.golden import GoldenAnswer
from grader.learned import TokenWeights
from grader.marked import MarkedAnswer, read_marked
from grader.matcher import Scores, match, scores
from grader.model import Verdict
from grader.prepared import PreparedRubric, prepare
from rubrics.model import Rubric

MOST_SAYS = 5
STRANGERS = 3  # reference answers of other topics a rubric
MADE = "made"  # kind of an answer made of the bank's own texts


@dataclass(frozen=True, slots=True)
class Row:
    """One answer's alignments with its rubric, and its mark. `question`: what rows of one question share."""

    scores: Scores
    label: float
    question: str


class Aligner:
    """Encodes texts once and aligns them with rubrics."""

    def __init__(self, encoder: ModelEncoder, weights: TokenWeights) -> None:
        self._encoder, self._weights = encoder, weights
        self._prepared: dict[Rubric, PreparedRubric] = {}

    def encode(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Token vectors, in order."""
        return self._encoder.encode(texts)

    def align(self, rubric: Rubric, text: str, tokens: TokenVectors) -> Scores:
        """Alignments of one answer; the rubric's vectors are kept."""
        if rubric not in self._prepared:
            self._prepared[rubric] = prepare([rubric], self._encoder, self._weights)[0]
        prepared = self._prepared[rubric]
        return scores(prepared, match(prepared, text, tokens))

    def forget(self) -> None:
        """Drop the kept rubrics."""
        self._prepared.clear()


def marked_rows(path: Path, limit: int, rng: np.random.Generator) -> list[MarkedAnswer]:
    """At most `limit` good rows of a file, drawn at random."""
    rows = [row for row in read_marked(path) if isinstance(row, MarkedAnswer)]
    chosen = sorted(rng.permutation(len(rows))[:limit]) if len(rows) > limit else range(len(rows))
    return [rows[index] for index in chosen]


def table(rows: Sequence[MarkedAnswer], aligner: Aligner) -> list[Row]:
    """Alignments of the rows as they are."""
    out = []
    for start in range(0, len(rows), 512):
        block = rows[start : start + 512]
        for row, tokens in zip(block, aligner.encode([row.answer for row in block]), strict=True):
            if len(tokens):
                out.append(Row(aligner.align(row.rubric, row.answer, tokens), row.label, _shared(row.rubric)))
        aligner.forget()
    return out


def _shared(rubric: Rubric) -> str:
    return rubric.question or rubric.key_points[0].statement


def with_says(rows: Sequence[MarkedAnswer], rng: np.random.Generator) -> list[MarkedAnswer]:
    """The rows whose rubric has one key point, with 0–5 other answers that covered it as `says` wordings."""
    covering: dict[Rubric, set[str]] = defaultdict(set)
    for row in rows:
        if row.label > 0.75 and 3 <= len(row.answer.split()) <= 40:
            covering[row.rubric].add(row.answer)
    out = []
    for row in rows:
        others = sorted(covering[row.rubric] - {row.answer})
        if len(row.rubric.key_points) == 1 and others:
            drawn = rng.permutation(len(others))[: int(rng.integers(0, MOST_SAYS + 1))]
            point = replace(row.rubric.key_points[0], says=tuple(others[int(index)] for index in drawn))
            out.append(replace(row, rubric=replace(row.rubric, key_points=(point,))))
    return out


@dataclass(frozen=True, slots=True)
class Example:
    """An answer's alignments with a rubric of the bank, its marks in the rubric's order (None: not marked), and which
    misconceptions it asserts.
    """

    answer: GoldenAnswer
    scores: Scores
    verdicts: tuple[Verdict | None, ...]
    asserted: NDArray[np.bool_]


def golden_examples(answers: Sequence[GoldenAnswer], bank: dict[str, Rubric], aligner: Aligner) -> list[Example]:
    """Golden answers with their rubrics."""
    out = []
    for answer, tokens in zip(answers, aligner.encode([answer.text for answer in answers]), strict=True):
        rubric = bank[answer.rubric]
        verdicts = tuple(answer.marks[point.id].verdict for point in rubric.key_points)
        asserted = np.array([item.id in answer.misconceptions for item in rubric.misconceptions], np.bool_)
        out.append(Example(answer, aligner.align(rubric, answer.text, tokens), verdicts, asserted))
    return out


def made_examples(bank: dict[str, Rubric], aligner: Aligner, rng: np.random.Generator) -> list[Example]:
    """Texts that the bank itself marks: one or two points' `says` wordings, which cover no other point, and reference
    answers of other topics, which cover none.
    """
    made: list[tuple[Rubric, str, tuple[Verdict | None, ...]]] = []
    rubrics = list(bank.values())
    for rubric in rubrics:
        for said in (1, 1, 2):
            chosen = {int(at) for at in rng.permutation(len(rubric.key_points))[:said]}
            parts = [str(rng.choice(rubric.key_points[at].says)) for at in sorted(chosen)]
            verdicts = tuple(None if at in chosen else Verdict.MISSED for at in range(len(rubric.key_points)))
            made.append((rubric, ". ".join(parts) + ".", verdicts))
        strangers = [other for other in rubrics if other.topic != rubric.topic]
        for at in rng.permutation(len(strangers))[:STRANGERS]:
            nothing_said = (Verdict.MISSED,) * len(rubric.key_points)
            made.append((rubric, strangers[int(at)].reference_answer, nothing_said))
    out = []
    for (rubric, text, verdicts), tokens in zip(made, aligner.encode([text for _, text, _ in made]), strict=True):
        nothing = np.zeros(len(rubric.misconceptions), np.bool_)
        answer = GoldenAnswer(rubric.id, rubric.topic, MADE, MADE, "", text, {}, ())
        out.append(Example(answer, aligner.align(rubric, text, tokens), verdicts, nothing))
    return out
