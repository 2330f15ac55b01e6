"""Rules on what a rubric's points weigh and what they tell the candidate. No model: text and arithmetic only."""

from collections.abc import Iterator
from typing import Final

from rubrics.findings import Fault, Severity, rule
from rubrics.lint_statements import content
from rubrics.model import Rubric

HEAVIEST: Final = 0.4  # share of all points that one key point may be worth
POINTS: Final = (4, 8)
REPEATED: Final = 0.75  # share of a statement's words that its feedback may repeat
GRID: Final = 20_000  # steps in which shares of the maximum are counted
ROOM: Final = 64  # steps that rounding can amount to, half of one for each half of 64 key points


@rule(Severity.ERROR, "Lower this weight, raise others, or divide the point.")
def dominant_weight(rubric: Rubric) -> Iterator[Fault]:
    """A point worth more than 40% of all makes the mark hang on one verdict.

    Rubrics of one or two points can't help it and are left alone.
    """
    if len(rubric.key_points) < 3:
        return
    for index, point in enumerate(rubric.key_points):
        if (share := point.weight / rubric.max_points) > HEAVIEST + 1e-9:
            yield ("key_points", index, "weight"), f"{point.weight:g} of {rubric.max_points:g} points is {share:.0%}"


@rule(Severity.WARNING, "Aim at 4 to 8 points: merge what always goes together, add what a good answer also says.")
def point_count(rubric: Rubric) -> Iterator[Fault]:
    """One of three points moves the mark by a third; more than eight are seldom all needed in one answer."""
    if not POINTS[0] <= (count := len(rubric.key_points)) <= POINTS[1]:
        yield ("key_points",), f"{count} key point{'s' if count > 1 else ''}"


@rule(Severity.ERROR, "Move the level's min_score, drop the level, or change weights and required points.")
def unreachable_level(rubric: Rubric) -> Iterator[Fault]:
    """No combination of covered, half covered and missed points ends in this level.

    The steps between possible scores jump over it, or the required points that it needs already reach the level above.
    """
    any_share, with_required = _shares(rubric, required=False), _shares(rubric, required=True)
    scores = [level.min_score for level in rubric.levels]
    for index, level in enumerate(rubric.levels):
        beyond = [other.min_score for other in rubric.levels[index + 1 :] if not other.needs_required]
        band = _band(level.min_score, [*scores[index + 1 :], 2.0][0])
        without = 0 if level.needs_required else any_share & _band(level.min_score, [*beyond, 2.0][0])
        if index and not (with_required & band) | without:
            yield ("levels", index), f"“{level.name}” (from {level.min_score:.0%}) is never reached"


def _shares(rubric: Rubric, required: bool) -> int:
    """The shares of the maximum that answers can have, as bits on the grid; with all `required` points, or any."""
    sums = 1
    for point in rubric.key_points:
        half = max(1, round(GRID * point.weight / rubric.max_points / 2))
        full = sums << 2 * half
        sums = full if point.required and required else sums | sums << half | full
    return sums


def _band(start: float, stop: float) -> int:
    """Bits from `start` (with a little room for rounding) up to `stop`, exclusive."""
    first, last = max(0, round(start * GRID) - ROOM), max(0, round(min(stop, 1.01) * GRID) - ROOM)
    return (1 << max(first, last)) - (1 << first)


@rule(Severity.WARNING, "Mark the points that matter as required, and let the top level need them; or do neither.")
def idle_required(rubric: Rubric) -> Iterator[Fault]:
    """`required` points and levels with `needs_required` work only together."""
    required = [index for index, point in enumerate(rubric.key_points) if point.required]
    needing = [index for index, level in enumerate(rubric.levels) if level.needs_required]
    if required and not needing:
        yield ("key_points", required[0], "required"), "is required, and no level needs the required points"
    if needing and not required:
        yield ("levels", needing[0], "needs_required"), "needs the required points, and no point is required"


@rule(Severity.ERROR, "Write what helps a candidate to find it: a question, an experiment, a consequence.")
def missing_feedback(rubric: Rubric) -> Iterator[Fault]:
    """A candidate who misses a point reads its `missed`, one who asserts a misconception its `correction`. Without them
    the mark teaches nothing.
    """
    for index, point in enumerate(rubric.key_points):
        if not point.missed:
            yield ("key_points", index), f"{point.id} has no `missed`"
    for index, item in enumerate(rubric.misconceptions):
        if not item.correction:
            yield ("misconceptions", index), f"{item.id} has no `correction`"


@rule(Severity.WARNING, "Lead to the point instead of giving it: what to compare, to try out, to ask oneself.")
def feedback_repeats_point(rubric: Rubric) -> Iterator[Fault]:
    """`missed` feedback with three quarters of the statement's words gives the point away and teaches nothing."""
    for index, point in enumerate(rubric.key_points):
        stated = content(point.statement)
        if stated and len(stated & content(point.missed)) >= REPEATED * len(stated):
            yield ("key_points", index, "missed"), f"repeats the statement: “{point.missed}”"


@rule(Severity.WARNING, "Add its id to the follow-up question that leads to it, or write one.")
def no_follow_up(rubric: Rubric) -> Iterator[Fault]:
    """An interviewer, or the feedback, asks a follow-up when one of its key points was missed. For this point there is
    none.
    """
    asked = {id_ for follow_up in rubric.follow_ups for id_ in follow_up.key_points}
    for index, point in enumerate(rubric.key_points):
        if point.id not in asked:
            yield ("key_points", index), f"{point.id} is in no follow-up"
