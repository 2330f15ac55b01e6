"""Marked data → tables of alignments, through the very code that grades."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader.encoder import ModelEncoder, TokenVectors
from grader.golden import GoldenAnswer
from grader.judge import F32, Judge
from grader.learned import TokenWeights
from grader.marked import MarkedAnswer, read_marked
from grader.matcher import Scores, match, scores
from grader.model import Verdict
from grader.passage import passages
from grader.prepared import PreparedRubric, prepare
from rubrics.model import KeyPoint, Rubric

MOST_SAYS = 5
STRANGERS = 3  # reference answers of other topics a rubric
MADE = "made"  # kind of an answer made of the bank's own texts


@dataclass(frozen=True, slots=True)
class Row:
    """One answer's alignments with its rubric, the judge's chances [P, 3], and its mark. `question`: what rows of one
    question share.
    """

    scores: Scores
    chances: F32
    label: float
    question: str


class Aligner:
    """Encodes texts once, aligns them with rubrics, and has the judge read every point; without one each outcome has
    the chance 1/3, which tells nothing.
    """

    def __init__(self, encoder: ModelEncoder, weights: TokenWeights, judge: Judge | None = None) -> None:
        self._encoder, self._weights, self._judge = encoder, weights, judge
        self._prepared: dict[Rubric, PreparedRubric] = {}

    def encode(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Token vectors, in order."""
        return self._encoder.encode(texts)

    def align(self, asked: Sequence[tuple[Rubric, str, TokenVectors]]) -> list[tuple[Scores, F32]]:
        """Alignments and the judge's chances [P, 3] of answers; the rubrics' vectors are kept."""
        out: list[Scores] = []
        pairs: list[tuple[str, str]] = []
        for rubric, text, tokens in asked:
            prepared = self._ready(rubric)
            found = match(prepared, text, tokens)
            out.append(scores(prepared, found))
            spans = passages(text, tokens, prepared, found)
            pairs += [(text[slice(*span)], p.statement) for span, p in zip(spans, rubric.key_points, strict=True)]
        ends = np.cumsum([len(rubric.key_points) for rubric, _, _ in asked])
        chances = np.full((len(pairs), 3), 1 / 3, np.float32) if self._judge is None else self._judge.chances(pairs)
        return list(zip(out, np.split(chances, ends[:-1]), strict=True)) if out else []

    def passages(self, asked: Sequence[tuple[Rubric, str]]) -> list[list[str]]:
        """The passage that the judge would read for each key point of each answer."""
        out = []
        for (rubric, text), tokens in zip(asked, self.encode([text for _, text in asked]), strict=True):
            found = match(self._ready(rubric), text, tokens)
            out.append([text[slice(*span)] for span in passages(text, tokens, self._ready(rubric), found)])
        return out

    def _ready(self, rubric: Rubric) -> PreparedRubric:
        if rubric not in self._prepared:
            self._prepared[rubric] = prepare([rubric], self._encoder, self._weights)[0]
        return self._prepared[rubric]

    def judged_by(self, judge: Judge | None) -> "Aligner":
        """The same with another judge, or with none."""
        return Aligner(self._encoder, self._weights, judge)

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
        encoded = zip(block, aligner.encode([row.answer for row in block]), strict=True)
        kept = [(row, tokens) for row, tokens in encoded if len(tokens)]
        read = aligner.align([(row.rubric, row.answer, tokens) for row, tokens in kept])
        out += [Row(*one, row.label, _shared(row.rubric)) for (row, _), one in zip(kept, read, strict=True)]
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
    """An answer's alignments with a rubric of the bank, the judge's chances [P, 3], its marks in the rubric's order
    (None: not marked), and which misconceptions it asserts.
    """

    answer: GoldenAnswer
    scores: Scores
    chances: F32
    verdicts: tuple[Verdict | None, ...]
    asserted: NDArray[np.bool_]


def golden_examples(answers: Sequence[GoldenAnswer], bank: dict[str, Rubric], aligner: Aligner) -> list[Example]:
    """Golden answers with their rubrics."""
    encoded = aligner.encode([answer.text for answer in answers])
    read = aligner.align([(bank[a.rubric], a.text, tokens) for a, tokens in zip(answers, encoded, strict=True)])
    out = []
    for answer, (found, chances) in zip(answers, read, strict=True):
        rubric = bank[answer.rubric]
        verdicts = tuple(answer.marks[point.id].verdict for point in rubric.key_points)
        asserted = np.array([item.id in answer.misconceptions for item in rubric.misconceptions], np.bool_)
        out.append(Example(answer, found, chances, verdicts, asserted))
    return out


def without_wordings(bank: dict[str, Rubric]) -> dict[str, Rubric]:
    """The bank with bare statements."""
    return {
        name: replace(
            rubric, key_points=tuple(KeyPoint(point.id, point.statement, point.weight) for point in rubric.key_points)
        )
        for name, rubric in bank.items()
    }


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
    encoded = aligner.encode([text for _, text, _ in made])
    read = aligner.align([(rubric, text, t) for (rubric, text, _), t in zip(made, encoded, strict=True)])
    out = []
    for (rubric, text, verdicts), (found, chances) in zip(made, read, strict=True):
        nothing = np.zeros(len(rubric.misconceptions), np.bool_)
        answer = GoldenAnswer(rubric.id, rubric.topic, MADE, MADE, "", text, {}, ())
        out.append(Example(answer, found, chances, verdicts, nothing))
    return out
