"""Which items a practice set holds: balanced over topics and kinds, and the same for the same seed."""

import hashlib
from collections import Counter, defaultdict, deque
from collections.abc import Iterable

from rubrics import Kind, Rubric


def draw(rubrics: Iterable[Rubric], n: int, seed: int) -> tuple[Rubric, ...]:
    """`n` rubrics of different ids, or all there are if fewer.

    Topics take turns; each gives an item of the kind that the set has fewest of. Which topic begins, and which of its
    items come first, is drawn by lot: it depends on the seed and on the names, so that a rubric more or less leaves the
    lots of the others as they are.
    """
    left: dict[str, list[Rubric]] = defaultdict(list)
    for rubric in sorted({rubric.id: rubric for rubric in rubrics}.values(), key=lambda rubric: _lot(seed, rubric.id)):
        left[rubric.topic].append(rubric)
    turns = deque(sorted(left, key=lambda topic: _lot(seed, topic)))
    kinds: Counter[Kind] = Counter()
    drawn: list[Rubric] = []
    while turns and len(drawn) < n:
        rest = left[turns[0]]
        rubric = min(rest, key=lambda rubric: kinds[rubric.kind])  # of equals, the first by lot
        rest.remove(rubric)
        drawn.append(rubric)
        kinds[rubric.kind] += 1
        turns.rotate(-1)
        if not rest:
            turns.pop()
    return tuple(drawn)


def _lot(seed: int, name: str) -> bytes:
    # A hash, because the order that random.shuffle gives for a seed is not promised from one Python to the next.
    return hashlib.sha256(f"{seed}:{name}".encode()).digest()
