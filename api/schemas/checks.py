"""What a rubric's check found, on the wire."""

from collections.abc import Sequence
from typing import Self

from pydantic import ConfigDict, Field

from api import examples
from api.schemas.base import Out
from rubrics.findings import Finding, Severity


class FindingOut(Out):
    """One fault. `code` is stable, the words are not."""

    code: str = Field(description="Which rule found it; docs/linter.md explains every one.")
    path: str = Field(description="Where, like `key_points[2].statement`; empty for the rubric as a whole.")
    line: int | None = Field(description="Line of the body, counted from 1, where it is known.")
    severity: Severity
    message: str
    remedy: str


class RubricCheckOut(Out):
    """`errors` and `warnings` count the findings."""

    errors: int
    warnings: int
    findings: list[FindingOut]

    model_config = ConfigDict(json_schema_extra={"examples": [examples.RUBRIC_CHECK]})

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> Self:
        """Count and copy."""
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        return cls(
            errors=errors,
            warnings=len(findings) - errors,
            findings=[FindingOut.model_validate(finding) for finding in findings],
        )


class FileCheckOut(RubricCheckOut):
    """A file's findings."""

    file: str

    model_config = ConfigDict(json_schema_extra={"examples": [{"file": "bagging.yaml", **examples.RUBRIC_CHECK}]})
