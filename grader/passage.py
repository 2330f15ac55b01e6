"""What of an answer is read beside a key point's statement: the stretch that is about the point, in whole sentences."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from grader.encoder import TokenVectors
from grader.matcher import Match
from grader.prepared import PreparedRubric
from grader.text import clauses, trimmed

ROOM = 64  # tokens of a passage, unless the stretch's own sentences are longer
MOST = 128  # tokens; of longer sentences only what stands around the stretch is read


def passages(text: str, tokens: TokenVectors, prepared: PreparedRubric, found: Match) -> list[tuple[int, int]]:
    """[P] spans of the text (code points), one a key point.

    The stretch that aligns best with any wording of the point, whether it says, denies or comes near it; widened to
    whole sentences, and by the sentences before and after while ROOM allows.
    """
    short = len(found.stretches) - found.passages
    groups = np.maximum.reduceat(found.alignments[:, :short], prepared.groups, axis=0)
    kinds = [groups[prepared.says]]
    for places in (prepared.denies, prepared.near):
        kinds.append(np.where((places >= 0)[:, None], groups[places], -np.inf))
    best = np.maximum.reduce(kinds).argmax(axis=1)
    bounds = _sentence_bounds(text, tokens)
    return [_widened(text, tokens, bounds, *found.stretches[at].tolist()) for at in best]


def _sentence_bounds(text: str, tokens: TokenVectors) -> list[tuple[int, int]]:
    """First and last (exclusive) token of every sentence that has tokens."""
    cut = clauses(text)
    firsts = np.searchsorted(tokens.starts, [cut.starts[at] for at in cut.sentences])
    edges: NDArray[np.intp] = np.unique(np.append(firsts, len(tokens)))
    return [(int(start), int(end)) for start, end in pairwise(edges)]


def _widened(text: str, tokens: TokenVectors, bounds: list[tuple[int, int]], first: int, last: int) -> tuple[int, int]:
    low = max(at for at, (start, _) in enumerate(bounds) if start <= first or at == 0)
    high = max(low, min(at for at, (_, end) in enumerate(bounds) if end >= last))
    grown = True
    while grown:
        grown = False
        if low > 0 and bounds[high][1] - bounds[low - 1][0] <= ROOM:
            low, grown = low - 1, True
        elif high + 1 < len(bounds) and bounds[high + 1][1] - bounds[low][0] <= ROOM:
            high, grown = high + 1, True
    start, end = bounds[low][0], bounds[high][1]
    if end - start > MOST:
        start = max(start, first - ROOM // 2)
        end = min(end, max(last + ROOM // 2, start + ROOM), start + MOST)
    return trimmed(text, int(tokens.starts[start]), int(tokens.ends[end - 1]))
