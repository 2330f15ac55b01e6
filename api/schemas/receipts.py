"""Receipts on the wire."""

from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api import examples_receipts as examples
from api.schemas.base import Out
from api.schemas.evaluations import EvaluationOut
from api.texts import StorableJson, StorableText
from grader.receipt import Body, Outcome, Receipt
from rubrics.document import RubricDocument


class ReceiptOut(Out):
    """A receipt: what a mark was made of, and the service's signature on the canonical JSON of `receipt`."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.RECEIPT]})

    receipt: dict[str, JsonValue]
    key_id: str
    signature: str = Field(description="Ed25519, in Base64.")


class PublicKeyOut(Out):
    """What receipts of this service are checked with."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PUBLIC_KEY]})

    key_id: str = Field(description="First 16 hex digits of the SHA-256 of the key's 32 bytes.")
    algorithm: Literal["Ed25519"] = "Ed25519"
    public_key: str = Field(description="32 bytes, in Base64.")
    pem: str


class ReceiptIn(BaseModel):
    """A receipt as the service gave it."""

    model_config = ConfigDict(extra="forbid")

    receipt: StorableJson
    key_id: StorableText = Field(max_length=100)
    signature: StorableText = Field(max_length=200)

    def value(self) -> Receipt:
        """The receipt."""
        return Receipt(cast(Body, self.receipt), self.key_id, self.signature)


class VerifyIn(ReceiptIn):
    """A receipt to check; with the answer it is marked again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.VERIFY_REQUEST]})

    answer: StorableText | None = Field(None, description="The text, exactly as submitted.")
    rubric: RubricDocument | None = Field(
        None, description="The rubric; the stored one that the receipt names if left out."
    )


class DifferenceOut(Out):
    """A part of the engine's mark that came out otherwise; null where it isn't there."""

    field: str
    receipt: str | None
    again: str | None


class VerifiedOut(Out):
    """What a check found. `again`: the evaluation that grading again gave, where it was graded again."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.VERIFIED]})

    outcome: Outcome
    told: str = Field(description="The same for people.")
    differences: list[DifferenceOut]
    again: EvaluationOut | None
