"""A rubric's calibration from a file of marked answers, without a database.

A row holds the column `answer`, and people's marks in two of the forms of `grader.human_marks`: a column for each key
point, or `mark`, points for the whole answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.batch.model import BadRow
from grader.batch.rows import Table
from grader.calibration_fit import Lessons
from grader.calibration_gate import Learned, learn
from grader.engine import Engine
from grader.errors import AnswerInvalid, DataInvalid, RatingInvalid
from grader.human_marks import NAMES, Columns, HumanRow, said
from grader.model import Evaluation, Verdict
from grader.rate import Said
from grader.rubric_calibration import bare, to_calibration
from grader.verdict import CREDIT
from rubrics.model import Rubric

ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class FileLearned:
    """What a file taught: `rubric` is the next version with the calibration, None where that is refused."""

    learned: Learned
    rubric: Rubric | None
    bad_rows: tuple[BadRow, ...]


def calibrate(engine: Engine, rubric: Rubric, table: Table) -> FileLearned:
    """Grade a file's answers and learn from its marks. Raises DataInvalid for a file without answers or marks."""
    plain = bare(rubric)
    columns = _columns(plain, table)
    rows, bad = _rows(engine, plain, table, columns)
    evaluations = list(engine.grade_many((plain, answer) for answer, _ in rows))
    lessons = _lessons(plain, engine, [given for _, given in rows], evaluations)
    found = learn(lessons)
    if found.fitted is None or found.refusal:
        return FileLearned(found, None, tuple(bad))
    taught = to_calibration(found.fitted, plain, engine.info, lessons.marks)
    return FileLearned(found, replace(plain, version=rubric.version + 1, calibration=taught), tuple(bad))


def _columns(rubric: Rubric, table: Table) -> Columns:
    points = tuple(point.id for point in rubric.key_points if point.id in table.columns)
    mark = next((name for name in table.columns if name.lower() in NAMES["mark"]), None)
    if ANSWER not in table.columns:
        raise DataInvalid(f"the file has no column 'answer'; it has {', '.join(map(repr, table.columns))}: name one")
    if not points and mark is None:
        known = ", ".join(point.id for point in rubric.key_points)
        raise DataInvalid(f"the file has no marks: add a column 'mark', or one named by a key point ({known})")
    return Columns({} if mark is None else {"mark": mark}, points)


def _rows(
    engine: Engine, rubric: Rubric, table: Table, columns: Columns
) -> tuple[list[tuple[str, Said]], list[BadRow]]:
    rows, bad = [], []
    for row in table.rows():
        if isinstance(row, BadRow):
            bad.append(row)
            continue
        cells = {name: (value or "").strip() for name, value in zip(table.columns, row.values, strict=True)}
        human = HumanRow(row.line, "", "", "", {name: value for name, value in cells.items() if value})
        try:
            engine.check(cells[ANSWER])
            rows.append((cells[ANSWER], _in_range(said(human, columns, rubric), rubric)))
        except AnswerInvalid as error:
            bad.append(BadRow(row.line, ANSWER, error.code, str(error)))
        except RatingInvalid as error:
            bad.append(BadRow(row.line, error.field, error.code, error.message))
    return rows, bad


def _in_range(given: Said, rubric: Rubric) -> Said:
    if given.points is not None and not 0 <= given.points <= rubric.max_points:
        raise RatingInvalid("mark", f"is {given.points:g}; the rubric has 0 to {rubric.max_points:g}")
    return given


def _lessons(rubric: Rubric, engine: Engine, given: Sequence[Said], evaluations: Sequence[Evaluation]) -> Lessons:
    kept = [
        (one, found)
        for one, found in zip(given, evaluations, strict=True)
        if any(point.probability for point in found.key_points)
    ]
    at = {point.id: place for place, point in enumerate(rubric.key_points)}
    credits, wholes = np.full((len(kept), len(at)), np.nan), np.full(len(kept), np.nan)
    for row, (one, _) in enumerate(kept):
        for word in one.words:
            if isinstance(word.value, Verdict):
                credits[row, at[word.id]] = CREDIT[word.value]
        if one.points is not None and not one.words:
            wholes[row] = one.points / rubric.max_points
    chances = [[point.probability for point in found.key_points] for _, found in kept]
    return Lessons(
        chances=np.array(chances, np.float64).reshape(credits.shape),
        credits=credits,
        wholes=wholes,
        weights=np.array([point.weight for point in rubric.key_points]),
        numbers=engine.calibration,
    )
