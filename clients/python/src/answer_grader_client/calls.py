"""Each operation as a value: what to send, and how to read the answer. Both clients send these."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar
from uuid import UUID, uuid4

import httpx

from answer_grader_client.errors import ServiceError, Unreachable
from answer_grader_client.models import (
    Batch,
    BatchError,
    DrawnSet,
    Evaluation,
    FieldError,
    Model,
    Rubric,
    RubricCheck,
    RubricSummary,
    ServiceInfo,
)

T = TypeVar("T")
M = TypeVar("M", bound=Model)
Document = Mapping[str, Any]
Sent = Callable[[int, int], object]  # bytes sent, bytes in all


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request, and what becomes of its answer."""

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    params: Mapping[str, Any] = field(default_factory=dict)
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    file: "Upload | None" = None

    def request(self) -> dict[str, Any]:
        """Arguments of httpx for one try."""
        options: dict[str, Any] = {"params": dict(self.params), "headers": dict(self.headers)}
        if self.body is not None:
            options["json"] = self.body
        if self.file is not None:
            options |= self.file.form()
        return options


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page of a list."""

    items: list[M]
    next_cursor: str | None


class Upload:
    """A file on its way, read from its beginning in every try."""

    def __init__(self, path: Path, fields: Mapping[str, str], progress: Sent | None) -> None:
        self._stream: BinaryIO = path.open("rb")
        self._name, self._size = path.name, path.stat().st_size
        self._fields, self._progress, self._sent = fields, progress, 0

    def form(self) -> dict[str, Any]:
        """The form of one try."""
        self._stream.seek(0)
        self._sent = 0
        return {"data": dict(self._fields), "files": {"file": (self._name, self)}}

    def read(self, size: int = -1) -> bytes:
        """What httpx calls while it sends."""
        chunk = self._stream.read(size)
        self._sent += len(chunk)
        if self._progress and chunk:
            self._progress(self._sent, self._size)
        return chunk

    def seek(self, offset: int, whence: int = 0) -> int:
        """As of a file: httpx finds out its length so."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """As of a file."""
        return self._stream.tell()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def grade(
    rubric: str | Document,
    answer: str,
    *,
    version: int | None,
    candidate_id: str | None,
    metadata: Document | None,
    store: bool,
    key: str | None,
) -> Call[Evaluation]:
    """POST /v1/evaluations."""
    body: dict[str, Any] = {"answer": answer, "store": store}
    body |= {"rubric_id": rubric} if isinstance(rubric, str) else {"rubric": dict(rubric)}
    optional = {"rubric_version": version, "candidate_id": candidate_id, "metadata": metadata}
    body |= {name: value for name, value in optional.items() if value is not None}
    return _post("/v1/evaluations", _one(Evaluation), body, key)


def evaluation(id: UUID | str) -> Call[Evaluation]:
    """GET /v1/evaluations/ID."""
    return Call("GET", f"/v1/evaluations/{id}", _one(Evaluation))


def delete_evaluation(id: UUID | str) -> Call[None]:
    """DELETE /v1/evaluations/ID."""
    return Call("DELETE", f"/v1/evaluations/{id}", lambda _: None)


def evaluations(filters: Mapping[str, Any], cursor: str | None) -> Call[Page[Evaluation]]:
    """GET /v1/evaluations."""
    return _page("/v1/evaluations", Evaluation, filters, cursor)


def rubrics(filters: Mapping[str, Any], cursor: str | None) -> Call[Page[RubricSummary]]:
    """GET /v1/rubrics."""
    return _page("/v1/rubrics", RubricSummary, filters, cursor)


def rubric(id: str, version: int | None) -> Call[Rubric]:
    """GET /v1/rubrics/ID, or one version of it."""
    return Call("GET", f"/v1/rubrics/{id}" + (f"/versions/{version}" if version else ""), _one(Rubric))


def create_rubric(document: Document, key: str | None) -> Call[Rubric]:
    """POST /v1/rubrics."""
    return _post("/v1/rubrics", _one(Rubric), dict(document), key)


def edit_rubric(document: Document, content_hash: str) -> Call[Rubric]:
    """PUT /v1/rubrics/ID."""
    match = "*" if content_hash == "*" else f'"{content_hash}"'
    return Call("PUT", f"/v1/rubrics/{document['id']}", _one(Rubric), body=dict(document), headers={"If-Match": match})


def check_rubric(document: Document, key: str | None) -> Call[RubricCheck]:
    """POST /v1/rubrics:check."""
    return _post("/v1/rubrics:check", _one(RubricCheck), dict(document), key)


def draw(n: int, topics: Sequence[str], difficulty: str | None, seed: int | None) -> Call[DrawnSet]:
    """GET /v1/practice."""
    params = _given({"n": n, "topics": ",".join(topics) or None, "difficulty": difficulty, "seed": seed})
    return Call("GET", "/v1/practice", _one(DrawnSet), params)


def submit_rows(rows: Sequence[Document], rubric_id: str | None, name: str, key: str | None) -> Call[Batch]:
    """POST /v1/batches with JSON."""
    body = {"rows": [dict(row) for row in rows], "name": name} | _given({"rubric_id": rubric_id})
    return _post("/v1/batches", _one(Batch), body, key)


def submit_file(
    path: Path,
    rubric_id: str | None,
    mapping: Document | None,
    dry_run: bool,
    progress: Sent | None,
    key: str | None,
) -> Call[Batch]:
    """POST /v1/batches with a form. The caller closes `file`."""
    fields = _given({"rubric_id": rubric_id, "mapping": json.dumps(dict(mapping)) if mapping else None})
    fields |= {"dry_run": "true"} if dry_run else {}
    return Call("POST", "/v1/batches", _one(Batch), headers=_key(key), file=Upload(path, fields, progress))


def batch(id: UUID | str) -> Call[Batch]:
    """GET /v1/batches/ID."""
    return Call("GET", f"/v1/batches/{id}", _one(Batch))


def cancel_batch(id: UUID | str) -> Call[None]:
    """DELETE /v1/batches/ID."""
    return Call("DELETE", f"/v1/batches/{id}", lambda _: None)


def batch_errors(id: UUID | str, cursor: str | None) -> Call[Page[BatchError]]:
    """GET /v1/batches/ID/errors."""
    return _page(f"/v1/batches/{id}/errors", BatchError, {}, cursor)


def info() -> Call[ServiceInfo]:
    """GET /v1/info."""
    return Call("GET", "/v1/info", _one(ServiceInfo))


def results_path(id: UUID | str, path: Path) -> tuple[str, dict[str, str]]:
    """Address and parameters of GET /v1/batches/ID/results; the file's ending says the format."""
    return f"/v1/batches/{id}/results", {"format": path.suffix.removeprefix(".").lower() or "jsonl"}


def failure(response: httpx.Response) -> ServiceError:
    """The error that a response tells of. Its body must have been read."""
    try:
        problem = response.json()
        errors = [FieldError.model_validate(item) for item in problem.get("errors") or []]
        code, detail = str(problem["code"]), str(problem["detail"])
    except (ValueError, KeyError, TypeError, AttributeError):  # of a proxy in between, say
        code, detail, errors = "http_error", response.text[:200] or response.reason_phrase, []
    return ServiceError(response.status_code, code, detail, errors, response.headers.get("x-request-id", ""))


def unreachable(call: Call[T], tries: int, lost: httpx.TransportError | None) -> Unreachable:
    """The error that no answer after so many tries makes."""
    return Unreachable(f"{call.method} {call.path} got no answer in {tries} tries ({type(lost).__name__}: {lost})")


def _post(path: str, read: Callable[[httpx.Response], T], body: object, key: str | None) -> Call[T]:
    return Call("POST", path, read, body=body, headers=_key(key))


def _key(given: str | None) -> dict[str, str]:
    return {"Idempotency-Key": given or str(uuid4())}


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _one(model: type[M]) -> Callable[[httpx.Response], M]:
    return lambda response: model.model_validate_json(response.content)


def _page(path: str, model: type[M], filters: Mapping[str, Any], cursor: str | None) -> Call[Page[M]]:
    def read(response: httpx.Response) -> Page[M]:
        body = response.json()
        return Page([model.model_validate(item) for item in body["items"]], body["next_cursor"])

    return Call("GET", path, read, _given({**filters, "cursor": cursor}))
