"""The body of `POST /v1/batches`: a file with a few fields, or rows in JSON."""

import io
import json
from collections.abc import AsyncIterator
from typing import Annotated, BinaryIO, Final

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from api.deps import JSON, media_type
from api.errors import InputInvalid
from api.schemas.batches import BatchIn
from api.service.batches import Submitted
from api.texts import text_fault
from grader.batch.column_map import ColumnMap, map_from_dict

MULTIPART: Final = ("multipart/form-data",)
FIELDS: Final = ("file", "mapping", "rubric_id", "dry_run")
LARGEST_FIELD: Final = 1_000_000  # bytes
LONGEST_NAME: Final = 200
ROWS: Final = ColumnMap(key="custom_id", candidate="candidate_id", rubric="rubric_id", answer="answer")
_TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False, "": False}


async def _submitted(request: Request) -> AsyncIterator[Submitted]:
    if media_type(request) in JSON:
        yield from_rows(await request.body())
        return
    # The parser keeps a file on disk from its first megabyte on.
    async with request.form(max_files=1, max_fields=len(FIELDS), max_part_size=LARGEST_FIELD) as form:
        yield from_form(form)


def from_form(form: FormData) -> Submitted:
    """What a form submits. Raises InputInvalid, and DataInvalid for a mapping that is none."""
    if unknown := sorted(set(form) - set(FIELDS)):
        raise InputInvalid(unknown[0], f"is no field of a batch; it has {', '.join(FIELDS)}")
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise InputInvalid("file", "is missing; send the file of answers in this field, with its name")
    if (fault := text_fault(file.filename or "")) is not None:
        raise InputInvalid("file", f"its name {fault}")
    columns, rubric_id = _mapping(_text(form, "mapping")), _text(form, "rubric_id") or None
    if columns is not None and rubric_id is not None:
        raise InputInvalid("rubric_id", "can't be given with a mapping; name it there, as fixed_rubric")
    stream: BinaryIO = file.file
    size = file.size if file.size is not None else stream.seek(0, io.SEEK_END)
    name = (file.filename or "")[-LONGEST_NAME:]
    return Submitted(stream, size, name, None, columns, rubric_id, _truth(_text(form, "dry_run")))


def from_rows(body: bytes) -> Submitted:
    """Rows in JSON as a file of JSON lines. Raises RequestValidationError."""
    try:
        batch = BatchIn.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from error
    lines = (
        json.dumps(
            {
                "custom_id": row.custom_id,
                "candidate_id": row.candidate_id,
                "rubric_id": row.rubric_id or batch.rubric_id,
                "answer": row.answer,
            }
        )
        for row in batch.rows
    )
    content = "\n".join(lines).encode()
    return Submitted(io.BytesIO(content), len(content), batch.name, "jsonl", ROWS, None, batch.dry_run)


def _text(form: FormData, field: str) -> str:
    value = form.get(field, "")
    if not isinstance(value, str):
        raise InputInvalid(field, "is a file; send it as text")
    if (fault := text_fault(value)) is not None:
        raise InputInvalid(field, fault)
    return value.strip()


def _mapping(text: str) -> ColumnMap | None:
    if not text:
        return None
    try:
        return map_from_dict(json.loads(text), "mapping")
    except (ValueError, RecursionError) as error:
        raise InputInvalid("mapping", f"isn't JSON ({error})") from error


def _truth(text: str) -> bool:
    try:
        return _TRUTHS[text.lower()]
    except KeyError as error:
        raise InputInvalid("dry_run", f"is {text!r:.40}; send true or false") from error


SubmittedDep = Annotated[Submitted, Depends(_submitted)]
