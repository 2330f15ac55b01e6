"""Verdicts to points, level, and the shortest way to the next level. Pure arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass

from grader.model import KeyPointResult, MisconceptionResult
from rubrics.model import Level, Rubric


@dataclass(frozen=True, slots=True)
class Score:
    """Points after penalties (never below 0), coverage (0–1) before them, and the level reached."""

    points: float
    coverage: float
    level: str


def score(rubric: Rubric, results: Sequence[KeyPointResult], wrong: Sequence[MisconceptionResult]) -> Score:
    """Weighted credits less penalties."""
    earned = sum(result.weight * result.credit for result in results)
    points = max(0.0, earned - sum(item.penalty for item in wrong))
    required_met = all(result.credit == 1 for result in results if result.required)
    return Score(
        points=round(points, 6),
        coverage=round(earned / rubric.max_points, 6),
        level=level_of(rubric.levels, points / rubric.max_points, required_met).name,
    )


def level_of(levels: Sequence[Level], share: float, required_met: bool) -> Level:
    """The highest level that `share` (points / max points) reaches; levels rise by min_score, the first begins at 0."""
    reached = [item for item in levels if share + 1e-9 >= item.min_score and (required_met or not item.needs_required)]
    return reached[-1] if reached else levels[0]


@dataclass(frozen=True, slots=True)
class Step:
    """What would reach `level`: the key points (ids) to make, and the misconceptions (ids) to drop."""

    level: str
    key_points: tuple[str, ...]
    misconceptions: tuple[str, ...]


def next_step(
    rubric: Rubric, results: Sequence[KeyPointResult], wrong: Sequence[MisconceptionResult], level: str
) -> Step | None:
    """The fewest key points that lead to the next level, heaviest first; None at the top level.

    Required points come first where the next level needs them; penalties are dropped only if key points alone don't do.
    """
    names = [item.name for item in rubric.levels]
    at = names.index(level)
    if at + 1 == len(names):
        return None
    target = rubric.levels[at + 1]
    open_points = sorted((r for r in results if r.credit < 1), key=lambda r: -r.weight * (1 - r.credit))
    chosen = [r for r in open_points if r.required] if target.needs_required else []
    lost = sum(item.penalty for item in wrong)
    earned = sum(r.weight * r.credit for r in results)
    wanted = target.min_score * rubric.max_points - 1e-9

    def reached(gained: Sequence[KeyPointResult], penalty: float) -> bool:
        return max(0.0, earned + sum(r.weight * (1 - r.credit) for r in gained) - penalty) >= wanted

    for result in open_points:
        if reached(chosen, lost):
            break
        if result not in chosen:
            chosen.append(result)
    dropped = () if reached(chosen, lost) else tuple(item.id for item in wrong)
    return Step(target.name, tuple(r.id for r in chosen), dropped)
