"""Whether what people's marks teach is applied: refused with the reason where there are too few, or no gain holds."""

from dataclasses import dataclass
from typing import Final

from grader.calibration_fit import MARGIN, Fit, Lessons, Trial, fit, trial

LEAST_MARKS: Final = 10  # verdicts on key points and marks on whole answers together
LEAST_ANSWERS: Final = 5


@dataclass(frozen=True, slots=True)
class Learned:
    """A calibration as marks would have it, and its trial; both None where there are too few marks to fit anything.

    refusal: why it isn't applied, "" where it holds.
    """

    fitted: Fit | None
    tried: Trial | None
    refusal: str


def learn(lessons: Lessons) -> Learned:
    """Fit and try a calibration."""
    if len(lessons) < LEAST_ANSWERS or lessons.marks < LEAST_MARKS:
        told = (
            f"No calibration: {lessons.marks} marks on {len(lessons)} answers count, and it takes {LEAST_MARKS} on "
            f"{LEAST_ANSWERS}."
        )
        return Learned(None, None, told)
    fitted, tried = fit(lessons), trial(lessons)
    return Learned(fitted, tried, "" if tried.holds and fitted.keeps_order else _no_gain(fitted, tried))


def _no_gain(fitted: Fit, tried: Trial) -> str:
    if not fitted.keeps_order:
        return f"No calibration: on {tried.marks} marks people's order of the answers isn't the engine's."
    loss, distance = tried.loss_before - tried.loss_after, tried.distance_before - tried.distance_after
    return (
        f"No calibration: on {tried.marks} marks outside the fold log loss falls by {loss:.4f} ± "
        f"{tried.loss_error:.4f} and the distance from people's marks by {distance:.4f} ± "
        f"{tried.distance_error:.4f}; it takes more than {MARGIN:g} standard errors of both."
    )
