"""When to send a request again, and after how long: decisions without any I/O."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PASSING: Final = frozenset({429, 502, 503, 504})
IN_PROGRESS: Final = 409  # the first try of the same key still runs; told from other conflicts by its Retry-After


@dataclass(frozen=True, slots=True)
class Retry:
    """How often (`tries` in all), and seconds between tries: doubled each time, with a random share, up to `longest`.

    `Retry-After` of the service is obeyed up to `longest`; a wait that it asks for beyond that is the caller's to make.
    """

    tries: int = 5
    first: float = 0.25
    longest: float = 30.0

    def pause(self, attempt: int, status: int, headers: Mapping[str, str]) -> float | None:
        """Seconds until the next try after the `attempt`-th (from 1) failed; None: don't. `status` 0: no answer."""
        if attempt >= self.tries:
            return None
        told = _seconds(headers.get("retry-after", ""))
        if status == IN_PROGRESS and told is None:
            return None
        if status not in PASSING and status not in (0, IN_PROGRESS):
            return None
        if told is not None:
            return told if told <= self.longest else None
        return min(self.longest, self.first * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)  # noqa: S311


def _seconds(text: str) -> float | None:
    return float(text) if text.isdecimal() else None
