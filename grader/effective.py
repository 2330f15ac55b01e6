"""The effective result: the engine's with what people decided laid over it. The only place that works it out.

Of several marks on one target, the one of the higher rank counts, and of one rank the latest. A mark holds for every
version of the rubric in which its target says the same: a key point that was restated is another proposition, and what
a person said about the old one isn't carried over. Nothing is overwritten: the ratings all stay, in their order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader import feedback
from grader.model import Evaluation, Evidence, KeyPointResult, MisconceptionResult, Status, Verdict
from grader.rating import RANK, SETTLES, TOTAL, Decision, Found, Mark, Place, Rating, RatingKind, Span, Target
from grader.scoring import Score, level_of, next_step, score
from grader.verdict import CREDIT
from rubrics.model import KeyPoint, Misconception, Rubric

PEOPLE = 1.0  # similarity and confidence of what a person found


@dataclass(frozen=True, slots=True)
class Effective:
    """What counts. `evaluation`: the engine's, with verdicts, points, coverage, level, missed points and words as
    people left them; confidences, probabilities and `expected_coverage` stay the engine's. `decisions`: by target, what
    people decided; `disputed`: targets on which a blind rating and another one differ, with nothing that settles it.
    """

    evaluation: Evaluation
    decisions: Mapping[Place, Decision]
    disputed: tuple[Place, ...]


def effective(rubric: Rubric, evaluation: Evaluation, ratings: Sequence[Rating]) -> Effective:
    """Lay ratings (oldest first) over an evaluation against `rubric`, the version that it was made with."""
    if not ratings or evaluation.status is Status.UNSCORED:
        return Effective(evaluation, {}, ())
    holding = [rating_of(rubric, rating) for rating in ratings]
    decisions = standing(holding)
    found = _laid_over(rubric, evaluation, decisions) if decisions else evaluation
    return Effective(found, decisions, disputed(holding))


def statements(rubric: Rubric) -> dict[Place, str]:
    """Everything in a rubric version that can be marked, with what it says."""
    points = {(Target.KEY_POINT, point.id): point.statement for point in rubric.key_points}
    return points | {(Target.MISCONCEPTION, item.id): item.statement for item in rubric.misconceptions}


def holds(rubric: Rubric, mark: Mark) -> bool:
    """Whether a mark says something about this version. A mark on the whole names the points there were to get."""
    if mark.target is Target.TOTAL:
        return mark.statement == total_statement(rubric)
    return statements(rubric).get(mark.place) == mark.statement


def total_statement(rubric: Rubric) -> str:
    """What a mark on the whole answer is about."""
    return f"points of {rubric.max_points:g}"


def rating_of(rubric: Rubric, rating: Rating) -> Rating:
    """The part of a rating that holds for this version."""
    kept = tuple(mark for mark in rating.marks if holds(rubric, mark))
    return rating if len(kept) == len(rating.marks) else replace(rating, marks=kept)


def standing(ratings: Iterable[Rating]) -> dict[Place, Decision]:
    """The mark that counts on each target. `ratings`: oldest first."""
    found: dict[Place, Decision] = {}
    for rating in ratings:
        for mark in rating.marks:
            before = found.get(mark.place)
            if before is None or RANK[rating.kind] >= RANK[before.rating.kind]:
                found[mark.place] = Decision(rating, mark)
    return found


def disputed(ratings: Iterable[Rating]) -> tuple[Place, ...]:
    """Targets on which a blind rating differs from another person's latest word, in the order of the marks."""
    latest: dict[Place, dict[str, Decision]] = defaultdict(dict)
    settled = set()
    for rating in ratings:
        for mark in rating.marks:
            if RANK[rating.kind] >= SETTLES:
                settled.add(mark.place)
            latest[mark.place][rating.reviewer] = Decision(rating, mark)
    return tuple(
        place
        for place, people in latest.items()
        if place not in settled
        and any(one.rating.kind is RatingKind.BLIND for one in people.values())
        and len({one.mark.value for one in people.values()}) > 1
    )


def _laid_over(rubric: Rubric, evaluation: Evaluation, decisions: Mapping[Place, Decision]) -> Evaluation:
    points = {point.id: point for point in rubric.key_points}
    results = tuple(
        _key_point(points[one.id], one, decisions.get((Target.KEY_POINT, one.id))) for one in evaluation.key_points
    )
    wrong = _misconceptions(rubric, evaluation, decisions)
    scored = _score(rubric, results, wrong, decisions)
    missed = tuple(r.id for r in sorted(results, key=lambda r: -r.weight) if r.verdict is not Verdict.COVERED)
    is_decided = all((Target.KEY_POINT, one.id) in decisions for one in results)
    return replace(
        evaluation,
        points=scored.points,
        coverage=scored.coverage,
        level=scored.level,
        key_points=results,
        misconceptions=wrong,
        missed=missed,
        feedback=feedback.overall(results, wrong, nothing=False),
        next_step=feedback.step_text(rubric, next_step(rubric, results, wrong, scored.level)),
        follow_ups=feedback.follow_ups(rubric, missed),
        needs_review=evaluation.needs_review and not is_decided,
        review_reasons=() if is_decided else evaluation.review_reasons,
    )


def _key_point(point: KeyPoint, result: KeyPointResult, decision: Decision | None) -> KeyPointResult:
    if decision is None or not isinstance(decision.mark.value, Verdict):
        return result
    verdict, span = decision.mark.value, decision.mark.span
    if verdict is result.verdict and span is None:
        return result
    spans = (_evidence(span),) if span else ()
    told = feedback.for_point(point, verdict, spans)
    return replace(result, verdict=verdict, credit=CREDIT[verdict], evidence=spans, feedback=told)


def _misconceptions(
    rubric: Rubric, evaluation: Evaluation, decisions: Mapping[Place, Decision]
) -> tuple[MisconceptionResult, ...]:
    engines = {one.id: one for one in evaluation.misconceptions}
    out = []
    for item in rubric.misconceptions:
        decision = decisions.get((Target.MISCONCEPTION, item.id))
        if decision is None:
            out.extend([engines[item.id]] if item.id in engines else [])
        elif decision.mark.value is Found.ASSERTED:
            out.append(_asserted(item, engines.get(item.id), decision.mark.span))
    return tuple(out)


def _asserted(item: Misconception, engines: MisconceptionResult | None, span: Span | None) -> MisconceptionResult:
    if engines is not None and span is None:
        return engines
    spans = (_evidence(span),) if span else ()
    return MisconceptionResult(item.id, item.statement, PEOPLE, spans, item.correction, item.penalty)


def _score(
    rubric: Rubric,
    results: Sequence[KeyPointResult],
    wrong: Sequence[MisconceptionResult],
    decisions: Mapping[Place, Decision],
) -> Score:
    """From the verdicts, unless a person's mark on the whole answer counts."""
    if not counts_whole(decisions):
        return score(rubric, results, wrong)
    points = float(decisions[Target.TOTAL, TOTAL].mark.value)
    share = points / rubric.max_points
    # A person who gives a mark for the whole has judged what is required, too.
    return Score(points, round(share, 6), level_of(rubric.levels, share, required_met=True).name)


def people_decided(result: Effective) -> tuple[tuple[str, str], ...]:
    """Ids of what people decided, each with the person; "total" where a mark for the whole answer counts."""
    whole = counts_whole(result.decisions)
    return tuple(
        (place[1], one.rating.reviewer)
        for place, one in result.decisions.items()
        if place[0] is not Target.TOTAL or whole
    )


def counts_whole(decisions: Mapping[Place, Decision]) -> bool:
    """Whether a person's mark on the whole answer outranks, or came after, all that was said about its parts."""
    whole = decisions.get((Target.TOTAL, TOTAL))
    parts = [one.rating for place, one in decisions.items() if place[0] is not Target.TOTAL]
    return whole is not None and all(_weight(one) <= _weight(whole.rating) for one in parts)


def _weight(rating: Rating) -> tuple[int, float, str]:
    return RANK[rating.kind], rating.at.timestamp(), str(rating.id)


def _evidence(span: Span) -> Evidence:
    return Evidence(span.quote, span.start, span.end, PEOPLE)
