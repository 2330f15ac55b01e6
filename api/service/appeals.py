"""Appeals: a candidate contests a key point, a person decides."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from api.db import Database
from api.errors import Conflict, InputInvalid, NotFound
from api.hooks.events import Event, of_appeal
from api.service import reviews
from api.service.ids import uuid7
from api.service.reviews import Reviewed
from api.service.telling import tell
from api.store import appeals as store
from api.store.appeal_model import Appeal, AppealState, Change, NewAppeal
from grader.effective import holds
from grader.model import Verdict
from grader.rate import span_of
from grader.rating import Mark, RatingKind, Target


@dataclass(frozen=True, slots=True)
class Ruling:
    """How somebody decides an appeal. `verdict`, `quote`: what counts from now on where it is upheld."""

    state: AppealState
    by: str
    reason: str
    verdict: Verdict
    quote: str | None


def submit(database: Database, evaluation_id: UUID, key_point_id: str, argument: str, quote: str | None) -> Appeal:
    """Contest a key point of an answer. Raises NotFound, InputInvalid, and Conflict for what isn't to be contested."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        answer = reviews.locked(session, evaluation_id)
        results = {one.id: one for one in answer.effective.evaluation.key_points}
        if key_point_id not in results:
            raise InputInvalid("key_point_id", f"is {key_point_id!r}; the rubric has {', '.join(results)}")
        if results[key_point_id].verdict is Verdict.COVERED:
            raise Conflict(f"Key point {key_point_id!r} is covered: there is nothing to contest.")
        if store.is_open_on(session, answer.stored.of_answer, key_point_id):
            raise Conflict(f"Key point {key_point_id!r} of this answer is contested already: wait for that decision.")
        _checked_quote(quote, answer)
        statement = results[key_point_id].statement
        new = NewAppeal(uuid7(now), answer.stored.id, answer.stored.of_answer, key_point_id, statement, argument, quote)
        store.add(session, new)
        return _enter(session, new.id, Change(AppealState.OPEN, now, None, argument))


def decide(database: Database, appeal_id: UUID, ruling: Ruling) -> Appeal:
    """Uphold or reject an open appeal. Upheld, it is a review of its own kind, which outranks others.

    Raises NotFound, InputInvalid, and Conflict for one that is decided, or whose key point now says something else.
    """
    with database.transaction() as session:
        found = _read(session, appeal_id)
        answer = reviews.locked(session, found.what.evaluation_id)
        if _read(session, appeal_id).state is not AppealState.OPEN:  # now that nobody else can decide
            raise Conflict(f"Appeal {appeal_id} is decided already, and a decision stays.")
        review_id = _review(session, answer, found, ruling) if ruling.state is AppealState.UPHELD else None
        change = Change(ruling.state, datetime.now(UTC), ruling.by, ruling.reason, review_id)
        return _enter(session, appeal_id, change)


def read(database: Database, appeal_id: UUID) -> Appeal:
    """One appeal. Raises NotFound."""
    with database.reading() as session:
        return _read(session, appeal_id)


def page(
    database: Database, state: AppealState | None, rubric_id: str | None, before: UUID | None, limit: int
) -> tuple[list[Appeal], UUID | None]:
    """Newest first, and where the next page begins (None on the last one)."""
    with database.reading() as session:
        found = store.page(session, state, rubric_id, before, limit + 1)
    return found[:limit], found[limit - 1].what.id if len(found) > limit else None


def _enter(session: Session, appeal_id: UUID, change: Change) -> Appeal:
    """Have an appeal enter a state. Everything that happens to an appeal happens here, and so do its events arise."""
    store.add_change(session, appeal_id, change)
    appeal = _read(session, appeal_id)
    event = Event.APPEAL_OPENED if change.state is AppealState.OPEN else Event.APPEAL_DECIDED
    tell(session, (event, of_appeal(appeal)))
    return appeal


def _review(session: Session, answer: Reviewed, appeal: Appeal, ruling: Ruling) -> UUID:
    what = appeal.what
    quote = ruling.quote if ruling.quote is not None else what.quote
    _checked_quote(quote, answer)
    span = span_of(quote or "", answer.stored.submission.text)
    mark = Mark(Target.KEY_POINT, what.key_point_id, what.statement, ruling.verdict, ruling.reason, span)
    if not holds(answer.rubric.rubric, mark):
        raise Conflict(
            f"Key point {what.key_point_id!r} says something else now than when it was contested: review the answer, "
            "and reject the appeal with a word on that."
        )
    return reviews.rated(session, answer, RatingKind.APPEAL, ruling.by, "", (mark,)).ratings[-1].id


def _checked_quote(quote: str | None, answer: Reviewed) -> None:
    if quote and span_of(quote, answer.stored.submission.text) is None:
        raise InputInvalid("quote", "doesn't stand in the answer; quote it letter by letter")


def _read(session: Session, appeal_id: UUID) -> Appeal:
    found = store.get(session, appeal_id)
    if found is None:
        raise NotFound(f"There is no appeal {appeal_id}; GET /v1/appeals lists them.")
    return found
