"""A bare reference answer → a rubric whose key points are the answer's own propositions."""

from dataclasses import replace

from rubrics.document import MAX_KEY_POINTS
from rubrics.errors import Problem, RubricError
from rubrics.loader import load_data
from rubrics.model import Rubric
from rubrics.split import propositions

_SOURCE = "reference answer"


def from_reference(text: str, question: str = "", id: str = "reference") -> Rubric:
    """A rubric with one key point of weight 1 for each proposition of `text`, at most 64. Deterministic.

    Every word of `text` is in exactly one key point, in order; list markers are dropped. Raises RubricError when the
    text is blank, longer than 20,000 characters, or not valid Unicode.
    """
    points = _fitted(propositions(text))
    if not points:
        raise RubricError([Problem(_SOURCE, "", None, "is blank; give the text of a good answer", repr(text[:20]))])
    data = {
        "id": id,
        "question": question.strip() or "(none)",
        "reference_answer": text,
        "key_points": points,
    }
    rubric = load_data(data, _SOURCE)
    return rubric if question.strip() else replace(rubric, question="")


def _fitted(points: list[str]) -> list[str]:
    points = list(points)
    while len(points) > MAX_KEY_POINTS:
        index = min(range(len(points) - 1), key=lambda at: len(points[at]) + len(points[at + 1]))
        points[index : index + 2] = [f"{points[index]} {points[index + 1]}"]
    return points
