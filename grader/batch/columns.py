"""Guessing which column of a file holds what, for somebody to confirm."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from grader.batch.column_map import ColumnMap, ColumnMapDocument, load_map, map_from_dict, map_to_dict
from grader.batch.rows import Row, Table
from grader.errors import DataInvalid
from grader.lexical import likeness
from rubrics import Rubric

__all__ = ["ColumnMap", "ColumnMapDocument", "Guess", "guess", "load_map", "map_from_dict", "map_to_dict"]

SAMPLE = 50  # rows whose values a guess looks at
ALIKE = 0.8  # least likeness of a header with a rubric's id or question
CUT = 20  # characters from which on a header may be the beginning of a question
_PEOPLE = ("candidate", "student", "learner", "applicant", "participant", "respondent", "user", "person")
_CANDIDATE = (
    *(f"{who}{what}" for what in (" id", " number", "", " email", " name") for who in _PEOPLE),
    *("matriculation number", "username", "email", "email address", "full name", "name"),
)
_KEY = ("key", "custom id", "answer id", "response id", "submission id", "attempt id", "row id", "uuid", "id")
_RUBRIC = ("rubric id", "rubric", "item id", "item", "question id", "question", "prompt id", "task id", "task")
_ANSWER = (
    *("answer", "answer text", "response", "response text", "reply", "text"),
    *(f"{who} {what}" for what in ("answer", "response") for who in _PEOPLE),
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Guess:
    """A map to confirm. `doubts`: what somebody should look at first, in words for the user."""

    map: ColumnMap
    doubts: tuple[str, ...]


def guess(table: Table, rubrics: Mapping[str, Rubric], fixed_rubric: str | None = None) -> Guess:
    """Guess the map from headers and the first rows. `fixed_rubric`: id of the rubric of all answers, if there is one.

    Raises DataInvalid when there is nothing to go by.
    """
    return _Guesser(table, rubrics).guess(fixed_rubric)


class _Guesser:
    def __init__(self, table: Table, rubrics: Mapping[str, Rubric]) -> None:
        self._table, self._rubrics = table, rubrics
        self._names = {
            name: " ".join(re.split(r"[\W_]+", _CAMEL.sub(" ", name).lower())).strip() for name in table.columns
        }
        rows = [row.values for row in islice(table.rows(), SAMPLE) if isinstance(row, Row)]
        self._values = {
            name: [text for row in rows if (text := (row[place] or "").strip())]
            for place, name in enumerate(table.columns)
        }
        self._doubts = list(table.notes)

    def guess(self, fixed_rubric: str | None) -> Guess:
        candidate = self._named(_CANDIDATE, ())
        rubric = self._rubric_column()
        answer = self._named(_ANSWER, (candidate, rubric))
        questions = () if fixed_rubric else self._questions((candidate, rubric, answer))
        if fixed_rubric is None and questions and (answer is None or rubric is None):
            return self._wide(candidate, questions)
        if fixed_rubric is None and rubric is None:
            raise self._nothing("which rubric each answer belongs to")
        key = self._named(_KEY, (candidate, rubric, answer))
        answer = answer or self._longest((candidate, rubric, key))
        if answer is None:
            raise self._nothing("which column holds the answers")
        if fixed_rubric is not None:
            if rubric is not None:
                self._doubts.append(
                    f"the column {rubric!r} isn't used: all answers are graded against {fixed_rubric!r}"
                )
            return self._done(ColumnMap(candidate=candidate, key=key, answer=answer, fixed_rubric=fixed_rubric))
        self._doubt_rubrics(rubric or "")
        return self._done(ColumnMap(candidate=candidate, key=key, rubric=rubric, answer=answer))

    def _done(self, columns: ColumnMap) -> Guess:
        if columns.candidate is None:
            self._doubts.append("no column says who answered: the answers are graded without candidates")
        return Guess(columns, tuple(self._doubts))

    def _named(self, names: Sequence[str], taken: Collection[str | None]) -> str | None:
        """The column with the first of `names` that a column has."""
        for name in names:
            for column, folded in self._names.items():
                if folded == name and column not in taken:
                    return column
        return None

    def _rubric_column(self) -> str | None:
        """The column whose values are all ids of rubrics, or one that is named like it."""
        for column, values in self._values.items():
            if values and all(value in self._rubrics for value in values):
                return column
        return self._named(_RUBRIC, ())

    def _doubt_rubrics(self, rubric: str) -> None:
        unknown = [value for value in self._values[rubric] if value not in self._rubrics]
        if unknown:
            self._doubts.append(
                f"in the column {rubric!r} {len(unknown)} of the first {len(self._values[rubric])} values, such as "
                f"{unknown[0]!r:.60}, are no rubric's id"
            )

    def _longest(self, taken: Collection[str | None]) -> str | None:
        """The column with the longest texts."""
        size = {column: sum(map(len, self._values[column])) for column in self._table.columns if column not in taken}
        answer = max(size, key=lambda column: size[column], default=None)
        if answer is not None:
            self._doubts.append(
                f"no column is named like an answer; {answer!r} has the longest texts and is taken for it"
            )
        return answer

    def _questions(self, taken: Collection[str | None]) -> tuple[tuple[str, str], ...]:
        """Columns with the rubrics that their headers resemble, in the file's order; no rubric and no column twice."""
        columns = [column for column in self._table.columns if column not in taken]
        pairs = [
            (score, column, id_)
            for column in columns
            for id_, rubric in self._rubrics.items()
            if (score := _alike(column, rubric)) >= ALIKE
        ]
        found: dict[str, tuple[str, float]] = {}
        for score, column, id_ in sorted(pairs, key=lambda pair: -pair[0]):
            if column not in found and all(id_ != other for other, _ in found.values()):
                found[column] = (id_, score)
        self._doubts += [
            f"the column {column!r:.80} is taken for {id_!r}, whose id or question is {score:.0%} alike"
            for column, (id_, score) in found.items()
            if score < 1
        ]
        return tuple((column, found[column][0]) for column in columns if column in found)

    def _wide(self, candidate: str | None, questions: tuple[tuple[str, str], ...]) -> Guess:
        mapped = {column for column, _ in questions}
        candidate = candidate or self._named(_KEY, mapped)
        rest = [repr(name) for name in self._table.columns if name != candidate and name not in mapped]
        if rest:
            self._doubts.append(f"taken for no question, and kept as they are: {', '.join(rest)}")
        return self._done(ColumnMap(candidate=candidate, questions=questions))

    def _nothing(self, what: str) -> DataInvalid:
        there = ", ".join(repr(name) for name in self._table.columns)
        return DataInvalid(
            f"can't tell {what}; the columns are {there:.400}: name them 'answer' and 'rubric', or for one column a "
            "question by the rubric's id, or give one rubric for all, or a map"
        )


def _alike(header: str, rubric: Rubric) -> float:
    """How like a rubric's id or question a header is, 0–1; it may be the question's beginning only."""
    exact = header.strip().casefold() in (rubric.id, rubric.question.strip().casefold())
    texts = [rubric.id, rubric.question]
    if len(header) >= CUT:
        texts.append(rubric.question[: len(header)])
    return 1.0 if exact else min(0.99, max(likeness(header, text) for text in texts))
