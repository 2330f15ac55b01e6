"""Batches on the wire."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api import examples_batches as examples
from api.schemas.base import Out
from api.schemas.evaluations import RubricRefOut
from api.store.batch_model import BatchState
from api.texts import StorableText
from rubrics.document import ID_PATTERN


class BatchAnswerIn(BaseModel):
    """One answer of a batch."""

    model_config = ConfigDict(extra="forbid")

    custom_id: StorableText = Field(min_length=1, max_length=500, description="Your own id, unique in the batch.")
    rubric_id: str | None = Field(None, pattern=ID_PATTERN, description="A stored rubric, where the batch names none.")
    candidate_id: StorableText | None = Field(
        None, min_length=1, max_length=200, description="Your own name for the person who answered."
    )
    answer: str = Field(description="The candidate's answer, exactly as submitted.")


class BatchIn(BaseModel):
    """Answers to grade together. The rubric is named for all of them or by each."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.BATCH_REQUEST]})

    rows: list[BatchAnswerIn] = Field(min_length=1)
    rubric_id: str | None = Field(None, pattern=ID_PATTERN, description="A stored rubric, the same for all answers.")
    name: StorableText = Field("", max_length=200, description="What to call the batch in lists.")
    dry_run: bool = Field(False, description="Only say what is wrong; grade nothing.")

    @model_validator(mode="after")
    def _one_rubric_each(self) -> Self:
        for place, row in enumerate(self.rows):
            if (row.rubric_id is None) == (self.rubric_id is None):
                raise ValueError(f"rows[{place}]: give rubric_id either here or for the whole batch")
        return self


class BatchCountsOut(Out):
    """Answers by state, and rows of the file that are none. Of a dry run, `items` could be graded and none waits."""

    items: int
    waiting: int
    graded: int
    failed: int
    bad_rows: int


class BatchSummaryOut(Out):
    """A batch as it is now."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.BATCH_SUMMARY]})

    id: UUID
    name: str
    state: BatchState
    dry_run: bool
    counts: BatchCountsOut
    answers_per_second: float | None = Field(description="Over the last minute; over all of it once it has ended.")
    estimated_end: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class BatchOut(BatchSummaryOut):
    """A batch as it is now, with what it goes by."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.BATCH]})

    mapping: dict[str, str | dict[str, str]] | None = Field(
        description="What the file's columns hold, as given or guessed; null until a large file has been looked at."
    )
    doubts: list[str] = Field(description="What to look at where the mapping was guessed.")
    rubrics: list[RubricRefOut] = Field(
        description="The rubric versions graded against, fixed when the batch was accepted."
    )
    fault: str | None = Field(description="Why the file can't be read, of a failed batch.")


class ColumnOut(Out):
    """A column of a file."""

    name: str
    values: list[str] = Field(description="Of the first rows, cut where they are long; empty where a row has none.")


class BatchPreviewOut(Out):
    """What a file of answers holds."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PREVIEW]})

    columns: list[ColumnOut]
    mapping: dict[str, str | dict[str, str]] | None = Field(
        description="What the columns are taken to hold; null where that can't be told."
    )
    doubts: list[str] = Field(description="What to look at in a mapping that was guessed.")
    fault: str | None = Field(description="Why there is no mapping, or why the given one doesn't fit.")


class BatchPage(Out):
    """Newest first. `next_cursor` is null on the last page."""

    items: list[BatchSummaryOut]
    next_cursor: str | None

    model_config = ConfigDict(json_schema_extra={"examples": [examples.BATCH_PAGE]})


class BatchErrorOut(Out):
    """A row, or a cell of it, without an evaluation. `code` is stable; `line` counts from 1, with the header."""

    line: int
    column: str | None
    code: str
    reason: str


class BatchErrorPage(Out):
    """Bad rows in the file's order, then answers that failed. `next_cursor` is null on the last page."""

    items: list[BatchErrorOut]
    next_cursor: str | None

    model_config = ConfigDict(json_schema_extra={"examples": [examples.BATCH_ERRORS]})
