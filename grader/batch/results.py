"""Graded answers as JSON, which loses nothing."""

from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from pydantic import TypeAdapter, ValidationError

from grader.batch.model import Graded, Item
from grader.errors import DataInvalid
from grader.model import Evaluation

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | float | int | bool | None"


@dataclass(frozen=True, slots=True)
class _Line:
    """A graded answer as JSON has it."""

    line: int
    key: str
    candidate: str | None
    rubric: str
    answer: str
    columns: dict[str, str]
    evaluation: Evaluation
    decided: dict[str, str] = field(default_factory=dict)


@cache
def _adapter() -> TypeAdapter[_Line]:
    return TypeAdapter(_Line)


@cache
def _evaluations() -> TypeAdapter[Evaluation]:
    return TypeAdapter(Evaluation)


def to_row(graded: Graded) -> dict[str, JSON]:
    """A graded answer as JSON values; `from_row` gives it back, to the last digit."""
    row: dict[str, JSON] = _adapter().dump_python(_line(graded), mode="json")
    return row


def from_row(row: object) -> Graded:
    """What `to_row` was given. Raises DataInvalid for any other JSON."""
    try:
        return _graded(_adapter().validate_python(row))
    except ValidationError as error:
        raise _no_result(error) from error


def encode(graded: Graded) -> bytes:
    """`to_row` as JSON in UTF-8, on one line without a line break at its end."""
    return _adapter().dump_json(_line(graded))


def decode(line: bytes) -> Graded:
    """What `encode` was given. Raises DataInvalid for any other text."""
    try:
        return _graded(_adapter().validate_json(line))
    except ValidationError as error:
        raise _no_result(error) from error


def evaluation_json(evaluation: Evaluation) -> str:
    """An evaluation as it stands in `to_row`, as JSON text."""
    return _evaluations().dump_json(evaluation).decode()


def _line(graded: Graded) -> _Line:
    item = graded.item
    columns = dict(item.columns)
    decided = dict(graded.decided)
    return _Line(item.line, item.key, item.candidate, item.rubric, item.answer, columns, graded.evaluation, decided)


def _graded(line: _Line) -> Graded:
    columns = tuple(line.columns.items())
    item = Item(line.line, line.key, line.candidate, line.rubric, line.answer, columns)
    return Graded(item, line.evaluation, tuple(line.decided.items()))


def _no_result(error: ValidationError) -> DataInvalid:
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in fault["loc"]) or "the row"
    return DataInvalid(f"no graded answer: {place}: {fault['msg']}: give one as `grader batch` writes it in JSONL")
