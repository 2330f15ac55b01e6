"""A request as a value, and how to read its answer: what the operations are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar
from uuid import uuid4

import httpx

from answer_grader_client.errors import ServiceError, Unreachable
from answer_grader_client.models import FieldError, Model

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


def post(path: str, read: Callable[[httpx.Response], T], body: object, key: str | None) -> Call[T]:
    """A POST that counts once, however often it is sent."""
    return Call("POST", path, read, body=body, headers=named(key))


def delete(path: str) -> Call[None]:
    """A DELETE, which is told of success in all of its tries."""
    return Call("DELETE", path, nothing, headers=named(None))


def named(key: str | None) -> dict[str, str]:
    """The header that tells the tries of one request: your key, or a new one."""
    return {"Idempotency-Key": key or str(uuid4())}


def given(**values: Any) -> dict[str, Any]:
    """Those that aren't None."""
    return {name: value for name, value in values.items() if value is not None}


def nothing(_: httpx.Response) -> None:
    """Of an answer without a body."""


def one(model: type[M]) -> Callable[[httpx.Response], M]:
    """Reads one."""
    return lambda response: model.model_validate_json(response.content)


def many(model: type[M]) -> Callable[[httpx.Response], list[M]]:
    """Reads a list that comes whole."""
    return lambda response: [model.model_validate(item) for item in response.json()["items"]]


def page(path: str, model: type[M], filters: Mapping[str, Any], cursor: str | None) -> Call[Page[M]]:
    """One page of a list."""

    def read(response: httpx.Response) -> Page[M]:
        body = response.json()
        return Page([model.model_validate(item) for item in body["items"]], body["next_cursor"])

    return Call("GET", path, read, given(**{**filters, "cursor": cursor}))


def format_of(path: Path, default: str) -> dict[str, str]:
    """The format that a file's ending asks for."""
    return {"format": path.suffix.removeprefix(".").lower() or default}
