"""`grader agree`: grade files of marked answers and compare with the marks."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.agreement import THRESHOLD, Agreement, agreement, macro_f1
from grader.engine import Engine
from grader.errors import AnswerInvalid
from grader.marked import BadRow, MarkedAnswer, read_marked
from grader.model import Evaluation, Status, Verdict


@dataclass(frozen=True, slots=True)
class FileAgreement:
    """Agreement over one file. `unscored`: answers that got no mark, left out of the figures; `bad_rows`: rows that
    couldn't be used; `macro_f1`: over verdicts, where rows carry them.
    """

    agreement: Agreement
    unscored: int
    bad_rows: tuple[BadRow, ...]
    macro_f1: float | None
    answers_per_second: float


def agree_file(
    engine: Engine,
    path: Path,
    limit: int | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> FileAgreement:
    """Grade `path` (or `limit` of its good rows, drawn with `seed`). `progress(done, total)` is called now and then.

    Raises DataInvalid when the file can't be read.
    """
    rows, bad = _read(path)
    if limit is not None and limit < len(rows):
        rows = [rows[at] for at in sorted(random.Random(seed).sample(range(len(rows)), limit))]  # noqa: S311
    rows, refused = _gradable(engine, rows)
    begun = time.perf_counter()
    graded: list[tuple[MarkedAnswer, Evaluation]] = []
    evaluations = engine.grade_many((row.rubric, row.answer) for row in rows)
    for row, one in zip(rows, evaluations, strict=True):
        graded.append((row, one))
        if len(graded) % 64 == 0 or len(graded) == len(rows):
            progress(len(graded), len(rows))
    seconds = time.perf_counter() - begun
    return _report(graded, tuple(bad + refused), len(rows) / seconds if rows else 0.0)


def _read(path: Path) -> tuple[list[MarkedAnswer], list[BadRow]]:
    rows: list[MarkedAnswer] = []
    bad: list[BadRow] = []
    for row in read_marked(path):
        rows.append(row) if isinstance(row, MarkedAnswer) else bad.append(row)
    return rows, bad


def _gradable(engine: Engine, rows: Sequence[MarkedAnswer]) -> tuple[list[MarkedAnswer], list[BadRow]]:
    good: list[MarkedAnswer] = []
    bad: list[BadRow] = []
    for row in rows:
        try:
            engine.check(row.answer)
            good.append(row)
        except AnswerInvalid as error:
            bad.append(BadRow(row.line, str(error)))
    return good, bad


def _report(graded: Sequence[tuple[MarkedAnswer, Evaluation]], bad: tuple[BadRow, ...], rate: float) -> FileAgreement:
    scored = [(row, one, one.expected_coverage) for row, one in graded if one.expected_coverage is not None]
    verdicts = [(row.verdict, _verdict(one)) for row, one, _ in scored if row.verdict is not None]
    return FileAgreement(
        agreement=agreement(
            np.array([row.label for row, _, _ in scored], np.float64),
            np.array([coverage for _, _, coverage in scored], np.float64),
            np.array([one.needs_review for _, one, _ in scored], np.bool_),
        ),
        unscored=sum(one.status is Status.UNSCORED for _, one in graded),
        bad_rows=bad,
        macro_f1=macro_f1([str(human) for human, _ in verdicts], [str(rated) for _, rated in verdicts]),
        answers_per_second=round(rate, 2),
    )


def _verdict(one: Evaluation) -> Verdict:
    """The verdict on a row's only key point; half a point counts on its likelier side, as people had no such mark."""
    point = one.key_points[0]
    if point.verdict is not Verdict.PARTIAL:
        return point.verdict
    return Verdict.COVERED if point.probability >= THRESHOLD else Verdict.MISSED
