"""/v1/receipts."""

import base64
from typing import Annotated

from fastapi import APIRouter, Body, Depends

from api import examples_receipts as examples
from api.deps import JSON, DatabaseDep, LateDatabaseDep, ReceiptKeyDep, RuntimeDep, SettingsDep, accepts
from api.openapi import BODY, documented
from api.routes.evaluations import EvaluationId
from api.schemas.evaluations import EvaluationOut
from api.schemas.receipts import DifferenceOut, PublicKeyOut, ReceiptOut, VerifiedOut, VerifyIn
from api.service import receipts as service
from api.service.evaluations import check_length
from rubrics import Rubric, to_rubric

router = APIRouter(tags=["receipts"])


@router.get(
    "/v1/evaluations/{evaluation_id}/receipt",
    summary="Get a signed receipt of a mark",
    operation_id="getReceipt",
    responses=documented(examples.RECEIPT, 404, 422, 503),
)
def issue(evaluation_id: EvaluationId, database: DatabaseDep, key: ReceiptKeyDep) -> ReceiptOut:
    """Of any stored evaluation, as it counts now: hashes of what it was made of, and the mark."""
    made = service.issue(database, key, evaluation_id)
    return ReceiptOut.model_validate({"receipt": made.body, "key_id": made.key_id, "signature": made.signature})


@router.get(
    "/v1/receipts/key",
    summary="Read the key that receipts are checked with",
    operation_id="getReceiptKey",
    responses=documented(examples.PUBLIC_KEY, 503),
)
def public_key(key: ReceiptKeyDep) -> PublicKeyOut:
    """Ed25519. Keep it where you check receipts, so that you needn't ask the service."""
    found = key.public()
    return PublicKeyOut(key_id=found.id, public_key=base64.b64encode(found.raw).decode(), pem=found.pem)


@router.post(
    "/v1/receipts:verify",
    summary="Check a receipt",
    operation_id="verifyReceipt",
    responses=documented(examples.VERIFIED, 503, *BODY),
    dependencies=[Depends(accepts(*JSON))],
)
def verify(
    body: Annotated[VerifyIn, Body(examples=[examples.VERIFY_REQUEST])],
    database: LateDatabaseDep,
    runtime: RuntimeDep,
    settings: SettingsDep,
    key: ReceiptKeyDep,
) -> VerifiedOut:
    """Check the signature and, given the answer, mark it again and say what differs. Nothing is stored."""
    if body.answer is not None:
        check_length(body.answer, settings.max_answer_chars)
    receipt = body.value()

    def rubric() -> Rubric | None:
        return to_rubric(body.rubric) if body.rubric else service.stored_rubric(database(), receipt)

    found = service.check(receipt, [key.public()], body.answer, rubric, lambda: runtime.engine)
    return VerifiedOut(
        outcome=found.outcome,
        told=found.told,
        differences=[DifferenceOut.model_validate(one) for one in found.differences],
        again=EvaluationOut.from_evaluation(found.again) if found.again else None,
    )
