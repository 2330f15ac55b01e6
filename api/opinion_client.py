"""Asks a language model behind an OpenAI-compatible address: Ollama, vLLM, llama.cpp and others."""

import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from api.settings import Settings
from grader.second_opinion import Inquiry, Word, word_of

MOST_BYTES: Final = 100_000  # of a reply


class Unreachable(Exception):
    """The model can't be asked at present: the doubt stays, and it is asked again another time."""


@dataclass(frozen=True, slots=True)
class OpinionClient:
    """One model. `seconds`: for a whole call."""

    url: str
    model: str
    key: str
    seconds: float

    @classmethod
    def of(cls, settings: Settings) -> "OpinionClient":
        """The model that the settings name."""
        return cls(
            settings.second_opinion_url,
            settings.second_opinion_model,
            settings.second_opinion_key,
            settings.second_opinion_seconds,
        )

    def ask(self, inquiry: Inquiry) -> Word:
        """Raises Unreachable, and OpinionInvalid for a reply that means nothing."""
        address = urlsplit(self.url)
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {self.key}"} if self.key else {})
        until = time.monotonic() + self.seconds
        connection = kind(address.hostname or "", address.port, timeout=self.seconds)
        try:
            path = f"{address.path.rstrip('/')}/chat/completions"
            connection.request("POST", path, inquiry.body.encode(), headers)
            response = connection.getresponse()
            body = b""
            while piece := response.read1(65_536):
                body += piece
                if time.monotonic() > until or len(body) > MOST_BYTES:
                    raise Unreachable(f"took longer than {self.seconds:g} s, or more than {MOST_BYTES:,} bytes")
        except (OSError, HTTPException) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        if response.status != 200:
            raise Unreachable(f"status {response.status}")
        return word_of(body)
