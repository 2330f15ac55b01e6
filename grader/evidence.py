"""The words of the answer that carry a wording: the stretch that aligns best for its length."""

import numpy as np
from numpy.typing import NDArray

from grader.encoder import TokenVectors
from grader.matcher import Match
from grader.model import Evidence
from grader.prepared import PreparedRubric
from grader.text import trimmed

LENGTH_COST = 0.002  # alignment that each further token must be worth
SECOND = 0.08  # what a second stretch must add to the first to be shown
FLOOR = 0.15  # alignment under which nothing is shown


def evidence(
    text: str, tokens: TokenVectors, prepared: PreparedRubric, found: Match, group: int, seconds: bool = True
) -> tuple[Evidence, ...]:
    """One or two spans, best first, for the group's best wording; none when nothing aligns.

    A second span, in other words than the first, is given where it raises the alignment: a point made in two places.
    """
    first = prepared.groups[group]
    last = prepared.groups[group + 1] if group + 1 < len(prepared.groups) else len(prepared.starts)
    short = found.alignments[first:last, : len(found.stretches) - found.passages]
    row = short[int(short.max(axis=1).argmax())]
    lengths = (found.stretches[: len(row), 1] - found.stretches[: len(row), 0]).astype(np.float32)
    worth = row - np.float32(LENGTH_COST) * lengths
    best = int(worth.argmax())
    if row[best] < FLOOR:
        return ()
    spans = [best]
    wide = found.alignments[first:last, -found.passages :].max()
    if seconds and wide - row[best] > SECOND:
        apart = _apart(found.stretches[: len(row)], found.stretches[best])
        if apart.any():
            other = int(np.where(apart, worth, -np.inf).argmax())
            if row[other] >= FLOOR:
                spans.append(other)
    return tuple(span for at in spans if (span := _span(text, tokens, found.stretches[at], float(row[at]))) is not None)


def _apart(stretches: NDArray[np.intp], best: NDArray[np.intp]) -> NDArray[np.bool_]:
    apart: NDArray[np.bool_] = (stretches[:, 1] <= best[0]) | (stretches[:, 0] >= best[1])
    return apart


def _span(text: str, tokens: TokenVectors, stretch: NDArray[np.intp], alignment: float) -> Evidence | None:
    start, end = trimmed(text, int(tokens.starts[stretch[0]]), int(tokens.ends[stretch[1] - 1]))
    if start >= end:
        return None
    return Evidence(text[start:end], start, end, round(min(max(alignment, 0.0), 1.0), 4))
