"""Rules on what a rubric's points weigh and what they tell the candidate. No model: text and arithmetic only."""

from collections.abc import Iterator, Sequence
from typing import Final

from rubrics.findings import Fault, Severity, rule
from rubrics.lint_statements import content
from rubrics.model import Level, Rubric

HEAVIEST: Final = 0.4  # share of all points that one key point may be worth
POINTS: Final = (4, 8)
REPEATED: Final = 0.75  # share of a statement's words that its feedback may repeat
GRID: Final = 200_000  # steps in which shares of the maximum are counted
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
    met, unmet = _shares(rubric)
    for index, level in enumerate(rubric.levels[1:], start=1):
        above = rubric.levels[index + 1 :]
        reached = met & _band(level, above)
        if not level.needs_required:
            reached |= unmet & _band(level, [other for other in above if not other.needs_required])
        if not reached:
            yield ("levels", index), f"“{level.name}” (from {level.min_score:.0%}) is never reached"


def _shares(rubric: Rubric) -> tuple[int, int]:
    """The shares of the maximum that answers can have, as bits on the grid: with all required points, and without."""
    met, unmet = 1, 0
    for point in rubric.key_points:
        half = max(1, round(GRID * point.weight / rubric.max_points / 2))
        less, lost = met | met << half, unmet | unmet << half | unmet << 2 * half
        met, unmet = (met << 2 * half, lost | less) if point.required else (less | met << 2 * half, lost)
    return met, unmet


def _band(level: Level, above: Sequence[Level]) -> int:
    """The bits of a level, up to the first of those above it, with room for rounding."""
    stop = above[0].min_score if above else 1.01
    first, last = (max(0, round(share * GRID) - ROOM) for share in (level.min_score, stop))
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
    """Without `missed` and `correction` the mark doesn't teach those who miss a point or assert a misconception."""
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


@rule(Severity.WARNING, "Write follow-up questions that lead to these points, and list their ids with them.")
def few_follow_ups(rubric: Rubric) -> Iterator[Fault]:
    """A follow-up is asked when one of its key points was missed; for more than half of the points there is none."""
    asked = {id_ for follow_up in rubric.follow_ups for id_ in follow_up.key_points}
    silent = [point.id for point in rubric.key_points if point.id not in asked]
    if len(silent) > len(rubric.key_points) / 2:
        yield ("follow_ups",), f"none for {', '.join(silent)}"
