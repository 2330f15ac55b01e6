"""What the engine makes of a rubric, and the rules that judge it (those that read only its text: `rubrics.lint`).

Thresholds come from the bank (196 rubrics, 1,423 key points; engine version 1): each rule says how often it speaks
there, and how often it finds a fault that was put in on purpose. What the engine alone holds against a rubric is a
warning; an error is what no rubric that works has.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from grader.golden import GoldenAnswer
from grader.model import Evaluation, Verdict
from grader.nearness import LARGEST, Group, Nearness
from grader.prepared import PreparedRubric
from rubrics.errors import Path
from rubrics.findings import Fault, Rule, Severity, rule
from rubrics.lint_statements import words
from rubrics.model import KeyPoint, Rubric

SAME_POINT: Final = 0.08
NEAR_POINT: Final = 0.04
GIVEN_AWAY: Final = 0.6
IN_REFERENCE: Final = 0.45
MISPLACED: Final = 0.6
FEWEST: Final = 3  # wordings of a group that has a nearness of its own, and golden answers that say something

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATION = re.compile(r"\b(?:not?|never|none|neither|without|cannot|\w+n['’]t)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Subject:
    """A rubric with what the engine makes of it, and its golden answers.

    `reference` is the reference answer graded; `heard` the same against the rubric without denies and near, so that
    only the presence of a point counts. Both are None without a reference answer.
    """

    rubric: Rubric
    prepared: PreparedRubric
    nearness: Nearness
    reference: Evaluation | None
    heard: Evaluation | None
    golden: tuple[GoldenAnswer, ...]


@rule(Severity.WARNING, "Merge them, or reword them so that a candidate can say one without the other.")
def same_point(subject: Subject) -> Iterator[Fault]:
    """Two points that say the same are paid twice.

    Their wordings are nearer to each other's than to their own, by 0.08 or more. Opposites are left alone. In the bank
    2 of 4,486 pairs are that near, and neither says the same; of points cut into two on purpose, 35% are.
    """
    near, points = subject.nearness, subject.rubric.key_points
    for left, right in combinations(range(len(near.says)), 2):
        if min(len(near.says[left]), len(near.says[right])) < FEWEST or _opposed(points[left], points[right]):
            continue
        if (excess := _mutual(near, left, right)) >= SAME_POINT:
            yield _statement(right), f"says the same as {points[left].id}: nearer to it by {excess:.2f} than to itself"


def _mutual(near: Nearness, left: int, right: int) -> float:
    """How much nearer two points' wordings, the opposite ones included, are to each other's says than these are."""
    both = ((left, right), (right, left))
    says = min(near.mean(near.says[a], near.says[b]) for a, b in both)
    own = min(near.mean(near.says[at], near.says[at]) for at in (left, right))
    if not (near.denies[left] and near.denies[right]):
        return says - own
    denies = min(near.mean(near.denies[a], near.says[b]) for a, b in both)
    return (says + denies) / 2 - own


def _opposed(left: KeyPoint, right: KeyPoint) -> bool:
    """The same words in another order, or only one of the two negated."""
    if set(words(left.statement)) == set(words(right.statement)):
        return words(left.statement) != words(right.statement)
    return bool(_NEGATION.search(left.statement)) != bool(_NEGATION.search(right.statement))


@rule(Severity.ERROR, "Ask less in the question, or make the point what a candidate has to add to it.")
def given_away(subject: Subject) -> Iterator[Fault]:
    """Who repeats the question must not earn the point.

    The question aligns with the statement by 0.6 or more, shared words weighing a tenth of others, and the statement
    has no number that isn't in the question. In the bank 1 of 1,423 points was that near; half of all are under 0.27.
    """
    given = set(_NUMBER.findall(subject.rubric.question))
    for at, (point, group) in enumerate(zip(subject.rubric.key_points, subject.prepared.says.tolist(), strict=True)):
        asked = float(subject.prepared.asked[subject.prepared.groups[group]])
        if asked >= GIVEN_AWAY and set(_NUMBER.findall(point.statement)) <= given:
            yield _statement(at), f"stands in the question already (alignment {asked:.2f})"


@rule(Severity.ERROR, "Say the point in the reference answer, or add a `says` that is built as the answer says it.")
def not_in_reference(subject: Subject) -> Iterator[Fault]:
    """A point that the rubric's own reference answer lacks, or that the engine can't hear in it.

    The chance that it is said there, judged by `says` alone, is under 0.45. In the bank that was so for 7 of 1,423
    points; with the sentence that carries it taken out, for one point in three.
    """
    for at, result in enumerate(subject.heard.key_points if subject.heard else ()):
        if result.probability < IN_REFERENCE:
            yield _statement(at), f"isn't heard in the reference answer (chance {result.probability:.2f})"


@rule(Severity.WARNING, "Reword the misconception so that only a believer says it, or keep the answer clear of it.")
def misconception_in_reference(subject: Subject) -> Iterator[Fault]:
    """The engine finds the misconception in the rubric's own reference answer, and will in other good answers."""
    found = {item.id: item for item in subject.reference.misconceptions} if subject.reference else {}
    for at, item in enumerate(subject.rubric.misconceptions):
        if item.id in found:
            result = found[item.id]
            quote = f" in “{result.evidence[0].quote}”" if result.evidence else ""
            yield ("misconceptions", at, "statement"), f"is found{quote} (chance {result.confidence:.2f})"


@rule(Severity.WARNING, "Word the misconception by what is wrong in it, or drop it where a `denies` says it.")
def misconception_near_point(subject: Subject) -> Iterator[Fault]:
    """A right answer must not sound like the misconception.

    Each one's wordings are nearer to the other's than to their own, by 0.04 or more. In the bank 1 of 3,721 pairs is
    that near; of points turned into misconceptions on purpose, 26% are.
    """
    near = subject.nearness
    for at, wrong in enumerate(near.misconceptions):
        for point, says in zip(subject.rubric.key_points, near.says, strict=True):
            excess = min(_excess(near, says, wrong), _excess(near, wrong, says))
            if min(len(wrong), len(says)) >= FEWEST and excess >= NEAR_POINT:
                message = f"sounds like {point.id}: nearer to it by {excess:.2f} than to itself"
                yield ("misconceptions", at, "statement"), message


def _excess(near: Nearness, group: Group, texts: Group) -> float:
    return near.mean(group, texts) - near.mean(texts, texts)


@rule(Severity.WARNING, "Move it if it is in the wrong list; otherwise add a wording built like it to its own list.")
def misplaced_wording(subject: Subject) -> Iterator[Fault]:
    """An answer that uses this wording would get the wrong verdict.

    The engine puts it nearer, by 0.6 or more, to a list that means something else than to the rest of its own: a `says`
    to its denies, to another point or to a misconception; a `denies` or `near` to its says. In the bank that is so for
    1 wording in 850: most often a formula or a construction that stands in the other list only.
    """
    near = subject.nearness
    for path, text, own, others in _lists(near):
        reached = [(near.best(group, text), name) for name, group in others if group]
        nearest, name = max(reached, default=(float("nan"), ""))
        if (excess := nearest - near.best(own, text)) >= MISPLACED:
            yield path, f"is nearer to {name} than to its own list (by {excess:.2f})"


def _lists(near: Nearness) -> Iterator[tuple[Path, int, Group, list[tuple[str, Group]]]]:
    """Every wording of a key point: path, index, own list, and the lists that mean something else."""
    for at, says in enumerate(near.says):
        points = [(f"key_points[{i}].says", group) for i, group in enumerate(near.says) if i != at]
        wrong = [(f"misconceptions[{i}]", group) for i, group in enumerate(near.misconceptions)]
        others = [(f"key_points[{at}].denies", near.denies[at]), *points, *wrong]
        for index, text in enumerate(says[1:]):
            yield ("key_points", at, "says", index), text, says, others
        for kind, group in (("denies", near.denies[at]), ("near", near.near[at])):
            for index, text in enumerate(group):
                yield ("key_points", at, kind, index), text, group, [(f"key_points[{at}].says", says)]


@rule(Severity.ERROR, "Look whether the point asks for anything; then write an answer that is good and lacks it.")
def never_missed(subject: Subject) -> Iterator[Fault]:
    """Every golden answer says the point, so it tells no two candidates apart. Asked from three answers on."""
    yield from _all_golden(subject, missing=False, message="is said in all {} golden answers")


@rule(Severity.ERROR, "Look whether candidates can be expected to say it; then write an answer that does.")
def never_covered(subject: Subject) -> Iterator[Fault]:
    """No golden answer says the point, not even in part. Asked from three answers on."""
    yield from _all_golden(subject, missing=True, message="is said in none of {} golden answers")


def _all_golden(subject: Subject, missing: bool, message: str) -> Iterator[Fault]:
    for at, point in enumerate(subject.rubric.key_points):
        marks = [answer.marks[point.id].verdict for answer in subject.golden if point.id in answer.marks]
        said = [verdict in (Verdict.COVERED, Verdict.PARTIAL) for verdict in marks]
        if len(said) >= FEWEST and all(one != missing for one in said):
            yield ("key_points", at), f"{point.id} " + message.format(len(said))


def _statement(at: int) -> Path:
    return ("key_points", at, "statement")


@rule(Severity.WARNING, "Shorten the wordings; a wording is one sentence of 6 to 30 words.")
def too_large(subject: Subject) -> Iterator[Fault]:
    """The rubric has more than 30,000 tokens in its wordings, so that they weren't compared with each other."""
    if len(subject.prepared.vectors) > LARGEST:
        yield (), f"{len(subject.prepared.vectors):,} tokens in its wordings"


RULES: Final[tuple[Rule[Subject], ...]] = (
    same_point,
    given_away,
    not_in_reference,
    misconception_in_reference,
    misconception_near_point,
    misplaced_wording,
    never_missed,
    never_covered,
    too_large,
)
