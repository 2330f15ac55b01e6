"""How near a rubric's own wordings are to each other, as the engine sees them."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from grader.matcher import ASKED_SHARE, WEAKEST_SHARE
from grader.prepared import PreparedRubric

F32 = NDArray[np.float32]
Group = range  # wordings of one group, by index
LARGEST: Final = 30_000  # tokens of all wordings together; the bank's rubrics have about 2,000


@dataclass(frozen=True, slots=True)
class Nearness:
    """Alignments of W wordings with each other, by the formula of `grader.matcher`, without its lexical links.

    alignments [W, W]: of the wording in the row with the wording in the column, read as an answer. says, denies, near,
    misconceptions: each key point's or misconception's wordings, empty where it has none; statements come first in says
    and misconceptions. A rubric of more than LARGEST tokens isn't compared: no groups.
    """

    alignments: F32
    says: tuple[Group, ...]
    denies: tuple[Group, ...]
    near: tuple[Group, ...]
    misconceptions: tuple[Group, ...]

    @classmethod
    def of(cls, prepared: PreparedRubric) -> Self:
        """Align every wording with every other one: W products of all tokens with those of one wording."""
        if len(prepared.vectors) > LARGEST:
            return cls(np.zeros((0, 0), np.float32), (), (), (), ())
        bounds = [*prepared.starts.tolist(), len(prepared.vectors)]
        columns = [_onto(prepared, slice(*pair)) for pair in pairwise(bounds)]
        edges = [*prepared.groups.tolist(), len(prepared.starts)]

        def groups(indices: NDArray[np.intp]) -> tuple[Group, ...]:
            return tuple(range(edges[at], edges[at + 1]) if at >= 0 else range(0) for at in indices.tolist())

        return cls(
            alignments=np.stack(columns, axis=1),
            says=groups(prepared.says),
            denies=groups(prepared.denies),
            near=groups(prepared.near),
            misconceptions=groups(prepared.misconceptions),
        )

    def best(self, group: Group, text: int) -> float:
        """The best alignment that any wording of the group, `text` itself left out, has with the wording `text`."""
        rows = [row for row in group if row != text]
        return float(self.alignments[rows, text].max()) if rows else float("nan")

    def mean(self, group: Group, texts: Group) -> float:
        """The mean of `best` over the texts; of a group with itself, how near its own wordings are. NaN if empty."""
        return float(np.mean([self.best(group, text) for text in texts])) if group and texts else float("nan")


def _onto(prepared: PreparedRubric, text: slice) -> F32:
    best = (prepared.vectors @ prepared.vectors[text].T).max(axis=1)
    content = np.where(prepared.content, best, np.float32(1))
    weakest = np.minimum.reduceat(content, prepared.starts)
    mean = np.add.reduceat(best * prepared.weights, prepared.starts) / prepared.totals
    column: F32 = mean + np.float32(WEAKEST_SHARE) * weakest - np.float32(ASKED_SHARE) * prepared.asked
    return column
