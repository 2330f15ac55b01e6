"""Reviews: what a person says about an answer, and what counts after that."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from api.db import Database
from api.errors import Conflict, InputInvalid, NotFound
from api.service.ids import uuid7
from api.store import evaluations, review_claims
from api.store import opinions as opinion_store
from api.store import reviews as store
from api.store import rubrics as rubric_store
from api.store.mapping import StoredEvaluation
from api.store.opinions import StoredOpinion
from api.store.rubrics import StoredRubric
from grader.effective import Effective, effective
from grader.errors import RatingInvalid
from grader.model import Status
from grader.rate import Said, marks
from grader.rating import Mark, Rating, RatingKind


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An answer as it stands: its newest evaluation, all that people said about it (oldest first), and what counts.

    opinions: what language models said about its doubtful points, which counts for nothing.
    """

    stored: StoredEvaluation
    rubric: StoredRubric
    ratings: tuple[Rating, ...]
    effective: Effective
    opinions: tuple[StoredOpinion, ...] = ()


@dataclass(frozen=True, slots=True)
class NewRating:
    """A rating that somebody sends. `claim_id`: the claim that it ends, if it was claimed."""

    kind: RatingKind
    reviewer: str
    comment: str
    said: Said
    claim_id: UUID | None = None


def read(database: Database, evaluation_id: UUID) -> Reviewed:
    """An answer as it stands, by any of its evaluations. Raises NotFound."""
    with database.reading() as session:
        return load(session, evaluation_id)


def add(database: Database, evaluation_id: UUID, new: NewRating) -> Reviewed:
    """Add a rating to an answer. Raises NotFound, InputInvalid for one that doesn't fit, Conflict for one too late."""
    with database.transaction() as session:
        before = locked(session, evaluation_id)
        if new.kind is RatingKind.BLIND:
            _refuse_seen(before, new.reviewer)
        try:
            given = marks(new.kind, new.said, before.rubric.rubric, before.stored.submission.text, before.effective)
        except RatingInvalid as error:
            raise InputInvalid(error.field, error.message) from error
        if new.claim_id is not None:
            _end_claim(session, before.stored.of_answer, new)
        return rated(session, before, new.kind, new.reviewer, new.comment, given)


def locked(session: Session, evaluation_id: UUID) -> Reviewed:
    """A scored answer as it stands, kept from other reviewers until the transaction ends. Raises NotFound, Conflict."""
    if store.lock_answer(session, evaluation_id) is None:
        raise _missing(evaluation_id)
    found = load(session, evaluation_id)
    if found.stored.evaluation.status is Status.UNSCORED:
        reason = found.stored.evaluation.unscored_reason
        raise Conflict(f"Evaluation {evaluation_id} is unscored ({reason}): there is no verdict to review.")
    return found


def rated(
    session: Session, before: Reviewed, kind: RatingKind, reviewer: str, comment: str, given: tuple[Mark, ...]
) -> Reviewed:
    """Add a rating of these marks to a locked answer."""
    evaluation, now = before.stored.evaluation, datetime.now(UTC)
    rating = Rating(uuid7(now), kind, reviewer, now, comment, evaluation.rubric, evaluation.engine, given)
    ratings = (*before.ratings, rating)
    counts = effective(before.rubric.rubric, evaluation, ratings)
    store.add(session, rating, before.stored.id, before.stored.of_answer)
    store.set_state(session, before.stored.of_answer, ratings, counts.disputed)
    return Reviewed(before.stored, before.rubric, ratings, counts, before.opinions)


def load(session: Session, evaluation_id: UUID) -> Reviewed:
    """An answer as it stands. Raises NotFound."""
    given = evaluations.get(session, evaluation_id)
    if given is None:
        raise _missing(evaluation_id)
    newest = store.newest(session, given.of_answer)
    stored = given if newest in (None, given.id) else evaluations.get(session, newest)
    return laid_over(session, [stored or given])[0]


def laid_over(session: Session, found: Collection[StoredEvaluation]) -> list[Reviewed]:
    """Evaluations, in their order, with what people said about their answers."""
    keys = evaluations.rubric_keys(session, [one.id for one in found])
    versions = rubric_store.by_key(session, set(keys.values()))
    ratings = store.of_answers(session, {one.of_answer for one in found})
    opinions = opinion_store.of_evaluations(session, [one.id for one in found])
    out = []
    for one in found:
        rubric, said = versions[keys[one.id]], ratings.get(one.of_answer, ())
        counts = effective(rubric.rubric, one.evaluation, said)
        out.append(Reviewed(one, rubric, said, counts, tuple(opinions.get(one.id, ()))))
    return out


def _refuse_seen(before: Reviewed, reviewer: str) -> None:
    if any(one.reviewer == reviewer for one in before.ratings):
        raise Conflict(f"{reviewer!r} has rated this answer already: a blind rating is somebody else's.")


def _end_claim(session: Session, answer_id: UUID, new: NewRating) -> None:
    if not review_claims.end(session, answer_id, new.kind.value, new.reviewer, new.claim_id):
        raise Conflict(f"Claim {new.claim_id} isn't {new.reviewer!r}'s on this answer any more: claim the next one.")


def _missing(evaluation_id: UUID) -> NotFound:
    return NotFound(f"There is no evaluation {evaluation_id}; GET /v1/evaluations lists them.")
