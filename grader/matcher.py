"""How strongly an answer says, denies or comes near each key point: late interaction against a rubric's wordings.

Alignment of a wording with a stretch of the answer (source: ColBERT's MaxSim, weighted): for each token of the wording
the largest cosine to a token of the stretch; their mean with token weights; less a share of what the question alone
aligns with, plus a share of the weakest content token.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.encoder import TokenVectors
from grader.prepared import PreparedRubric
from grader.text import Clauses, clauses

ASKED_SHARE = 0.3  # of the question's own alignment that is subtracted
WEAKEST_SHARE = 0.25  # weight of the weakest content token
SHORTEST_CLAUSE = 4  # tokens; shorter clauses join their neighbour
PASSAGE = (
    160  # tokens in which one point is made; a longer answer is read in passages of whole sentences, half overlapping
)

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Match:
    """Alignments of W wordings with R stretches of the answer, the last P of which are passages.

    alignments [W, R]; stretches [R, 2]: first and last (exclusive) answer token. An answer of up to PASSAGE tokens is
    one passage.
    """

    alignments: F32
    stretches: NDArray[np.intp]
    passages: int


def match(prepared: PreparedRubric, text: str, tokens: TokenVectors) -> Match:
    """Align every wording of a rubric with every stretch of an answer: clauses, sentences, two of either, passages.

    `tokens` must not be empty.
    """
    cut = _token_clauses(clauses(text), tokens)
    similarity = tokens.vectors @ prepared.vectors.T  # answer tokens in rows: reductions then run along memory
    for places, spoken, value in prepared.lexicon.links(text, tokens):
        similarity[spoken, places] = np.maximum(similarity[spoken, places], np.float32(value))
    passages = _passages(cut, len(tokens))
    best = _stretched(np.maximum.reduceat(similarity, cut.starts, axis=0), cut, passages)
    best = np.ascontiguousarray(best.T)
    content = np.where(prepared.content[:, None], best, np.float32(1))
    weakest = np.minimum.reduceat(content, prepared.starts, axis=0)
    best *= prepared.weights[:, None]
    alignments: F32 = np.add.reduceat(best, prepared.starts, axis=0)
    alignments /= prepared.totals[:, None]
    alignments += np.float32(WEAKEST_SHARE) * weakest - np.float32(ASKED_SHARE) * prepared.asked[:, None]
    return Match(alignments, cut.stretches(passages, len(tokens)), len(passages))


@dataclass(frozen=True, slots=True)
class _Cut:
    """Clauses by token: first tokens [C], and each sentence's first clause [S]."""

    starts: NDArray[np.intp]
    sentences: NDArray[np.intp]

    def stretches(self, passages: list[tuple[int, int]], total: int) -> NDArray[np.intp]:
        clause = np.append(self.starts, total)
        sentence = np.append(self.starts[self.sentences], total)
        parts = [_spans(clause, 1), _spans(clause, 2), _spans(sentence, 1), _spans(sentence, 2)]
        return np.concatenate([*parts, sentence[np.array(passages, np.intp)]])


def _spans(bounds: NDArray[np.intp], width: int) -> NDArray[np.intp]:
    return np.stack([bounds[:-width], bounds[width:]], axis=1)


def _token_clauses(cut: Clauses, tokens: TokenVectors) -> _Cut:
    """Clauses as token ranges; one too short joins the clause before it in its sentence, else the one after."""
    firsts = np.searchsorted(tokens.starts, cut.starts)
    total = len(tokens)
    opening = {int(firsts[index]) for index in cut.sentences} - {total}
    kept: list[int] = []
    bounds = sorted({int(first) for first in firsts} - {total})
    for at, first in enumerate(bounds):
        following = bounds[at + 1] if at + 1 < len(bounds) else total
        if first in opening or (first - kept[-1] >= SHORTEST_CLAUSE and following - first >= SHORTEST_CLAUSE):
            kept.append(first)
    sentences = [index for index, first in enumerate(kept) if first in opening]
    return _Cut(np.array(kept, np.intp), np.array(sentences, np.intp))


def _passages(cut: _Cut, total: int) -> list[tuple[int, int]]:
    """Runs of whole sentences (first, last exclusive) of at most PASSAGE tokens or one sentence, half overlapping."""
    bounds = [*cut.starts[cut.sentences].tolist(), total]
    last = len(bounds) - 1
    runs, first = [], 0
    while True:
        stop = next((at for at in range(first + 2, last + 1) if bounds[at] - bounds[first] > PASSAGE), last + 1) - 1
        runs.append((first, stop))
        if stop == last:
            return runs
        half = bounds[first] + PASSAGE // 2
        first = max(first + 1, min(stop, next(at for at in range(first + 1, last + 1) if bounds[at] >= half)))


def _stretched(best: F32, cut: _Cut, passages: list[tuple[int, int]]) -> F32:
    """Rows for the clauses → rows for all stretches, in the order of `_Cut.stretches`."""
    sentence = np.maximum.reduceat(best, cut.sentences, axis=0)
    rows = [
        best,
        np.maximum(best[:-1], best[1:]),
        sentence,
        np.maximum(sentence[:-1], sentence[1:]),
        *(sentence[first:stop].max(axis=0, keepdims=True) for first, stop in passages),
    ]
    return np.concatenate(rows, axis=0)


@dataclass(frozen=True, slots=True)
class Scores:
    """Best alignments of P key points and M misconceptions with an answer; NaN where a rubric has no such wording.

    passage [P]: of the says group with a passage. says, denies, near [P]: with a shorter stretch. wordings [P]: how
    many `says` there are beside the statement. wrong [M]: of a misconception with a stretch; right [M]: the best
    alignment that any key point's says group has with that same stretch.
    """

    passage: F32
    says: F32
    denies: F32
    near: F32
    wordings: NDArray[np.intp]
    wrong: F32
    right: F32


def scores(prepared: PreparedRubric, found: Match) -> Scores:
    """Reduce a match to what the verdicts are decided by."""
    short = len(found.stretches) - found.passages
    groups = np.maximum.reduceat(found.alignments, prepared.groups, axis=0)
    best = groups[:, :short].max(axis=1)
    at = groups[prepared.misconceptions, :short].argmax(axis=1)
    sizes = np.diff(np.append(prepared.groups, len(prepared.starts)))
    return Scores(
        passage=groups[prepared.says, short:].max(axis=1),
        says=best[prepared.says],
        denies=_where_present(best, prepared.denies),
        near=_where_present(best, prepared.near),
        wordings=sizes[prepared.says] - 1,
        wrong=best[prepared.misconceptions],
        right=groups[prepared.says][:, at].max(axis=0),
    )


def _where_present(best: F32, groups: NDArray[np.intp]) -> F32:
    return np.where(groups >= 0, best[groups], np.float32(np.nan))
