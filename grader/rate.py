"""What a person sends about an answer to marks that say something, or the reasons why they don't."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.effective import Effective, total_statement
from grader.errors import RatingInvalid
from grader.model import Verdict
from grader.rating import RANK, SETTLES, TOTAL, Found, Mark, Place, RatingKind, Span, Target
from rubrics.model import Rubric


@dataclass(frozen=True, slots=True)
class Word:
    """One mark as it was sent. `field`: its place; `quote`: words of the answer, "" for none."""

    field: str
    target: Target
    id: str
    value: Verdict | Found
    reason: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A rating as it was sent. `points`: for the whole answer; `accept_rest`: all else is right as it stands."""

    words: tuple[Word, ...]
    points: float | None = None
    accept_rest: bool = False


def marks(kind: RatingKind, said: Said, rubric: Rubric, text: str, now: Effective) -> tuple[Mark, ...]:
    """The marks of a rating on an answer whose result is `now`. Raises RatingInvalid for what means nothing.

    Whoever changes a verdict that they can see says why. A blind rating marks every key point, for it can't accept what
    it doesn't see. What was settled is changed by another adjudication only.
    """
    stands = standing_values(rubric, now)
    known = _known(rubric)
    found: dict[Place, Mark] = {}
    for word in said.words:
        mark = _mark(word, known, text)
        if mark.place in found:
            raise RatingInvalid(word.field, f"{word.id!r} is marked twice; mark it once")
        if kind in (RatingKind.REVIEW, RatingKind.ADJUDICATION) and word.value is not stands[mark.place]:
            _reasoned(word, str(stands[mark.place]))
        found[mark.place] = mark
    if said.points is not None:
        found[Target.TOTAL, TOTAL] = _total(said.points, rubric)
    if kind is RatingKind.BLIND:
        _complete(found, said, rubric)
    if said.accept_rest:
        for place, value in stands.items():
            if place not in found and not _settled(now, place):
                found[place] = Mark(place[0], place[1], known[place], value)
    _unsettled(kind, found, now, said.words)
    if not found:
        raise RatingInvalid("key_points", "nothing is marked; mark something, or accept_rest")
    return tuple(found.values())


def standing_values(rubric: Rubric, now: Effective) -> dict[Place, Verdict | Found]:
    """What counts on each target at present."""
    verdicts: dict[Place, Verdict | Found] = {
        (Target.KEY_POINT, one.id): one.verdict for one in now.evaluation.key_points
    }
    asserted = {one.id for one in now.evaluation.misconceptions}
    for item in rubric.misconceptions:
        verdicts[Target.MISCONCEPTION, item.id] = Found.ASSERTED if item.id in asserted else Found.ABSENT
    return verdicts


def span_of(quote: str, text: str) -> Span | None:
    """Where the quote first stands in the text, None if it doesn't."""
    start = text.find(quote)
    return Span(quote, start, start + len(quote)) if quote and start >= 0 else None


def _known(rubric: Rubric) -> dict[Place, str]:
    points: dict[Place, str] = {(Target.KEY_POINT, one.id): one.statement for one in rubric.key_points}
    return points | {(Target.MISCONCEPTION, one.id): one.statement for one in rubric.misconceptions}


def _mark(word: Word, known: Mapping[Place, str], text: str) -> Mark:
    place = (word.target, word.id)
    if place not in known:
        what = word.target.value.replace("_", " ")
        there = ", ".join(id_ for target, id_ in known if target is word.target) or "none"
        raise RatingInvalid(f"{word.field}.id", f"the rubric has no {what} {word.id!r}; it has {there}")
    span = span_of(word.quote, text)
    if word.quote and span is None:
        raise RatingInvalid(f"{word.field}.quote", "doesn't stand in the answer; quote it letter by letter")
    return Mark(word.target, word.id, known[place], word.value, word.reason.strip(), span)


def _reasoned(word: Word, before: str) -> None:
    if not word.reason.strip():
        told = f"changes {word.id!r} from {before} to {word.value} without saying why; give a reason"
        raise RatingInvalid(f"{word.field}.reason", told)


def _total(points: float, rubric: Rubric) -> Mark:
    if not 0 <= points <= rubric.max_points:
        raise RatingInvalid("points", f"are {points:g}; the rubric has 0 to {rubric.max_points:g}")
    return Mark(Target.TOTAL, TOTAL, total_statement(rubric), float(points))


def _complete(found: Mapping[Place, Mark], said: Said, rubric: Rubric) -> None:
    if said.accept_rest:
        raise RatingInvalid("accept_rest", "can't be given blind; mark every key point")
    left = [one.id for one in rubric.key_points if (Target.KEY_POINT, one.id) not in found]
    if left:
        raise RatingInvalid("key_points", f"a blind rating marks them all; {', '.join(left)} isn't marked")


def _unsettled(kind: RatingKind, found: Mapping[Place, Mark], now: Effective, words: Sequence[Word]) -> None:
    if kind is RatingKind.BLIND or RANK[kind] >= SETTLES:
        return
    fields = {(word.target, word.id): word.field for word in words}
    for place in found:
        if _settled(now, place):
            told = f"{place[1]!r} was settled by {now.decisions[place].rating.kind.value}; send an adjudication"
            raise RatingInvalid(fields.get(place, "points"), told)


def _settled(now: Effective, place: Place) -> bool:
    return place in now.decisions and RANK[now.decisions[place].rating.kind] >= SETTLES
