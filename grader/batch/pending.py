"""Rows on their way into part files: which to grade, and each row's line once outcomes are there."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.batch.copies import Copies, digest
from grader.batch.model import BadRow, Graded, Item
from grader.batch.parts import Store, is_bad, read_line, write_line
from grader.errors import DataInvalid
from grader.model import Evaluation

Outcome = Evaluation | BadRow


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a run is.

    graded: answers with an evaluation; copies: those of them that are identical to one before; bad: rows without an
    evaluation; kept: rows, graded or bad, that an earlier run had finished.
    """

    graded: int = 0
    copies: int = 0
    bad: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class _Part:
    """A part that isn't written yet. `new`: digests of its answers that no answer before is identical to, in order."""

    number: int
    rows: Sequence[Item | BadRow]
    new: Sequence[bytes]


class Pending:
    """Parts in their order, the first of them the next to be written."""

    def __init__(self, parts: Store, copies: Copies) -> None:
        self._parts, self._copies = parts, copies
        self._open: deque[_Part] = deque()
        self._outcomes: deque[Outcome] = deque()
        self.counts = Counts()

    @property
    def waiting(self) -> int:
        """How many parts aren't written yet."""
        return len(self._open)

    @property
    def done(self) -> int:
        """How many rows are done with."""
        return self.counts.graded + self.counts.bad + len(self._outcomes)

    def begin(self, number: int, rows: Sequence[Item | BadRow]) -> list[Item]:
        """Take the rows of a part; the answers among them to grade, none of a finished part.

        Raises DataInvalid where the finished part has other rows than these.
        """
        new = {one: row for row in rows if isinstance(row, Item) and self._copies.is_new(one := digest(row))}
        part = _Part(number, rows, tuple(new))
        if (lines := self._parts.lines(number)) is not None:
            self._keep(part, lines)
            return []
        self._open.append(part)
        return list(new.values())

    def add(self, outcome: Outcome) -> None:
        """Take what became of the next answer to grade."""
        self._outcomes.append(outcome)
        self.finish()

    def finish(self) -> None:
        """Write the parts for which all outcomes are there."""
        while self._open and len(self._outcomes) >= len(self._open[0].new):
            self._write(self._open.popleft())

    def _write(self, part: _Part) -> None:
        fresh = {one: self._outcomes.popleft() for one in part.new}
        lines = [write_line(self._result(row, fresh)) for row in part.rows]
        self._parts.write(part.number, lines)
        self._count(part, lines, 0)

    def _keep(self, part: _Part, lines: Sequence[bytes]) -> None:
        if len(lines) != len(part.rows):
            raise DataInvalid(
                f"part {part.number} has {len(lines):,} lines for {len(part.rows):,} rows: remove it, it is made again"
            )
        self._count(part, lines, len(lines))

    def _result(self, row: Item | BadRow, fresh: Mapping[bytes, Outcome]) -> Graded | BadRow:
        if isinstance(row, BadRow):
            return row
        one = digest(row)
        outcome = fresh[one] if one in fresh else self._earlier(one)
        return replace(outcome, line=row.line) if isinstance(outcome, BadRow) else Graded(row, outcome)

    def _earlier(self, one: bytes) -> Outcome:
        """The outcome of an answer in a part that is written."""
        row = read_line(self._parts.line(*self._copies.place(one)))
        return row.evaluation if isinstance(row, Graded) else row

    def _count(self, part: _Part, lines: Sequence[bytes], kept: int) -> None:
        """Count a part's lines, and remember where the results of its new answers stand."""
        new, start, graded, copies = set(part.new), 0, 0, 0
        for row, line in zip(part.rows, lines, strict=True):
            good = not is_bad(line)
            graded += good
            if isinstance(row, Item):
                if (one := digest(row)) in new:
                    new.discard(one)
                    self._copies.put(one, part.number, start)
                else:
                    copies += good
            start += len(line)
        before = self.counts
        bad = before.bad + len(lines) - graded
        self.counts = Counts(before.graded + graded, before.copies + copies, bad, before.kept + kept)
