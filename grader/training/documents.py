"""Marked texts for training the encoder: documents, each with key points and what people gave them.

Composed documents are strung together from the bank's own wordings, so that voice can't tell the verdict.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from grader.golden import GoldenAnswer
from grader.marked import MarkedAnswer, read_marked
from grader.model import Verdict
from rubrics.model import KeyPoint, Rubric

SETS = ("argkp", "realsumm", "scientsbank", "beetle", "saf")
LONGEST_PREMISE = 120  # words; longer premises of the inference sets are left out
HALF = 0.5  # label of a point that is partly covered
FILLERS = (
    "so",
    "well",
    "I think",
    "basically",
    "um, so",
    "yeah",
    "okay",
    "I mean",
    "in my view",
    "right",
    "to be honest",
)
JOINTS = (". ", ". ", ", and ", "; ")


@dataclass(frozen=True, slots=True)
class Point:
    """A key point of a document: its wordings, `label` (0–1, how far it is covered), and the verdict where it is known
    to be one of three. `group`: points of one group share one mark (their mean logit is trained on it).
    """

    says: tuple[str, ...]
    denies: tuple[str, ...]
    near: tuple[str, ...]
    label: float
    verdict: Verdict | None
    group: int


@dataclass(frozen=True, slots=True)
class Document:
    """A text, the question that it answers ("" for none), and its key points."""

    text: str
    question: str
    points: tuple[Point, ...]


def shared_documents(data: Path, name: str) -> list[Document]:
    """The training rows of one marked set, a document for each text."""
    marks: dict[tuple[str, str], list[MarkedAnswer]] = defaultdict(list)
    for row in read_marked(data / f"{name}_train.jsonl.gz"):
        if isinstance(row, MarkedAnswer) and row.answer.strip():
            marks[row.answer, row.rubric.question].append(row)
    return [
        Document(
            answer,
            question,
            tuple(
                Point((point.statement,), (), (), row.label, None, group)
                for group, row in enumerate(rows)
                for point in row.rubric.key_points
            ),
        )
        for (answer, question), rows in marks.items()
    ]


def inference_documents(data: Path) -> list[Document]:
    """Premises with their statements, from every nli_*.jsonl.gz."""
    statements: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for path in sorted(data.glob("nli_*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for line in stream:
                row = json.loads(line)
                statement = row["key_points"][0].strip()
                if statement and 0 < len(row["answer"].split()) <= LONGEST_PREMISE:
                    statements[row["answer"]].append((statement, row["verdict"] == Verdict.COVERED))
    return [
        Document(
            premise,
            "",
            tuple(Point((text,), (), (), float(held), None, at) for at, (text, held) in enumerate(found)),
        )
        for premise, found in statements.items()
    ]


def golden_document(answer: GoldenAnswer, rubric: Rubric) -> Document:
    """A golden answer with all wordings of its rubric."""
    points = []
    for at, point in enumerate(rubric.key_points):
        verdict = answer.marks[point.id].verdict
        label = {Verdict.COVERED: 1.0, Verdict.PARTIAL: HALF}.get(verdict, 0.0)
        points.append(
            Point(
                (point.statement, *point.says),
                point.denies,
                point.near,
                label,
                None if verdict is Verdict.PARTIAL else verdict,
                at,
            )
        )
    return Document(answer.text, rubric.question, tuple(points))


def composed_document(rubric: Rubric, others: Sequence[Rubric], rng: Random) -> Document:
    """One to five wordings of a rubric's points, and at times a stranger's, strung together.

    A point takes its verdict from the wording used, which is left out of the point's own wordings.
    """
    chosen = set(
        rng.sample(range(len(rubric.key_points)), min(len(rubric.key_points), rng.choice((1, 1, 2, 2, 3, 4, 5))))
    )
    parts, points = [], []
    for at, point in enumerate(rubric.key_points):
        used, verdict = _drawn(point, rng) if at in chosen else ("", Verdict.MISSED)
        if used:
            parts.append(used)
        says, denies, near = (
            tuple(text for text in wordings if text != used)
            for wordings in ((point.statement, *point.says), point.denies, point.near)
        )
        points.append(Point(says, denies, near, float(verdict is Verdict.COVERED), verdict, at))
    if rng.random() < 0.3:
        parts.append(rng.choice(rng.choice(rng.choice(others).key_points).says))
    rng.shuffle(parts)
    text = rng.choice(JOINTS).join(_voiced(part, rng) for part in parts)
    return Document(text, rubric.question, tuple(points))


def _drawn(point: KeyPoint, rng: Random) -> tuple[str, Verdict]:
    kind, verdict = rng.choices(
        (
            ((point.statement, *point.says), Verdict.COVERED),
            (point.denies, Verdict.CONTRADICTED),
            (point.near, Verdict.MISSED),
        ),
        (0.45, 0.35, 0.2),
    )[0]
    return (rng.choice(kind), verdict) if kind else ("", Verdict.MISSED)


def _voiced(text: str, rng: Random) -> str:
    bare = text.rstrip(".")
    return f"{rng.choice(FILLERS)} {bare}" if rng.random() < 0.3 else bare


def stranger_document(answer: GoldenAnswer, rubric: Rubric) -> Document:
    """A golden answer to another question: it covers no point."""
    return Document(answer.text, rubric.question, _all_missed(rubric))


def attack_document(rubric: Rubric, rng: Random) -> Document:
    """The question copied back, or a bag of the rubric's terms: nothing is covered."""
    terms = [term for point in rubric.key_points for term in point.terms] or rubric.question.split()
    rng.shuffle(terms)
    text = rubric.question if rng.random() < 0.5 else ", ".join(terms)
    return Document(text, rubric.question, _all_missed(rubric))


def _all_missed(rubric: Rubric) -> tuple[Point, ...]:
    return tuple(
        Point((point.statement, *point.says), point.denies, point.near, 0.0, Verdict.MISSED, at)
        for at, point in enumerate(rubric.key_points)
    )
