"""Refuses request bodies over the limit, whether or not they say their length."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BodyTooLarge, response_to


class BodyLimit:
    """ASGI middleware: reads the body before the app does, counts its bytes, answers 413 past `limit`."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        messages = await self._read(receive)
        if messages is None:
            error = BodyTooLarge(
                f"The body is larger than {self._limit:,} bytes; send less, or raise the setting GRADER_MAX_BODY_BYTES."
            )
            await response_to(error)(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, replay, send)

    async def _read(self, receive: Receive) -> list[Message] | None:
        """All messages of the body (or up to a disconnect); None when they hold more bytes than the limit."""
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > self._limit:
                return None
            if message["type"] != "http.request" or not message.get("more_body", False):
                return messages
