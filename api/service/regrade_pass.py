"""One chunk of a pass over stored answers: graded, laid under what people said, stored slice by slice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from sqlalchemy.orm import Session

from api.db import Database
from api.service.batch_grading import SLICE, results
from api.service.batch_steps import Stopped
from api.service.ids import uuid7
from api.store import evaluations, reviews
from api.store import regrades as store
from api.store import rubrics as rubric_store
from api.store.mapping import StoredEvaluation, Submission
from api.store.regrade_model import Failure, Mode, Old, Outcome, Regrade
from grader.effective import effective, rating_of
from grader.engine import Engine
from grader.model import Evaluation, Verdict
from grader.raters import verdicts
from grader.rating import Rating
from rubrics import Rubric


class Pass:
    """One chunk's answers on their way through the engine: slices are stored while the next are graded."""

    def __init__(self, database: Database, engine: Engine, regrade: Regrade, number: int) -> None:
        self._database, self._engine, self._regrade, self._number = database, engine, regrade, number
        with database.reading() as session:
            self._rubric = rubric_store.by_key(session, [regrade.rubric_key])[regrade.rubric_key].rubric

    def run(self, ids: Sequence[UUID], may_go_on: Callable[[], bool]) -> None:
        with self._database.reading() as session:
            old = store.olds(session, ids)
        graded = zip(old, self._results(old), strict=True)
        with ThreadPoolExecutor(1, "store") as storing:
            stored: Future[None] | None = None
            while some := list(islice(graded, SLICE)):
                if stored:
                    stored.result()
                stored = storing.submit(self._settle, some)
                if not may_go_on():
                    stored.result()
                    raise Stopped
            if stored:
                stored.result()

    def _results(self, old: Sequence[Old]) -> Iterator[Evaluation | str]:
        """Each different text once; the same texts are next to each other."""
        different = list(dict.fromkeys(one.text for one in old))
        fresh = results(self._engine, [(self._rubric, one) for one in different])
        last: tuple[str, Evaluation | str] | None = None
        for one in old:
            if last is None or last[0] != one.text:
                last = one.text, next(fresh)
            yield last[1]

    def _settle(self, graded: Sequence[tuple[Old, Evaluation | str]]) -> None:
        with self._database.transaction() as session:
            left = store.still_waiting(session, self._regrade.id, [old.evaluation_id for old, _ in graded])
            todo = [(old, new) for old, new in graded if old.evaluation_id in left]
            if self._regrade.mode is Mode.PUBLISH:
                reviews.lock_answers(session, [old.answer_id for old, _ in todo])
            said = reviews.of_answers(session, [old.answer_id for old, _ in todo])
            whole = self._whole(session, [old for old, _ in todo if old.answer_id in said])
            done = [self._outcome(old, new, said.get(old.answer_id, ()), whole) for old, new in todo]
            if self._regrade.mode is Mode.PUBLISH:
                self._publish(session, [one for one in done if isinstance(one, Outcome)])
            store.settle(session, self._regrade.id, self._number, done)

    def _whole(self, session: Session, rated: Sequence[Old]) -> dict[UUID, tuple[Rubric, Evaluation]]:
        """What counted before on answers that people rated, by evaluation."""
        versions = rubric_store.by_key(session, {old.rubric_key for old in rated})
        keys = {old.evaluation_id: old.rubric_key for old in rated}
        found = evaluations.named(session, keys.keys())
        return {one.id: (versions[keys[one.id]].rubric, one.evaluation) for one in found}

    def _outcome(
        self,
        old: Old,
        new: Evaluation | str,
        ratings: tuple[Rating, ...],
        whole: Mapping[UUID, tuple[Rubric, Evaluation]],
    ) -> Outcome | Failure:
        if isinstance(new, str):
            return Failure(old, new)
        if not ratings:
            return Outcome(old, new, old.points, old.level, new.points, new.level, 0, 0, 0)
        version, evaluation = whole[old.evaluation_id]
        before = effective(version, evaluation, ratings).evaluation
        return _with_people(old, before, self._rubric, new, ratings)

    def _publish(self, session: Session, done: Sequence[Outcome]) -> None:
        """Give answers their new evaluations. What people said is theirs as before."""
        kept = store.metadata(session, [one.old.evaluation_id for one in done])
        made = []
        for one in done:
            now = datetime.now(UTC)
            submission = Submission(one.old.text, one.old.candidate_id, kept[one.old.evaluation_id])
            made.append(StoredEvaluation(uuid7(now), now, submission, one.evaluation, one.old.answer_id))
            if one.ratings:
                disputed = effective(self._rubric, one.evaluation, one.ratings).disputed
                reviews.set_state(session, one.old.answer_id, one.ratings, disputed)
        evaluations.add_many(session, [(one, self._regrade.rubric_key) for one in made])


def _with_people(old: Old, before: Evaluation, rubric: Rubric, new: Evaluation, ratings: tuple[Rating, ...]) -> Outcome:
    """What counts before and after, and on how many people's marks the engine changes sides."""
    after = effective(rubric, new, ratings).evaluation
    people = verdicts(rating_of(rubric, one) for one in ratings)
    now = {one.id: one.verdict for one in new.key_points}
    sides = [(old.verdicts.get(id_) == verdict, _is(now, id_, verdict)) for id_, verdict in people.items()]
    return Outcome(
        old=old,
        evaluation=new,
        points_before=before.points,
        level_before=before.level,
        points=after.points,
        level=after.level,
        marks=len(sides),
        gained=sum(is_now and not was for was, is_now in sides),
        lost=sum(was and not is_now for was, is_now in sides),
        ratings=ratings,
    )


def _is(verdicts_now: dict[str, Verdict], id_: str, verdict: Verdict) -> bool:
    return verdicts_now.get(id_) is verdict
