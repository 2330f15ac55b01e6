"""A batch as the service knows it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from grader.batch.column_map import ColumnMap


class BatchState(StrEnum):
    """Where a batch is: its file is read, then its answers are graded; it ends done, cancelled or failed."""

    READING = "reading"
    GRADING = "grading"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NewBatch:
    """What is known when a batch is accepted.

    `kind`: csv, xlsx, jsonl, parquet, or None to tell from name and content. `columns`: None to guess when it is read,
    with `fixed_rubric` for all rows if there is one. `pins`: rows of rubric versions.
    """

    id: UUID
    name: str
    kind: str | None
    dry_run: bool
    columns: ColumnMap | None
    fixed_rubric: str | None
    doubts: tuple[str, ...]
    pins: tuple[int, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """Items of a batch by state. An evaluation that somebody deleted is still counted as graded."""

    items: int
    graded: int
    failed: int

    @property
    def waiting(self) -> int:
        """Items that are still to grade."""
        return self.items - self.graded - self.failed


@dataclass(frozen=True, slots=True)
class Pace:
    """What was graded lately: `items` between two times, all of it by chunks that had an effect in that while."""

    items: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Pin:
    """A rubric version that a batch is graded against."""

    rubric_id: str
    version: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Answers submitted together. `fault`: why the file can't be read, of a failed one. `pace`: None before any effect.

    `started_at`: when a worker began with it, or began again. `own_columns`: those of the file that are only kept.
    """

    id: UUID
    name: str
    kind: str | None
    state: BatchState
    dry_run: bool
    columns: ColumnMap | None
    fixed_rubric: str | None
    own_columns: tuple[str, ...]
    doubts: tuple[str, ...]
    fault: str | None
    counts: Counts
    bad_rows: int
    pace: Pace | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchError:
    """A row that can't be graded, or an item that wasn't (then `position` is its place among the items, from 0)."""

    id: int
    position: int | None
    line: int
    column: str | None
    code: str
    reason: str
