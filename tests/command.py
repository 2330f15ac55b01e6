"""Running the command line in a test."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it printed on standard output and standard error."""

    status: int
    out: str
    err: str


Run = Callable[..., Result]  # (*arguments: str, stdin: bytes = b"") -> Result
