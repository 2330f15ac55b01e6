"""Everything the service raises on purpose, and the only place that knows HTTP statuses (RFC 9457 problems)."""

import json
import logging
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.schemas import FieldError, Problem
from grader.errors import AnswerInvalid, DataInvalid, GraderError, ModelUnavailable, WeightsInvalid
from rubrics.errors import Problem as RubricProblem
from rubrics.errors import RubricError, show_path

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 2
SHOWN: Final = 50
_PARAMETER: Final = re.compile(r"\{[^}]*\}")


class ApiError(Exception):
    """Base of the service's errors. `code` is stable; `errors` names the fields at fault, where there are any."""

    code = "api_error"

    def __init__(self, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


class InputInvalid(ApiError):
    """A request that is well-formed and means nothing."""

    code = "validation_failed"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}", [FieldError(field=field, message=message)])


class NotFound(ApiError):
    """No such rubric, version, evaluation or batch."""

    code = "not_found"


class AlreadyExists(ApiError):
    """A rubric of this id is stored."""

    code = "already_exists"


class Conflict(ApiError):
    """What is asked for doesn't fit the state that the thing is in."""

    code = "conflict"


class PreconditionFailed(ApiError):
    """The rubric changed since the caller read it."""

    code = "precondition_failed"


class PreconditionRequired(ApiError):
    """An edit that doesn't say which version it edits."""

    code = "precondition_required"


class UnsupportedMediaType(ApiError):
    """A body in a format that the operation doesn't read."""

    code = "unsupported_media_type"


class BodyTooLarge(ApiError):
    """A request body over the limit."""

    code = "body_too_large"


class Unavailable(ApiError):
    """Base of what passes by itself: try again."""

    code = "unavailable"


class NotReady(Unavailable):
    """The model or the database isn't up yet."""

    code = "not_ready"


class DatabaseUnavailable(Unavailable):
    """The database doesn't answer."""

    code = "database_unavailable"


class KeyInvalid(Unavailable):
    """A key file that can't be read or made, or holds no key."""

    code = "key_invalid"


STATUS: Final[dict[type[Exception], HTTPStatus]] = {
    InputInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    AlreadyExists: HTTPStatus.CONFLICT,
    Conflict: HTTPStatus.CONFLICT,
    PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    RubricError: HTTPStatus.UNPROCESSABLE_ENTITY,
    AnswerInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    DataInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    ModelUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    WeightsInvalid: HTTPStatus.SERVICE_UNAVAILABLE,
    RequestValidationError: HTTPStatus.UNPROCESSABLE_ENTITY,
}

# What the framework itself refuses, by status.
FRAMEWORK_CODES: Final = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}


def status_of(error: Exception) -> HTTPStatus:
    """The status of the nearest base class that has one; 500 where none has."""
    if isinstance(error, HTTPException):
        return HTTPStatus(error.status_code)
    return next((STATUS[base] for base in type(error).__mro__ if base in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem_of(error: Exception) -> Problem:
    """What a caller is told about an error. An unexpected one tells nothing of its inside."""
    status = status_of(error)
    code, detail, errors = _content(error)
    return Problem(
        type=f"urn:answer-grader:problem:{code}",
        title=code.replace("_", " ").capitalize(),
        status=status.value,
        code=code,
        detail=detail,
        errors=list(errors),
    )


def _content(error: Exception) -> tuple[str, str, Sequence[FieldError]]:
    if isinstance(error, RequestValidationError):
        errors = [_field_error(item["loc"], item["msg"]) for item in error.errors()[:SHOWN]]
        return InputInvalid.code, "; ".join(f"{item.field}: {item.message}" for item in errors[:5]), errors
    if isinstance(error, RubricError):
        errors = [
            FieldError(field=_rubric_field(item), message=item.message + (f" (got {item.value})" if item.value else ""))
            for item in error.problems[:SHOWN]
        ]
        return error.code, str(error), errors
    if isinstance(error, ApiError):
        return error.code, str(error), error.errors
    if isinstance(error, GraderError):
        errors = [FieldError(field="answer", message=str(error))] if isinstance(error, AnswerInvalid) else []
        return error.code, str(error), errors
    if isinstance(error, HTTPException):
        return FRAMEWORK_CODES.get(error.status_code, "http_error"), str(error.detail), ()
    return "internal_error", "Something went wrong here, not in your request. The service's log has the details.", ()


def _rubric_field(problem: RubricProblem) -> str:
    """A rubric that is a part of the request has its place there; one that is the whole body has none."""
    path = [part for part in (problem.source, problem.path) if part and part != "body"]
    return ".".join(path) or "body"


def _field_error(location: Sequence[str | int], message: str) -> FieldError:
    where, path = str(location[0]), tuple(location[1:])
    is_syntax = where == "body" and len(path) == 1 and isinstance(path[0], int)
    if is_syntax:
        return FieldError(field="body", message=f"isn't valid JSON (character {path[0]})")
    return FieldError(field=show_path(path) or where, message=message.removeprefix("Value error, "))


def response_to(error: Exception) -> Response:
    """The problem as a response. ASCII only, so that text which isn't valid Unicode can be told about."""
    problem = problem_of(error)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return Response(
        json.dumps(problem.model_dump(mode="python")), problem.status, media_type=MEDIA_TYPE, headers=headers
    )


def _allowed(request: Request) -> str:
    """All methods of an address: the framework names those of the first route that it found there.

    "/v1/batches/ID:retry" fits "/v1/batches/{batch_id}" as well: the route with more of its own in it is the one.
    """
    fitting = [route for route in request.app.state.routes if route.matches(request.scope)[0] is not Match.NONE]
    nearest = max(fitting, key=lambda route: len(_PARAMETER.sub("", route.path)))
    same = (route for route in fitting if route.path == nearest.path)
    return ", ".join(sorted({method for route in same for method in route.methods}))


async def _handle(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        error.headers = {"Allow": _allowed(request)}
    if status_of(error) == HTTPStatus.INTERNAL_SERVER_ERROR and isinstance(error, ApiError | GraderError):
        log.error("unexpected error", exc_info=error)  # of other kinds, the server writes its own
    return response_to(error)


def install_handlers(app: FastAPI) -> None:
    """Answer every error as a problem: a handler for each base class, one function for all."""
    for base in (ApiError, GraderError, RubricError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(base, _handle)
