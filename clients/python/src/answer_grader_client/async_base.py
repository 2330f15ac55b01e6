"""How a client for asyncio talks to the service."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
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


class AsyncConnection:
    """A service at an address."""

    def __init__(
        self,
        address: str,
        api_key: str | None = None,
        *,
        retry: Retry = Retry(),  # noqa: B008 it is frozen
        timeout: float = 60.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = httpx.AsyncClient(base_url=address, headers=headers, timeout=timeout, transport=transport)
        self._retry = retry

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _download(self, address: str, params: Mapping[str, str], path: Path) -> None:
        async with self._http.stream("GET", address, params=params) as response:
            if response.is_error:
                await response.aread()
                raise calls.failure(response)
            with path.open("wb") as file:
                async for chunk in response.aiter_bytes():
                    file.write(chunk)

    async def _all(self, page: Callable[[str | None], Call[Page[M]]]) -> AsyncIterator[M]:
        cursor: str | None = None
        while True:
            found = await self._send(page(cursor))
            for item in found.items:
                yield item
            if (cursor := found.next_cursor) is None:
                return

    async def _send(self, call: Call[T]) -> T:
        attempt = 0
        while True:
            attempt += 1
            response, lost = await self._tried(call)
            if response is not None and response.is_success:
                return call.read(response)
            headers: Mapping[str, str] = response.headers if response is not None else {}
            pause = self._retry.pause(attempt, response.status_code if response is not None else 0, headers)
            if pause is None:
                raise calls.failure(response) if response is not None else calls.unreachable(call, attempt, lost)
            await asyncio.sleep(pause)

    async def _tried(self, call: Call[T]) -> tuple[httpx.Response | None, httpx.TransportError | None]:
        try:
            return await self._http.request(call.method, call.path, **call.request()), None
        except httpx.TransportError as error:
            return None, error
