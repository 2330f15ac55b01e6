"""The key points that most answers lack, with the words that came closest; and the wrong beliefs most often held."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from api.report.cohort import Cohort
from api.report.model import CommonMisconception, Item, MissedPoint, Quote
from api.report.sentences import sentence_quotes
from grader.model import KeyPointResult, Verdict
from rubrics.model import KeyPoint

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

SHOWN = 20  # key points
LEAST_LOST = 0.2  # mean share of a point's credit that must be lost for it to be listed
CLOSE = 3  # quotes a point
READ = 8  # answers read for a point: those likeliest to hold it
LEAST_CLOSE = 0.35  # cosine of a sentence with a wording; less is another subject


def most_missed(cohort: Cohort, items: Sequence[Item], embed: Embed) -> tuple[MissedPoint, ...]:
    """The points with the largest share of credit lost, LEAST_LOST or more, the worst first."""
    lost = [
        (counts.lost, item, point)
        for item, one in enumerate(items)
        for point, counts in enumerate(one.points)
        if counts.lost is not None and counts.lost >= LEAST_LOST
    ]
    worst = sorted(lost, key=lambda row: (-row[0], row[1], row[2]))[:SHOWN]
    return tuple(MissedPoint(item, point, _close(cohort, item, point, embed)) for _, item, point in worst)


def _close(cohort: Cohort, item: int, place: int, embed: Embed) -> tuple[Quote, ...]:
    """Evidence of partial verdicts first; then the nearest sentences of the likeliest answers that missed it."""
    point = cohort.rubrics[item].key_points[place]
    results = [(at, _result(cohort, at, point.id)) for at in cohort.scored(item)]
    likely = sorted(((at, one) for at, one in results if one.credit < 1), key=lambda row: -row[1].probability)
    partial = [
        Quote(at, one.evidence[0].start, one.evidence[0].end)
        for at, one in likely
        if one.verdict is Verdict.PARTIAL and one.evidence
    ]
    found = _distinct(cohort, partial)[:CLOSE]
    if len(found) == CLOSE:
        return tuple(found)
    missed = [at for at, one in likely if one.verdict is Verdict.MISSED][:READ]
    return tuple(_distinct(cohort, [*found, *_nearest(cohort, missed, point, embed)])[:CLOSE])


def _nearest(cohort: Cohort, answers: Sequence[int], point: KeyPoint, embed: Embed) -> list[Quote]:
    """The sentence of each answer that lies nearest to the point, nearest first."""
    quotes = [quote for at in answers for quote in sentence_quotes(at, cohort.answers[at].graded.item.answer)]
    if not quotes:
        return []
    wordings = [point.statement, *point.says]
    vectors = embed([*wordings, *(cohort.text(quote) for quote in quotes)])
    similarity = (vectors[len(wordings) :] @ vectors[: len(wordings)].T).max(axis=1)
    best: dict[int, Quote] = {}
    for row in np.argsort(-similarity, kind="stable").tolist():
        if similarity[row] >= LEAST_CLOSE:
            best.setdefault(quotes[row].answer, quotes[row])
    return list(best.values())


def most_common_misconceptions(cohort: Cohort, items: Sequence[Item]) -> tuple[CommonMisconception, ...]:
    """All misconceptions that some answer asserts, by the share of the item's scored answers."""
    out = []
    for item, one in enumerate(items):
        for wrong in one.rubric.misconceptions:
            held = [
                (result.confidence, at, result.evidence)
                for at in cohort.scored(item)
                for result in cohort.answers[at].graded.evaluation.misconceptions
                if result.id == wrong.id
            ]
            held.sort(key=lambda row: (-row[0], row[1]))
            quotes = tuple(Quote(at, spans[0].start, spans[0].end) for _, at, spans in held if spans)
            if held:
                share = len(held) / one.scored
                out.append(CommonMisconception(item, wrong.id, wrong.statement, wrong.correction, share, quotes))
    return tuple(sorted(out, key=lambda row: (-row.share, row.item)))


def _distinct(cohort: Cohort, quotes: Sequence[Quote]) -> list[Quote]:
    return list({cohort.text(quote).casefold(): quote for quote in reversed(quotes)}.values())[::-1]


def _result(cohort: Cohort, answer: int, point_id: str) -> KeyPointResult:
    return next(one for one in cohort.answers[answer].graded.evaluation.key_points if one.id == point_id)
