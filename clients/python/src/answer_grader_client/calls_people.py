"""Practice sets, reviews, appeals and receipts, each operation as a value."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote as in_path
from uuid import UUID

import httpx

from answer_grader_client.call import Call, Document, Page, delete, given, one, page, post
from answer_grader_client.models_people import (
    Appeal,
    Practice,
    PracticeSummary,
    PublicKey,
    Receipt,
    ReviewClaim,
    Reviewed,
    ReviewQueue,
    ReviewSheet,
    Verified,
)


def practise(answers: Mapping[str, str], candidate_id: str | None, store: bool, key: str | None) -> Call[Practice]:
    """POST /v1/practice."""
    replies = [{"rubric_id": rubric, "answer": answer} for rubric, answer in answers.items()]
    body = {"answers": replies, "store": store} | given(candidate_id=candidate_id)
    return post("/v1/practice", one(Practice), body, key)


def practice(id: UUID | str) -> Call[Practice]:
    """GET /v1/practice/ID."""
    return Call("GET", f"/v1/practice/{id}", one(Practice))


def practices(candidate_id: str, cursor: str | None) -> Call[Page[PracticeSummary]]:
    """GET /v1/candidates/ID/practice."""
    return page(f"/v1/candidates/{in_path(candidate_id, safe='')}/practice", PracticeSummary, {}, cursor)


def create_review(
    evaluation_id: UUID | str,
    reviewer: str,
    *,
    kind: str,
    key_points: Sequence[Document],
    misconceptions: Sequence[Document],
    points: float | None,
    accept_rest: bool,
    comment: str,
    claim_id: UUID | str | None,
    key: str | None,
) -> Call[Reviewed]:
    """POST /v1/evaluations/ID/reviews."""
    body: dict[str, Any] = {"reviewer": reviewer, "kind": kind, "accept_rest": accept_rest, "comment": comment}
    body |= {"key_points": [dict(mark) for mark in key_points]}
    body |= {"misconceptions": [dict(mark) for mark in misconceptions]}
    body |= given(points=points, claim_id=str(claim_id) if claim_id else None)
    return post(f"/v1/evaluations/{evaluation_id}/reviews", one(Reviewed), body, key)


def reviewed(evaluation_id: UUID | str) -> Call[Reviewed]:
    """GET /v1/evaluations/ID/reviews."""
    return Call("GET", f"/v1/evaluations/{evaluation_id}/reviews", one(Reviewed))


def review_sheet(evaluation_id: UUID | str) -> Call[ReviewSheet]:
    """GET /v1/evaluations/ID/sheet."""
    return Call("GET", f"/v1/evaluations/{evaluation_id}/sheet", one(ReviewSheet))


def review_queue(filters: Mapping[str, Any]) -> Call[ReviewQueue]:
    """GET /v1/reviews/queue."""
    return Call("GET", "/v1/reviews/queue", one(ReviewQueue), given(**filters))


def claim_review(reviewer: str, wanted: Mapping[str, Any], key: str | None) -> Call[ReviewClaim | None]:
    """POST /v1/reviews/claims."""

    def read(response: httpx.Response) -> ReviewClaim | None:
        return one(ReviewClaim)(response) if response.content else None

    body = {name: str(value) if isinstance(value, UUID) else value for name, value in given(**wanted).items()}
    return post("/v1/reviews/claims", read, {"reviewer": reviewer} | body, key)


def release_claim(id: UUID | str) -> Call[None]:
    """DELETE /v1/reviews/claims/ID."""
    return delete(f"/v1/reviews/claims/{id}")


def create_appeal(
    evaluation_id: UUID | str, key_point_id: str, argument: str, quote: str, key: str | None
) -> Call[Appeal]:
    """POST /v1/evaluations/ID/appeals."""
    body = {"key_point_id": key_point_id, "argument": argument, "quote": quote}
    return post(f"/v1/evaluations/{evaluation_id}/appeals", one(Appeal), body, key)


def appeals(filters: Mapping[str, Any], cursor: str | None) -> Call[Page[Appeal]]:
    """GET /v1/appeals."""
    return page("/v1/appeals", Appeal, filters, cursor)


def appeal(id: UUID | str) -> Call[Appeal]:
    """GET /v1/appeals/ID."""
    return Call("GET", f"/v1/appeals/{id}", one(Appeal))


def decide_appeal(
    id: UUID | str, reviewer: str, decision: str, reason: str, verdict: str, quote: str, key: str | None
) -> Call[Appeal]:
    """POST /v1/appeals/ID:decide."""
    body = {"reviewer": reviewer, "decision": decision, "reason": reason, "verdict": verdict, "quote": quote}
    return post(f"/v1/appeals/{id}:decide", one(Appeal), body, key)


def receipt(evaluation_id: UUID | str) -> Call[Receipt]:
    """GET /v1/evaluations/ID/receipt."""
    return Call("GET", f"/v1/evaluations/{evaluation_id}/receipt", one(Receipt))


def receipt_key() -> Call[PublicKey]:
    """GET /v1/receipts/key."""
    return Call("GET", "/v1/receipts/key", one(PublicKey))


def verify_receipt(shown: Receipt | Document, answer: str | None, rubric: Document | None) -> Call[Verified]:
    """POST /v1/receipts:verify."""
    body = shown.model_dump() if isinstance(shown, Receipt) else dict(shown)
    body |= given(answer=answer, rubric=dict(rubric) if rubric else None)
    return post("/v1/receipts:verify", one(Verified), body, None)
