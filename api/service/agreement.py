"""How far people and engine agree, from the reviews that are stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from api.db import Database
from api.service import review_queue, reviews
from api.service.reviews import Reviewed
from api.store import evaluations
from api.store import reviews as store
from api.store.review_claims import Lane, Order, Queue
from grader.model import Verdict
from grader.rater_agreement import Compared, Figures, by_band, by_key_point, by_time, figures
from grader.raters import with_each_other, with_engine, with_model
from grader.second_opinion import VERDICTS

PAGE: Final = 500  # answers read at once


@dataclass(frozen=True, slots=True)
class Agreement:
    """People beside the engine: all, and those who hadn't seen its verdicts; and people beside each other.

    reviewed: answers that anybody rated in that while; unscored: answers without a mark, which nobody can rate.
    models: by rater, people beside a language model on the points that it was asked about, and beside the engine there.
    """

    reviewed: int
    unscored: int
    engine: Figures
    unseen: Figures
    people: Figures
    points: dict[tuple[str, str], Figures]
    people_points: dict[tuple[str, str], Figures]
    bands: dict[int, Figures]
    times: dict[str, Figures]
    models: dict[str, tuple[Figures, Figures]]


def agreement(
    database: Database, rubric_id: str | None, batch_id: UUID | None, since: datetime | None, seed: int
) -> Agreement:
    """The agreement on the newest evaluations of what was rated since then. Raises NotFound."""
    engine: list[Compared] = []
    unseen: list[Compared] = []
    people: list[Compared] = []
    models: dict[str, list[tuple[Compared, Compared]]] = {}
    count = 0
    with database.reading() as session:
        review_queue.check(session, Queue(Lane.REVIEW, Order.SAMPLE, rubric_id, batch_id))
        unscored = evaluations.count_unscored(session, rubric_id, batch_id)
        for one in reviewed(session, rubric_id, batch_id, since):
            rubric, evaluation = one.rubric.rubric, one.stored.evaluation
            ratings = [rating for rating in one.ratings if since is None or rating.at >= since]
            count += 1
            for found, row in (
                (engine, with_engine(rubric, evaluation, ratings)),
                (unseen, with_engine(rubric, evaluation, ratings, unseen=True)),
                (people, with_each_other(rubric, ratings)),
            ):
                found.extend([row] if row else [])
            for rater, said in words(one).items():
                both = with_model(rubric, evaluation, ratings, said)
                models.setdefault(rater, []).extend([both] if both else [])
    return Agreement(
        reviewed=count,
        unscored=unscored,
        engine=figures(engine, seed),
        unseen=figures(unseen, seed),
        people=figures(people, seed),
        points=by_key_point(engine, seed),
        people_points=by_key_point(people, seed),
        bands=by_band(engine, seed),
        times=by_time(engine, seed),
        models={
            rater: (figures([model for model, _ in rows], seed), figures([engines for _, engines in rows], seed))
            for rater, rows in sorted(models.items())
        },
    )


def words(one: Reviewed) -> dict[str, dict[str, Verdict]]:
    """What language models said, by rater and key point; without what they couldn't tell."""
    found: dict[str, dict[str, Verdict]] = {}
    for said in one.opinions:
        if said.word in VERDICTS:
            found.setdefault(said.rater, {})[said.key_point_id] = VERDICTS[said.word]
    return found


def reviewed(
    session: Session, rubric_id: str | None, batch_id: UUID | None, since: datetime | None, most: int | None = None
) -> Iterator[Reviewed]:
    """Every answer that was rated since then, as it stands; `most`: only so many, the newest."""
    ids = store.rated(session, rubric_id, batch_id, since)
    ids = ids if most is None else ids[-most:]
    for begin in range(0, len(ids), PAGE):
        yield from reviews.laid_over(session, evaluations.newest_of(session, ids[begin : begin + PAGE]))
        session.expunge_all()
