"""Values of a report in words and signs, for every way of showing it."""

import re
from collections.abc import Sequence
from typing import Final

from api.report.model import Quote, Report, Statistic
from grader.model import Evaluation, Verdict

SIGNS: Final = {Verdict.COVERED: "✓", Verdict.PARTIAL: "◐", Verdict.MISSED: "○", Verdict.CONTRADICTED: "✗"}
UNSCORED: Final = "–"
_UNSHOWABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text with what can't be shown (controls, lone surrogates) replaced by U+FFFD."""
    return text if text.isprintable() else _UNSHOWABLE.sub("\ufffd", text)


def number(count: int) -> str:
    """A count for people."""
    return f"{count:,}"


def percent(share: float | None) -> str:
    """A share 0–1 for people."""
    return "—" if share is None else f"{share:.0%}"


def figure(statistic: Statistic) -> str:
    """A correlation or alpha for people."""
    return "can’t be told" if statistic.value is None else f"{statistic.value:.2f}".replace("-", "−")


def mark(evaluation: Evaluation) -> str:
    """Points, coverage and level, or why there are none."""
    if evaluation.points is None or evaluation.coverage is None:
        return f"unscored: {evaluation.unscored_reason}"
    points = f"{evaluation.points:g} of {evaluation.max_points:g} points"
    return f"{points} · coverage {evaluation.coverage:.0%} · {evaluation.level}"


def wordings(report: Report, quotes: Sequence[Quote]) -> list[tuple[str, list[int]]]:
    """The quotes' different words, in order, each with the positions of the answers that have them."""
    out: dict[str, tuple[str, dict[int, None]]] = {}
    for quote in quotes:
        words = report.words(quote)
        out.setdefault(words.casefold(), (words, {}))[1][quote.answer] = None
    return [(words, list(answers)) for words, answers in out.values()]


def versions(report: Report) -> list[str]:
    """What graded, and against what: enough to grade again."""
    engines = {one.graded.evaluation.engine: None for one in report.answers}
    rubrics = {one.graded.evaluation.rubric: None for one in report.answers}
    return [
        *(f"engine {one.version}, model {one.model}, weights {one.weights_hash}" for one in engines),
        *(f"rubric {one.id}, version {one.version}, content {one.content_hash}" for one in rubrics),
    ]
