"""What passes between a file of answers and its results."""

from dataclasses import dataclass

from grader.model import Evaluation


@dataclass(frozen=True, slots=True)
class Item:
    """One answer to grade.

    line: where its row begins in the file (1-based; the header is line 1 of a file that has one). key: the caller's own
    id where the file has one, else made of candidate and rubric; unique in a batch. candidate: who answered, None when
    the file doesn't say. rubric: a rubric's id. columns: the row's other columns, in the file's order.
    """

    line: int
    key: str
    candidate: str | None
    rubric: str
    answer: str
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row, or one cell of it, that can't be graded. `code` is stable; `reason` names value, place and remedy."""

    line: int
    column: str | None
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Graded:
    """An item with its evaluation, or where people reviewed it with its effective result.

    decided: what a person decided, and who: ids of key points and misconceptions, or "total".
    """

    item: Item
    evaluation: Evaluation
    decided: tuple[tuple[str, str], ...] = ()
