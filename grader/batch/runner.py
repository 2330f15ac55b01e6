"""A file of answers → parts of results: in constant memory, identical answers once, going on where a run was ended."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Protocol

from grader.batch.column_map import ColumnMap
from grader.batch.copies import Copies
from grader.batch.items import items
from grader.batch.model import BadRow, Item
from grader.batch.parts import Store
from grader.batch.pending import Counts, Outcome, Pending
from grader.batch.rows import Table
from grader.model import Evaluation
from rubrics.model import Rubric

PART = 1_000  # answers and bad rows in a part: the most that is graded again after a kill
MOST_OPEN = 8  # parts that wait for an outcome; with more, what the engine has got so far is graded first
PART_SIZE = 4_000_000  # characters in a part: what bounds memory when answers are long


class Grader(Protocol):
    """The engine, as far as a run needs it."""

    def grade(self, rubric: Rubric, answer: str) -> Evaluation: ...

    def grade_many(self, pairs: Iterable[tuple[Rubric, str]]) -> Iterator[Evaluation]: ...


@dataclass(frozen=True, slots=True)
class Source:
    """A file of answers, the meaning of its columns, the rubrics by id, and what refuses an answer (`Engine.check`).

    seen: keys that came before this file, as `grader.batch.items` takes them.
    """

    table: Table
    columns: ColumnMap
    rubrics: Mapping[str, Rubric]
    check: Callable[[str], None]
    seen: Mapping[bytes, int] = field(default_factory=dict)

    @property
    def own(self) -> list[str]:
        """The columns that are kept as they are."""
        return [name for name in self.table.columns if name not in self.columns.used]

    def rows(self) -> Iterator[Item | BadRow]:
        """Every answer or bad row, in the file's order, the same at every call. Raises DataInvalid."""
        return items(self.table, self.columns, self.rubrics, self.check, self.seen)


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file holds: how many answers, for which rubrics, and how many bad rows."""

    answers: int
    bad: int
    rubrics: frozenset[str]


def survey(source: Source, tell: Callable[[BadRow], None]) -> Survey:
    """Read the file to its end without grading; `tell` gets every bad row. Raises DataInvalid."""
    answers = bad = 0
    rubrics: set[str] = set()
    for row in source.rows():
        if isinstance(row, BadRow):
            bad += 1
            tell(row)
        else:
            answers += 1
            rubrics.add(row.rubric)
    return Survey(answers, bad, frozenset(rubrics))


def run(source: Source, engine: Grader, parts: Store, tell: Callable[[int], None]) -> Counts:
    """Grade what no finished part holds. `tell` gets, again and again, how many rows are done with.

    An answer that the engine can't grade becomes a bad row "failed"; when it can grade none, its error is raised.
    Raises DataInvalid for a file that can't be read to its end, and for damaged parts.
    """
    with Copies() as copies:
        return _Run(source, engine, parts, copies).run(tell)


class _Run:
    """One pass over the file. `_asked`: answers that the engine has got and not yet graded."""

    def __init__(self, source: Source, engine: Grader, parts: Store, copies: Copies) -> None:
        self._source, self._engine = source, engine
        self._pending = Pending(parts, copies)
        self._asked: deque[Item] = deque()
        self._unreadable: Exception | None = None

    def run(self, tell: Callable[[int], None]) -> Counts:
        for outcome in self._outcomes():
            self._pending.add(outcome)
            tell(self._pending.done)
        self._pending.finish()
        return self._pending.counts

    def _outcomes(self) -> Iterator[Outcome]:
        """What becomes of the answers to grade, in their order."""
        wanted = self._wanted()
        for first in wanted:
            if first is None:
                self._pending.finish()
                continue
            try:
                for evaluation in self._engine.grade_many(chain([first], iter(partial(next, wanted, None), None))):
                    self._asked.popleft()
                    yield evaluation
            except Exception as error:
                if error is self._unreadable:
                    raise
                yield from self._one_by_one(error)

    def _wanted(self) -> Iterator[tuple[Rubric, str] | None]:
        """The answers to grade, and None where the engine should read no further before it has graded those.

        The engine reads ahead, far where most answers are copies; what goes wrong here is told from what goes wrong
        there.
        """
        try:
            for number, rows in enumerate(cut(self._source.rows())):
                for item in self._pending.begin(number, rows):
                    self._asked.append(item)
                    yield self._source.rubrics[item.rubric], item.answer
                if self._pending.waiting >= MOST_OPEN:
                    yield None
        except Exception as error:
            self._unreadable = error
            raise

    def _one_by_one(self, error: Exception) -> list[Outcome]:
        """The outcomes of all that the engine had when it raised `error`, so that one answer takes no other along."""
        outcomes = [self._alone(item) for item in self._asked]
        if len(outcomes) > 1 and all(isinstance(outcome, BadRow) for outcome in outcomes):
            raise error
        self._asked.clear()
        return outcomes

    def _alone(self, item: Item) -> Outcome:
        try:
            return self._engine.grade(self._source.rubrics[item.rubric], item.answer)
        except Exception as error:
            reason = f"couldn't be graded ({type(error).__name__}: {error}): report this, or leave the answer out"
            return BadRow(item.line, None, "failed", reason)


def cut(rows: Iterable[Item | BadRow]) -> Iterator[list[Item | BadRow]]:
    """Rows in parts of at most PART rows; a part ends, too, once it has PART_SIZE characters."""
    part: list[Item | BadRow] = []
    size = 0
    for row in rows:
        part.append(row)
        size += _size(row)
        if len(part) == PART or size >= PART_SIZE:
            yield part
            part, size = [], 0
    if part:
        yield part


def _size(row: Item | BadRow) -> int:
    return 0 if isinstance(row, BadRow) else len(row.answer) + sum(len(value) for _, value in row.columns)
