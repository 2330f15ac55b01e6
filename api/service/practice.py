"""Practice sets: draw one, grade its answers, read the result again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from api.db import Database
from api.errors import InputInvalid, NotFound
from api.observe.record import graded, stage
from api.schemas import FieldError
from api.service.evaluations import told
from api.service.ids import uuid7
from api.store import catalogue
from api.store import practice as store
from api.store.catalogue import Filters
from api.store.mapping import StoredEvaluation, Submission
from api.store.practice import Practice, PracticeAnswer, PracticeSummary
from api.store.rubrics import StoredRubric
from grader.draw import draw
from grader.engine import Engine
from grader.practice import result
from grader.practice_model import Graded, PracticeResult
from rubrics import Rubric


@dataclass(frozen=True, slots=True)
class Drawn:
    """A set to answer; `available` rubrics matched."""

    rubrics: tuple[Rubric, ...]
    available: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A candidate's answer to the rubric of this id."""

    rubric_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A set and what it shows."""

    practice: Practice
    result: PracticeResult


def drawn(database: Database, topics: Collection[str], difficulty: str | None, n: int, seed: int) -> Drawn:
    """A balanced set of at most `n`, from all topics where none is named. Raises InputInvalid for an unknown topic."""
    with database.reading() as session:
        bank = [stored.rubric for stored in catalogue.everything(session, Filters())]
    if unknown := sorted(set(topics) - {rubric.topic for rubric in bank}):
        raise InputInvalid("topics", f"there is no topic {unknown[0]!r}; GET /v1/topics lists them")
    matching = [
        rubric
        for rubric in bank
        if (not topics or rubric.topic in topics) and difficulty in (None, rubric.difficulty.value)
    ]
    return Drawn(draw(matching, n, seed), len(matching))


def shortage(asked: int, available: int) -> str | None:
    """What to say about a set that is smaller than was asked for."""
    if available >= asked:
        return None
    verb = "is" if available == 1 else "are"
    some = f"Only {available} of the {asked} items that you asked for {verb}" if available else "No such item is"
    return f"{some} available; widen topics or difficulty for more."


def grade(database: Database, engine: Engine, replies: Sequence[Reply], candidate_id: str | None, keep: bool) -> Shown:
    """Grade a set of answers to different items; store it in one transaction if `keep`.

    No transaction is open while the engine works. Raises NotFound for unknown rubrics, and the engine's errors.
    """
    with stage("rubric"), database.reading() as session:
        found = catalogue.named(session, {reply.rubric_id for reply in replies})
    rubrics = [_known(found, place, reply.rubric_id) for place, reply in enumerate(replies)]
    pairs = [(one.rubric, reply.text) for one, reply in zip(rubrics, replies, strict=True)]
    with stage("grade"):
        evaluations = list(engine.grade_many(pairs))
    graded(*evaluations)
    now = datetime.now(UTC)
    answers = []
    for rubric, reply, evaluation in zip(rubrics, replies, evaluations, strict=True):
        submission = Submission(reply.text, candidate_id, None)
        answers.append(PracticeAnswer(rubric, StoredEvaluation(uuid7(now), now, submission, evaluation)))
    practice = Practice(uuid7(now), now, candidate_id, tuple(answers))
    with stage("store"), database.transaction() if keep else database.reading() as session:
        if keep:
            store.add(session, practice)
            told(session, *(answer.evaluation for answer in answers))
        return _shown(session, practice)


def read(database: Database, practice_id: UUID) -> Shown:
    """A stored set, its result worked out anew from the evaluations that are left. Raises NotFound."""
    with database.reading() as session:
        practice = store.get(session, practice_id)
        if practice is None:
            raise NotFound(
                f"There is no practice set {practice_id}; GET /v1/candidates/ID/practice lists those of a candidate."
            )
        return _shown(session, practice)


def page(
    database: Database, candidate_id: str, before: UUID | None, limit: int
) -> tuple[list[PracticeSummary], UUID | None]:
    """A candidate's sets, newest first, and where the next page begins (None on the last one). Raises NotFound."""
    with database.reading() as session:
        if not store.is_candidate(session, candidate_id):
            raise NotFound(f"There is no candidate {candidate_id!r}; a candidate begins with a stored answer.")
        found = store.page(session, candidate_id, before, limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _shown(session: Session, practice: Practice) -> Shown:
    answers = [Graded(answer.rubric.rubric, answer.evaluation.evaluation) for answer in practice.answers]
    bank = [stored.rubric for stored in catalogue.everything(session, Filters())]
    candidate, at = practice.candidate_id, practice.created_at
    if candidate is None:
        return Shown(practice, result(answers, bank, {}, frozenset()))
    earlier = store.earlier(session, candidate, at, {one.rubric.id for one in answers})
    return Shown(practice, result(answers, bank, earlier, store.answered(session, candidate, at)))


def _known(found: dict[str, StoredRubric], place: int, rubric_id: str) -> StoredRubric:
    if rubric_id in found:
        return found[rubric_id]
    message = f"There is no rubric {rubric_id!r}; GET /v1/rubrics lists them."
    raise NotFound(message, [FieldError(field=f"answers[{place}].rubric_id", message=message)])
