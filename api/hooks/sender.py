"""One message to one address: looked up once, checked, and sent to exactly what was checked.

The check happens where the connection is made, on the addresses that it is made to. So it doesn't matter what a name
says a moment later (DNS rebinding), how a URL can be misread, or where a redirect points: none is followed.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import httpcore

from api.hooks.addresses import Network, Refused, Target, checked

WHOLE_SECONDS: Final = 15.0  # for a message, from the look-up to the answer
STEP_SECONDS: Final = 5.0  # for each step: connecting, a piece sent, a piece received
READ_BYTES: Final = 4096  # of an answer's body; nothing in it counts
LOOKUPS: Final = 16  # at a time: a name server may be slow on purpose

Resolve = Callable[[str, int], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of it: the answer's status, or why there is none. `seconds`: how long it took."""

    status: int | None
    error: str | None
    seconds: float

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300


class Guarded(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to no other."""

    def __init__(
        self, resolve: Resolve, allowed: Sequence[Network], encrypted: bool, inner: httpcore.AsyncNetworkBackend
    ) -> None:
        self._resolve, self._allowed, self._encrypted, self._inner = resolve, allowed, encrypted, inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Look the name up once, check all that it is, connect to the first that answers. Raises Refused."""
        addresses = checked(host, await self._resolve(host, port), self._allowed, self._encrypted)
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses[:3]:
            try:
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """As the inner one."""
        await self._inner.sleep(seconds)


class Sender:
    """Sends messages. `allowed`: networks that the operator opened beside the public ones."""

    def __init__(
        self,
        allowed: Sequence[Network],
        user_agent: str,
        resolve: Resolve | None = None,
        inner: httpcore.AsyncNetworkBackend | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._allowed, self._user_agent = allowed, user_agent
        self._resolve = resolve or _Resolver()
        self._inner = inner or httpcore.AnyIOBackend()
        self._trust = trust or ssl.create_default_context()

    async def send(self, target: Target, body: bytes, headers: Mapping[str, str]) -> Sent:
        """Post a message. Raises nothing: whatever goes wrong is in the result."""
        began = time.monotonic()
        status, error = None, None
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                status = await self._post(target, body, headers)
            error = None if 200 <= status < 300 else _refusal(status)
        except Refused as refused:
            error = str(refused)
        except TimeoutError:
            error = f"took longer than {WHOLE_SECONDS:.0f} seconds"
        except httpcore.TimeoutException as fault:
            error = f"doesn't answer ({type(fault).__name__})"
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as fault:
            error = f"{type(fault).__name__}: {fault}"[:500]
        return Sent(status, error, time.monotonic() - began)

    async def _post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> int:
        guarded = Guarded(self._resolve, self._allowed, target.scheme == "https", self._inner)
        url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        fixed = {
            "host": _host(target),
            "user-agent": self._user_agent,
            "content-type": "application/json",
            "content-length": str(len(body)),
        }
        steps = dict.fromkeys(("connect", "read", "write", "pool"), STEP_SECONDS)
        async with (
            httpcore.AsyncConnectionPool(ssl_context=self._trust, network_backend=guarded) as pool,
            pool.stream(
                "POST", url, headers=list({**fixed, **headers}.items()), content=body, extensions={"timeout": steps}
            ) as response,
        ):
            read = 0
            async for piece in response.aiter_stream():
                read += len(piece)
                if read >= READ_BYTES:
                    break
            return int(response.status)


class _Resolver:
    """The operating system's, in threads of its own: a slow name server must not take those that grading needs."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS, "look-up")

    async def __call__(self, host: str, port: int) -> list[str]:
        look_up = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        try:
            found = await look_up
        except (socket.gaierror, UnicodeError) as error:
            raise Refused(f"{host} isn't known ({error})") from error
        return list(dict.fromkeys(str(one[4][0]) for one in found))


def _host(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == (443 if target.scheme == "https" else 80) else f"{host}:{target.port}"


def _refusal(status: int) -> str:
    return f"answered {status}; redirects aren't followed" if 300 <= status < 400 else f"answered {status}"
