"""/v1/batches/ID/events, /results and /report."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from fastapi.sse import format_sse_event
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, StreamingResponse

from api import examples_batches
from api.db import Database
from api.deps import DatabaseDep, EngineDep
from api.errors import DatabaseUnavailable
from api.openapi import Responses, documented
from api.routes.batches import BatchId, batch_out
from api.schemas import BatchOut
from api.service import batch_results, batches
from api.store.batch_model import BatchState

router = APIRouter(prefix="/v1/batches", tags=["batches"])

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RESULTS: Final = {
    "jsonl": "application/jsonl",
    "csv": "text/csv",
    "xlsx": XLSX,
    "parquet": "application/vnd.apache.parquet",
}
REPORTS: Final = {"html": "text/html", "xlsx": XLSX, "json": "application/json"}
# docs/report.md says more of the parts.
REPORT_SCHEMA: Final = {
    "type": "object",
    "required": ["format", "names_hidden", "candidates", "items", "answers"],
    "properties": {
        "format": {"type": "integer", "description": "Changes when a reader must."},
        "names_hidden": {"type": "boolean"},
        **{
            name: {"type": "array", "items": {"type": "object"}}
            for name in (
                "candidates",
                "items",
                "answers",
                "most_missed",
                "misconceptions",
                "beyond_the_rubric",
                "sentences_read",
                "review_queue",
                "look_at_these_together",
            )
        },
    },
}
REPORT_EXAMPLES: Final = {
    "html": "<!doctype html>…",
    "json": {"format": 1, "names_hidden": False, "candidates": [], "items": [], "answers": []},
}
# A report holds what candidates wrote: nothing in it may run, or be fetched, in the name of this service.
HARMLESS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
}
EVENTS: Final = "text/event-stream"
# Of each event; its data are what GET /v1/batches/ID answers.
EVENT_SCHEMA: Final = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"const": "batch"},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
LOOK_SECONDS: Final = 1.0
QUIET: Final = 15  # looks without news before a sign of life
OVER: Final = (BatchState.DONE, BatchState.CANCELLED, BatchState.FAILED)


class ResultFormat(StrEnum):
    """How results are written."""

    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


class ReportFormat(StrEnum):
    """How a report is written."""

    HTML = "html"
    XLSX = "xlsx"
    JSON = "json"


def _files(kinds: dict[str, str], shown: Mapping[str, object], *problems: int) -> Responses:
    """The `responses` of an operation that answers with a file of one of these kinds; json is a report."""
    told = documented(None, *problems)
    told[200]["content"] = {
        media: {
            "schema": REPORT_SCHEMA if kind == "json" else {"type": "string", "format": "binary"},
            "example": shown.get(kind, "(a file)"),
        }
        for kind, media in kinds.items()
    }
    return told


def _events() -> Responses:
    told = documented(None, 404, 422, 503)
    told[200]["content"] = {EVENTS: {"schema": EVENT_SCHEMA, "example": examples_batches.EVENT}}
    return told


@router.get(
    "/{batch_id}/events",
    summary="Watch a batch",
    operation_id="watchBatch",
    response_class=StreamingResponse,
    responses=_events(),
)
async def events(batch_id: BatchId, database: DatabaseDep) -> StreamingResponse:
    """Server-sent events of type `batch`: what `GET /v1/batches/ID` answers, again whenever it changes, to its end."""
    first = await run_sync(_look, database, batch_id)
    return StreamingResponse(_changes(database, first), media_type=EVENTS, headers={"Cache-Control": "no-store"})


async def _changes(database: Database, news: BatchOut) -> AsyncIterator[bytes]:
    looks, shown = 0, None
    while True:
        if news != shown:
            yield format_sse_event(event="batch", data_str=news.model_dump_json())
            looks, shown = 0, news
        elif looks % QUIET == 0:
            yield format_sse_event(comment="nothing new")
        if news.state in OVER:
            return
        await anyio.sleep(LOOK_SECONDS)
        looks += 1
        try:
            news = await run_sync(_look, database, news.id)
        except DatabaseUnavailable:
            continue  # it may come back while somebody watches


def _look(database: Database, batch_id: BatchId) -> BatchOut:
    return batch_out(batches.read(database, batch_id), batches.pins(database, batch_id))


@router.get(
    "/{batch_id}/results",
    summary="Download a batch's results",
    operation_id="getBatchResults",
    response_class=FileResponse,
    responses=_files(RESULTS, {"csv": "line,key,candidate,rubric,…\n"}, 404, 422, 503),
)
def results(
    batch_id: BatchId,
    database: DatabaseDep,
    format: Annotated[ResultFormat, Query(description="Of the file.", examples=["csv"])] = ResultFormat.JSONL,
) -> FileResponse:
    """Every answer that is graded so far, in the file's order, with its mark, reasons and your own columns.

    JSONL loses nothing of the evaluations.
    """
    return _sent(
        f"results-{batch_id}.{format}",
        RESULTS[format],
        lambda path: batch_results.write_results(database, batch_id, format, path),
    )


@router.get(
    "/{batch_id}/report",
    summary="Read a batch's report",
    operation_id="getBatchReport",
    response_class=FileResponse,
    responses=_files(REPORTS, REPORT_EXAMPLES, 404, 409, 422, 503),
)
def report(
    batch_id: BatchId,
    database: DatabaseDep,
    engine: EngineDep,
    format: Annotated[ReportFormat, Query(description="Of the report.", examples=["html"])] = ReportFormat.HTML,
    hide_names: Annotated[bool, Query(description="Call candidates by numbers.", examples=[True])] = False,
) -> FileResponse:
    """The cohort on one page: marks, items, key points missed, misconceptions, and answers to look at."""
    return _sent(
        f"report-{batch_id}.{format}",
        REPORTS[format],
        lambda path: batch_results.write_report(database, engine.encoder, batch_id, format, hide_names, path),
        disposition="inline" if format is ReportFormat.HTML else "attachment",
    )


def _sent(name: str, media: str, write: Callable[[Path], None], disposition: str = "attachment") -> FileResponse:
    """The file that `write` writes, which goes when it is sent."""
    folder = Path(tempfile.mkdtemp(prefix="grader-"))
    try:
        write(folder / name)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return FileResponse(
        folder / name,
        media_type=media,
        filename=name,
        content_disposition_type=disposition,
        headers=HARMLESS,
        background=BackgroundTask(shutil.rmtree, folder),
    )
