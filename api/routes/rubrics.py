"""/v1/rubrics."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Response, status
from pydantic import JsonValue

from api import examples
from api.deps import (
    JSON,
    YAML,
    BodyFormat,
    Cursor,
    DatabaseDep,
    ExpectedHashes,
    Limit,
    RawBody,
    RuntimeDep,
    accepts,
    bad_cursor,
    decode_cursor,
    encode_cursor,
)
from api.errors import InputInvalid
from api.openapi import BODY, documented, rubric_body
from api.schemas import RubricOut, RubricPage, RubricSummaryOut, VersionList, VersionOut
from api.service import rubrics as service
from api.service import search
from api.service.search import Place
from api.store.catalogue import Filters
from api.store.rubrics import StoredRubric
from api.texts import StorableText, text_fault
from rubrics import Difficulty, Kind, Rubric, from_rubric, json_schema, load_text

router = APIRouter(prefix="/v1/rubrics", tags=["rubrics"])

RubricId = Annotated[StorableText, Path(max_length=200, description="A rubric's id.", examples=["bagging-vs-boosting"])]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="A version's number.", examples=[1])]
Topic = Annotated[StorableText | None, Query(max_length=200, examples=["ensembles"])]
Search = Annotated[
    StorableText | None,
    Query(
        min_length=1,
        max_length=400,
        description="What to search for, in words that the rubric uses or in others of the same meaning.",
        examples=["several weak models together"],
    ),
]
RUBRIC_BODY: Final = rubric_body(*JSON, YAML[0])
READS_RUBRIC: Final = [Depends(accepts(*JSON, *YAML))]


@router.get(
    "",
    summary="List rubrics",
    operation_id="listRubrics",
    responses=documented(examples.RUBRIC_PAGE, 422, 503),
)
def list_page(
    runtime: RuntimeDep,
    database: DatabaseDep,
    topic: Topic = None,
    kind: Annotated[Kind | None, Query(examples=["comparison"])] = None,
    difficulty: Annotated[Difficulty | None, Query(examples=["core"])] = None,
    guide: Annotated[StorableText | None, Query(max_length=200, examples=["C"])] = None,
    q: Search = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RubricPage:
    """The catalogue, each rubric in its latest version: in order of id, or with `q` what fits it, best first."""
    filters = Filters(topic, kind, difficulty, guide)
    if q is None:
        listed, last = service.page(database, filters, _place(cursor), limit)
        items = [_summary(stored) for stored in listed]
        return RubricPage(items=items, next_cursor=encode_cursor(last) if last else None)
    after = _search_place(cursor)
    found, end = search.find(database, runtime.engine.encoder, runtime.search_index, q, filters, after, limit)
    items = [_summary(hit.stored, hit.score) for hit in found]
    return RubricPage(items=items, next_cursor=encode_cursor(end.written()) if end else None)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Add a rubric",
    operation_id="createRubric",
    responses=documented(examples.RUBRIC, 409, 503, *BODY, status=201, etag=True),
    openapi_extra=RUBRIC_BODY,
    dependencies=READS_RUBRIC,
)
def create(body: RawBody, written_in: BodyFormat, response: Response, database: DatabaseDep) -> RubricOut:
    """Store a rubric, written in JSON or YAML, as version 1 of its id."""
    stored = service.create(database, parsed(body, written_in))
    response.headers["Location"] = f"{router.prefix}/{stored.rubric.id}"
    return _tagged(stored, response)


@router.get(
    "/schema",
    summary="Read the rubric format's JSON Schema",
    operation_id="getRubricSchema",
    responses=documented({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Rubric"}),
)
def schema() -> dict[str, JsonValue]:
    """JSON Schema of a rubric, for editors that complete and check."""
    return json_schema()


@router.get(
    "/{rubric_id:id}",
    summary="Read a rubric",
    operation_id="getRubric",
    responses=documented(examples.RUBRIC, 404, 422, 503, etag=True),
)
def read(rubric_id: RubricId, response: Response, database: DatabaseDep) -> RubricOut:
    """The latest version. Its ETag is what PUT wants in If-Match."""
    return _tagged(service.read(database, rubric_id), response)


@router.put(
    "/{rubric_id:id}",
    summary="Edit a rubric",
    operation_id="updateRubric",
    responses=documented(examples.RUBRIC, 404, 412, 428, 503, *BODY, etag=True),
    openapi_extra=RUBRIC_BODY,
    dependencies=READS_RUBRIC,
)
def edit(
    rubric_id: RubricId,
    expected: ExpectedHashes,
    body: RawBody,
    written_in: BodyFormat,
    response: Response,
    database: DatabaseDep,
    draft: Annotated[bool, Query(description="Store it as a draft, to preview and publish.", examples=[False])] = False,
) -> RubricOut:
    """Store a new version. Of two clients that edit the same version, one wins and the other gets 412."""
    rubric = parsed(body, written_in)
    if rubric.id != rubric_id:
        raise InputInvalid("id", f"is {rubric.id!r}, and the address says {rubric_id!r}; an edit keeps the id")
    return _tagged(service.edit(database, rubric, expected, draft=draft), response)


@router.get(
    "/{rubric_id}/versions",
    summary="List a rubric's versions",
    operation_id="listRubricVersions",
    responses=documented(examples.VERSION_LIST, 404, 422, 503),
)
def versions(rubric_id: RubricId, database: DatabaseDep) -> VersionList:
    """Newest first."""
    return VersionList(items=[_version(stored) for stored in service.versions(database, rubric_id)])


@router.get(
    "/{rubric_id}/versions/{version:id}",
    summary="Read one version of a rubric",
    operation_id="getRubricVersion",
    responses=documented(examples.RUBRIC, 404, 422, 503, etag=True),
)
def read_version(rubric_id: RubricId, version: Number, response: Response, database: DatabaseDep) -> RubricOut:
    """A version never changes."""
    return _tagged(service.read(database, rubric_id, version), response)


def parsed(body: bytes, written_in: Literal["json", "yaml"]) -> Rubric:
    """The rubric in a body. Raises RubricError, and InputInvalid for bytes that are no text."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputInvalid("body", f"isn't UTF-8: byte 0x{body[error.start]:02x} at offset {error.start}") from error
    return load_text(text, "body", written_in)


def _place(cursor: str | None) -> str | None:
    place = decode_cursor(cursor) if cursor is not None else None
    if place is not None and text_fault(place):
        raise bad_cursor()
    return place


def _search_place(cursor: str | None) -> Place | None:
    try:
        return None if cursor is None else Place.read(decode_cursor(cursor))
    except ValueError as error:
        raise bad_cursor() from error


def _tagged(stored: StoredRubric, response: Response) -> RubricOut:
    response.headers["ETag"] = f'"{stored.content_hash}"'
    version = _version(stored)
    return RubricOut(**dict(version), id=stored.rubric.id, rubric=from_rubric(stored.rubric))


def _version(stored: StoredRubric) -> VersionOut:
    return VersionOut.model_validate(
        {
            "version": stored.rubric.version,
            "content_hash": stored.content_hash,
            "scoring_hash": stored.scoring_hash,
            "source": stored.source,
            "created_at": stored.created_at,
            "draft": stored.draft,
        }
    )


def _summary(stored: StoredRubric, score: float | None = None) -> RubricSummaryOut:
    rubric = stored.rubric
    return RubricSummaryOut(
        id=rubric.id,
        version=rubric.version,
        topic=rubric.topic,
        kind=rubric.kind,
        difficulty=rubric.difficulty,
        guides=list(rubric.guides),
        question=rubric.question,
        content_hash=stored.content_hash,
        score=score,
    )
