"""Rubric → YAML → Rubric, and what the two hashes do and don't see."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rubrics import (
    Calibration,
    Difficulty,
    FollowUp,
    KeyPoint,
    Kind,
    Level,
    Misconception,
    PointShift,
    Rubric,
    content_hash,
    dump_yaml,
    from_rubric,
    load_text,
    scoring_hash,
    to_rubric,
)

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXT = st.text(CHARACTERS, max_size=200).map(lambda text: from_stripped(text))
WORDING = TEXT.filter(bool)
WORDINGS = st.lists(WORDING, max_size=3).map(tuple)
SLUG = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)


def from_stripped(text: str) -> str:
    while text != (shorter := text.strip().strip("\x85\u2028\u2029")):
        text = shorter
    return text


@st.composite
def rubrics(draw: st.DrawFn) -> Rubric:
    ids = draw(st.lists(SLUG, min_size=1, max_size=4, unique=True))
    weights = st.floats(min_value=0, max_value=1000, exclude_min=True)
    scores = sorted({0.0, *draw(st.lists(st.floats(min_value=0, max_value=1), max_size=3))})
    return Rubric(
        id=draw(SLUG),
        question=draw(WORDING),
        key_points=tuple(
            KeyPoint(
                id_,
                draw(WORDING),
                draw(weights),
                draw(st.booleans()),
                draw(WORDINGS),
                draw(WORDINGS),
                draw(WORDINGS),
                draw(WORDINGS),
                draw(TEXT),
            )
            for id_ in ids
        ),
        version=draw(st.integers(1, 1000)),
        topic=draw(SLUG),
        kind=draw(st.sampled_from(Kind)),
        difficulty=draw(st.sampled_from(Difficulty)),
        reference_answer=draw(TEXT),
        misconceptions=tuple(Misconception(id_, draw(WORDING), draw(WORDINGS), draw(TEXT), 0.5) for id_ in ids[1:]),
        levels=tuple(Level(f"level {score}", score, draw(st.booleans())) for score in scores),
        follow_ups=(FollowUp(draw(WORDING), tuple(ids)),),
        author=draw(TEXT),
        licence=draw(TEXT),
        calibration=draw(st.none() | calibrations(ids)),
    )


def calibrations(ids: list[str]) -> st.SearchStrategy[Calibration]:
    numbers = st.floats(min_value=-20, max_value=20)
    shifts = st.tuples(*(st.builds(PointShift, st.just(id_), numbers) for id_ in ids))
    hashes = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
    slopes = st.floats(min_value=0, max_value=20, exclude_min=True)
    return st.builds(Calibration, hashes, hashes, slopes, numbers, shifts, st.integers(0, 1000))


@settings(max_examples=60, deadline=None)
@given(rubrics())
def test_round_trip(rubric: Rubric) -> None:
    assert to_rubric(from_rubric(rubric)) == rubric
    text = dump_yaml(rubric)
    again = load_text(text)
    assert again == rubric
    assert dump_yaml(again) == text
    assert content_hash(again) == content_hash(rubric)
    assert scoring_hash(again) == scoring_hash(rubric)


POINT = KeyPoint("p", "Trees take in light.", says=("light feeds them",), missed="Think of the sun.")
WRONG = Misconception("m", "Trees eat soil.", correction="They don't.", penalty=0.5)
RUBRIC = Rubric("trees", "Why do trees grow?", (POINT,), misconceptions=(WRONG,), follow_ups=(FollowUp("And algae?"),))


@pytest.mark.parametrize(
    ("changed", "content", "scoring"),
    [
        (replace(RUBRIC, version=7), False, False),
        (replace(RUBRIC, key_points=(replace(POINT, weight=1),)), False, False),
        (replace(RUBRIC, id="other"), True, False),
        (replace(RUBRIC, author="Someone"), True, False),
        (replace(RUBRIC, topic="plants", kind=Kind.CONCEPT, difficulty=Difficulty.ADVANCED), True, False),
        (replace(RUBRIC, key_points=(replace(POINT, missed=""),)), True, False),
        (replace(RUBRIC, misconceptions=(replace(WRONG, correction=""),)), True, False),
        (replace(RUBRIC, follow_ups=()), True, False),
        (replace(RUBRIC, question="Why?"), True, True),
        (replace(RUBRIC, reference_answer="Light."), True, True),
        (replace(RUBRIC, language="de"), True, True),
        (replace(RUBRIC, calibration=Calibration("0" * 64, "1" * 64, 1.0, 0.5)), True, True),
        (replace(RUBRIC, levels=(Level("only", 0.0),)), True, True),
        (replace(RUBRIC, misconceptions=(replace(WRONG, penalty=1.0),)), True, True),
        (replace(RUBRIC, misconceptions=(replace(WRONG, says=("soil",)),)), True, True),
        *(
            (replace(RUBRIC, key_points=(replace(POINT, **change),)), True, True)
            for change in (
                {"id": "q"},
                {"statement": "Trees take in water."},
                {"weight": 2.0},
                {"required": True},
                {"terms": ("light",)},
                {"says": ()},
                {"denies": ("no light",)},
                {"near": ("light is fast",)},
            )
        ),
    ],
)
def test_hashes(changed: Rubric, content: bool, scoring: bool) -> None:
    assert (content_hash(changed) != content_hash(RUBRIC)) is content
    assert (scoring_hash(changed) != scoring_hash(RUBRIC)) is scoring


def test_hashes_never_change_between_releases() -> None:
    assert content_hash(RUBRIC) == "1294d8b2bcab0307a005a812abf672cd2baad162f0cb2d2eaa8f21a241df9b6a"
    assert scoring_hash(RUBRIC) == "ad5a1806d6aa84d6b9b7db660c2456a444721099e8064b474b23e0286246d49b"


def test_long_texts_are_blocks_and_whole_numbers_have_no_point() -> None:
    text = dump_yaml(replace(RUBRIC, reference_answer="word " * 60 + "end", key_points=(replace(POINT, weight=2.0),)))
    assert "reference_answer: >-\n  word word" in text
    assert "weight: 2\n" in text
    assert "levels" not in text
