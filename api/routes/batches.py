"""/v1/batches."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response, status

from api import examples, examples_batches
from api.deps import (
    JSON,
    Cursor,
    DatabaseDep,
    Limit,
    accepts,
    bad_cursor,
    decode_cursor,
    encode_cursor,
    uuid_place,
)
from api.openapi import BODY, documented
from api.schemas import (
    BatchCountsOut,
    BatchErrorOut,
    BatchErrorPage,
    BatchOut,
    BatchPage,
    BatchSummaryOut,
    RubricRefOut,
)
from api.service import batches as service
from api.service.batch_steps import estimated_end, throughput
from api.store.batch_model import Batch, Pin
from api.uploads import MULTIPART, SubmittedDep
from grader.batch.column_map import map_to_dict

router = APIRouter(prefix="/v1/batches", tags=["batches"])

BatchId = Annotated[UUID, Path(description="A batch's id.", examples=[examples.ID])]
FORM = {
    MULTIPART[0]: {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {
                "file": {"type": "string", "format": "binary", "description": "CSV, XLSX, JSONL or Parquet."},
                "mapping": {"type": "string", "description": "What the columns hold, as JSON; else guessed."},
                "rubric_id": {"type": "string", "description": "The rubric of all answers."},
                "dry_run": {"type": "boolean", "description": "Only say what is wrong; grade nothing."},
            },
        },
        "example": examples_batches.BATCH_FORM,
    },
}
REQUEST: Final = {
    "requestBody": {
        "required": True,
        "content": {
            **FORM,
            JSON[0]: {
                "schema": {"$ref": "#/components/schemas/BatchIn"},
                "example": examples_batches.BATCH_REQUEST,
            },
        },
    }
}


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Submit a batch",
    operation_id="createBatch",
    responses=documented(examples_batches.BATCH, 404, 503, *BODY, status=202),
    openapi_extra=REQUEST,
    dependencies=[Depends(accepts(*JSON, *MULTIPART))],
)
def create(submitted: SubmittedDep, response: Response, database: DatabaseDep) -> BatchOut:
    """Take answers to grade together, as a file or as rows in JSON, and answer before they are graded.

    A file's columns are guessed where no mapping is given: look at `mapping` and `doubts`, with `dry_run` before
    anything is graded. Every answer is graded against its rubric's version of this moment.
    """
    batch = service.accept(database, submitted)
    response.headers["Location"] = f"{router.prefix}/{batch.id}"
    return batch_out(batch, service.pins(database, batch.id))


@router.get(
    "",
    summary="List batches",
    operation_id="listBatches",
    responses=documented(examples_batches.BATCH_PAGE, 422, 503),
)
def list_page(database: DatabaseDep, limit: Limit = 50, cursor: Cursor = None) -> BatchPage:
    """Newest first."""
    found, rest = service.page(database, uuid_place(cursor), limit)
    return BatchPage(items=[_summary(batch) for batch in found], next_cursor=encode_cursor(str(rest)) if rest else None)


@router.get(
    "/{batch_id:id}",
    summary="Read a batch",
    operation_id="getBatch",
    responses=documented(examples_batches.BATCH, 404, 422, 503),
)
def read(batch_id: BatchId, database: DatabaseDep) -> BatchOut:
    """Where it is: counts by state, answers a second, and when it will be done if it goes on so."""
    return batch_out(service.read(database, batch_id), service.pins(database, batch_id))


@router.delete(
    "/{batch_id:id}",
    summary="Cancel a batch",
    operation_id="cancelBatch",
    responses=documented(examples_batches.BATCH, 404, 422, 503),
)
def cancel(batch_id: BatchId, database: DatabaseDep) -> BatchOut:
    """Grade no more of it. What is graded stays; a batch that is over stays as it is."""
    return batch_out(service.cancel(database, batch_id), service.pins(database, batch_id))


@router.post(
    "/{batch_id}:retry",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Grade what failed again",
    operation_id="retryBatch",
    responses=documented(examples_batches.BATCH, 404, 409, 422, 503, status=202),
)
def retry(batch_id: BatchId, response: Response, database: DatabaseDep) -> BatchOut:
    """Grade the answers that failed, and those that a cancelled batch left."""
    batch = service.retry(database, batch_id)
    response.headers["Location"] = f"{router.prefix}/{batch.id}"
    return batch_out(batch, service.pins(database, batch_id))


@router.get(
    "/{batch_id}/errors",
    summary="List what isn't graded",
    operation_id="listBatchErrors",
    responses=documented(examples_batches.BATCH_ERRORS, 404, 422, 503),
)
def list_errors(batch_id: BatchId, database: DatabaseDep, limit: Limit = 50, cursor: Cursor = None) -> BatchErrorPage:
    """Bad rows with line and reason, in the file's order, then answers that failed."""
    found, rest = service.errors(database, batch_id, _place(cursor), limit)
    items = [BatchErrorOut.model_validate(error) for error in found]
    return BatchErrorPage(items=items, next_cursor=encode_cursor(str(rest)) if rest else None)


def _place(cursor: str | None) -> int:
    place = decode_cursor(cursor) if cursor is not None else "0"
    if not place.isdecimal() or len(place) > 18:
        raise bad_cursor()
    return int(place)


def batch_out(batch: Batch, pins: tuple[Pin, ...]) -> BatchOut:
    """A batch as JSON shows it."""
    return BatchOut(
        **dict(_summary(batch)),
        mapping=map_to_dict(batch.columns) if batch.columns else None,
        doubts=list(batch.doubts),
        rubrics=[RubricRefOut(id=pin.rubric_id, version=pin.version, content_hash=pin.content_hash) for pin in pins],
        fault=batch.fault,
    )


def _summary(batch: Batch) -> BatchSummaryOut:
    counts, rate = batch.counts, throughput(batch)
    return BatchSummaryOut(
        id=batch.id,
        name=batch.name,
        state=batch.state,
        dry_run=batch.dry_run,
        counts=BatchCountsOut(
            items=counts.items,
            waiting=0 if batch.dry_run else counts.waiting,
            graded=counts.graded,
            failed=counts.failed,
            bad_rows=batch.bad_rows,
        ),
        answers_per_second=round(rate, 3) if rate is not None else None,
        estimated_end=estimated_end(batch),
        created_at=batch.created_at,
        started_at=batch.started_at,
        finished_at=batch.finished_at,
    )
