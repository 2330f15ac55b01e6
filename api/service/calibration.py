"""A rubric's calibration: fitted on what people marked, put into a draft where it holds, taken out again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.orm import Session

from api.db import Database
from api.errors import Conflict, NotFound
from api.service.agreement import reviewed
from api.service.ids import uuid7
from api.store import calibrations as store
from api.store import rubrics as rubric_store
from api.store.calibrations import StoredCalibration
from api.store.rubrics import StoredRubric
from grader.calibration_gate import Learned, learn
from grader.engine import Engine
from grader.lessons import Rated, Taught, lessons
from grader.model import EngineInfo
from grader.rubric_calibration import bare, in_force, to_calibration
from rubrics.model import Calibration, Rubric

MOST: Final = 5_000  # answers that are looked at, the newest


@dataclass(frozen=True, slots=True)
class Present:
    """A rubric's calibration now (None: it has none), whether it is at work, and all that it ever had."""

    rubric: Rubric
    calibration: Calibration | None
    in_force: bool
    history: tuple[StoredCalibration, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What marks teach at present. `refusal`: why that isn't applied, "" where it holds; `version`: the draft that has
    it, None for a trial only.
    """

    rubric: Rubric
    taught: Taught
    learned: Learned
    refusal: str
    version: int | None = None


def read(database: Database, engine: EngineInfo, rubric_id: str) -> Present:
    """The calibration of a rubric's latest version. Raises NotFound."""
    with database.reading() as session:
        latest = _latest(session, rubric_id).rubric
        history = tuple(store.of_rubric(session, rubric_id))
    return Present(latest, latest.calibration, in_force(latest, engine) is not None, history)


def attempt(database: Database, engine: Engine, rubric_id: str) -> Attempt:
    """Fit and try it, and change nothing. Raises NotFound."""
    with database.reading() as session:
        return _attempt(session, engine, rubric_id)


def calibrate(database: Database, engine: Engine, rubric_id: str, by: str) -> Attempt:
    """Fit it, and if it holds put it into a draft of the latest version. Raises NotFound, and Conflict where it doesn't
    hold.
    """
    with database.transaction() as session:
        rubric_store.lock_one(session, rubric_id)
        found = _attempt(session, engine, rubric_id)
        fitted, tried = found.learned.fitted, found.learned.tried
        if fitted is None or tried is None or found.refusal:
            raise Conflict(found.refusal)
        now = datetime.now(UTC)
        taught = to_calibration(fitted, found.rubric, engine.info, tried.marks)
        draft = _draft(session, replace(found.rubric, calibration=taught))
        store.add(session, uuid7(now), draft.key, by, now, tried)
        return replace(found, version=draft.rubric.version)


def remove(database: Database, rubric_id: str) -> StoredRubric:
    """A draft of the latest version without its calibration. Raises NotFound, also where there is none."""
    with database.transaction() as session:
        rubric_store.lock_one(session, rubric_id)
        latest = _latest(session, rubric_id).rubric
        if latest.calibration is None:
            raise NotFound(f"Rubric {rubric_id!r} has no calibration in version {latest.version}, its latest.")
        return _draft(session, bare(latest))


def _attempt(session: Session, engine: Engine, rubric_id: str) -> Attempt:
    rubric = _latest(session, rubric_id).rubric
    taught = lessons(rubric, engine.info, engine.calibration, _rated(session, rubric_id))
    learned = learn(taught.lessons)
    return Attempt(rubric, taught, learned, learned.refusal + _left_out(taught) if learned.refusal else "")


def _rated(session: Session, rubric_id: str) -> Iterator[Rated]:
    for one in reviewed(session, rubric_id, None, None, MOST):
        yield Rated(one.rubric.rubric, one.stored.evaluation, one.ratings)


def _left_out(taught: Taught) -> str:
    out = {
        "graded by another engine or against other wordings (publish the latest version again)": taught.outdated,
        "voided by a guard": taught.void,
        "with corrections or appeals only (accept the rest, too)": taught.one_sided,
    }
    left = ", ".join(f"{count} {what}" for what, count in out.items() if count)
    return f" Left out are answers: {left}." if left else ""


def _draft(session: Session, rubric: Rubric) -> StoredRubric:
    number = rubric_store.next_number(session, rubric.id)
    return rubric_store.add_version(session, replace(rubric, version=number), "api", draft=True)


def _latest(session: Session, rubric_id: str) -> StoredRubric:
    found = rubric_store.latest(session, rubric_id)
    if found is None:
        raise NotFound(f"There is no rubric {rubric_id!r}; GET /v1/rubrics lists them.")
    return found
