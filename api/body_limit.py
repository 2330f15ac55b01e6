"""Refuses request bodies over the limit, whether or not they say their length."""

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError, BodyTooLarge, Overloaded, response_to

HELD: Final = 64  # times the limit: bytes of unfinished bodies that are held at once
UPLOADS: Final = (("POST", "/v1/batches"), ("POST", "/v1/batches:preview"))


class BodyLimit:
    """ASGI middleware: counts a body's bytes, and answers 413 past `limit`, or past `upload_limit` for a form.

    A form is counted on its way to the app, which has it on disk; any other body is read before the app sees it.
    """

    def __init__(self, app: ASGIApp, limit: int, upload_limit: int) -> None:
        self._app = app
        self._limit, self._upload_limit = limit, upload_limit
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _is_form(scope):
            await self._app(scope, self._counted(receive), send)
        else:
            await self._call_with_all(scope, receive, send)

    async def _call_with_all(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            messages = await self._read(receive)
        except ApiError as error:
            await response_to(error)(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, replay, send)

    def _counted(self, receive: Receive) -> Receive:
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._upload_limit:
                raise _too_large(self._upload_limit, "GRADER_MAX_UPLOAD_BYTES")
            return message

        return counted

    async def _read(self, receive: Receive) -> list[Message]:
        """All messages of the body (or up to a disconnect). Raises BodyTooLarge, and Overloaded where many are read."""
        messages: list[Message] = []
        size = 0
        try:
            while True:
                message = await receive()
                messages.append(message)
                piece = len(message.get("body", b""))
                size, self._held = size + piece, self._held + piece
                if size > self._limit:
                    raise _too_large(self._limit, "GRADER_MAX_BODY_BYTES")
                if self._held > HELD * self._limit:
                    raise Overloaded("Too many bodies are on their way at once; try again in a moment.")
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return messages
        finally:
            self._held -= size


def _is_form(scope: Scope) -> bool:
    """Only where one is expected: elsewhere a body of any type is read into memory before it is refused."""
    if (scope["method"], scope["path"]) not in UPLOADS:
        return False
    return Headers(scope=scope).get("content-type", "").lower().startswith("multipart/form-data")


def _too_large(limit: int, setting: str) -> BodyTooLarge:
    return BodyTooLarge(f"The body is larger than {limit:,} bytes; send less, or raise the setting {setting}.")
