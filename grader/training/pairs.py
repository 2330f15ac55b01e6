"""Pairs of a text and a statement, with what the one says of the other: what the pairwise model learns from."""

import gzip
import json
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from grader.golden import GoldenAnswer
from grader.model import Verdict
from grader.text import clauses
from rubrics.model import KeyPoint, Rubric

CLASSES = (Verdict.MISSED, Verdict.CONTRADICTED, Verdict.COVERED)
LONGEST = 128  # tokens of a pair; longer ones are left out of the training
# Rows drawn of an inference set; all where none is named. Sets with mostly longer premises give few.
MOST = {"nli_evouna_answer_equiv": 8000, "nli_evidence_inference_v2": 3000, "nli_citation_integrity": 0}
HALF = 0.5  # marks above it are covered
STATED = 0.7  # of the wordings' pairs stand against the statement, the others against a `says` wording
AGAIN = 0.3  # of the golden points stand against a `says` wording too
ROOM, FULL = 45, 90  # words around a quote: sentences are added up to ROOM; a passage of more than FULL is left out
SUBJECTS = Path(__file__).parent / "subjects"
LETTERS = {"C": Verdict.COVERED, "X": Verdict.CONTRADICTED, "M": Verdict.MISSED}  # of marks on further statements
FLIPPED = 0.4  # of the covered golden points and of the `says` wordings that stand against a `denies` wording too
JOINED = 0.3  # of the passages on other subjects that come with one that doesn't speak of the statement
NEXT = 0.5  # of them that stand beside the question's next statement as well, which nearly all of them miss
TWO_WAY = {"nli_evouna_answer_equiv"}  # `missed` there may be a contradiction


@dataclass(frozen=True, slots=True)
class Pair:
    """Text, statement, and the text's verdict on it; `open`: a missed that may be contradicted as well."""

    text: str
    statement: str
    verdict: Verdict
    open: bool = False


def inference_pairs(data: Path, rng: Random) -> list[Pair]:
    """Premises and statements of every nli_*.jsonl.gz, at most MOST of each, in random order."""
    out: list[Pair] = []
    for path in sorted(data.glob("nli_*.jsonl.gz")):
        name = path.name.removesuffix(".jsonl.gz")
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            rows = [json.loads(line) for line in stream]
        rng.shuffle(rows)
        for row in rows[: MOST.get(name, len(rows))]:
            verdict = Verdict(row["verdict"])
            unsure = name in TWO_WAY and verdict is Verdict.MISSED
            if row["answer"].strip() and row["key_points"][0].strip():
                out.append(Pair(row["answer"], row["key_points"][0], verdict, unsure))
    rng.shuffle(out)
    return out


SCHOOL = {"correct": Verdict.COVERED, "contradictory": Verdict.CONTRADICTED, "incorrect": Verdict.MISSED}
ARGUMENTS = 6000  # rows of ArgKP, most of which are missed


def school_pairs(data: Path, sets: Sequence[str], rng: Random) -> list[Pair]:
    """Whole answers and their reference answer or key point, of the marked sets with short answers."""
    out: list[Pair] = []
    for name in sets:
        with gzip.open(data / f"{name}_train.jsonl.gz", "rt", encoding="utf-8") as stream:
            rows = [json.loads(line) for line in stream]
        if name == "argkp":
            covered = [row for row in rows if row["label"] > HALF]
            rest = [row for row in rows if row["label"] <= HALF]
            rows = rng.sample(covered, ARGUMENTS // 3) + rng.sample(rest, ARGUMENTS - ARGUMENTS // 3)
        for row in rows:
            statement = (row["key_points"] or [row["reference_answer"]])[0]
            verdict = SCHOOL[row["label_raw"]] if "label_raw" in row else _binary(row["label"])
            if row["answer"].strip():
                out.append(Pair(row["answer"], statement, verdict, verdict is Verdict.MISSED and name == "argkp"))
    return out


def _binary(label: float) -> Verdict:
    return Verdict.COVERED if label > HALF else Verdict.MISSED


def wording_pairs(rubrics: Sequence[Rubric], rng: Random) -> list[Pair]:
    """The bank's wordings against statements and `says` wordings: a wording's kind is its verdict.

    Every other text has a wording of another point before or after it. A point's `says` miss the rubric's other points,
    and contradict its `denies`.
    """
    out: list[Pair] = []
    for rubric in rubrics:
        for point in rubric.key_points:
            others = [other for other in rubric.key_points if other.id != point.id]
            kinds = (
                (point.says, Verdict.COVERED),
                (point.denies, Verdict.CONTRADICTED),
                (point.near, Verdict.MISSED),
                (tuple(rng.choice(other.says) for other in others[:2] if other.says), Verdict.MISSED),
            )
            for texts, verdict in kinds:
                for text in texts:
                    statement = point.statement if rng.random() < STATED else rng.choice(point.says)
                    if statement != text:
                        out.append(Pair(_beside(text, others, rng), statement, verdict))
                    out += _flipped(text, point, rng) if verdict is Verdict.COVERED else []
        for item in rubric.misconceptions:
            out += [Pair(text, item.statement, Verdict.COVERED) for text in item.says]
    return out


def _flipped(text: str, point: KeyPoint, rng: Random) -> list[Pair]:
    """Now and then what says a point beside what denies it: no wording's looks go with one verdict then."""
    flipped = bool(point.denies) and rng.random() < FLIPPED
    return [Pair(text, rng.choice(point.denies), Verdict.CONTRADICTED)] if flipped else []


def _beside(text: str, others: Sequence[KeyPoint], rng: Random) -> str:
    """The text alone, or with another point's wording of any kind before or after it."""
    if not others or rng.random() < 0.5:
        return text
    other = rng.choice(others)
    more = rng.choice([*other.says, *other.denies, *other.near] or [other.statement])
    return ". ".join((text, more) if rng.random() < 0.5 else (more, text))


def golden_pairs(
    rows: Sequence[tuple[GoldenAnswer, Sequence[str]]], bank: dict[str, Rubric], rng: Random, again: float = AGAIN
) -> list[Pair]:
    """Golden answers, each with a passage a key point, against the statement; marks of partial are left out.

    A passage that lacks the quote which decides the mark gives way to the sentences around the quote. `again`: share of
    the points that stand against a `says` wording too. Some that are covered stand against a `denies` wording as well.
    """
    out: list[Pair] = []
    for answer, passages in rows:
        for point, passage in zip(bank[answer.rubric].key_points, passages, strict=True):
            mark = answer.marks[point.id]
            text = passage if mark.quote in passage else around(answer.text, mark.quote)
            if mark.verdict in CLASSES and text:
                out.append(Pair(text, point.statement, mark.verdict))
                if point.says and rng.random() < again:
                    out.append(Pair(text, rng.choice(point.says), mark.verdict))
                out += _flipped(text, point, rng) if mark.verdict is Verdict.COVERED else []
    return out


def around(text: str, quote: str) -> str:
    """The sentences that hold the quote, with those before and after them while ROOM allows; "" where FULL doesn't."""
    cut = clauses(text)
    edges = [*(cut.starts[at] for at in cut.sentences), len(text)]
    start = text.index(quote)
    low = max(at for at, edge in enumerate(edges[:-1]) if edge <= start)
    high = max(low + 1, min(at for at, edge in enumerate(edges) if edge >= start + len(quote)))

    def size(low: int, high: int) -> int:
        return len(text[edges[low] : edges[high]].split())

    grown = True
    while grown:
        grown = False
        if low > 0 and size(low - 1, high) <= ROOM:
            low, grown = low - 1, True
        elif high + 1 < len(edges) and size(low, high + 1) <= ROOM:
            high, grown = high + 1, True
    return text[edges[low] : edges[high]].strip() if size(low, high) <= FULL else ""


def subject_pairs(without: Container[str] = (), more: Random | None = None) -> list[Pair]:
    """Marked passages on subjects other than the bank's (the folder's README is their data card); `without`: files.

    `more`: each also beside the statement's opposite, some beside the question's next statement, and some joined with
    one that speaks of another statement.
    """
    paths = [path for path in sorted(SUBJECTS.glob("*.jsonl")) if path.stem not in without]
    rows = (row for path in paths for row in subject_rows(path))
    return [pair for row in rows for pair in (_own(row) if more is None else _turned(row, more))]


def _own(row: dict[str, Any]) -> list[Pair]:
    return [Pair(one["text"], row["statement"], Verdict(one["verdict"])) for one in row["texts"]]


def _turned(row: dict[str, Any], rng: Random) -> list[Pair]:
    out = []
    for pair in _own(row):
        if row["beside"] and rng.random() < JOINED:
            parts = [pair.text, rng.choice(row["beside"])]
            rng.shuffle(parts)
            out.append(replace(pair, text=" ".join(parts)))
        else:
            out.append(pair)
    for one, mark in zip(row["texts"], row["opposite_marks"], strict=True):
        out.append(Pair(one["text"], row["opposite"], LETTERS[mark]))
    for one, mark in zip(row["texts"], row["next_marks"], strict=True):
        if row["next"] and rng.random() < NEXT:
            out.append(Pair(one["text"], row["next"], LETTERS[mark]))
    return out


def subject_rows(path: Path) -> list[dict[str, Any]]:
    """The statements of one file: question, statement, its opposite, and texts with voice, verdict and text.

    `opposite_marks`: a letter of LETTERS a text, its verdict on the opposite. `next`: the question's next statement,
    the last one's being the first, "" where there is no other; `next_marks`: the verdicts on it. `beside`: texts of
    the statement before that miss this one.
    """
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    asked: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        asked.setdefault(row["question"], []).append(row)
    for same in asked.values():
        for row, following in zip(same, [*same[1:], same[0]], strict=True):
            alone = row is following
            marked = zip(row["texts"], row["next_marks"], strict=True)
            row["next"] = "" if alone else following["statement"]
            following["beside"] = [] if alone else [one["text"] for one, mark in marked if mark == "M"]
    return rows


@dataclass(frozen=True, slots=True)
class Rows:
    """Pairs as token ids, all of one batch: ids, types and mask [b, longest]; target [b]; open [b]."""

    ids: np.ndarray[Any, np.dtype[np.int64]]
    types: np.ndarray[Any, np.dtype[np.int64]]
    mask: np.ndarray[Any, np.dtype[np.int64]]
    target: np.ndarray[Any, np.dtype[np.int64]]
    open: np.ndarray[Any, np.dtype[np.bool_]]


def batches(pairs: Sequence[Pair], tokenizer: Any, tokens: int, rng: Random) -> list[Rows]:
    """Batches of about `tokens` tokens, alike in length, in random order; pairs longer than LONGEST are left out."""
    encoded = tokenizer.encode_batch([(pair.statement, pair.text) for pair in pairs])
    kept = [at for at, one in enumerate(encoded) if len(one.ids) <= LONGEST]
    kept.sort(key=lambda at: (len(encoded[at].ids), rng.random()))
    groups: list[list[int]] = [[]]
    for at in kept:
        if groups[-1] and (len(groups[-1]) + 1) * len(encoded[at].ids) > tokens:
            groups.append([])
        groups[-1].append(at)
    rng.shuffle(groups)
    return [_rows([pairs[at] for at in group], [encoded[at] for at in group]) for group in groups if group]


def _rows(pairs: Sequence[Pair], encoded: Sequence[Any]) -> Rows:
    longest = max(len(one.ids) for one in encoded)
    ids, types, mask = (np.zeros((len(pairs), longest), np.int64) for _ in range(3))
    for at, one in enumerate(encoded):
        ids[at, : len(one.ids)], types[at, : len(one.ids)], mask[at, : len(one.ids)] = one.ids, one.type_ids, 1
    return Rows(
        ids,
        types,
        mask,
        np.array([CLASSES.index(pair.verdict) for pair in pairs]),
        np.array([pair.open for pair in pairs]),
    )
