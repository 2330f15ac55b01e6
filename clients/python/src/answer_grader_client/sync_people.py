"""Practice sets, reviews, appeals and receipts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from answer_grader_client import calls_people as calls
from answer_grader_client.call import Document
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
from answer_grader_client.sync_base import Connection


class Work(Connection):
    """What candidates and reviewers do."""

    def practise(
        self,
        answers: Mapping[str, str],
        *,
        candidate_id: str | None = None,
        store: bool = True,
        idempotency_key: str | None = None,
    ) -> Practice:
        """Grade a set: rubric id → answer. With `candidate_id` it is compared with what was before."""
        return self._send(calls.practise(answers, candidate_id, store, idempotency_key))

    def practice(self, id: UUID | str) -> Practice:
        """A stored set."""
        return self._send(calls.practice(id))

    def practices(self, candidate_id: str) -> Iterator[PracticeSummary]:
        """A candidate's sets, newest first."""
        return self._all(lambda cursor: calls.practices(candidate_id, cursor))

    def create_review(
        self,
        evaluation_id: UUID | str,
        reviewer: str,
        *,
        key_points: Sequence[Document] = (),
        misconceptions: Sequence[Document] = (),
        points: float | None = None,
        accept_rest: bool = False,
        comment: str = "",
        kind: str = "review",
        claim_id: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> Reviewed:
        """Say what counts. Marks: id, verdict (or asserted), reason, quote. `kind`: review, blind or adjudication."""
        return self._send(
            calls.create_review(
                evaluation_id,
                reviewer,
                kind=kind,
                key_points=key_points,
                misconceptions=misconceptions,
                points=points,
                accept_rest=accept_rest,
                comment=comment,
                claim_id=claim_id,
                key=idempotency_key,
            )
        )

    def reviewed(self, evaluation_id: UUID | str) -> Reviewed:
        """What counts, engine and people together, with its history."""
        return self._send(calls.reviewed(evaluation_id))

    def review_queue(self, **filters: Any) -> ReviewQueue:
        """Answers that wait for a person: rubric, batch, order (uncertain, sample), lane, seed, limit."""
        return self._send(calls.review_queue(filters))

    def claim_review(self, reviewer: str, *, idempotency_key: str | None = None, **wanted: Any) -> ReviewClaim | None:
        """Take an answer to review, None if none waits: lane, order, rubric, batch, seed, minutes."""
        return self._send(calls.claim_review(reviewer, wanted, idempotency_key))

    def release_claim(self, id: UUID | str) -> None:
        """Give an answer back unreviewed."""
        self._send(calls.release_claim(id))

    def review_sheet(self, evaluation_id: UUID | str) -> ReviewSheet:
        """What a blind rater sees: no verdicts."""
        return self._send(calls.review_sheet(evaluation_id))

    def create_appeal(
        self,
        evaluation_id: UUID | str,
        key_point_id: str,
        argument: str,
        *,
        quote: str = "",
        idempotency_key: str | None = None,
    ) -> Appeal:
        """Contest a key point in the candidate's words. `quote`: of the answer, letter by letter."""
        return self._send(calls.create_appeal(evaluation_id, key_point_id, argument, quote, idempotency_key))

    def appeals(self, **filters: Any) -> Iterator[Appeal]:
        """All that match, newest first: state (open, upheld, rejected), rubric."""
        return self._all(lambda cursor: calls.appeals(filters, cursor))

    def appeal(self, id: UUID | str) -> Appeal:
        """An appeal with its history."""
        return self._send(calls.appeal(id))

    def decide_appeal(
        self,
        id: UUID | str,
        reviewer: str,
        decision: str,
        reason: str,
        *,
        verdict: str = "covered",
        quote: str = "",
        idempotency_key: str | None = None,
    ) -> Appeal:
        """`decision`: upheld or rejected; `reason` is told to the candidate. `verdict` counts where it is upheld."""
        return self._send(calls.decide_appeal(id, reviewer, decision, reason, verdict, quote, idempotency_key))

    def receipt(self, evaluation_id: UUID | str) -> Receipt:
        """The signed receipt of a mark, as it counts now."""
        return self._send(calls.receipt(evaluation_id))

    def receipt_key(self) -> PublicKey:
        """The public key that receipts are checked with."""
        return self._send(calls.receipt_key())

    def verify_receipt(
        self, receipt: Receipt | Document, *, answer: str | None = None, rubric: Document | None = None
    ) -> Verified:
        """Check a receipt; given the answer's text, mark it again. `rubric`: the stored one if left out."""
        return self._send(calls.verify_receipt(receipt, answer, rubric))
