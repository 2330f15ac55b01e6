"""What a rubric's reviewed answers teach: which of people's marks a calibration may be fitted on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from grader.calibration_fit import Lessons
from grader.effective import rating_of, standing
from grader.learned import Calibration
from grader.model import EngineInfo, Evaluation, Status, Verdict
from grader.rating import TOTAL, UNSEEN, Decision, Place, Rating, RatingKind, Target
from grader.rubric_calibration import bare, uncalibrated
from grader.verdict import CREDIT
from rubrics import scoring_hash
from rubrics.model import Rubric


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer that people rated: the rubric version and evaluation that count now, and the ratings, oldest first."""

    rubric: Rubric
    evaluation: Evaluation
    ratings: Sequence[Rating]


@dataclass(frozen=True, slots=True)
class Taught:
    """Lessons, and the answers that give none. outdated: graded by another engine or against other wordings; void: a
    guard found that nothing in them may earn points; one_sided: only the verdicts that somebody changed are marked, or
    contested ones, which says nothing about the others.
    """

    lessons: Lessons
    outdated: int
    void: int
    one_sided: int


def lessons(rubric: Rubric, engine: EngineInfo, numbers: Calibration, rated: Iterable[Rated]) -> Taught:
    """From all rated answers to `rubric`, the version that is to be calibrated."""
    wanted = scoring_hash(bare(rubric))
    count = {"outdated": 0, "void": 0, "one_sided": 0}
    chances, credits, wholes = [], [], []
    for one in rated:
        if one.evaluation.engine != engine or scoring_hash(bare(one.rubric)) != wanted:
            count["outdated"] += 1
        elif _is_void(one.evaluation):
            count["void"] += 1
        elif (marks := _marks(rubric, one.ratings)) is None:
            count["one_sided"] += 1
        else:
            covered = [point.probability for point in one.evaluation.key_points]
            chances.append(uncalibrated(covered, one.rubric, engine))
            credits.append(marks[0])
            wholes.append(marks[1])
    points = len(rubric.key_points)
    found = Lessons(
        chances=np.array(chances, np.float64).reshape(len(chances), points),
        credits=np.array(credits, np.float64).reshape(len(chances), points),
        wholes=np.array(wholes, np.float64),
        weights=np.array([point.weight for point in rubric.key_points], np.float64),
        numbers=numbers,
    )
    return Taught(found, **count)


def _is_void(evaluation: Evaluation) -> bool:
    return evaluation.status is Status.UNSCORED or not any(one.probability for one in evaluation.key_points)


def _marks(rubric: Rubric, ratings: Sequence[Rating]) -> tuple[list[float], float] | None:
    """Credits by key point and a share for the whole, NaN where there is none; None where the marks are one-sided.

    Who looks at the engine's verdicts and sends only what is wrong leaves out what is right: such marks count where
    every key point has one. Appeals are about points that weren't given, and never count.
    """
    given = standing(rating_of(rubric, one) for one in ratings if one.kind is not RatingKind.APPEAL)
    points = [given.get((Target.KEY_POINT, point.id)) for point in rubric.key_points]
    unseen = [one if one and one.rating.kind in UNSEEN else None for one in points]
    counting = points if all(points) else unseen
    whole = _whole(rubric, given) if not any(counting) else float("nan")
    if not any(counting) and np.isnan(whole):
        return None
    return [_credit(one) for one in counting], whole


def _credit(given: Decision | None) -> float:
    return CREDIT[given.mark.value] if given and isinstance(given.mark.value, Verdict) else float("nan")


def _whole(rubric: Rubric, given: dict[Place, Decision]) -> float:
    found = given.get((Target.TOTAL, TOTAL))
    return float(found.mark.value) / rubric.max_points if found else float("nan")
