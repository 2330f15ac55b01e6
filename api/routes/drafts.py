"""/v1/rubrics:try, :convert, :from-reference: what an author needs before a rubric is stored."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends

from api import examples_drafts as examples
from api.deps import JSON, YAML, BodyFormat, EngineDep, RawBody, SettingsDep, accepts
from api.openapi import BODY, documented, rubric_body
from api.routes.rubrics import parsed
from api.schemas import ReferenceIn, TryIn, TryOut, WrittenRubricOut
from api.service import drafts as service
from rubrics import Rubric, dump_yaml, from_rubric, to_rubric

router = APIRouter(tags=["rubrics"])


@router.post(
    "/v1/rubrics:try",
    summary="Try a rubric out",
    operation_id="tryRubric",
    responses=documented(examples.TRY, 503, *BODY),
    dependencies=[Depends(accepts(*JSON))],
)
def try_out(
    body: Annotated[TryIn, Body(openapi_examples={"a draft": {"value": examples.TRY_REQUEST}})],
    settings: SettingsDep,
    engine: EngineDep,
) -> TryOut:
    """Grade sample answers against a rubric that needn't be stored, and say why. Nothing is kept."""
    rubric = to_rubric(body.rubric)
    explained = service.try_out(engine, rubric, body.answers, settings.max_answer_chars)
    return TryOut.model_validate({"answers": explained})


@router.post(
    "/v1/rubrics:convert",
    summary="Convert a rubric between YAML and JSON",
    operation_id="convertRubric",
    responses=documented(examples.WRITTEN, *BODY, 503),
    openapi_extra=rubric_body(*JSON, YAML[0]),
    dependencies=[Depends(accepts(*JSON, *YAML))],
)
def convert(body: RawBody, written_in: BodyFormat) -> WrittenRubricOut:
    """The same rubric in both, complete in JSON, without what goes without saying in YAML."""
    return _written(parsed(body, written_in))


@router.post(
    "/v1/rubrics:from-reference",
    summary="Make a rubric of a reference answer",
    operation_id="rubricFromReference",
    responses=documented(examples.WRITTEN, *BODY, 503),
    dependencies=[Depends(accepts(*JSON))],
)
def from_reference(
    body: Annotated[ReferenceIn, Body(openapi_examples={"a model answer": {"value": examples.REFERENCE_REQUEST}})],
) -> WrittenRubricOut:
    """A draft with one key point for each proposition of the answer, to be gone on with. Nothing is stored."""
    return _written(service.of_reference(body.reference_answer, body.question, body.id))


def _written(rubric: Rubric) -> WrittenRubricOut:
    return WrittenRubricOut(rubric=from_rubric(rubric), yaml=dump_yaml(rubric))
