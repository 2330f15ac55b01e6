"""One result over a set of graded answers: marks by topic, gaps, what to revise, change since earlier attempts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Final

from grader.model import Evaluation, Status, Verdict
from grader.practice_model import (
    Asserted,
    Change,
    Comparison,
    Earlier,
    Gap,
    Graded,
    PracticeResult,
    Tally,
    TopicGaps,
    TopicTally,
    Trend,
    Unscored,
)
from grader.revise import revisions
from rubrics import Rubric, scoring_hash

STEADY: Final = 0.05  # mean change of the points share that is neither better nor worse


def result(
    answers: Sequence[Graded], bank: Iterable[Rubric], earlier: Mapping[str, Earlier], known: frozenset[str]
) -> PracticeResult:
    """The result over a set. bank: what may be revised; earlier: by rubric id; known: ids of all answered before."""
    topics = tuple(TopicTally(topic, tally(part)) for topic, part in sorted(_by_topic(answers).items()))
    coverages = {item.topic: item.tally.coverage for item in topics}
    asked = frozenset(one.rubric.id for one in answers)
    return PracticeResult(
        total=tally(answers),
        topics=topics,
        unscored=tuple(
            Unscored(one.rubric.id, one.evaluation.unscored_reason or "")
            for one in answers
            if one.evaluation.status is Status.UNSCORED
        ),
        gaps=gaps(answers, earlier),
        misconceptions=_asserted(answers),
        revise=revisions(coverages, bank, asked, known),
        comparison=comparison(answers, earlier),
    )


def tally(answers: Sequence[Graded]) -> Tally:
    """Marks of several answers together."""
    evaluations = [one.evaluation for one in answers if one.evaluation.status is Status.SCORED]
    if not evaluations:
        return Tally(len(answers), 0, None, None, None, {})
    return Tally(
        answers=len(answers),
        scored=len(evaluations),
        points=round(sum(one.points or 0.0 for one in evaluations), 6),
        max_points=round(sum(one.max_points for one in evaluations), 6),
        coverage=round(fmean(one.coverage or 0.0 for one in evaluations), 6),
        levels=Counter(one.level for one in evaluations if one.level),
    )


def gaps(answers: Sequence[Graded], earlier: Mapping[str, Earlier]) -> tuple[TopicGaps, ...]:
    """Key points that scored answers don't fully cover, the topic that lost most points first."""
    found = []
    for topic, part in _by_topic(answers).items():
        row = sorted(
            (gap for one in part for gap in _gaps_of(one, earlier.get(one.rubric.id))),
            key=lambda gap: (gap.verdict is not Verdict.CONTRADICTED, -gap.lost, gap.rubric_id),
        )
        if row:
            found.append(TopicGaps(topic, round(sum(gap.lost for gap in row), 6), tuple(row)))
    return tuple(sorted(found, key=lambda item: (-item.lost, item.topic)))


def _gaps_of(one: Graded, before: Earlier | None) -> list[Gap]:
    hints = {point.id: point.missed for point in one.rubric.key_points}
    last = {point.id: point.credit for point in before.last.evaluation.key_points} if before else {}
    return [
        Gap(
            rubric_id=one.rubric.id,
            key_point_id=point.id,
            statement=point.statement,
            verdict=point.verdict,
            lost=round(point.weight * (1 - point.credit), 6),
            hint=hints.get(point.id) or point.feedback,
            again=last.get(point.id, 1.0) < 1,
        )
        for point in one.evaluation.key_points
        if point.credit < 1
    ]


def comparison(answers: Sequence[Graded], earlier: Mapping[str, Earlier]) -> Comparison:
    """Change of each scored item that the candidate had answered before, in the set's order."""
    changes = tuple(
        _change(one, earlier[one.rubric.id])
        for one in answers
        if one.rubric.id in earlier and one.evaluation.status is Status.SCORED
    )
    counted = [item.change for item in changes if item.comparable]
    mean = round(fmean(counted), 6) if counted else None
    return Comparison(changes, len(counted), mean, trend(mean))


def trend(mean_change: float | None) -> Trend | None:
    """A mean change in words."""
    if mean_change is None:
        return None
    if abs(mean_change) < STEADY:
        return "steady"
    return "better" if mean_change > 0 else "worse"


def _change(one: Graded, before: Earlier) -> Change:
    now, last = _share(one.evaluation), _share(before.last.evaluation)
    same_wordings = scoring_hash(one.rubric) == scoring_hash(before.last.rubric)
    return Change(
        rubric_id=one.rubric.id,
        attempts=before.attempts,
        last_at=before.at,
        last_points_share=last,
        points_share=now,
        change=round(now - last, 6),
        comparable=same_wordings and one.evaluation.engine == before.last.evaluation.engine,
    )


def _share(evaluation: Evaluation) -> float:
    return round((evaluation.points or 0.0) / evaluation.max_points, 6)


def _asserted(answers: Sequence[Graded]) -> tuple[Asserted, ...]:
    found = [
        Asserted(one.rubric.id, one.rubric.topic, item) for one in answers for item in one.evaluation.misconceptions
    ]
    return tuple(sorted(found, key=lambda item: -item.misconception.penalty))


def _by_topic(answers: Sequence[Graded]) -> dict[str, list[Graded]]:
    groups: dict[str, list[Graded]] = defaultdict(list)
    for one in answers:
        groups[one.rubric.topic].append(one)
    return groups
