"""What the API's documentation says beyond what FastAPI reads off the code: worked examples and problem responses."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import examples
from api.access.scopes import scope_of
from api.errors import MEDIA_TYPE
from api.schemas import BatchIn, Problem

Responses = dict[int | str, dict[str, Any]]

PROBLEM_REF: Final = "#/components/schemas/Problem"
# Status: code and detail of a worked example.
PROBLEMS: Final[dict[int, tuple[str, str]]] = {
    401: ("unauthorized", "Send a key of this service: Authorization: Bearer grader_…"),
    403: ("forbidden", "This needs the scope author, and the key has grade, read; ask for one that has it."),
    429: ("rate_limited", "The key may make 600 requests in 60 seconds."),
    400: ("bad_request", "There was an error parsing the body"),
    404: ("not_found", "There is no rubric 'baging'; GET /v1/rubrics lists them."),
    409: ("already_exists", "There is a rubric 'bagging-vs-boosting' already; …"),
    412: ("precondition_failed", "Rubric 'bagging-vs-boosting' has changed since you read it: …"),
    413: ("body_too_large", "The body is larger than 2,000,000 bytes; …"),
    415: ("unsupported_media_type", "The body's Content-Type is 'text/plain'; send application/json."),
    422: ("validation_failed", "answer: Field required"),
    428: ("precondition_required", "Say which version you edit: …"),
    500: ("internal_error", "Something went wrong here, not in your request. The service's log has the details."),
    503: ("database_unavailable", "The database doesn't answer (OperationalError). …"),
}
NAMED: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})  # calls that take an Idempotency-Key
BODY: Final = (400, 413, 415, 422)


def documented(example: examples.Example | None, *problems: int, status: int = 200, etag: bool = False) -> Responses:
    """The `responses` of an operation: its worked answer, its problems, and what can happen to any."""
    good: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if example is not None:
        good["content"] = {"application/json": {"example": example}}
    if etag:
        good["headers"] = {"ETag": {"description": "The content hash, quoted.", "schema": {"type": "string"}}}
    if status in (HTTPStatus.CREATED, HTTPStatus.ACCEPTED):
        location = {"description": "Where to read it again.", "schema": {"type": "string"}}
        good["headers"] = {**good.get("headers", {}), "Location": location}
    return {status: good, **{code: _problem(code) for code in sorted({*problems, 413, 500})}}


def _problem(status: int) -> dict[str, Any]:
    code, detail = PROBLEMS[status]
    example: examples.Example = {
        "type": f"urn:answer-grader:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [{"field": "answer", "message": "Field required"}] if status == 422 else [],
    }
    content = {MEDIA_TYPE: {"schema": {"$ref": PROBLEM_REF}, "example": example}}
    response: dict[str, Any] = {"description": HTTPStatus(status).phrase, "content": content}
    if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        response["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return response


def rubric_body(*media_types: str) -> dict[str, Any]:
    """The request body of an operation that reads a rubric as it is, in JSON or YAML."""
    content = {kind: {"example": examples.RUBRIC_DOCUMENT} for kind in media_types}
    return {"requestBody": {"required": True, "content": content}}


def install(app: FastAPI) -> None:
    """Complete the document that FastAPI makes, once, when it is first asked for."""

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = _complete(
                get_openapi(
                    title=app.title,
                    version=app.version,
                    summary=app.summary,
                    description=app.description,
                    routes=app.routes,
                    tags=app.openapi_tags,
                )
            )
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    batch = BatchIn.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(batch.pop("$defs"))
    schemas["BatchIn"] = batch
    rubric = schemas["EvaluationIn"]["properties"]["rubric"]["anyOf"][0]
    for path in ("/v1/rubrics", "/v1/rubrics/{rubric_id}", "/v1/rubrics:check", "/v1/rubrics:convert"):
        for operation in document["paths"][path].values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content["schema"] = rubric
    _declare_access(document)
    return document


def _declare_access(document: dict[str, Any]) -> None:
    """What each operation needs. A service that only its own machine reaches may be open: the key is optional here."""
    document["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A key of the service: grader_…"}
    }
    for path, item in document["paths"].items():
        for method, operation in item.items():
            told = {HTTPStatus.SERVICE_UNAVAILABLE}
            if (scope := scope_of(method.upper(), path)) is not None:
                told |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
                operation["security"] = [{"key": []}, {}]
                operation["x-scope"] = scope.value
                if method.upper() in NAMED:
                    told |= {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
            elif path != "/readyz":
                continue
            for status in sorted(told):
                operation["responses"].setdefault(str(status.value), _problem(status))
            operation["responses"] = dict(sorted(operation["responses"].items()))
