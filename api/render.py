"""Rubrics and evaluations in a terminal. Text from people is shown as text: no markup, no control characters."""

from collections.abc import Iterable

from rich.console import Console, ConsoleRenderable, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.model import Evaluation, KeyPointResult, Status, Verdict
from rubrics import KeyPoint, Rubric, content_hash, scoring_hash
from rubrics.errors import printable

SIGNS = {
    Verdict.COVERED: ("✓", "green"),
    Verdict.PARTIAL: ("◐", "yellow"),
    Verdict.MISSED: ("○", "default"),
    Verdict.CONTRADICTED: ("✗", "red"),
}


def safe(text: str, style: str = "") -> Text:
    """Someone's text, to be shown and never obeyed."""
    return Text("\n".join(printable(line) for line in text.splitlines()), style=style)


def show_evaluation(console: Console, rubric: Rubric, evaluation: Evaluation) -> None:
    """Draw a graded rubric: the mark, each key point with the words that decided it, and what to do next."""
    console.print(safe(rubric.question, "bold"))
    console.print(_mark(evaluation))
    console.print()
    console.print(_key_points(evaluation.key_points))
    for item in evaluation.misconceptions:
        quotes = _quotes(evidence.quote for evidence in item.evidence)
        told = safe(f"{item.correction} (−{item.penalty:g} points)" if item.penalty else item.correction)
        console.print(_part("Misconception", Group(safe(item.statement, "red"), quotes, told)))
    _show_words(console, evaluation)


def show_rubric(console: Console, rubric: Rubric) -> None:
    """Draw a rubric: its question, its key points with the number of wordings of each kind, its hashes."""
    console.print(safe(rubric.question, "bold"))
    about = (rubric.id, f"version {rubric.version}", rubric.topic, rubric.kind, rubric.difficulty, rubric.language)
    console.print(safe(" · ".join(part for part in about if part), "dim"))
    console.print()
    table = Table("points", "key point", "says", "denies", "near", box=None, pad_edge=False)
    for point in rubric.key_points:
        wordings = (str(len(part)) for part in (point.says, point.denies, point.near))
        table.add_row(_points(point), Group(safe(point.statement), safe(point.id, "dim")), *wordings)
    console.print(table)
    for item in rubric.misconceptions:
        console.print(_part("Misconception", safe(f"{item.statement} (−{item.penalty:g})")))
    levels = ", ".join(f"{level.name} from {level.min_score:.0%}" for level in rubric.levels)
    console.print(_part("Levels", safe(levels)))
    for follow_up in rubric.follow_ups:
        console.print(_part("Follow-up", safe(follow_up.question)))
    console.print(_part("Hashes", safe(f"content {content_hash(rubric)}\nscoring {scoring_hash(rubric)}", "dim")))


def show_rubrics(console: Console, rubrics: Iterable[Rubric]) -> None:
    """List rubrics, one a row."""
    table = Table("id", "topic", "kind", "difficulty", "points", "question", box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    for rubric in rubrics:
        cells = (rubric.id, rubric.topic, rubric.kind, rubric.difficulty, f"{rubric.max_points:g}", rubric.question)
        table.add_row(*(safe(cell) for cell in cells))
    console.print(table)


def _mark(evaluation: Evaluation) -> Text:
    if evaluation.status is Status.UNSCORED or evaluation.points is None or evaluation.coverage is None:
        return safe(f"Not scored: {evaluation.unscored_reason}", "bold yellow")
    mark = f"{evaluation.points:g} of {evaluation.max_points:g} points · coverage {evaluation.coverage:.0%}"
    return safe(f"{mark} · {evaluation.level}", "bold")


def _key_points(results: Iterable[KeyPointResult]) -> Table:
    table = Table("verdict", "points", "sure", "key point", box=None, pad_edge=False)
    for result in results:
        sign, style = SIGNS[result.verdict]
        statement = safe(result.statement + (" (required)" if result.required else ""))
        quotes = _quotes(evidence.quote for evidence in result.evidence)
        told = [] if result.verdict is Verdict.COVERED else [safe(result.feedback, "dim")]  # it only repeats the quote
        shown = Group(statement, quotes, *told)
        points = f"{result.credit * result.weight:g}/{result.weight:g}"
        table.add_row(Text(f"{sign} {result.verdict}", style), points, f"{result.confidence:.0%}", shown)
    return table


def _quotes(quotes: Iterable[str]) -> ConsoleRenderable:
    return Group(*(safe(f"“{quote}”", "italic") for quote in quotes))


def _points(point: KeyPoint) -> str:
    return f"{point.weight:g}{'*' if point.required else ''}"


def _show_words(console: Console, evaluation: Evaluation) -> None:
    if evaluation.needs_review:
        console.print(_part("Needs review", safe("; ".join(evaluation.review_reasons), "yellow")))
    for flag in evaluation.flags:
        console.print(_part("Flag", safe(f"{flag.code}: {flag.detail}", "yellow")))
    titled = (("Feedback", evaluation.feedback), ("Next step", evaluation.next_step))
    asked = (("Follow-up", question) for question in evaluation.follow_ups)
    for title, text in (*titled, *asked):
        if text:
            console.print(_part(title, safe(text)))


def _part(title: str, content: ConsoleRenderable) -> Group:
    return Group(Text(f"\n{title}", "bold"), Padding(content, (0, 0, 0, 2)))
