"""When a message that wasn't taken is sent again: a decision without any I/O."""

from datetime import datetime, timedelta
from typing import Final

FIRST: Final = timedelta(seconds=5)
LONGEST: Final = timedelta(hours=2)
GIVE_UP: Final = timedelta(hours=24)


def next_attempt(tries: int, since: datetime, now: datetime, chance: float) -> datetime | None:
    """After so many tries since `since`: 5, 10, 20 … seconds later, two hours at most; None after a day.

    `chance` (0–1) shortens the wait by up to a quarter, so that messages that failed together don't come back together.
    """
    wait = min(FIRST * 2 ** min(tries - 1, 20), LONGEST)
    at = now + wait * (1 - chance / 4)
    return at if at <= since + GIVE_UP else None
