"""What to revise next: items of the weakest topics that the set didn't hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rubrics import Difficulty, Rubric

STRONG: Final = 0.85  # mean coverage from which a topic needs no revision: where "excellent" begins
MOST: Final = 3
_STEPS: Final = list(Difficulty)


@dataclass(frozen=True, slots=True)
class Revision:
    """An item to answer next, or a topic to read again: then `rubric_id` and `question` are None."""

    topic: str
    rubric_id: str | None
    question: str | None
    reason: str


def revisions(
    coverages: Mapping[str, float | None], bank: Iterable[Rubric], asked: frozenset[str], known: frozenset[str]
) -> tuple[Revision, ...]:
    """At most MOST, the weakest topics taking turns.

    coverages: each topic's mean, 0–1, None where nothing was scored; asked: ids of the set; known: ids answered before.
    Topics of STRONG coverage are left alone, and so are rubrics without a topic. A topic whose items were all in the
    set stands for itself.
    """
    wanted = weakest(coverages)
    rows: dict[str, list[Rubric]] = {topic: [] for topic in wanted}
    for rubric in bank:
        if rubric.topic in rows and rubric.id not in asked:
            rows[rubric.topic].append(rubric)
    proposals = {topic: _of_topic(topic, coverages[topic], rows[topic], known) for topic in wanted}
    turns = (proposals[topic][turn] for turn in range(MOST) for topic in wanted if turn < len(proposals[topic]))
    return tuple(turns)[:MOST]


def weakest(coverages: Mapping[str, float | None]) -> list[str]:
    """Topics worth revising, the lowest coverage first, those without a scored answer last."""
    weak = [(topic, share) for topic, share in coverages.items() if topic and (share is None or share < STRONG)]
    return [topic for topic, _ in sorted(weak, key=lambda item: (item[1] is None, item[1] or 0.0, item[0]))]


def _of_topic(topic: str, coverage: float | None, rubrics: Sequence[Rubric], known: frozenset[str]) -> list[Revision]:
    mark = "On this topic " + ("no answer was scored" if coverage is None else f"your answers covered {coverage:.0%}")
    if not rubrics:
        again = f"{mark}, and the set held all of its items: read about it, then answer them again."
        return [Revision(topic, None, None, again)]
    best = sorted(rubrics, key=lambda rubric: (rubric.id in known, _STEPS.index(rubric.difficulty), rubric.id))[:MOST]
    told = {True: f"{mark}; you have answered this item before.", False: f"{mark}; the set didn't hold this item."}
    return [Revision(topic, rubric.id, rubric.question, told[rubric.id in known]) for rubric in best]
