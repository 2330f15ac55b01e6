"""A report as sheets of rows: what the workbook holds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from api.report.model import Item, Quote, Report
from grader.model import Verdict

Cell = str | float | int | None
Rows = Iterable[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A name of 31 characters at most, and rows as long as `head`."""

    name: str
    head: Sequence[str]
    rows: Rows


def sheets(report: Report) -> Iterator[Sheet]:
    """All sheets in the order of the page."""
    yield Sheet("Overview", ("figure", "value", "meaning"), _overview(report))
    yield Sheet("Coverage", ("from", "to", "candidates", "answers"), _distribution(report))
    yield Sheet("Items", _ITEM, (_item(one) for one in report.items))
    yield Sheet("Key points", _POINT, _points(report))
    yield Sheet("Heat map", ("candidate", "coverage", *_point_names(report)), _heat_map(report))
    yield Sheet("Most missed", ("item", "key point", "statement", "credit lost", *_SAID), _missed(report))
    yield Sheet("Misconceptions", ("item", "misconception", "share", "correction", *_SAID), _wrong(report))
    yield Sheet("Beyond the rubric", ("item", "proposal", "candidates", *_SAID), _beyond(report))
    yield Sheet("Sentences read", ("item", "read", "of"), _looked(report))
    yield Sheet("Review queue", ("certainty", *_ANSWER), _reviews(report))
    yield Sheet("Look together", ("group", "closest pair", *_ANSWER), _alike(report))
    columns = _own_columns(report)
    yield Sheet("Answers", (*_ANSWER, "key", "counts", *columns), _answers(report, columns))


_FIGURES = ("difficulty", "discrimination", "alpha of its key points", "alpha of the set without it")
_ITEM = ("item", "question", "scored", "unscored", *(part for one in _FIGURES for part in (one, f"{one}: meaning")))
_POINT = ("item", "key point", "statement", "weight", *(verdict.value for verdict in Verdict), "credit lost")
_SAID = ("candidate", "quote")
_ANSWER = (
    *("candidate", "item", "status", "points", "max points", "coverage", "level"),
    *("needs review", "why", "flags", "decided by people", "feedback", "next step", "answer"),
)


def _overview(report: Report) -> Rows:
    unscored = sum(1 for _ in report.unscored())
    yield "candidates", len(report.candidates), None
    yield "items", len(report.items), None
    yield "answers scored", len(report.answers) - unscored, None
    yield "answers unscored", unscored, "They are left out of every figure; they don't count as 0."
    yield "answers to look at", len(report.reviews), None
    yield "mean coverage", report.by_candidate.mean, "mean of the candidates' means, 0–1"
    yield "median coverage", report.by_candidate.median, "of the candidates' means, 0–1"
    yield "reliability (alpha)", report.reliability.value, report.reliability.meaning
    yield "answers not compared", report.not_compared, "left out of “Look together”: at most 2,000 an item are compared"


def _distribution(report: Report) -> Rows:
    width = 1 / len(report.by_answer.counts)
    for at, pair in enumerate(zip(report.by_candidate.counts, report.by_answer.counts, strict=True)):
        yield at * width, (at + 1) * width, *pair


def _item(item: Item) -> Sequence[Cell]:
    figures = (item.difficulty, item.discrimination, item.reliability, item.without)
    told = (part for one in figures for part in (one.value, one.meaning))
    return item.rubric.id, item.rubric.question, item.scored, item.unscored, *told


def _points(report: Report) -> Rows:
    for item in report.items:
        for one in item.points:
            counts = (count for _, count in one.verdicts)
            yield item.rubric.id, one.id, one.statement, one.weight, *counts, one.lost


def _point_names(report: Report) -> Iterator[str]:
    return (f"{item.rubric.id}: {point.id}" for item in report.items for point in item.points)


def _heat_map(report: Report) -> Rows:
    found: dict[tuple[int, int], dict[str, str]] = {
        (one.candidate, one.item): {point.id: point.verdict.value for point in one.graded.evaluation.key_points}
        for one in report.answers
        if one.counts
    }
    for who, candidate in enumerate(report.candidates):
        row: list[Cell] = [candidate.name, candidate.coverage]
        for at, item in enumerate(report.items):
            got = found.get((who, at))
            row.extend(None if got is None else got.get(point.id, "unscored") for point in item.points)
        yield row


def _missed(report: Report) -> Rows:
    for one in report.missed:
        item = report.items[one.item]
        point = item.points[one.point]
        for said in _said(report, one.close):
            yield item.rubric.id, point.id, point.statement, point.lost, *said


def _wrong(report: Report) -> Rows:
    for one in report.misconceptions:
        for said in _said(report, one.quotes):
            yield report.items[one.item].rubric.id, one.statement, one.share, one.correction, *said


def _beyond(report: Report) -> Rows:
    for number, one in enumerate(report.proposals, 1):
        for said in _said(report, one.quotes):
            yield report.items[one.item].rubric.id, number, one.candidates, *said


def _said(report: Report, quotes: Sequence[Quote]) -> Iterator[tuple[Cell, Cell]]:
    """Candidate and words of each quote; one empty pair where there is none, so that the row isn't lost."""
    for quote in quotes:
        yield report.candidates[report.answers[quote.answer].candidate].name, report.words(quote)
    if not quotes:
        yield None, None


def _looked(report: Report) -> Rows:
    return ((report.items[one.item].rubric.id, one.sentences, one.of) for one in report.looked)


def _reviews(report: Report) -> Rows:
    return ((one.certainty, *_answer(report, one.answer)) for one in report.reviews)


def _alike(report: Report) -> Rows:
    for number, one in enumerate(report.alike, 1):
        for at in one.answers:
            yield number, one.similarity, *_answer(report, at)


def _answers(report: Report, columns: Sequence[str]) -> Rows:
    for at, one in enumerate(report.answers):
        own = dict(one.graded.item.columns)
        yield *_answer(report, at), one.graded.item.key, "yes" if one.counts else "no", *(own.get(c) for c in columns)


def _answer(report: Report, at: int) -> Sequence[Cell]:
    answer = report.answers[at]
    evaluation = answer.graded.evaluation
    return (
        report.candidates[answer.candidate].name,
        report.items[answer.item].rubric.id,
        evaluation.status.value if evaluation.unscored_reason is None else f"unscored: {evaluation.unscored_reason}",
        evaluation.points,
        evaluation.max_points,
        evaluation.coverage,
        evaluation.level,
        "yes" if evaluation.needs_review else "no",
        "; ".join(evaluation.review_reasons),
        "; ".join(f"{flag.code}: {flag.detail}" for flag in evaluation.flags),
        "; ".join(f"{id_}: {reviewer}" for id_, reviewer in answer.graded.decided),
        evaluation.feedback,
        evaluation.next_step,
        answer.graded.item.answer,
    )


def _own_columns(report: Report) -> tuple[str, ...]:
    """The names of the rows' own columns, in order of appearance; none where names are hidden."""
    return tuple(dict.fromkeys(name for one in report.answers for name, _ in one.graded.item.columns))
