"""Ids that grow with time."""

import secrets
from datetime import datetime
from uuid import UUID


def uuid7(at: datetime) -> UUID:
    """A UUID version 7 (RFC 9562) of this moment, to a quarter of a microsecond; the rest is random."""
    microseconds = int(at.timestamp()) * 1_000_000 + at.microsecond
    milliseconds, rest = divmod(microseconds, 1000)
    high = milliseconds << 16 | 7 << 12 | rest * 4096 // 1000
    low = 0b10 << 62 | secrets.randbits(62)
    return UUID(int=high << 64 | low)
