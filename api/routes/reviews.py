"""/v1/evaluations/ID/reviews and the review queue."""

from datetime import timedelta
from pathlib import Path as FilePath
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Body, Depends, File, Form, Path, Query, Response, UploadFile, status

from api import examples_reviews as examples
from api.deps import JSON, DatabaseDep, Limit, accepts
from api.openapi import BODY, documented
from api.routes.evaluations import EvaluationId
from api.routes.reviews_out import reviewed_out, sheet_out, waiting_out
from api.schemas.reviews import ClaimIn, ClaimOut, ImportedOut, QueueOut, ReviewedOut, ReviewIn, SheetOut
from api.service import review_import, review_queue, reviews
from api.service.batch_files import sliced, spooled
from api.service.reviews import NewRating
from api.store.review_claims import Lane, Order, Queue
from api.texts import StorableText
from api.uploads import MULTIPART
from grader.rate import Said, Word
from grader.rating import Found, RatingKind, Target

router = APIRouter(tags=["reviews"])

IMPORT_EXAMPLE: Final = {"requestBody": {"content": {MULTIPART[0]: {"example": examples.IMPORT_FORM}}}}
ClaimId = Annotated[UUID, Path(description="A claim's id.", examples=[examples.CLAIM_ID])]


@router.post(
    "/v1/evaluations/{evaluation_id}/reviews",
    status_code=status.HTTP_201_CREATED,
    summary="Review an answer",
    operation_id="createReview",
    responses=documented(examples.REVIEWED, 404, 409, 503, *BODY, status=201),
    dependencies=[Depends(accepts(*JSON))],
)
def create(
    evaluation_id: EvaluationId,
    body: Annotated[ReviewIn, Body(examples=[examples.REVIEW_REQUEST])],
    response: Response,
    database: DatabaseDep,
) -> ReviewedOut:
    """Accept or change verdicts, with a reason. Nothing is overwritten: the newest word counts, the others stay."""
    said = Said(tuple(_words(body)), body.points, body.accept_rest)
    new = NewRating(RatingKind(body.kind), body.reviewer, body.comment, said, body.claim_id)
    response.headers["Location"] = f"/v1/evaluations/{evaluation_id}/reviews"
    return reviewed_out(reviews.add(database, evaluation_id, new))


@router.get(
    "/v1/evaluations/{evaluation_id}/reviews",
    summary="Read an answer's effective result and its history",
    operation_id="listReviews",
    responses=documented(examples.REVIEWED, 404, 422, 503),
)
def history(evaluation_id: EvaluationId, database: DatabaseDep) -> ReviewedOut:
    """What counts, who decided it when and why, and on which versions of rubric and engine."""
    return reviewed_out(reviews.read(database, evaluation_id))


@router.get(
    "/v1/evaluations/{evaluation_id}/sheet",
    summary="Read an answer without its verdicts",
    operation_id="getReviewSheet",
    responses=documented(examples.SHEET, 404, 422, 503),
)
def sheet(evaluation_id: EvaluationId, database: DatabaseDep) -> SheetOut:
    """What a blind rater may see: question, answer and what to judge."""
    return sheet_out(reviews.read(database, evaluation_id))


@router.get(
    "/v1/reviews/queue",
    summary="Look at the review queue",
    operation_id="getReviewQueue",
    responses=documented(examples.QUEUE, 404, 422, 503),
)
def queue(
    database: DatabaseDep,
    rubric: Annotated[StorableText | None, Query(max_length=200, examples=["bagging-vs-boosting"])] = None,
    batch: Annotated[UUID | None, Query(examples=[examples.ID])] = None,
    order: Annotated[
        Order, Query(description="Least certain first, or a random sample.", examples=["uncertain"])
    ] = Order.UNCERTAIN,
    lane: Annotated[Lane, Query(description="What is waited for.", examples=["review"])] = Lane.REVIEW,
    seed: Annotated[int, Query(ge=0, le=2**31 - 1, description="Which sample.", examples=[0])] = 0,
    limit: Limit = 50,
) -> QueueOut:
    """The answers that wait and that nobody has claimed, in the order in which they are given out."""
    found, count = review_queue.head(database, Queue(lane, order, rubric, batch, seed), limit)
    return QueueOut(waiting=count, items=[waiting_out(one, blind=lane is Lane.BLIND) for one in found])


@router.post(
    "/v1/reviews/claims",
    summary="Claim the next answer to review",
    operation_id="claimReview",
    response_model=ClaimOut,
    responses={
        **documented(examples.CLAIM, 404, 503, *BODY),
        204: {"description": "Nothing waits"},
    },
    dependencies=[Depends(accepts(*JSON))],
)
def claim(
    body: Annotated[ClaimIn, Body(examples=[examples.CLAIM_REQUEST])], database: DatabaseDep
) -> ClaimOut | Response:
    """Get the first answer that waits; no one else gets it until the claim ends. 204 when nothing waits."""
    wanted = Queue(Lane(body.lane), Order(body.order), body.rubric, body.batch, body.seed)
    found = review_queue.claim(database, wanted, body.reviewer, timedelta(minutes=body.minutes))
    if found is None:
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    held = found.claim
    return ClaimOut(
        id=held.id, lane=held.lane, reviewer=held.reviewer, expires_at=held.expires_at, sheet=sheet_out(found.answer)
    )


@router.delete(
    "/v1/reviews/claims/{claim_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Give a claimed answer back",
    operation_id="releaseReviewClaim",
    responses=documented(None, 404, 422, 503, status=204),
)
def release(claim_id: ClaimId, database: DatabaseDep) -> None:
    """Put it back into the queue, for anybody. A claim that nobody ends gives way by itself when it expires."""
    review_queue.release(database, claim_id)


@router.post(
    "/v1/reviews:import",
    summary="Bring in marks that people gave elsewhere",
    operation_id="importReviews",
    responses=documented(examples.IMPORTED, 404, 503, *BODY),
    openapi_extra=IMPORT_EXAMPLE,
    dependencies=[Depends(accepts(*MULTIPART))],
)
def import_(
    database: DatabaseDep,
    file: Annotated[UploadFile, File(description="CSV, XLSX, JSONL or Parquet: candidate, rubric, marks.")],
    reviewer: Annotated[StorableText, Form(max_length=200, description="Who gave marks in rows that don't say.")] = "",
    batch: Annotated[UUID | None, Form(description="Only answers of this batch.")] = None,
) -> ImportedOut:
    """Store the good rows as reviews, and tell the bad ones by line."""
    with spooled(sliced(file.file), FilePath(file.filename or "marks.csv").name) as path:
        return ImportedOut.model_validate(review_import.run(database, path, reviewer.strip(), batch))


def _words(body: ReviewIn) -> list[Word]:
    points = [
        Word(f"key_points[{at}]", Target.KEY_POINT, one.id, one.verdict, one.reason, one.quote)
        for at, one in enumerate(body.key_points)
    ]
    wrong = [
        Word(
            f"misconceptions[{at}]",
            Target.MISCONCEPTION,
            one.id,
            Found.ASSERTED if one.asserted else Found.ABSENT,
            one.reason,
            one.quote,
        )
        for at, one in enumerate(body.misconceptions)
    ]
    return points + wrong
