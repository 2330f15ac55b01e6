"""The bank that comes with the package is complete."""

import pytest

from rubrics import KeyPoint, Kind, Rubric, load_bank, load_text
from rubrics.dump import dump_yaml
from rubrics.loader import BANK


@pytest.fixture(scope="module")
def bank() -> dict[str, Rubric]:
    return load_bank()


def thin(point: KeyPoint) -> bool:
    return len(point.says) < 5 or len(point.denies) < 4 or len(point.near) < 3 or not point.missed


def test_there_are_rubrics_of_many_topics_and_kinds(bank: dict[str, Rubric]) -> None:
    assert len(bank) == len(list(BANK.rglob("*.yaml"))) >= 24
    assert len({rubric.topic for rubric in bank.values()}) >= 8
    assert {rubric.kind for rubric in bank.values()} >= set(Kind) - {Kind.OPEN}


def test_key_points_have_wordings(bank: dict[str, Rubric]) -> None:
    assert [f"{rubric.id}: {point.id}" for rubric in bank.values() for point in rubric.key_points if thin(point)] == []


def test_sizes(bank: dict[str, Rubric]) -> None:
    assert {id_: n for id_, rubric in bank.items() if not 4 <= (n := len(rubric.key_points)) <= 8} == {}
    assert {id_: n for id_, rubric in bank.items() if not 1 <= (n := len(rubric.misconceptions)) <= 4} == {}
    words = {id_: len(rubric.reference_answer.split()) for id_, rubric in bank.items()}
    assert {id_: n for id_, n in words.items() if not 80 <= n <= 220} == {}


def test_no_point_decides_alone(bank: dict[str, Rubric]) -> None:
    heaviest = {
        id_: max(point.weight for point in rubric.key_points) / rubric.max_points for id_, rubric in bank.items()
    }
    assert {id_: share for id_, share in heaviest.items() if share > 0.4} == {}


def test_everything_is_filled_in(bank: dict[str, Rubric]) -> None:
    for rubric in bank.values():
        assert rubric.author and rubric.licence and rubric.follow_ups, rubric.id
        assert all(item.correction for item in rubric.misconceptions), rubric.id


def test_all_of_it_round_trips(bank: dict[str, Rubric]) -> None:
    assert all(load_text(dump_yaml(rubric)) == rubric for rubric in bank.values())
