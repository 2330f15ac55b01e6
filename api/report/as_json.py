"""A report as JSON: everything in it, with positions where answers, candidates and items refer to each other."""

from collections.abc import Iterable
from typing import TypeAlias

from api.report.hide import hidden
from api.report.model import Answer, Bins, Item, Quote, Report, Statistic
from grader.model import Evidence, KeyPointResult

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | float | int | bool | None"

FORMAT = 1  # changes when a reader must
DIGITS = 6


def to_json(report: Report, hide_names: bool = False) -> dict[str, JSON]:
    """JSON values, never NaN: a figure that can't be told is null and `meaning` says why.

    `candidate`, `item` and `answer` are positions, from 0, in the lists `candidates`, `items` and `answers`; offsets
    are Unicode code points of the answer.
    """
    if hide_names:
        report = hidden(report)
    return {
        "format": FORMAT,
        "names_hidden": hide_names,
        "coverage_of_candidates": _bins(report.by_candidate),
        "coverage_of_answers": _bins(report.by_answer),
        "reliability": _statistic(report.reliability),
        "items": [_item(one) for one in report.items],
        "candidates": [
            {"name": one.name, "coverage": _number(one.coverage), "answers": list(one.answers)}
            for one in report.candidates
        ],
        "answers": [_answer(one, hide_names) for one in report.answers],
        "most_missed": [
            {
                "item": one.item,
                "key_point": report.items[one.item].points[one.point].id,
                "came_close": _quotes(report, one.close),
            }
            for one in report.missed
        ],
        "misconceptions": [
            {
                "item": one.item,
                "id": one.id,
                "statement": one.statement,
                "correction": one.correction,
                "share": _number(one.share),
                "quotes": _quotes(report, one.quotes),
            }
            for one in report.misconceptions
        ],
        "beyond_the_rubric": [
            {"item": one.item, "candidates": one.candidates, "quotes": _quotes(report, one.quotes)}
            for one in report.proposals
        ],
        "sentences_read": [{"item": one.item, "read": one.sentences, "of": one.of} for one in report.looked],
        "review_queue": [{"answer": one.answer, "certainty": _number(one.certainty)} for one in report.reviews],
        "look_at_these_together": [
            {"item": one.item, "answers": list(one.answers), "similarity": _number(one.similarity)}
            for one in report.alike
        ],
        "answers_not_compared": report.not_compared,
    }


def _item(item: Item) -> JSON:
    rubric = item.rubric
    return {
        "rubric": rubric.id,
        "version": rubric.version,
        "question": rubric.question,
        "max_points": rubric.max_points,
        "scored": item.scored,
        "unscored": item.unscored,
        "difficulty": _statistic(item.difficulty),
        "discrimination": _statistic(item.discrimination),
        "reliability": _statistic(item.reliability),
        "reliability_without": _statistic(item.without),
        "key_points": [
            {
                "id": one.id,
                "statement": one.statement,
                "weight": one.weight,
                "lost": _number(one.lost),
                **{str(verdict): count for verdict, count in one.verdicts},
            }
            for one in item.points
        ],
    }


def _answer(answer: Answer, hide_names: bool) -> JSON:
    item, evaluation = answer.graded.item, answer.graded.evaluation
    columns: list[JSON] = [{"name": name, "value": value} for name, value in item.columns]
    named: dict[str, JSON] = {} if hide_names else {"line": item.line, "key": item.key, "columns": columns}
    return named | {
        "candidate": answer.candidate,
        "item": answer.item,
        "counts": answer.counts,
        "answer": item.answer,
        "status": str(evaluation.status),
        "unscored_reason": evaluation.unscored_reason,
        "points": evaluation.points,
        "coverage": evaluation.coverage,
        "expected_coverage": evaluation.expected_coverage,
        "level": evaluation.level,
        "needs_review": evaluation.needs_review,
        "review_reasons": list(evaluation.review_reasons),
        "flags": [{"code": flag.code, "detail": flag.detail} for flag in evaluation.flags],
        "key_points": [_key_point(one) for one in evaluation.key_points],
        "misconceptions": [
            {"id": one.id, "confidence": one.confidence, "evidence": _evidence(one.evidence)}
            for one in evaluation.misconceptions
        ],
        "decided_by_people": [{"id": id_, "reviewer": reviewer} for id_, reviewer in answer.graded.decided],
        "feedback": evaluation.feedback,
        "next_step": evaluation.next_step,
        "follow_ups": list(evaluation.follow_ups),
    }


def _key_point(result: KeyPointResult) -> JSON:
    return {
        "id": result.id,
        "verdict": str(result.verdict),
        "credit": result.credit,
        "confidence": result.confidence,
        "feedback": result.feedback,
        "evidence": _evidence(result.evidence),
    }


def _evidence(evidence: Iterable[Evidence]) -> JSON:
    return [{"quote": one.quote, "start": one.start, "end": one.end} for one in evidence]


def _quotes(report: Report, quotes: Iterable[Quote]) -> JSON:
    return [{"answer": one.answer, "start": one.start, "end": one.end, "quote": report.words(one)} for one in quotes]


def _bins(bins: Bins) -> JSON:
    return {"counts": list(bins.counts), "mean": _number(bins.mean), "median": _number(bins.median)}


def _statistic(figure: Statistic) -> JSON:
    return {"value": _number(figure.value), "n": figure.n, "meaning": figure.meaning}


def _number(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
