"""Rules on a rubric's wordings and its reference answer. No model."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from rubrics.errors import Path, show_path
from rubrics.findings import Fault, Severity, rule
from rubrics.lint_statements import words
from rubrics.model import Rubric

WANTED = {"says": 5, "denies": 4, "near": 3}  # wordings of a key point
WANTED_MISCONCEPTION = 3
WORDS = (6, 30)  # of a wording
REFERENCE_WORDS = (80, 200)
SAME = 0.75  # shared words of two wordings, over all their words

_FORMULA = re.compile(r"[=<>≤≥≈∝∑√]|\w\(\w")
_SYMBOLS = re.compile(r"\w+(?:['’.-]\w+)*|[-+*/^=<>≤≥≈∝|]")


def wording_groups(rubric: Rubric) -> Iterator[tuple[list[Path], list[str]]]:
    """Wordings that stand for one thing, with their paths; statements come first in theirs."""
    for index, point in enumerate(rubric.key_points):
        at: Path = ("key_points", index)
        yield [(*at, "statement"), *_paths(at, "says", len(point.says))], [point.statement, *point.says]
        yield _paths(at, "denies", len(point.denies)), list(point.denies)
        yield _paths(at, "near", len(point.near)), list(point.near)
    for index, item in enumerate(rubric.misconceptions):
        at = ("misconceptions", index)
        yield [(*at, "statement"), *_paths(at, "says", len(item.says))], [item.statement, *item.says]


def _paths(at: Path, kind: str, count: int) -> list[Path]:
    return [(*at, kind, index) for index in range(count)]


def _listed(rubric: Rubric) -> Iterator[tuple[Path, str]]:
    """All wordings but the statements."""
    for paths, texts in wording_groups(rubric):
        yield from ((path, text) for path, text in zip(paths, texts, strict=True) if path[-1] != "statement")


@rule(Severity.ERROR, "Write more, each built differently: spoken, terse, by example, by formula, without the term.")
def few_wordings(rubric: Rubric) -> Iterator[Fault]:
    """The engine decides by which wordings an answer comes closer to, so it needs some of each kind.

    Five `says`, four `denies` and three `near` for a key point, and three `says` for a misconception.
    """
    for index, point in enumerate(rubric.key_points):
        have = {"says": len(point.says), "denies": len(point.denies), "near": len(point.near)}
        short = [f"{have[kind]} of {wanted} {kind}" for kind, wanted in WANTED.items() if have[kind] < wanted]
        if short:
            yield ("key_points", index), f"{point.id} has {', '.join(short)}"
    for index, item in enumerate(rubric.misconceptions):
        if len(item.says) < WANTED_MISCONCEPTION:
            yield ("misconceptions", index), f"{item.id} has {len(item.says)} of {WANTED_MISCONCEPTION} says"


@rule(Severity.ERROR, "Keep it in one place and say it differently in the other; of two opposites, one is wrong.")
def repeated_wording(rubric: Rubric) -> Iterator[Fault]:
    """A wording that stands twice can't tell two things apart, and a near copy of its neighbour adds nothing.

    Within a list, two wordings share less than three quarters of their words.
    """
    first: dict[tuple[str, ...], Path] = {}
    for path, text in _listed(rubric):
        key = tuple(words(text))
        if key and key in first:
            yield path, f"is the same as {show_path(first[key])}: “{text}”"
        first.setdefault(key, path)
    for paths, texts in wording_groups(rubric):
        counted = [Counter(words(text)) for text in texts]
        for left, right in combinations(range(len(texts)), 2):
            shared, total = counted[left] & counted[right], counted[left] | counted[right]
            is_same = words(texts[left]) == words(texts[right]) and paths[left][-1] != "statement"
            if not is_same and shared.total() >= SAME * max(1, total.total()):
                yield paths[right], f"is nearly {show_path(paths[left])}: “{texts[right]}”"


@rule(Severity.WARNING, "Write a full sentence of 6 to 30 words, as one would say it; a formula may be shorter.")
def wording_length(rubric: Rubric) -> Iterator[Fault]:
    """A wording of a few words aligns with any text on the topic, a very long one with none."""
    for path, text in _listed(rubric):
        count = len(_SYMBOLS.findall(text)) if _FORMULA.search(text) else len(text.split())
        shortest = 3 if _FORMULA.search(text) else WORDS[0]
        if not shortest <= count <= WORDS[1]:
            yield path, f"{count} words: “{text}”"


@rule(Severity.WARNING, "Write a model answer of 80 to 200 words that covers every key point.")
def reference_length(rubric: Rubric) -> Iterator[Fault]:
    """The reference answer is what a strong candidate would say, and shows whether the rubric works."""
    count = len(rubric.reference_answer.split())
    if not REFERENCE_WORDS[0] <= count <= REFERENCE_WORDS[1]:
        yield ("reference_answer",), f"{count} words" if count else "there is none"
