"""Answers to one item in nearly the same words. Blocked by item; what it finds is a reason to look, no more."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from api.report.cohort import Cohort
from api.report.misses import Embed
from api.report.model import Alike
from api.report.sentences import sentence_quotes
from grader.lexical import pairs_alike
from grader.text import words

LEAST_WORDS = 12  # of an answer; short ones are alike by chance
SAME_WORDS = 0.9  # share of words in common, in whatever order, that makes two answers alike
SIMILAR_WORDS = 0.8  # the same that does together with SAME_MEANING
SAME_MEANING = 0.97  # cosine
MOST_DOUBTFUL = 50  # answers an item that are compared by meaning, those of the closest pairs
MOST = 2_000  # answers an item that are compared, each with each

Pair = tuple[int, int, float]


def alike(cohort: Cohort, embed: Embed) -> tuple[tuple[Alike, ...], int]:
    """Groups of answers of different candidates, the closest first; and how many answers weren't compared."""
    out: list[Alike] = []
    left_out = 0
    for item in range(len(cohort.rubrics)):
        spoken = ((at, words(cohort.answers[at].graded.item.answer)) for at in cohort.scored(item))
        long = [(at, row) for at, row in spoken if len(row) >= LEAST_WORDS]
        left_out += max(0, len(long) - MOST)
        places = [at for at, _ in long[:MOST]]
        texts = [sorted(row) for _, row in long[:MOST]]
        originals = [cohort.answers[at].graded.item.answer for at in places]
        for members, similarity in groups(texts, originals, embed):
            out.append(Alike(item, tuple(places[one] for one in members), similarity))
    return tuple(sorted(out, key=lambda one: (-one.similarity, one.item, one.answers))), left_out


def groups(sorted_words: Sequence[Sequence[str]], texts: Sequence[str], embed: Embed) -> list[tuple[list[int], float]]:
    """Positions of texts that are alike, directly or through others, with the highest similarity (0–1) among them."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = pairs_alike(sorted_words, SIMILAR_WORDS)
    doubtful = [pair for pair in pairs if pair[2] < SAME_WORDS]
    kept = [pair for pair in pairs if pair[2] >= SAME_WORDS] + _of_one_meaning(doubtful, texts, embed)
    if not kept:
        return []
    ends: NDArray[np.intp] = np.array([(left, right) for left, right, _ in kept], np.intp)
    graph = coo_array((np.ones(len(kept)), (ends[:, 0], ends[:, 1])), shape=(len(texts), len(texts)))
    labels = connected_components(graph, directed=False)[1].tolist()
    members: dict[int, list[int]] = {}
    closest: dict[int, float] = {}
    for at in sorted(set(ends.ravel().tolist())):
        members.setdefault(labels[at], []).append(at)
    for left, _, ratio in kept:
        closest[labels[left]] = max(ratio, closest.get(labels[left], 0.0))
    return [(own, closest[label]) for label, own in members.items()]


def _of_one_meaning(pairs: Sequence[Pair], texts: Sequence[str], embed: Embed) -> list[Pair]:
    """The pairs that mean the same, of as many of the closest as MOST_DOUBTFUL texts make."""
    row: dict[int, int] = {}
    judged: list[Pair] = []
    for pair in sorted(pairs, key=lambda pair: (-pair[2], pair)):
        if len(row.keys() | {*pair[:2]}) <= MOST_DOUBTFUL:
            judged.append(pair)
            for at in pair[:2]:
                row.setdefault(at, len(row))
    if not judged:
        return []
    vectors = _meanings([texts[at] for at in row], embed)
    return [pair for pair in judged if float(vectors[row[pair[0]]] @ vectors[row[pair[1]]]) >= SAME_MEANING]


def _meanings(texts: Sequence[str], embed: Embed) -> NDArray[np.float32]:
    """Unit vectors [n, dim]: the mean of a text's sentences by their words. Texts alike share sentences, each embedded
    once.
    """
    sentences = [[text[quote.start : quote.end] for quote in sentence_quotes(0, text)] for text in texts]
    found = embed([one for row in sentences for one in row])
    out, at = [], 0
    for row in sentences:
        sizes = np.array([len(one.split()) for one in row], np.float32)
        mean = sizes @ found[at : at + len(row)]
        out.append(mean / max(float(np.linalg.norm(mean)), 1e-9))
        at += len(row)
    return np.array(out, np.float32)
