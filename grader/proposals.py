"""What people's marks say about a rubric: proposals to its author, each with the answers that it comes from.

says: words that made a person give a point which the engine didn't. denies: words that made a person find a point
contradicted which the engine didn't. misconception: words with which several answers contradict a key point. split: a
key point that people often give half of. unclear: one that people don't agree on.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from grader.model import Verdict
from grader.prepared import says_of
from grader.rater_agreement import Compared
from grader.text import folded
from rubrics.convert import slug
from rubrics.model import KeyPoint, Misconception, Rubric

SEVERAL = 3  # answers that contradict a point in words of their own
RATED = 5  # answers, at least, that a share is told from
HALVES = 0.3  # share of half points from which a point may be two
DISAGREED = 0.4  # share of double ratings that differ from which a point is unclear
LONGEST = 400  # characters of a wording
_SPACE = uuid.UUID("5f0c2f6e-0b5e-4c1b-9a53-7d1a4d0f2c11")  # names proposals, and nothing else


class ProposalKind(StrEnum):
    """What is proposed."""

    SAYS = "says"
    DENIES = "denies"
    MISCONCEPTION = "misconception"
    SPLIT = "split"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Observed:
    """A person's verdict that counts on one key point of one answer, beside the engine's. `quote`: "" for none."""

    answer: uuid.UUID
    key_point: str
    person: Verdict
    engine: Verdict
    quote: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal. `wordings`: what it would add; `n`: answers that it was told from; `share`: of them."""

    id: uuid.UUID
    rubric_id: str
    kind: ProposalKind
    key_point: str
    wordings: tuple[str, ...]
    answers: tuple[uuid.UUID, ...]
    n: int
    share: float | None


def mine(rubric: Rubric, observed: Iterable[Observed], doubles: Mapping[uuid.UUID, Compared]) -> tuple[Proposal, ...]:
    """All proposals for a rubric, by key point. `doubles`: by answer, what two people said."""
    by_point: dict[str, list[Observed]] = defaultdict(list)
    for one in observed:
        by_point[one.key_point].append(one)
    found: list[Proposal] = []
    for point in rubric.key_points:
        seen = by_point[point.id]
        found += _wordings(rubric, ProposalKind.SAYS, point, seen)
        found += _wordings(rubric, ProposalKind.DENIES, point, seen)
        found += _misconception(rubric, point, seen)
        found += _split(rubric, point, seen)
        found += _unclear(rubric, point, doubles)
    return tuple(found)


def applied(rubric: Rubric, proposal: Proposal) -> Rubric | None:
    """The rubric with a proposal accepted; None where that is for its author to write."""
    if proposal.kind in (ProposalKind.SAYS, ProposalKind.DENIES):
        points = tuple(
            _with(point, proposal) if point.id == proposal.key_point else point for point in rubric.key_points
        )
        return replace(rubric, key_points=points)
    if proposal.kind is ProposalKind.MISCONCEPTION:
        first, *others = proposal.wordings
        taken = {item.id for item in rubric.misconceptions}
        name = base = slug(first)
        number = 2
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        made = Misconception(name, first, tuple(others), _correction(rubric, proposal.key_point))
        return replace(rubric, misconceptions=(*rubric.misconceptions, made))
    return None


def _with(point: KeyPoint, proposal: Proposal) -> KeyPoint:
    if proposal.kind is ProposalKind.SAYS:
        return replace(point, says=(*point.says, *proposal.wordings))
    return replace(point, denies=(*point.denies, *proposal.wordings))


def _correction(rubric: Rubric, key_point: str) -> str:
    return next((point.statement for point in rubric.key_points if point.id == key_point), "")


def _wordings(rubric: Rubric, kind: ProposalKind, point: KeyPoint, seen: Sequence[Observed]) -> list[Proposal]:
    says = kind is ProposalKind.SAYS
    verdict = Verdict.COVERED if says else Verdict.CONTRADICTED
    known = {_plain(wording) for wording in (says_of(point) if says else point.denies)}
    found: dict[str, list[Observed]] = {}
    for one in seen:
        differs = one.person is verdict and one.engine is not verdict
        plain = _plain(one.quote)
        if differs and plain and plain not in known and len(one.quote) <= LONGEST:
            found.setdefault(plain, []).append(one)
    return [
        _proposal(rubric, kind, point, plain, (_flat(some[0].quote),), some, len(some), None)
        for plain, some in found.items()
    ]


def _misconception(rubric: Rubric, point: KeyPoint, seen: Sequence[Observed]) -> list[Proposal]:
    known = {_plain(text) for item in rubric.misconceptions for text in (item.statement, *item.says)}
    wrong = [one for one in seen if one.person is Verdict.CONTRADICTED and 0 < len(one.quote) <= LONGEST]
    wordings = dict.fromkeys(_flat(one.quote) for one in wrong if _plain(one.quote) not in known)
    if len({one.answer for one in wrong}) < SEVERAL or not wordings:
        return []
    share = len(wrong) / len(seen)
    kept = tuple(wordings)
    return [_proposal(rubric, ProposalKind.MISCONCEPTION, point, _plain(kept[0]), kept, wrong, len(seen), share)]


def _split(rubric: Rubric, point: KeyPoint, seen: Sequence[Observed]) -> list[Proposal]:
    halves = [one for one in seen if one.person is Verdict.PARTIAL]
    if len(seen) < RATED or len(halves) < HALVES * len(seen):
        return []
    share = len(halves) / len(seen)
    return [_proposal(rubric, ProposalKind.SPLIT, point, "", (), halves, len(seen), share)]


def _unclear(rubric: Rubric, point: KeyPoint, doubles: Mapping[uuid.UUID, Compared]) -> list[Proposal]:
    rated = [
        (answer, both.left[point.id] is both.right[point.id])
        for answer, both in doubles.items()
        if point.id in both.left and point.id in both.right
    ]
    differing = [answer for answer, agrees in rated if not agrees]
    if len(rated) < RATED or len(differing) < DISAGREED * len(rated):
        return []
    id_ = _id(rubric, ProposalKind.UNCLEAR, point, "")
    share = round(len(differing) / len(rated), 6)
    return [Proposal(id_, rubric.id, ProposalKind.UNCLEAR, point.id, (), tuple(sorted(differing)), len(rated), share)]


def _proposal(
    rubric: Rubric,
    kind: ProposalKind,
    point: KeyPoint,
    plain: str,
    wordings: tuple[str, ...],
    some: Sequence[Observed],
    n: int,
    share: float | None,
) -> Proposal:
    answers = tuple(sorted({one.answer for one in some}))
    rounded = None if share is None else round(share, 6)
    return Proposal(_id(rubric, kind, point, plain), rubric.id, kind, point.id, wordings, answers, n, rounded)


def _id(rubric: Rubric, kind: ProposalKind, point: KeyPoint, plain: str) -> uuid.UUID:
    """The same proposal has the same id whenever it is found. A restated point is another one."""
    return uuid.uuid5(_SPACE, "\0".join((rubric.id, kind, point.id, point.statement, plain)))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    return _flat(folded(text)).rstrip(".!?… ")
