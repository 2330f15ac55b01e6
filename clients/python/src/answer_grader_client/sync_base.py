"""How a waiting client talks to the service."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx

from answer_grader_client import call as calls
from answer_grader_client.call import Call, Page
from answer_grader_client.models import Model
from answer_grader_client.retry import Retry

T = TypeVar("T")
M = TypeVar("M", bound=Model)


class Connection:
    """A service at an address."""

    def __init__(
        self,
        address: str,
        api_key: str | None = None,
        *,
        retry: Retry = Retry(),  # noqa: B008 it is frozen
        timeout: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = httpx.Client(base_url=address, headers=headers, timeout=timeout, transport=transport)
        self._retry = retry

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _download(self, address: str, params: Mapping[str, str], path: Path) -> None:
        with self._http.stream("GET", address, params=params) as response:
            if response.is_error:
                response.read()
                raise calls.failure(response)
            with path.open("wb") as file:
                for chunk in response.iter_bytes():
                    file.write(chunk)

    def _all(self, page: Callable[[str | None], Call[Page[M]]]) -> Iterator[M]:
        cursor: str | None = None
        while True:
            found = self._send(page(cursor))
            yield from found.items
            if (cursor := found.next_cursor) is None:
                return

    def _send(self, call: Call[T]) -> T:
        attempt = 0
        while True:
            attempt += 1
            response, lost = self._tried(call)
            if response is not None and response.is_success:
                return call.read(response)
            headers: Mapping[str, str] = response.headers if response is not None else {}
            pause = self._retry.pause(attempt, response.status_code if response is not None else 0, headers)
            if pause is None:
                raise calls.failure(response) if response is not None else calls.unreachable(call, attempt, lost)
            time.sleep(pause)

    def _tried(self, call: Call[T]) -> tuple[httpx.Response | None, httpx.TransportError | None]:
        try:
            return self._http.request(call.method, call.path, **call.request()), None
        except httpx.TransportError as error:
            return None, error
