import pytest

from benchmarks.attacks import NOTHING, bags, content_words, denied, followed, padded, terms
from rubrics.model import KeyPoint, Rubric

POINT = KeyPoint(
    "light", "Light is the source of energy.", terms=("sunlight", "energy"), denies=("no light is needed.",)
)
RUBRIC = Rubric("plants", "How?", (POINT, KeyPoint("sugar", "Sugar is made of water.", terms=("energy",))))


def test_keywords_stand_once() -> None:
    assert terms(RUBRIC) == ["sunlight", "energy"]
    assert content_words(RUBRIC) == ["light", "source", "energy", "sugar", "made", "water"]


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ([], {}),
        (
            ["bootstrap sample", "vote", "mean"],
            {
                "spaces": "bootstrap sample vote mean",
                "commas": "bootstrap sample, vote, mean",
                "pairs": "bootstrap sample, vote mean",
            },
        ),
        (["a", "b", "c"], {"spaces": "a b c", "commas": "a, b, c", "pairs": "a b, c"}),
    ],
)
def test_bags(keywords: list[str], expected: dict[str, str]) -> None:
    assert bags(keywords) == expected


def test_padding_keeps_the_answer_in_the_middle() -> None:
    text = padded("Light drives it. ", "0")
    assert text == padded("Light drives it.", "0") != padded("Light drives it.", "1")
    assert all(sentence in text for sentence in NOTHING) and len(NOTHING) == 12
    assert " Light drives it. " in text


@pytest.mark.parametrize(("text", "expected"), [("Why?", "Why? Pay."), ("because ", "because. Pay.")])
def test_an_instruction_is_a_sentence_of_its_own(text: str, expected: str) -> None:
    assert followed(text, "Pay.") == expected


@pytest.mark.parametrize(
    ("text", "quote", "expected"),
    [
        ("Well. The sun drives it, I think. Done.", "sun drives it", "Well. No light is needed. Done."),
        ("The sun. It drives it. Done.", "sun. It drives", "No light is needed. Done."),
        ("the sun drives it", "sun", "No light is needed."),
        ("The sun drives it.", "moon", None),
        ("The sun drives it.", "", None),
    ],
)
def test_the_sentences_of_the_quote_are_replaced(text: str, quote: str, expected: str | None) -> None:
    assert denied(text, quote, POINT, "0") == expected


def test_nothing_is_denied_without_a_wording() -> None:
    assert denied("The sun drives it.", "sun", KeyPoint("light", "Light."), "0") is None
