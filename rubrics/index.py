"""docs/bank.md: what is in the bank, as Markdown."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rubrics.model import Difficulty, Kind, Rubric

FOLDER: Final = "../rubrics/bank"  # the bank as docs/bank.md sees it
HEAD: Final = """# The bank

<!-- Made by `grader rubrics index > docs/bank.md`; edit the rubrics, not this page. -->
"""


def index(rubrics: Iterable[Rubric]) -> str:
    """Counts, then every item by topic, with kind, difficulty and the guides that it came from. Ends in a newline."""
    bank = sorted(rubrics, key=lambda rubric: (rubric.topic, rubric.id))
    parts = [HEAD, *_counts(bank), *_cross(bank), *_guides(bank)]
    for topic in sorted({rubric.topic for rubric in bank}):
        parts += _topic(topic, [rubric for rubric in bank if rubric.topic == topic])
    return "\n".join(parts)


def _counts(bank: Sequence[Rubric]) -> Iterator[str]:
    points = [point for rubric in bank for point in rubric.key_points]
    wrong = [item for rubric in bank for item in rubric.misconceptions]
    wordings = sum(len(point.says) + len(point.denies) + len(point.near) for point in points)
    wordings += sum(len(item.says) for item in wrong)
    topics = len({rubric.topic for rubric in bank})
    yield (
        f"{len(bank):,} items in {topics} topics: {len(points):,} key points, {len(wrong):,} misconceptions, "
        f"{wordings:,} wordings.\n"
    )


def _cross(bank: Sequence[Rubric]) -> Iterator[str]:
    """Topics in rows; kinds and difficulties in columns."""
    columns: list[str] = [*(kind.value for kind in Kind), *(level.value for level in Difficulty)]
    yield from _head("topic", "items", *columns)
    topics = sorted({rubric.topic for rubric in bank})
    rows = [(f"[{topic}](#{topic})", [rubric for rubric in bank if rubric.topic == topic]) for topic in topics]
    for name, items in (*rows, ("**all**", list(bank))):
        counted = Counter(str(value) for rubric in items for value in (rubric.kind, rubric.difficulty))
        yield _row(name, str(len(items)), *(str(counted[column] or "") for column in columns))
    yield ""


def _guides(bank: Sequence[Rubric]) -> Iterator[str]:
    asked = Counter(guide for rubric in bank for guide in rubric.guides)
    only = Counter(rubric.guides[0] for rubric in bank if len(rubric.guides) == 1)
    yield from _head("guide", "items", "in no other guide")
    yield from (_row(guide, str(asked[guide]), str(only[guide])) for guide in sorted(asked))
    yield ""


def _topic(topic: str, items: Sequence[Rubric]) -> Iterator[str]:
    yield f"## {topic}\n"
    yield from _head("item", "question", "kind", "difficulty", "guides", "key points")
    for rubric in items:
        link = f"[{rubric.id}]({FOLDER}/{topic}/{rubric.id}.yaml)"
        guides, points = ", ".join(rubric.guides), str(len(rubric.key_points))
        yield _row(link, rubric.question, rubric.kind.value, rubric.difficulty.value, guides, points)
    yield ""


def _head(*columns: str) -> tuple[str, str]:
    return _row(*columns), "|" + "---|" * len(columns)


def _row(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"
