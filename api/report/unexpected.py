"""What answers say that their rubric doesn't expect: sentences without evidence, clustered by meaning."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from api.report.cohort import Cohort
from api.report.misses import Embed
from api.report.model import Answer, Looked, Proposal, Quote
from api.report.sentences import sentence_quotes
from grader.text import folded, words
from rubrics.model import Rubric

LEAST_WORDS = 5  # of a sentence; shorter ones seldom make a point
MOST_SENTENCES = 100  # read an item, spread evenly over its answers
MOST_WORDINGS = 3  # of a kind that a sentence is compared with: they paraphrase each other
EXPECTED = 0.6  # cosine with one of the rubric's wordings, or the question, from which a sentence is nothing new
ON_TOPIC = 0.25  # the same, below which it is about something else: "okay, where do I start"
ONE_MEANING = 0.6  # least mean cosine between the sentences of two clusters that become one
LEAST_CANDIDATES = 2
SHOWN = 5  # proposals an item

F32 = NDArray[np.float32]


def unexpected(cohort: Cohort, embed: Embed) -> tuple[tuple[Proposal, ...], tuple[Looked, ...]]:
    """Proposals for new key points, those of most candidates first, and how many sentences were read for them."""
    looked: list[Looked] = []
    read: list[list[list[Quote]]] = []  # of each item its quotes, those that say the same together
    for item in range(len(cohort.rubrics)):
        found = [quote for at in cohort.scored(item) for quote in untouched(at, cohort.answers[at])]
        some = spread(found, MOST_SENTENCES)
        looked.append(Looked(item, len(some), len(found)))
        read.append(_by_text(cohort, some))
    known = [_wordings(rubric) if said else [] for rubric, said in zip(cohort.rubrics, read, strict=True)]
    texts = [[*expected, *(cohort.text(same[0]) for same in said)] for expected, said in zip(known, read, strict=True)]
    vectors = embed([text for some in texts for text in some])  # of all items together: batches fill up
    proposals: list[Proposal] = []
    bounds = accumulate(map(len, texts), initial=0)
    for item, (said, (start, end)) in enumerate(zip(read, pairwise(bounds), strict=True)):
        first = start + len(known[item])
        proposals.extend(_proposals(cohort, item, said, vectors[first:end], vectors[start:first]) if said else ())
    return tuple(sorted(proposals, key=lambda one: (-one.candidates, one.item))), tuple(looked)


def untouched(at: int, answer: Answer) -> list[Quote]:
    """The answer's sentences of LEAST_WORDS or more that no evidence touches."""
    evaluation, text = answer.graded.evaluation, answer.graded.item.answer
    found = [one.evidence for one in evaluation.key_points] + [one.evidence for one in evaluation.misconceptions]
    spans = [span for evidence in found for span in evidence]
    return [
        quote
        for quote in sentence_quotes(at, text)
        if not any(span.start < quote.end and quote.start < span.end for span in spans)
        and len(words(text[quote.start : quote.end])) >= LEAST_WORDS
    ]


def spread(quotes: Sequence[Quote], most: int) -> list[Quote]:
    """At most `most` of the quotes, evenly spaced, in order."""
    if len(quotes) <= most:
        return list(quotes)
    return [quotes[at * len(quotes) // most] for at in range(most)]


def _by_text(cohort: Cohort, quotes: Sequence[Quote]) -> list[list[Quote]]:
    out: dict[str, list[Quote]] = defaultdict(list)
    for quote in quotes:
        out[folded(cohort.text(quote))].append(quote)
    return list(out.values())


def _proposals(cohort: Cohort, item: int, said: Sequence[list[Quote]], rows: F32, expected: F32) -> list[Proposal]:
    """`rows` [n, dim]: of quotes that say the same, a vector; `expected` [w, dim]: of the rubric's wordings."""
    nearest = (rows @ expected.T).max(axis=1)
    new = (nearest >= ON_TOPIC) & (nearest < EXPECTED)
    kept = [same for same, is_new in zip(said, new.tolist(), strict=True) if is_new]
    out = []
    for members in clusters(rows[new], ONE_MEANING):
        ordered = [quote for at in members for quote in kept[at]]
        people = {cohort.answers[quote.answer].candidate for quote in ordered}
        if len(people) >= LEAST_CANDIDATES:
            out.append(Proposal(item, len(people), tuple(ordered)))
    return sorted(out, key=lambda one: -one.candidates)[:SHOWN]


def clusters(vectors: F32, least: float) -> list[list[int]]:
    """Positions of unit vectors [n, dim] of one meaning, each cluster's most central first, largest cluster first.

    Average linkage; two clusters join while their mean cosine is `least` or more.
    """
    from scipy.cluster.hierarchy import average, fcluster  # what scikit-learn would call, without its slow import
    from scipy.spatial.distance import squareform

    if len(vectors) < 2:
        return [list(range(len(vectors)))] if len(vectors) else []
    similarity = np.clip(vectors @ vectors.T, -1, 1).astype(np.float64)
    apart = 1 - (similarity + similarity.T) / 2
    labels = fcluster(average(squareform(apart, checks=False)), 1 - least, "distance")
    out = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        central = similarity[np.ix_(members, members)].sum(axis=1)
        out.append(members[np.argsort(-central, kind="stable")].tolist())
    return sorted(out, key=len, reverse=True)


def _wordings(rubric: Rubric) -> list[str]:
    points = (
        text
        for one in rubric.key_points
        for kind in ((one.statement,), one.says, one.denies, one.near)
        for text in kind[:MOST_WORDINGS]
    )
    wrong = (text for one in rubric.misconceptions for text in (one.statement, *one.says))
    return [rubric.question, *points, *wrong]
