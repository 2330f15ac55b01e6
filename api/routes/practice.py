"""/v1/practice and /v1/candidates/ID/practice."""

import secrets
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Query, Response, status

from api import examples, examples_practice
from api.deps import JSON, Cursor, DatabaseDep, EngineDep, Limit, SettingsDep, accepts, encode_cursor, uuid_place
from api.openapi import BODY, Responses, documented
from api.routes.evaluations import evaluation_out
from api.schemas import AnsweredItemOut, DrawOut, ItemOut, PracticeIn, PracticeOut, PracticePage, PracticeSummaryOut
from api.schemas.practice import MAX_ANSWERS
from api.service import practice as service
from api.service.evaluations import check_length
from api.service.practice import Reply, Shown
from api.store.practice import PracticeAnswer
from api.texts import StorableText
from rubrics import Difficulty

router = APIRouter(prefix="/v1", tags=["practice"])

LARGEST_SEED: Final = 2**53 - 1  # the largest number that every JSON reader keeps exact
NEW_SEEDS: Final = 10**6  # short enough to read out
TOPICS: Final = Query(
    max_length=4000, description="Topics with commas in between; all when left out.", examples=["ensembles,evaluation"]
)
SEED: Final = Query(
    ge=0, le=LARGEST_SEED, description="The same seed draws the same set; a new one when left out.", examples=[7]
)
Number = Annotated[int, Query(ge=1, le=MAX_ANSWERS, description="How many items.", examples=[10])]
PracticeId = Annotated[UUID, Path(description="A practice set's id.", examples=[examples.ID])]
CandidateId = Annotated[
    StorableText, Path(max_length=200, description="Your own name for the person.", examples=["c-17"])
]
Grading: Final[Responses] = {
    **documented(examples_practice.PRACTICE, 404, 503, *BODY, status=201),
    200: {
        "description": "Graded and not stored",
        "model": PracticeOut,
        "content": {"application/json": {"example": {**examples_practice.PRACTICE, "id": None}}},
    },
}


@router.get(
    "/practice",
    summary="Draw a practice set",
    operation_id="drawPractice",
    responses=documented(examples_practice.DRAW, 422, 503),
)
def draw(
    database: DatabaseDep,
    n: Number = 10,
    topics: Annotated[StorableText, TOPICS] = "",
    difficulty: Annotated[Difficulty | None, Query(examples=["core"])] = None,
    seed: Annotated[int | None, SEED] = None,
) -> DrawOut:
    """Questions to answer, balanced over topics and kinds, without what a good answer holds."""
    chosen = secrets.randbelow(NEW_SEEDS) if seed is None else seed
    named = {topic.strip() for topic in topics.split(",")} - {""}
    drawn = service.drawn(database, named, difficulty, n, chosen)
    items = [ItemOut.of(rubric) for rubric in drawn.rubrics]
    return DrawOut(seed=chosen, available=drawn.available, note=service.shortage(n, drawn.available), items=items)


@router.post(
    "/practice",
    status_code=status.HTTP_201_CREATED,
    summary="Grade a practice set",
    operation_id="createPractice",
    responses=Grading,
    dependencies=[Depends(accepts(*JSON))],
)
def create(
    body: Annotated[PracticeIn, Body(openapi_examples={"a set": {"value": examples_practice.PRACTICE_REQUEST}})],
    response: Response,
    settings: SettingsDep,
    database: DatabaseDep,
    engine: EngineDep,
) -> PracticeOut:
    """One result over answers to different items, with each answer's evaluation. 200 when `store` is false."""
    for place, reply in enumerate(body.answers):
        check_length(reply.answer, settings.max_answer_chars, f"answers[{place}].answer")
    replies = [Reply(reply.rubric_id, reply.answer) for reply in body.answers]
    graded = service.grade(database, engine, replies, body.candidate_id, body.store)
    if body.store:
        response.headers["Location"] = f"{router.prefix}/practice/{graded.practice.id}"
    else:
        response.status_code = status.HTTP_200_OK
    return _out(graded, is_stored=body.store)


@router.get(
    "/practice/{practice_id}",
    summary="Read a practice set",
    operation_id="getPractice",
    responses=documented(examples_practice.PRACTICE, 404, 422, 503),
)
def read(practice_id: PracticeId, database: DatabaseDep) -> PracticeOut:
    """The result over the set's evaluations that are still stored. What to revise is of the catalogue as it is now."""
    return _out(service.read(database, practice_id), is_stored=True)


@router.get(
    "/candidates/{candidate_id:path}/practice",  # a name may have slashes
    summary="List a candidate's practice sets",
    operation_id="listCandidatePractice",
    responses=documented(examples_practice.PRACTICE_PAGE, 404, 422, 503),
)
def list_page(
    candidate_id: CandidateId, database: DatabaseDep, limit: Limit = 50, cursor: Cursor = None
) -> PracticePage:
    """Newest first, with the marks of each."""
    found, rest = service.page(database, candidate_id, uuid_place(cursor), limit)
    items = [PracticeSummaryOut.model_validate(summary) for summary in found]
    return PracticePage(items=items, next_cursor=encode_cursor(str(rest)) if rest else None)


def _out(graded: Shown, is_stored: bool) -> PracticeOut:
    practice = graded.practice
    return PracticeOut.from_result(
        graded.result,
        [_answered(answer, is_stored) for answer in practice.answers],
        id=practice.id if is_stored else None,
        created_at=practice.created_at,
        candidate_id=practice.candidate_id,
    )


def _answered(answer: PracticeAnswer, is_stored: bool) -> AnsweredItemOut:
    evaluation = evaluation_out(answer.evaluation)
    kept = evaluation if is_stored else evaluation.model_copy(update={"id": None})
    return AnsweredItemOut(**dict(ItemOut.of(answer.rubric.rubric)), evaluation=kept)
