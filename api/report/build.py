"""Graded answers to a report."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from api.report import meaning
from api.report.alike import alike
from api.report.cohort import Cohort, candidates, group, items
from api.report.misses import Embed, most_common_misconceptions, most_missed
from api.report.model import Report, Review
from api.report.statistics import bins
from api.report.unexpected import unexpected
from grader.batch.model import Graded
from grader.verdict import certainty
from rubrics.model import Rubric


def build(
    graded: Iterable[Graded],
    rubrics: Mapping[str, Rubric],
    embed: Embed,
    prepared: Callable[[Sequence[Rubric]], Mapping[str, NDArray[np.float32]]] | None = None,
) -> Report:
    """The report of a cohort. `rubrics` by id, in the versions graded against; `embed` gives unit vectors [n, dim];
    `prepared`: those of wordings that the grading has already.

    Only sentences that no evidence touches, and answers that look alike, are embedded: at most some hundreds an item.
    Holds all answers in memory. Raises DataInvalid as `group` does.
    """
    cohort = group(graded, rubrics)
    embed = _once(embed, prepared(cohort.rubrics) if prepared else {})
    people = candidates(cohort)
    whole = meaning.reliability(cohort.coverage)
    graded_items = items(cohort, whole.value)
    proposals, looked = unexpected(cohort, embed)
    look_together, not_compared = alike(cohort, embed)
    means = [np.nan if one.coverage is None else one.coverage for one in people]
    return Report(
        candidates=people,
        items=graded_items,
        answers=cohort.answers,
        by_candidate=bins(np.array(means, np.float64)),
        by_answer=bins(cohort.coverage.ravel()),
        reliability=whole,
        missed=most_missed(cohort, graded_items, embed),
        misconceptions=most_common_misconceptions(cohort, graded_items),
        proposals=proposals,
        looked=looked,
        reviews=reviews(cohort),
        alike=look_together,
        not_compared=not_compared,
    )


def _once(embed: Embed, known: Mapping[str, NDArray[np.float32]]) -> Embed:
    """The same, but a text that was embedded before isn't again: sentences and wordings come up in several figures."""
    kept = dict(known)

    def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
        new = list(dict.fromkeys(text for text in texts if text not in kept))
        kept.update(zip(new, embed(new) if new else (), strict=True))
        return np.array([kept[text] for text in texts], np.float32)

    return vectors


def reviews(cohort: Cohort) -> tuple[Review, ...]:
    """The answers that count and need review, least certain first."""
    out = []
    for at, answer in enumerate(cohort.answers):
        evaluation = answer.graded.evaluation
        if answer.counts and evaluation.needs_review:
            out.append(Review(at, certainty(evaluation) or 0.0))
    return tuple(sorted(out, key=lambda one: (one.certainty, one.answer)))
