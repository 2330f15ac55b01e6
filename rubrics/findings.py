"""What a linter says about a rubric, and the rules that say it."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from rubrics.convert import LineOf
from rubrics.errors import Path, RubricError, show_path

FORMAT = "format"  # code of what the loader refuses
FORMAT_EXPLANATION = "The file isn't a rubric: the loader names what it can't read or what contradicts itself."
FORMAT_REMEDY = "See docs/rubric-format.md, or have the editor check the file: grader rubrics schema."


class Severity(StrEnum):
    """An `error` makes marks wrong or feedback useless; a `warning` is worth a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a rubric. `code` is stable; `path` is like `key_points[2].statement`, empty for the whole rubric.

    `line`: counted from 1, None where the source has no lines.
    """

    code: str
    path: str
    message: str
    remedy: str
    severity: Severity
    line: int | None = None


Fault = tuple[Path, str]  # where, and what is wrong there
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """A check with a stable code, why it matters, and what to do about it."""

    code: str
    severity: Severity
    explanation: str
    remedy: str
    find: Callable[[T], Iterator[Fault]]

    def findings(self, subject: T, line_of: LineOf) -> Iterator[Finding]:
        """What the rule finds; `line_of` gives a path's line, if the source has lines."""
        for path, message in self.find(subject):
            yield Finding(self.code, show_path(path), message, self.remedy, self.severity, line_of(path))


def rule(severity: Severity, remedy: str) -> Callable[[Callable[[T], Iterator[Fault]]], Rule[T]]:
    """Make a rule of a function that finds faults: its name is the code, its docstring the explanation."""

    def make(find: Callable[[T], Iterator[Fault]]) -> Rule[T]:
        return Rule(find.__name__, severity, " ".join((inspect.getdoc(find) or "").split()), remedy, find)

    return make


def no_lines(_: Path) -> None:
    """The line of any path in a source without lines."""


def format_findings(error: RubricError) -> list[Finding]:
    """What the loader refused, as findings with the code `format`."""
    return [
        Finding(
            code=FORMAT,
            path=problem.path,
            message=problem.message + (f" (got {problem.value})" if problem.value else ""),
            remedy=FORMAT_REMEDY,
            severity=Severity.ERROR,
            line=problem.line,
        )
        for problem in error.problems
    ]


def has_errors(findings: Iterable[Finding]) -> bool:
    """Is there an error among the findings?"""
    return any(finding.severity is Severity.ERROR for finding in findings)
