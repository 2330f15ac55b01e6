"""How often a key may be used: a rate by process, kept in its memory."""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from api.access.model import Caller
from api.errors import RateLimited

DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one limit: most requests in `window` seconds, how many are left, seconds until there are more."""

    name: str
    quota: int
    window: int
    left: int
    seconds: int

    @property
    def policy(self) -> str:
        """For the header RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers)."""
        return f'"{self.name}";q={self.quota};w={self.window}'

    @property
    def state(self) -> str:
        """For the header RateLimit."""
        return f'"{self.name}";r={self.left};t={self.seconds}'


class Rates:
    """Counts requests by key over a sliding window. Of this process alone: `limits` has no store in PostgreSQL."""

    def __init__(self, default: str) -> None:
        """`default`: for keys that have no rate of their own, as 600/minute."""
        self._default = default
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def hit(self, who: Caller) -> Standing:
        """Count a request. Raises RateLimited for one too many, which isn't counted."""
        item = _parsed(who.rate_limit or self._default)
        allowed = self._limiter.hit(item, str(who.owner))
        found = self._limiter.get_window_stats(item, str(who.owner))
        seconds = max(1, round(found.reset_time - time.time() + 0.5))
        if not allowed:
            raise RateLimited(f"The key may make {item.amount:,} requests in {item.get_expiry():,} seconds.", seconds)
        return Standing("rate", item.amount, item.get_expiry(), max(0, found.remaining), seconds)


def of_day(quota: int, left: int) -> Standing:
    """Where a key is with its requests of the day, UTC."""
    return Standing("day", quota, DAY, left, seconds_of_day())


def seconds_of_day() -> int:
    """That are left of this day, UTC."""
    return DAY - int(time.time()) % DAY


@lru_cache(maxsize=1000)
def _parsed(rate: str) -> RateLimitItem:
    return parse(rate)
