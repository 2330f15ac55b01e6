"""The fingerprint of a request, taken while its body goes by: nothing of it is kept."""

import hashlib
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks


class Payload:
    """A request's body on its way to the application.

    A form's boundary is another one at each try, so a form is hashed by its parts: their headers, and what they hold.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._hash = hashlib.sha256()
        self.is_whole = False
        kind, options = parse_options_header(Headers(scope=scope).get("content-type", ""))
        self.is_form = kind == b"multipart/form-data" and b"boundary" in options
        self._parser = MultipartParser(options[b"boundary"], self._callbacks()) if self.is_form else None
        self._part = hashlib.sha256()
        self._add(scope["method"].encode())
        self._add(scope["path"].encode())
        self._add(scope["query_string"])
        self._add(kind)

    async def receive(self) -> Message:
        """The next message, noted."""
        message = await self._receive()
        if message["type"] == "http.request" and not self.is_whole:
            self._note(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Read what the application left."""
        while not self.is_whole:
            if (await self.receive())["type"] != "http.request":
                return

    def fingerprint(self) -> str:
        """Of the whole request, once its body is read."""
        return self._hash.hexdigest()

    def _note(self, piece: bytes) -> None:
        if self._parser is not None:
            try:
                self._parser.write(piece)
                return
            except FormParserError:  # the application refuses it as well; its bytes tell one such body from another
                self._parser = None
        self._hash.update(piece)

    def _add(self, value: bytes) -> None:
        self._hash.update(len(value).to_bytes(8, "big") + value)

    def _callbacks(self) -> "MultipartCallbacks":
        def begin() -> None:
            self._part = hashlib.sha256()

        def note(data: bytes, start: int, end: int) -> None:
            self._part.update(data[start:end])

        def mark() -> None:
            self._part.update(b"\0")

        def end() -> None:
            self._add(self._part.digest())

        return {
            "on_part_begin": begin,
            "on_header_field": note,
            "on_header_value": note,
            "on_header_end": mark,
            "on_headers_finished": mark,
            "on_part_data": note,
            "on_part_end": end,
        }
