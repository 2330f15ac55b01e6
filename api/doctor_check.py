"""What a check of an installation says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. `remedy` says what to do when it isn't `ok`."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
