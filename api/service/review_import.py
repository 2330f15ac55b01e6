"""Marks that people gave elsewhere, brought in as reviews."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from api.db import Database
from api.errors import ApiError
from api.service import review_queue, reviews
from api.store import evaluations
from api.store.review_claims import Lane, Order, Queue
from grader.batch.model import BadRow
from grader.batch.tables import open_table
from grader.errors import RatingInvalid
from grader.human_marks import Columns, HumanRow, columns_of, rows, said
from grader.rate import marks
from grader.rating import Mark, Place, Rating, RatingKind

GROUP: Final = 100  # answers whose reviews are stored in one transaction


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file: reviews stored, reviews that said nothing new, columns that nothing was read from."""

    stored: int
    unchanged: int
    unused_columns: tuple[str, ...]
    bad_rows: tuple[BadRow, ...]


def run(database: Database, path: Path, reviewer: str, batch_id: UUID | None) -> Imported:
    """Store the good rows of a file as reviews, one for each answer and reviewer, and tell the bad ones by line.

    The answer is the candidate's newest one to that rubric (of the batch, if there is one). The same marks by the same
    person a second time change nothing. Raises DataInvalid for a file that can't be read, NotFound for no such batch.
    """
    table = open_table(path)
    columns = columns_of(table)
    found = list(rows(table, columns, reviewer))
    with database.reading() as session:
        review_queue.check(session, Queue(Lane.REVIEW, Order.SAMPLE, None, batch_id))
    work = _Import(columns, batch_id, [one for one in found if isinstance(one, BadRow)])
    groups = iter(_by_answer([one for one in found if isinstance(one, HumanRow)]))
    while some := list(islice(groups, GROUP)):
        with database.transaction() as session:
            work.store(session, some)
    bad = sorted(work.bad, key=lambda one: one.line)
    unused = [name for name in columns.others if name not in work.used]
    return Imported(work.stored, work.unchanged, tuple(unused), tuple(bad))


def _by_answer(found: Iterable[HumanRow]) -> list[list[HumanRow]]:
    groups: dict[tuple[str, str, str], list[HumanRow]] = {}
    for row in found:
        groups.setdefault((row.candidate, row.rubric, row.reviewer), []).append(row)
    return list(groups.values())


class _Import:
    """One file on its way into the database."""

    def __init__(self, columns: Columns, batch_id: UUID | None, bad: list[BadRow]) -> None:
        self._columns, self._batch_id, self.bad = columns, batch_id, bad
        self.stored = self.unchanged = 0
        self.used: set[str] = set()

    def store(self, session: Session, groups: Sequence[list[HumanRow]]) -> None:
        wanted = {(group[0].candidate, group[0].rubric) for group in groups}
        answers = evaluations.answers_by(session, wanted, self._batch_id)
        known = [(answers.get((group[0].candidate, group[0].rubric)), group) for group in groups]
        for id_, group in known:
            if id_ is None:
                self._refuse(
                    group, "unknown_answer", "there is no answer of this candidate to this rubric; grade it first"
                )
        for id_, group in sorted((id_, group) for id_, group in known if id_ is not None):
            self._review(session, id_, group)  # in the order of ids, so that two imports can't block each other

    def _review(self, session: Session, answer_id: UUID, group: list[HumanRow]) -> None:
        try:
            answer = reviews.locked(session, answer_id)
        except ApiError as error:
            self._refuse(group, error.code, str(error))
            return
        given: dict[Place, Mark] = {}
        for row in group:
            try:
                one = said(row, self._columns, answer.rubric.rubric)
                text = answer.stored.submission.text
                new = marks(RatingKind.IMPORT, one, answer.rubric.rubric, text, answer.effective)
                _refuse_twice(new, given)
                given.update({mark.place: mark for mark in new})
                self.used.update(word.field for word in one.words)
            except RatingInvalid as error:
                self.bad.append(BadRow(row.line, error.field, error.code, error.message))
        if given and _is_news(answer.ratings, group[0].reviewer, tuple(given.values())):
            reviews.rated(session, answer, RatingKind.IMPORT, group[0].reviewer, "", tuple(given.values()))
            self.stored += 1
        elif given:
            self.unchanged += 1

    def _refuse(self, group: Iterable[HumanRow], code: str, reason: str) -> None:
        self.bad.extend(BadRow(row.line, None, code, reason) for row in group)


def _refuse_twice(new: Iterable[Mark], given: Mapping[Place, Mark]) -> None:
    for mark in new:
        if mark.place in given:
            raise RatingInvalid(mark.id, "is marked in an earlier row for the same answer; keep one of them")


def _is_news(ratings: Sequence[Rating], reviewer: str, given: tuple[Mark, ...]) -> bool:
    """Whether this person's last imported marks were others."""
    theirs: Iterator[Rating] = (
        one for one in reversed(ratings) if one.kind is RatingKind.IMPORT and one.reviewer == reviewer
    )
    last = next(theirs, None)
    return last is None or last.marks != given
