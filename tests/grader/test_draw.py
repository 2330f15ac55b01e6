"""Drawing a practice set: balanced, repeatable, never an item twice."""

from collections import Counter

import pytest

from grader.draw import draw
from rubrics import KeyPoint, Kind, Rubric

KINDS = [Kind.CONCEPT, Kind.COMPARISON, Kind.CODING]


def rubric(id_: str, topic: str, kind: Kind = Kind.CONCEPT) -> Rubric:
    return Rubric(id_, "Why?", (KeyPoint("a", "Because."),), topic=topic, kind=kind)


BANK = [rubric(f"{topic}-{kind}-{n}", topic, kind) for topic in "abcd" for kind in KINDS for n in range(4)]


@pytest.mark.parametrize("seed", range(20))
def test_topics_and_kinds_are_balanced(seed: int) -> None:
    drawn = draw(BANK, 12, seed)
    assert len({one.id for one in drawn}) == 12
    assert Counter(one.topic for one in drawn) == dict.fromkeys("abcd", 3)
    assert Counter(one.kind for one in drawn) == dict.fromkeys(KINDS, 4)


@pytest.mark.parametrize(("n", "drawn"), [(0, 0), (1, 1), (6, 6), (7, 6), (50, 6)])
def test_a_small_topic_runs_out_and_the_others_go_on(n: int, drawn: int) -> None:
    bank = [rubric("a-1", "a"), *(rubric(f"b-{number}", "b") for number in range(5))]
    ids = [one.id for one in draw(bank, n, 3)]
    assert len(ids) == len(set(ids)) == drawn
    if n > 1:
        assert "a-1" in ids[:2]


def test_no_item_comes_twice_though_it_is_offered_twice() -> None:
    assert len(draw([*BANK, *BANK], 100, 1)) == len(BANK)


def test_a_seed_is_a_set() -> None:
    ids = [one.id for one in draw(BANK, 8, 7)]
    assert [one.id for one in draw(reversed(BANK), 8, 7)] == ids
    assert len({tuple(one.id for one in draw(BANK, 8, seed)) for seed in range(20)}) == 20


def test_the_set_of_a_seed_never_changes_between_releases() -> None:
    assert [one.id for one in draw(BANK, 4, 7)] == ["c-coding-3", "a-comparison-1", "d-concept-1", "b-concept-2"]


def test_a_rubric_more_disturbs_its_topic_alone() -> None:
    before, after = draw(BANK, 4, 7), draw([*BANK, rubric("new", "a")], 4, 7)
    assert [one.id for one in before if one.topic != "a"] == [one.id for one in after if one.topic != "a"]
