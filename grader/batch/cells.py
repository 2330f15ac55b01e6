"""Values of typed formats → text."""

import json
import math
from datetime import date, time, timedelta
from decimal import Decimal


def written(value: object) -> tuple[str | None, str | None]:
    """A value as text, and what it is where nobody wrote it as text. Numbers count as written, a missing one as None.

    Raises UnicodeDecodeError for bytes that aren't UTF-8.
    """
    match value:
        case None | str():
            return value, None
        case bool():
            return str(value).lower(), "true or false"
        case float() if math.isnan(value):
            return None, None
        case int() | float() | Decimal():
            return str(value), None if math.isfinite(value) else "an infinite number"
        case bytes():
            return value.decode(), None
        case date() | time() | timedelta():
            return str(value), "a date or time"
        case _:
            return json.dumps(value, ensure_ascii=False, default=str), "a list or an object"
