"""/v1/batches:preview."""

from fastapi import APIRouter, Depends

from api import examples_batches
from api.deps import DatabaseDep, accepts
from api.openapi import BODY, documented
from api.routes.batches import FORM
from api.schemas import BatchPreviewOut, ColumnOut
from api.service.batch_preview import preview as look
from api.uploads import MULTIPART, SubmittedDep
from grader.batch.column_map import map_to_dict

router = APIRouter(tags=["batches"])


@router.post(
    "/v1/batches:preview",
    summary="Look at a file of answers",
    operation_id="previewBatch",
    responses=documented(examples_batches.PREVIEW, 503, *BODY),
    openapi_extra={"requestBody": {"required": True, "content": FORM}},
    dependencies=[Depends(accepts(*MULTIPART))],
)
def preview(submitted: SubmittedDep, database: DatabaseDep) -> BatchPreviewOut:
    """Show a file's columns and first rows, and what the columns are taken to hold. Nothing is stored or graded.

    The beginning of a long CSV or JSONL file is enough, up to the end of a row.
    """
    found = look(database, submitted)
    return BatchPreviewOut(
        columns=[ColumnOut.model_validate(column) for column in found.columns],
        mapping=map_to_dict(found.guess.map) if found.guess else None,
        doubts=list(found.guess.doubts) if found.guess else [],
        fault=found.fault,
    )
