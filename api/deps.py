"""What routes ask FastAPI for."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Depends, Header, Query, Request
from pydantic import AwareDatetime, BeforeValidator

from api import examples
from api.access.model import Caller
from api.db import Database
from api.errors import InputInvalid, PreconditionRequired, UnsupportedMediaType
from api.hooks.vault import Vault
from api.microbatch import Grades
from api.receipt_key import ReceiptKey
from api.runtime import Runtime
from api.service.rubrics import ANY_VERSION
from api.settings import Settings
from grader.engine import Engine

JSON: Final = ("application/json",)
YAML: Final = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
IF_MATCH: Final = Header(description="The ETag of the version that you edit, or *.", examples=[f'"{examples.HASH}"'])
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]", re.ASCII)
_ETAG: Final = re.compile(r'(?:W/)?"[^"]*"')


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


def _engine(request: Request) -> Engine:
    return _runtime(request).engine


def _grader(request: Request) -> Grades:
    return _runtime(request).grader


def caller(request: Request) -> Caller:
    """Who makes the request."""
    found: Caller = request.state.caller
    return found


def _database(request: Request) -> Database:
    """Seen from the caller's workspace: routes have no other way to a tenant's data."""
    return _runtime(request).database.within(caller(request).workspace)


def _late_database(request: Request) -> Callable[[], Database]:
    return lambda: _database(request)


def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


def _receipt_key(request: Request) -> ReceiptKey:
    key: ReceiptKey = request.app.state.receipt_key
    return key


def media_type(request: Request) -> str:
    """The body's media type in lower case, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def accepts(*types: str) -> Callable[[Request], None]:
    """A dependency that raises UnsupportedMediaType for a body of any other type."""

    def check(request: Request) -> None:
        if (given := media_type(request)) not in types:
            wanted = " or ".join(types)
            raise UnsupportedMediaType(f"The body's Content-Type is {given!r}; send {wanted}.")

    return check


async def _raw_body(request: Request) -> bytes:
    return await request.body()


def body_format(request: Request) -> Literal["json", "yaml"]:
    """Which of the two a rubric is written in."""
    return "json" if media_type(request) in JSON else "yaml"


def expected_hashes(if_match: Annotated[str | None, IF_MATCH] = None) -> frozenset[str]:
    """The content hashes in If-Match, or {"*"}. A weak ETag matches nothing. Raises PreconditionRequired without it."""
    if if_match is None:
        raise PreconditionRequired(
            "Say which version you edit: send the ETag that you got with the rubric in If-Match, or * for any."
        )
    if if_match.strip() == ANY_VERSION:
        return frozenset({ANY_VERSION})
    return frozenset(tag[1:-1] for tag in _ETAG.findall(if_match) if tag.startswith('"'))


def encode_cursor(place: str) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> str:
    """The place in a cursor of ours. Raises InputInvalid."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (UnicodeError, binascii.Error) as error:
        raise bad_cursor() from error


def bad_cursor() -> InputInvalid:
    """What to tell about a cursor that isn't ours."""
    return InputInvalid("cursor", "isn't one of ours; send next_cursor of the page before, unchanged")


def _written_out(given: object) -> object:
    """Without this, a bare number would be taken for seconds since 1970."""
    if isinstance(given, str) and not _DATE.match(given):
        raise ValueError("isn't a time such as 2026-01-15T00:00:00Z")
    return given


def uuid_place(cursor: str | None) -> UUID | None:
    """The place in a cursor over ids that grow with time. Raises InputInvalid."""
    try:
        return UUID(decode_cursor(cursor)) if cursor is not None else None
    except ValueError as error:
        raise bad_cursor() from error


SettingsDep = Annotated[Settings, Depends(_settings)]
RuntimeDep = Annotated[Runtime, Depends(_runtime)]
EngineDep = Annotated[Engine, Depends(_engine)]
GraderDep = Annotated[Grades, Depends(_grader)]
DatabaseDep = Annotated[Database, Depends(_database)]
VaultDep = Annotated[Vault, Depends(_vault)]
ReceiptKeyDep = Annotated[ReceiptKey, Depends(_receipt_key)]
LateDatabaseDep = Annotated[Callable[[], Database], Depends(_late_database)]  # where it isn't always needed
CallerDep = Annotated[Caller, Depends(caller)]
RawBody = Annotated[bytes, Depends(_raw_body)]
BodyFormat = Annotated[Literal["json", "yaml"], Depends(body_format)]
ExpectedHashes = Annotated[frozenset[str], Depends(expected_hashes)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_out)]
NEXT: Final = Query(max_length=400, description="`next_cursor` of the page before.", examples=[examples.CURSOR])
Limit = Annotated[int, Query(ge=1, le=200, description="Most items on a page.", examples=[50])]
Cursor = Annotated[str | None, NEXT]
