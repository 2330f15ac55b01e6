"""The one error that this package raises, and the faults it lists."""

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass

PATH_LIMIT = 200

Path = tuple[str | int, ...]

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = _repr.maxlong = 60
_repr.maxlevel = 2
_repr.maxlist = _repr.maxdict = _repr.maxtuple = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of one rubric.

    `source`: the file, or a word for where the data came from. `path`: like `key_points[2].weight`, empty for the
    rubric as a whole. `line`: counted from 1, None where the source has no lines. `value`: the offending value's
    shortened `repr`, empty where there is none.
    """

    source: str
    path: str
    line: int | None
    message: str
    value: str = ""

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        got = f" (got {self.value})" if self.value else ""
        return ": ".join(part for part in (place, self.path, self.message + got) if part)


class RubricError(Exception):
    """A rubric can't be used. `code` is stable; `problems` has at least one entry; `str()` lists them, one a line."""

    code = "rubric_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def show_path(path: Path) -> str:
    """`("key_points", 2, "weight")` → `key_points[2].weight`, cut at 200 characters."""
    shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    return printable(shown if len(shown) <= PATH_LIMIT else shown[: PATH_LIMIT - 1] + "…")


def show_value(value: object) -> str:
    """A short, printable `repr` of any value, however large or deep."""
    return printable(_repr.repr(value))


def printable(text: str) -> str:
    """`text` with everything that can't be printed or encoded (controls, lone surrogates) escaped."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
