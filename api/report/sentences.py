"""An answer's sentences as quotes."""

from itertools import pairwise

from api.report.model import Quote
from grader.text import clauses, trimmed


def sentence_quotes(answer: int, text: str) -> list[Quote]:
    """The sentences of an answer's text, trimmed, blank ones left out."""
    cut = clauses(text)
    bounds = [*(cut.starts[index] for index in cut.sentences), len(text)]
    spans = (trimmed(text, start, end) for start, end in pairwise(bounds))
    return [Quote(answer, start, end) for start, end in spans if start < end]
