"""Receipts of stored evaluations, and what is said of a receipt that somebody shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from api.db import Database
from api.errors import NotFound
from api.receipt_key import PublicKey, ReceiptKey, signer_of
from api.service.reviews import laid_over
from api.store import evaluations
from api.store import rubrics as rubric_store
from grader.effective import Effective, counts_whole
from grader.engine import Engine
from grader.model import Evaluation
from grader.rating import Target
from grader.receipt import (
    Difference,
    Issue,
    Json,
    Outcome,
    Receipt,
    answer_fits,
    body,
    differences,
    engine_fits,
    rubric_fits,
)
from rubrics import Rubric


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. `told`: the same for people. `again`: the evaluation that grading again gave, if it did."""

    outcome: Outcome
    told: str
    differences: tuple[Difference, ...] = ()
    again: Evaluation | None = None


def issue(database: Database, key: ReceiptKey, evaluation_id: UUID) -> Receipt:
    """The receipt of an evaluation as it counts now. Raises NotFound and KeyInvalid."""
    with database.reading() as session:
        stored = evaluations.get(session, evaluation_id)
        if stored is None:
            raise NotFound(f"There is no evaluation {evaluation_id}; GET /v1/evaluations lists them.")
        [found] = laid_over(session, [stored])
    about = Issue(str(stored.id), stored.created_at, datetime.now(UTC))
    effective = found.effective.evaluation
    return key.sign(body(found.rubric.rubric, stored.evaluation, effective, _decided(found.effective), about))


def check(
    receipt: Receipt,
    keys: Sequence[PublicKey],
    answer: str | None,
    rubric: Callable[[], Rubric | None],
    engine: Callable[[], Engine],
) -> Checked:
    """Check a receipt's signature and, given the answer, grade it again. `rubric`: None where there is none at hand.

    Raises the engine's errors.
    """
    signer = signer_of(receipt, keys)
    if signer is None:
        return Checked(
            Outcome.UNKNOWN_KEY, f"It names the key {receipt.key_id}, which isn't at hand: nothing is known."
        )
    if not signer.has_signed(receipt.body, receipt.signature):
        return Checked(Outcome.FORGED, "The signature doesn't fit: the receipt was changed, or isn't this key's.")
    if answer is None:
        return Checked(Outcome.SIGNED, "The signature fits. Give the answer's text to have it marked again.")
    if not answer_fits(receipt.body, answer):
        return Checked(Outcome.OTHER_ANSWER, "The signature fits, for another text than this one.")
    chosen = rubric()
    if chosen is None or not rubric_fits(receipt.body, chosen):
        which = "there is none at hand that fits: give its file" if chosen is None else "this one marks otherwise"
        return Checked(Outcome.OTHER_RUBRIC, f"The signature and the answer fit; of the rubric, {which}.")
    return _again(receipt, chosen, answer, engine())


def stored_rubric(database: Database, receipt: Receipt) -> Rubric | None:
    """The stored rubric version that a receipt names by its hash."""
    named = receipt.body.get("rubric")
    content = named.get("content_hash") if isinstance(named, dict) else None
    with database.reading() as session:
        return rubric_store.by_content(session, content) if isinstance(content, str) else None


def _again(receipt: Receipt, rubric: Rubric, answer: str, engine: Engine) -> Checked:
    again = engine.grade(rubric, answer)
    found = tuple(differences(receipt.body, again))
    if engine_fits(receipt.body, engine.info):
        if not found:
            return Checked(Outcome.VERIFIED, "The signature fits, and grading again gives the same mark.", (), again)
        return Checked(Outcome.DIFFERS, "The signature fits, yet the same engine now marks otherwise.", found, again)
    same = "gives the same mark all the same" if not found else "gives another mark, which says nothing"
    told = f"The signature fits. {_engines(receipt.body, engine)}; grading with it {same}."
    return Checked(Outcome.OTHER_ENGINE, told, found, again)


def _engines(body: dict[str, Json], engine: Engine) -> str:
    then, now = body.get("engine"), engine.info
    before = then if isinstance(then, dict) else {}
    if before.get("version") != now.version:
        return f"Engine {before.get('version')} graded it, and this is engine {now.version}"
    if before.get("model") != now.model:
        return f"The model {before.get('model')} graded it, and this one has {now.model}"
    return "Engine and model are the same, and their weights or arithmetic aren't"


def _decided(effective: Effective) -> list[tuple[str, str]]:
    whole = counts_whole(effective.decisions)
    places = (place for place in effective.decisions if place[0] is not Target.TOTAL or whole)
    return [(kind.value, id_) for kind, id_ in places]
