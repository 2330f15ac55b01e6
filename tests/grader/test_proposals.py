"""What reviews propose: tables without any I/O."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from grader.model import Verdict
from grader.proposals import Observed, ProposalKind, applied, mine
from grader.rater_agreement import Compared
from rubrics.model import KeyPoint, Misconception, Rubric

C, P, M, X = Verdict.COVERED, Verdict.PARTIAL, Verdict.MISSED, Verdict.CONTRADICTED
RUBRIC = Rubric(
    id="r",
    question="q",
    key_points=(
        KeyPoint("a", "Boosting is sequential.", says=("one by one",)),
        KeyPoint("b", "Bagging samples."),
    ),
    misconceptions=(Misconception("m", "Bagging lowers bias."),),
)


def seen(number: int, person: Verdict, engine: Verdict = M, quote: str = "", point: str = "a") -> Observed:
    return Observed(UUID(int=number), point, person, engine, quote)


def kinds(observed: Sequence[Observed]) -> list[tuple[ProposalKind, tuple[str, ...], int]]:
    return [(one.kind, one.wordings, len(one.answers)) for one in mine(RUBRIC, observed, {})]


def double(left: Verdict, right: Verdict) -> Compared:
    return Compared("r", "2026-01", {"a": left}, {"a": right}, None, None)


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        ([], []),
        ([seen(1, C, quote="each after the last")], [(ProposalKind.SAYS, ("each after the last",), 1)]),
        (
            [seen(1, C, quote="Each after\n the last."), seen(2, C, quote="each after the last")],
            [(ProposalKind.SAYS, ("Each after the last.",), 2)],
        ),
        ([seen(1, C, quote="One by one.")], []),
        ([seen(1, C, quote="boosting is sequential")], []),
        ([seen(1, C)], []),
        ([seen(1, C, engine=C, quote="each after the last")], []),
        ([seen(1, P, quote="each after the last")], []),
        ([seen(1, C, quote="x" * 401)], []),
        ([seen(n, X, engine=X, quote=f"all at once {n}") for n in range(2)], []),
        (
            [seen(1, X, quote="All at\nonce."), seen(2, X, engine=C, quote="all at once"), seen(3, X)],
            [(ProposalKind.DENIES, ("All at once.",), 2)],
        ),
        ([seen(1, X, quote="x" * 401), seen(2, C, quote="one by one")], []),
        (
            [seen(n, X, engine=X, quote=f"all at once {n}") for n in range(3)],
            [(ProposalKind.MISCONCEPTION, ("all at once 0", "all at once 1", "all at once 2"), 3)],
        ),
        ([seen(n, X, engine=X, quote="bagging lowers bias") for n in range(3)], []),
        ([seen(n, X) for n in range(3)], []),
        ([seen(n, P if n < 2 else M) for n in range(5)], [(ProposalKind.SPLIT, (), 2)]),
        ([seen(n, P if n < 1 else M) for n in range(5)], []),
        ([seen(n, P) for n in range(4)], []),
    ],
)
def test_what_is_proposed(observed: list[Observed], expected: list[tuple[ProposalKind, tuple[str, ...], int]]) -> None:
    assert kinds(observed) == expected


@pytest.mark.parametrize(("differing", "expected"), [(1, 0), (2, 1), (5, 1)])
def test_a_point_that_people_dont_agree_on(differing: int, expected: int) -> None:
    doubles = {UUID(int=n): double(C, M if n < differing else C) for n in range(5)}
    found = mine(RUBRIC, [], doubles)
    assert len(found) == expected
    assert all((one.kind, one.n, one.share) == (ProposalKind.UNCLEAR, 5, differing / 5) for one in found)
    assert not mine(RUBRIC, [], dict(list(doubles.items())[:4]))


def test_the_same_proposal_has_the_same_name() -> None:
    [one] = mine(RUBRIC, [seen(1, C, quote="each after the last")], {})
    [more] = mine(RUBRIC, [seen(2, C, quote="Each after the last.")], {})
    restated = replace(RUBRIC, key_points=(replace(RUBRIC.key_points[0], statement="Other."), RUBRIC.key_points[1]))
    [other] = mine(restated, [seen(1, C, quote="each after the last")], {})
    assert one.id == more.id != other.id


def test_accepted_it_is_in_the_rubric() -> None:
    [says] = mine(RUBRIC, [seen(1, C, quote="each after the last")], {})
    changed = applied(RUBRIC, says)
    assert changed is not None
    assert changed.key_points[0].says == ("one by one", "each after the last")
    assert not mine(changed, [seen(1, C, quote="each after the last")], {})
    [denies] = mine(RUBRIC, [seen(1, X, engine=C, quote="all at once")], {})
    changed = applied(RUBRIC, denies)
    assert changed is not None
    assert [point.denies for point in changed.key_points] == [("all at once",), ()]
    assert not mine(changed, [seen(1, X, engine=C, quote="all at once")], {})
    [wrong] = mine(RUBRIC, [seen(n, X, engine=X, quote=f"all at once {n}") for n in range(3)], {})
    changed = applied(RUBRIC, wrong)
    assert changed is not None
    made = changed.misconceptions[-1]
    assert (made.id, made.statement, made.says, made.penalty) == (
        "all-at-once-0", "all at once 0", ("all at once 1", "all at once 2"), 0
    )  # fmt: skip
    assert made.correction == "Boosting is sequential."
    again = applied(changed, wrong)
    assert again is not None
    assert again.misconceptions[-1].id == "all-at-once-0-2"
    [split] = mine(RUBRIC, [seen(n, P) for n in range(5)], {})
    assert applied(RUBRIC, split) is None
