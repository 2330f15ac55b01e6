"""Who is compared with whom: people with the engine, people with each other."""

from collections.abc import Iterable, Sequence

from grader.effective import rating_of, standing
from grader.model import Evaluation, Verdict
from grader.rater_agreement import Compared, coverage_of
from grader.rating import RANK, SETTLES, TOTAL, UNSEEN, Rating, RatingKind, Target
from rubrics.model import Rubric


def with_engine(
    rubric: Rubric, evaluation: Evaluation, ratings: Sequence[Rating], unseen: bool = False
) -> Compared | None:
    """What counts among people beside the engine; `unseen`: only ratings by people who hadn't seen its verdicts.

    None where no rating holds for this version of the rubric.
    """
    given = [rating_of(rubric, one) for one in ratings if not unseen or one.kind in UNSEEN]
    engines = {one.id: one.verdict for one in evaluation.key_points}
    return _compared(rubric, given, engines, evaluation.coverage)


def with_model(
    rubric: Rubric, evaluation: Evaluation, ratings: Sequence[Rating], said: dict[str, Verdict]
) -> tuple[Compared, Compared] | None:
    """What counts among people beside what a language model said on doubtful points, and beside the engine on the same
    points; None where people rated none of them.
    """
    given = [rating_of(rubric, one) for one in ratings]
    both = said.keys() & verdicts(given).keys()
    engines = {one.id: one.verdict for one in evaluation.key_points if one.id in both}
    model = _compared(rubric, given, {id_: said[id_] for id_ in both}, None)
    engine = _compared(rubric, given, engines, None)
    return (model, engine) if both and model and engine else None


def with_each_other(rubric: Rubric, ratings: Sequence[Rating]) -> Compared | None:
    """The latest blind rating beside what other people had said; None where only one person rated.

    Adjudications and appeals settle what two raters disagreed on, and are no rating of their own.
    """
    given = [rating_of(rubric, one) for one in ratings if RANK[one.kind] < SETTLES]
    blind = next((one for one in reversed(given) if one.kind is RatingKind.BLIND), None)
    if blind is None:
        return None
    theirs = verdicts(given_by for given_by in given if given_by.reviewer == blind.reviewer)
    coverage = _coverage(rubric, [one for one in given if one.reviewer == blind.reviewer])
    others = [one for one in given if one.reviewer != blind.reviewer]
    return _compared(rubric, others, theirs, coverage) if others else None


def verdicts(ratings: Iterable[Rating]) -> dict[str, Verdict]:
    """The verdict that counts on each key point that was rated."""
    return {
        place[1]: one.mark.value
        for place, one in standing(ratings).items()
        if place[0] is Target.KEY_POINT and isinstance(one.mark.value, Verdict)
    }


def _compared(
    rubric: Rubric, ratings: Sequence[Rating], right: dict[str, Verdict], right_coverage: float | None
) -> Compared | None:
    if not any(one.marks for one in ratings):
        return None
    time = max(one.at for one in ratings if one.marks)
    left = _coverage(rubric, ratings)
    return Compared(rubric.id, f"{time:%Y-%m}", verdicts(ratings), right, left, right_coverage)


def _coverage(rubric: Rubric, ratings: Sequence[Rating]) -> float | None:
    """From the verdicts, or from a mark for the whole where key points were left out."""
    weights = {point.id: point.weight for point in rubric.key_points}
    found = coverage_of(verdicts(ratings), weights)
    if found is None and (whole := standing(ratings).get((Target.TOTAL, TOTAL))):
        return float(whole.mark.value) / rubric.max_points
    return found
