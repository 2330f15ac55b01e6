"""Graded answers sorted into candidates and items, with the matrices that statistics work on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from api.report import meaning
from api.report.model import Answer, Candidate, Item, PointCounts, Quote
from api.report.statistics import F64
from grader.batch.model import Graded
from grader.errors import DataInvalid
from grader.model import KeyPointResult, Verdict
from rubrics.model import Rubric


@dataclass(frozen=True, slots=True)
class Cohort:
    """Answers with positions; `by_item`: positions of each item's answers that count, scored or not, in order;
    `coverage` [candidates, items]: 0–1, NaN where there is no scored answer.
    """

    answers: tuple[Answer, ...]
    names: tuple[str, ...]
    rubrics: tuple[Rubric, ...]
    by_item: tuple[tuple[int, ...], ...]
    coverage: F64

    def scored(self, item: int) -> list[int]:
        """Positions of an item's scored answers that count, in order."""
        return [at for at in self.by_item[item] if self.answers[at].graded.evaluation.coverage is not None]

    def text(self, quote: Quote) -> str:
        """The quoted words."""
        return self.answers[quote.answer].graded.item.answer[quote.start : quote.end]


def group(graded: Iterable[Graded], rubrics: Mapping[str, Rubric]) -> Cohort:
    """Candidates and items in order of appearance; an answer without a candidate is a candidate of its own.

    Raises DataInvalid for an answer whose rubric isn't in `rubrics` or has other key points than it was graded on.
    """
    people: dict[tuple[bool, str], int] = {}
    items: dict[str, int] = {}
    last: dict[tuple[int, int], int] = {}
    rows: list[tuple[int, int, Graded]] = []
    for at, one in enumerate(graded):
        _check(one, rubrics)
        name = one.item.candidate
        who = people.setdefault((name is not None, one.item.key if name is None else name), len(people))
        what = items.setdefault(one.item.rubric, len(items))
        last[who, what] = at
        rows.append((who, what, one))
    answers = tuple(Answer(who, what, last[who, what] == at, one) for at, (who, what, one) in enumerate(rows))
    names = tuple(name for _, name in people)
    by_item: list[list[int]] = [[] for _ in items]
    for at, answer in enumerate(answers):
        if answer.counts:
            by_item[answer.item].append(at)
    coverage = _coverage(answers, len(people), len(items))
    return Cohort(answers, names, tuple(rubrics[key] for key in items), tuple(map(tuple, by_item)), coverage)


def _check(one: Graded, rubrics: Mapping[str, Rubric]) -> None:
    rubric = rubrics.get(one.item.rubric)
    if rubric is None:
        raise DataInvalid(f"answer {one.item.key!r}: there is no rubric {one.item.rubric!r}: give the one it had")
    known = {point.id for point in rubric.key_points}
    strange = [result.id for result in one.evaluation.key_points if result.id not in known]
    if strange:
        raise DataInvalid(
            f"answer {one.item.key!r} was graded on key point {strange[0]!r}, which version {rubric.version} of rubric "
            f"{rubric.id!r} doesn't have: give version {one.evaluation.rubric.version}"
        )


def _coverage(answers: Sequence[Answer], candidates: int, items: int) -> F64:
    out = np.full((candidates, items), np.nan)
    for answer in answers:
        if answer.counts and (value := answer.graded.evaluation.coverage) is not None:
            out[answer.candidate, answer.item] = value
    return out


def candidates(cohort: Cohort) -> tuple[Candidate, ...]:
    """Everyone with their answers and mean coverage."""
    rows: list[list[int]] = [[] for _ in cohort.names]
    for at, answer in enumerate(cohort.answers):
        rows[answer.candidate].append(at)
    means = [_mean(row) for row in cohort.coverage]
    return tuple(Candidate(name, tuple(own), mean) for name, own, mean in zip(cohort.names, rows, means, strict=True))


def items(cohort: Cohort, whole: float | None) -> tuple[Item, ...]:
    """Every item with its figures. `whole`: alpha of the set."""
    return tuple(_item(cohort, at, whole) for at in range(len(cohort.rubrics)))


def _item(cohort: Cohort, at: int, whole: float | None) -> Item:
    rubric, own = cohort.rubrics[at], cohort.scored(at)
    results = [_by_id(cohort.answers[one].graded.evaluation.key_points) for one in own]
    credits = np.array([[row[point.id].credit for point in rubric.key_points] for row in results], np.float64)
    return Item(
        rubric=rubric,
        scored=len(own),
        unscored=len(cohort.by_item[at]) - len(own),
        difficulty=meaning.difficulty(_mean(cohort.coverage[:, at]), len(own)),
        discrimination=meaning.discrimination(cohort.coverage, at),
        reliability=meaning.reliability_of_points(credits.reshape(len(own), len(rubric.key_points))),
        without=meaning.without(cohort.coverage, at, whole),
        points=tuple(_counts(rubric, place, results) for place in range(len(rubric.key_points))),
    )


def _counts(rubric: Rubric, place: int, results: Sequence[Mapping[str, KeyPointResult]]) -> PointCounts:
    point = rubric.key_points[place]
    got = [row[point.id] for row in results]
    verdicts = tuple((verdict, sum(one.verdict is verdict for one in got)) for verdict in Verdict)
    lost = 1 - sum(one.credit for one in got) / len(got) if got else None
    return PointCounts(point.id, point.statement, point.weight, verdicts, lost)


def _by_id(results: Iterable[KeyPointResult]) -> dict[str, KeyPointResult]:
    return {one.id: one for one in results}


def _mean(values: F64) -> float | None:
    kept = values[~np.isnan(values)]
    return float(kept.mean()) if len(kept) else None
