"""/v1/rubrics:check."""

from typing import Final

from fastapi import APIRouter, Depends

from api import examples
from api.deps import JSON, YAML, BodyFormat, EngineDep, RawBody, accepts
from api.openapi import BODY, documented, rubric_body
from api.schemas import RubricCheckOut
from grader.rubric_check import check as check_rubric
from rubrics import Problem, RubricError
from rubrics.findings import Finding, format_findings
from rubrics.lint import check_text

router = APIRouter(tags=["rubrics"])

SOURCE: Final = "body"


@router.post(
    "/v1/rubrics:check",
    summary="Check a rubric",
    operation_id="checkRubric",
    responses=documented(examples.RUBRIC_CHECK, 503, *BODY),
    openapi_extra=rubric_body(*JSON, YAML[0]),
    dependencies=[Depends(accepts(*JSON, *YAML))],
)
def check(body: RawBody, written_in: BodyFormat, engine: EngineDep) -> RubricCheckOut:
    """Say what is wrong with a rubric, in JSON or YAML, without storing it. Faults of the format are findings too."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return RubricCheckOut.of(_not_utf8(error))
    return RubricCheckOut.of(
        check_text(text, SOURCE, written_in, lambda rubric, line_of: check_rubric(rubric, engine, line_of=line_of))
    )


def _not_utf8(error: UnicodeDecodeError) -> list[Finding]:
    line = error.object.count(b"\n", 0, error.start) + 1
    value = f"byte 0x{error.object[error.start]:02x}"
    return format_findings(RubricError([Problem(SOURCE, "", line, "is not UTF-8; send it as UTF-8", value)]))
