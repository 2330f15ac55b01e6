"""/v1/keys."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Response, status

from api import examples_keys as examples
from api.access.model import ANYBODY, Key
from api.deps import JSON, CallerDep, Cursor, DatabaseDep, Limit, accepts, encode_cursor, uuid_place
from api.errors import Conflict
from api.openapi import BODY, documented
from api.schemas.keys import KeyIn, KeyOut, KeyPage, NewKeyOut, RotationIn
from api.service import keys as service
from api.service.keys import Made, NewKey

router = APIRouter(prefix="/v1/keys", tags=["keys"])

KeyId = Annotated[UUID, Path(description="A key's id.", examples=[examples.KEY_ID])]


@router.get(
    "",
    summary="List keys",
    operation_id="listKeys",
    responses=documented(examples.KEY_PAGE, 422, 503),
)
def list_page(database: DatabaseDep, limit: Limit = 50, cursor: Cursor = None) -> KeyPage:
    """The workspace's keys, those that have ended as well, newest first."""
    found, rest = service.page(database, uuid_place(cursor), limit)
    return KeyPage(items=[_out(one) for one in found], next_cursor=encode_cursor(str(rest)) if rest else None)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Make a key",
    operation_id="createKey",
    responses=documented(examples.NEW_KEY, 409, 503, *BODY, status=201),
    dependencies=[Depends(accepts(*JSON))],
)
def create(
    body: Annotated[KeyIn, Body(examples=[examples.KEY_REQUEST])],
    response: Response,
    database: DatabaseDep,
    who: CallerDep,
) -> NewKeyOut:
    """A key of the caller's workspace. The answer is the only place that ever shows it."""
    if who is ANYBODY:
        raise Conflict(
            "This service is open, and its first key would close it to whoever uses it now: make that one on its "
            "machine, with grader keys create."
        )
    new = NewKey(body.name, frozenset(body.scopes), body.expires_in_days, body.rate_limit, body.daily_quota)
    return _new(service.create(database, new), response)


@router.get(
    "/{key_id:id}",
    summary="Read a key",
    operation_id="getKey",
    responses=documented(examples.KEY, 404, 422, 503),
)
def read(key_id: KeyId, database: DatabaseDep) -> KeyOut:
    """What is known of a key; not the key."""
    return _out(service.read(database, key_id))


@router.post(
    "/{key_id}:rotate",
    status_code=status.HTTP_201_CREATED,
    summary="Rotate a key",
    operation_id="rotateKey",
    responses=documented(examples.NEW_KEY, 404, 409, 503, *BODY, status=201),
    dependencies=[Depends(accepts(*JSON))],
)
def rotate(
    key_id: KeyId,
    body: Annotated[RotationIn, Body(examples=[examples.ROTATION_REQUEST])],
    response: Response,
    database: DatabaseDep,
) -> NewKeyOut:
    """A new key that may do the same. The old one ends after the overlap."""
    return _new(service.rotate(database, key_id, timedelta(hours=body.overlap_hours)), response)


@router.delete(
    "/{key_id:id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Revoke a key",
    operation_id="revokeKey",
    responses=documented(None, 404, 422, 503, status=204),
)
def revoke(key_id: KeyId, database: DatabaseDep) -> None:
    """End it at once. It stays in the list."""
    service.revoke(database, key_id)


def _new(made: Made, response: Response) -> NewKeyOut:
    response.headers["Location"] = f"{router.prefix}/{made.key.id}"
    response.headers["Cache-Control"] = "no-store"
    return NewKeyOut(**dict(_out(made.key)), key=made.token)


def _out(key: Key) -> KeyOut:
    return KeyOut.model_validate(key)
