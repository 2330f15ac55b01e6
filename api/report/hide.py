"""A report without names: pseudonyms for candidates, and no key, own column or place in the file.

What an answer's text gives away is blotted out: anybody's name, key and own columns; of its writer's, in any letter
case and in parts as well.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from api.report.blot import Secrets, blot, words_in
from api.report.model import Answer, Candidate, Quote, Report
from grader.batch.model import Graded, Item
from grader.model import Evaluation, Evidence
from rubrics.model import Rubric

LONGEST = 8  # words of an own column's value that is looked for in answers; longer ones are text, no name or number
NAME_PARTS = (2, 3)  # words of an own column's value that may be a person's name
LEAST_LETTERS = 3  # of a part of a name, letters or digits


def hidden(report: Report) -> Report:
    """The same report under pseudonyms. Their order comes from the answers' texts: it doesn't give away the file's."""
    order = sorted(range(len(report.candidates)), key=lambda at: _digest(report, report.candidates[at]))
    place = {old: new for new, old in enumerate(order)}
    digits = max(2, len(str(len(order))))
    names = [f"Candidate {number:0{digits}d}" for number in range(1, len(order) + 1)]
    common = _vocabulary(item.rubric for item in report.items)
    whole = [list(_whole(report, one, common)) for one in report.candidates]
    everyone = Secrets.of((text for texts in whole for text in texts), fold=False)
    own = [Secrets.of([*texts, *_parts(texts, common)], fold=True) for texts in whole]
    answers = [
        replace(
            one,
            candidate=place[one.candidate],
            graded=_without_names(one.graded, names[place[one.candidate]], (everyone, own[one.candidate])),
        )
        for one in report.answers
    ]
    people = [replace(report.candidates[old], name=name) for name, old in zip(names, order, strict=True)]
    return _reordered(report, people, answers)


def _whole(report: Report, candidate: Candidate, common: frozenset[str]) -> Iterator[str]:
    """What may give a candidate away: the name first, keys, values of own columns."""
    yield candidate.name
    for at in candidate.answers:
        item = report.answers[at].graded.item
        yield item.key
        for _, value in item.columns:
            parts = words_in(value)
            if len(parts) <= LONGEST and not common.issuperset(parts):
                yield value


def _parts(texts: Sequence[str], common: frozenset[str]) -> Iterator[str]:
    """First and last names: parts of the candidate's name, and of what else looks like a person's."""
    for text in texts:
        parts = words_in(text)
        is_name = text == texts[0]
        if is_name or (len(parts) in NAME_PARTS and text.istitle()):
            yield from (part for part in parts if len(part) >= LEAST_LETTERS and (is_name or part not in common))


def _vocabulary(rubrics: Iterable[Rubric]) -> frozenset[str]:
    """The rubrics' words, folded: those of the subject."""
    texts = (
        text
        for rubric in rubrics
        for point in rubric.key_points
        for text in (rubric.id, rubric.topic, rubric.question, point.id, point.statement, *point.says, *point.terms)
    )
    return frozenset(word for text in texts for word in words_in(text))


def _without_names(graded: Graded, name: str, secrets: Sequence[Secrets]) -> Graded:
    text = blot(graded.item.answer, secrets)
    item = Item(0, f"{name}: {graded.item.rubric}", name, graded.item.rubric, text)
    decided = tuple((id_, "a person") for id_, _ in graded.decided)
    if text == graded.item.answer:
        return Graded(item, graded.evaluation, decided)
    return Graded(item, _blotted(graded.evaluation, text, secrets), decided)


def _blotted(evaluation: Evaluation, text: str, secrets: Sequence[Secrets]) -> Evaluation:
    """Everything in an evaluation that may quote the answer."""

    def spans(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
        return tuple(replace(one, quote=text[one.start : one.end]) for one in evidence)

    return replace(
        evaluation,
        key_points=tuple(
            replace(one, evidence=spans(one.evidence), feedback=blot(one.feedback, secrets))
            for one in evaluation.key_points
        ),
        misconceptions=tuple(replace(one, evidence=spans(one.evidence)) for one in evaluation.misconceptions),
        review_reasons=tuple(blot(reason, secrets) for reason in evaluation.review_reasons),
        feedback=blot(evaluation.feedback, secrets),
        flags=tuple(replace(flag, detail=blot(flag.detail, secrets)) for flag in evaluation.flags),
    )


def _reordered(report: Report, people: Sequence[Candidate], answers: Sequence[Answer]) -> Report:
    """Answers in the order of their new candidates, and every reference to them with it."""
    order = [at for person in people for at in person.answers]
    place: Mapping[int, int] = {old: new for new, old in enumerate(order)}

    def quotes(found: tuple[Quote, ...]) -> tuple[Quote, ...]:
        return tuple(replace(one, answer=place[one.answer]) for one in found)

    reviews = (replace(one, answer=place[one.answer]) for one in report.reviews)
    alike = (replace(one, answers=tuple(sorted(place[at] for at in one.answers))) for one in report.alike)
    return replace(
        report,
        candidates=tuple(replace(one, answers=tuple(place[at] for at in one.answers)) for one in people),
        answers=tuple(answers[old] for old in order),
        missed=tuple(replace(one, close=quotes(one.close)) for one in report.missed),
        misconceptions=tuple(replace(one, quotes=quotes(one.quotes)) for one in report.misconceptions),
        proposals=tuple(replace(one, quotes=quotes(one.quotes)) for one in report.proposals),
        reviews=tuple(sorted(reviews, key=lambda one: (one.certainty, one.answer))),
        alike=tuple(sorted(alike, key=lambda one: (-one.similarity, one.item, one.answers))),
    )


def _digest(report: Report, candidate: Candidate) -> tuple[str, int]:
    """A place that only the texts decide; those who wrote the same stay in the file's order."""
    texts = (report.answers[at].graded.item.answer for at in candidate.answers)
    return hashlib.sha256("\0".join(texts).encode()).hexdigest(), candidate.answers[0]
