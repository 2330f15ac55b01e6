"""Reference answers as people write them → key points."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rubrics import RubricError, from_reference
from rubrics.split import propositions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One sentence without a stop", ["One sentence without a stop"]),
        ("Trees need light. They need water too.", ["Trees need light.", "They need water too."]),
        ("trees need light. they need water", ["trees need light.", "they need water"]),
        ("It grows 3.5 cm a day. Then it stops.", ["It grows 3.5 cm a day.", "Then it stops."]),
        (
            "See Fig. 3 and eq. 2 for it. The answer is no. We stop.",
            ["See Fig. 3 and eq. 2 for it.", "The answer is no. We stop."],
        ),
        ("Some plants, e.g. Ferns, like shade.", ["Some plants, e.g. Ferns, like shade."]),
        ("Cats, dogs, etc. are pets. Wolves aren't pets.", ["Cats, dogs, etc. are pets.", "Wolves aren't pets."]),
        ("They eat fruit, nuts, etc. The rest is waste.", ["They eat fruit, nuts, etc.", "The rest is waste."]),
        ("It was shown by J. B. Smith in 1990.", ["It was shown by J. B. Smith in 1990."]),
        ("J. Smith showed it first.", ["J. Smith showed it first."]),
        ("It is at terminal A. The bulb is lit.", ["It is at terminal A.", "The bulb is lit."]),
        ('He said "it is over." Then he left us.', ['He said "it is over."', "Then he left us."]),
        ("Is it so? Yes it is! Fine with me.", ["Is it so?", "Yes it is!", "Fine with me."]),
        ("Roots take up water; leaves take in light.", ["Roots take up water;", "leaves take in light."]),
        (
            "Trees need:\n- light from the sun\n- water from the soil",
            ["Trees need: light from the sun", "water from the soil"],
        ),
        (
            "1. Mix the flour in\n2) Add the water\n(c) Bake it all well",
            ["Mix the flour in", "Add the water", "Bake it all well"],
        ),
        ("1.Mix the flour in. 2.Add 1.5 l of water", ["Mix the flour in.", "Add 1.5 l of water"]),
        ("Name one: ● the flour you mix ● the water you add", ["Name one: the flour you mix", "the water you add"]),
        (
            "A line that is\r\nwrapped in two.\r\n\r\nA new paragraph here",
            ["A line that is wrapped in two.", "A new paragraph here"],
        ),
        ("Yes. The light feeds them.", ["Yes. The light feeds them."]),
        ("The light feeds them. Always.", ["The light feeds them. Always."]),
        (
            "The leaves of the tree take in light, and the roots of the tree take up water.",
            ["The leaves of the tree take in light,", "and the roots of the tree take up water."],
        ),
        (
            "Bagging trains models in parallel and is robust, whereas boosting runs through its models in sequence.",
            [
                "Bagging trains models in parallel and is robust,",
                "whereas boosting runs through its models in sequence.",
            ],
        ),
        (
            "The tree takes in light from the sun, and takes up water from the soil below.",
            ["The tree takes in light from the sun, and takes up water from the soil below."],
        ),
        (
            "The tree needs light from the sun, water from the soil, and air from all around it.",
            ["The tree needs light from the sun, water from the soil, and air from all around it."],
        ),
        ("It is hot, and he is cold.", ["It is hot, and he is cold."]),
    ],
)
def test_propositions(text: str, expected: list[str]) -> None:
    assert propositions(text) == expected


def test_rubric() -> None:
    rubric = from_reference("Trees need light. They need water.", question="What do trees need?")
    assert (rubric.id, rubric.question) == ("reference", "What do trees need?")
    assert rubric.reference_answer == "Trees need light. They need water."
    assert [(point.id, point.weight) for point in rubric.key_points] == [
        ("trees-need-light", 1),
        ("they-need-water", 1),
    ]
    assert from_reference("Trees need light.").question == ""


@pytest.mark.parametrize("text", ["", "  \n\t ", "- \n- ", "a\0b c d", "x" * 20_001, "light \ud800 water"])
def test_refusals(text: str) -> None:
    with pytest.raises(RubricError, match="reference answer"):
        from_reference(text)


def test_at_most_64_points_by_merging_the_shortest() -> None:
    text = " ".join(f"Sentence number {number} is right here." for number in range(200)) + " " + "long " * 300 + "end."
    points = from_reference(text).key_points
    assert len(points) == 64
    assert " ".join(point.statement for point in points) == text


def test_text_without_stops_is_cut_between_words() -> None:
    points = from_reference("word " * 3_000).key_points
    assert len(points) > 5
    assert max(len(point.statement) for point in points) <= 1_500


NO_MARKERS = st.characters(exclude_categories=["Cs", "Nd"], exclude_characters="\0-*–·•●○◦▪■()")


@settings(max_examples=400, deadline=None)
@given(st.text(st.sampled_from("ab AB.;,!?\n\réis, and the"), max_size=300) | st.text(NO_MARKERS, max_size=100))
def test_every_word_is_in_exactly_one_point(text: str) -> None:
    if text.strip():
        rubric = from_reference(text)
        assert " ".join(point.statement for point in rubric.key_points).split() == text.split()
        assert from_reference(text) == rubric
    else:
        with pytest.raises(RubricError):
            from_reference(text)
