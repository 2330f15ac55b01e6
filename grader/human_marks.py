"""Marks that people gave elsewhere, from the rows of a table.

A row names a candidate and a rubric. Its marks are in one of three forms: a column for each key point, named by its id
(wide); the columns `key_point` and `verdict` or `mark` (long); or `mark` alone, points for the whole answer. A mark on
a key point is a verdict, or points: none, half or all of its weight. Blank: not marked.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.batch.model import BadRow
from grader.batch.rows import NO_TEXT, Row, Table
from grader.errors import DataInvalid, RatingInvalid
from grader.model import Verdict
from grader.rate import Said, Word
from grader.rating import Target
from rubrics.model import KeyPoint, Rubric

NAMES = {
    "candidate": ("candidate", "candidate_id", "student"),
    "rubric": ("rubric", "rubric_id", "item", "question"),
    "reviewer": ("reviewer", "marker", "rater"),
    "reason": ("reason", "comment"),
    "key_point": ("key_point", "key_point_id"),
    "verdict": ("verdict",),
    "mark": ("mark", "marks", "points", "score"),
}
LONGEST_NAME = 200  # characters of a reviewer's name
VERDICTS = {str(verdict): verdict for verdict in Verdict}
CREDITS = {0.0: Verdict.MISSED, 0.5: Verdict.PARTIAL, 1.0: Verdict.COVERED}


@dataclass(frozen=True, slots=True)
class HumanRow:
    """One row: whose answer, to what, and its cells by column, the blank ones left out."""

    line: int
    candidate: str
    rubric: str
    reviewer: str
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a table holds what: by the names of NAMES; `others`: columns that may be key points."""

    named: dict[str, str]
    others: tuple[str, ...]


def columns_of(table: Table) -> Columns:
    """Raises DataInvalid where a table names no candidate, no rubric, or nothing that could be a mark."""
    lower = {name.strip().lower(): name for name in reversed(table.columns)}
    named = {
        what: found for what, names in NAMES.items() if (found := next((lower[n] for n in names if n in lower), None))
    }
    others = tuple(name for name in table.columns if name not in named.values())
    for what in ("candidate", "rubric"):
        if what not in named:
            raise DataInvalid(
                f"the file has no column {what!r}; it has {', '.join(map(repr, table.columns))}: name one"
            )
    if not others and not {"verdict", "mark"} & set(named):
        raise DataInvalid("the file has no marks: add a column 'mark', 'key_point' with 'verdict', or one a key point")
    return Columns(named, others)


def rows(table: Table, columns: Columns, reviewer: str) -> Iterator[HumanRow | BadRow]:
    """Every row with whose marks it holds. `reviewer`: of rows that name none, "" for nobody."""
    for row in table.rows():
        yield row if isinstance(row, BadRow) else _row(row, table, columns, reviewer)


def _row(row: Row, table: Table, columns: Columns, reviewer: str) -> HumanRow | BadRow:
    if row.faults:
        fault = row.faults[0]
        return BadRow(row.line, table.columns[fault.column], fault.code, fault.reason)
    cells = {name: (value or "").strip() for name, value in zip(table.columns, row.values, strict=True)}
    for name, value in cells.items():
        if NO_TEXT.search(value):
            return BadRow(row.line, name, "not_text", "holds a character that is no text: remove it")
    named = {what: cells[name] for what, name in columns.named.items()}
    for what in ("candidate", "rubric"):
        if not named[what]:
            return BadRow(row.line, columns.named[what], f"blank_{what}", f"the {what} is missing: fill it in")
    by = named.get("reviewer") or reviewer
    if not by:
        return BadRow(row.line, columns.named.get("reviewer"), "blank_reviewer", "nobody is named who gave these marks")
    if len(by) > LONGEST_NAME:
        told = f"has {len(by)} characters, {LONGEST_NAME} are allowed: shorten it"
        return BadRow(row.line, columns.named.get("reviewer"), "too_long", told)
    return HumanRow(row.line, named["candidate"], named["rubric"], by, {k: v for k, v in cells.items() if v})


def said(row: HumanRow, columns: Columns, rubric: Rubric) -> Said:
    """What a row says about an answer to `rubric`. Raises RatingInvalid, whose field is the column."""
    cell = {what: row.cells.get(name, "") for what, name in columns.named.items()}
    points = {point.id: point for point in rubric.key_points}
    reason = cell.get("reason", "")
    words = [
        Word(name, Target.KEY_POINT, name, _verdict(row.cells[name], points[name], name), reason)
        for name in columns.others
        if name in points and name in row.cells
    ]
    if id_ := cell.get("key_point"):
        words.append(_long(id_, cell, columns, points, reason))
        return Said(tuple(words))
    whole = _number(cell["mark"], columns.named["mark"]) if cell.get("mark") else None
    if not words and whole is None:
        place = columns.named.get("mark") or columns.named.get("key_point") or rubric.id
        raise RatingInvalid(place, f"has no mark on any of {', '.join(points)}, nor on the whole; give one")
    return Said(tuple(words), points=whole)


def _long(id_: str, cell: dict[str, str], columns: Columns, points: dict[str, KeyPoint], reason: str) -> Word:
    if id_ not in points:
        raise RatingInvalid(columns.named["key_point"], f"{id_!r:.80} is no key point; there are {', '.join(points)}")
    place = "verdict" if cell.get("verdict") else "mark"
    value = cell.get(place, "")
    if not value:
        raise RatingInvalid(columns.named["key_point"], f"{id_!r} has neither verdict nor mark; give one")
    column = columns.named[place]
    return Word(column, Target.KEY_POINT, id_, _verdict(value, points[id_], column), reason)


def _verdict(value: str, point: KeyPoint, column: str) -> Verdict:
    if value.lower() in VERDICTS:
        return VERDICTS[value.lower()]
    share = _number(value, column) / point.weight
    for credit, verdict in CREDITS.items():
        if abs(share - credit) < 1e-6:
            return verdict
    allowed = ", ".join(f"{credit * point.weight:g}" for credit in CREDITS)
    raise RatingInvalid(column, f"is {value!r:.40}; give {allowed} points, or one of {', '.join(Verdict)}")


def _number(value: str, column: str) -> float:
    try:
        return float(value.replace(",", "."))
    except ValueError as error:
        told = f"is {value!r:.40}; give points, or one of {', '.join(Verdict)}"
        raise RatingInvalid(column, told) from error
