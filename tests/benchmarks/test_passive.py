import pytest

from benchmarks.passive import PARTICIPLES, passive


@pytest.mark.parametrize(
    ("active", "expected"),
    [
        ("You fit a tree on it.", "A tree is fitted on it."),
        ("we average the predictions", "the predictions are averaged"),
        ("It helps, so you can remove the noisy rows.", "It helps, so the noisy rows can be removed."),
        ("I checked the gain on later data.", "The gain was checked on later data."),
        ("We drew samples from the rows.", "Samples were drawn from the rows."),
        ("Bagging lowers the variance.", "The variance is lowered by bagging."),
        ("SGD updates the weights after each row.", "The weights are updated by SGD after each row."),
        ("The penalty can shrink the weights.", "The weights can be shrunk by the penalty."),
        ("It splits the axis at a value.", "The axis is split by it at a value."),
    ],
)
def test_rules(active: str, expected: str) -> None:
    assert passive(active).text == expected
    assert passive(active).sentences == 1


@pytest.mark.parametrize(
    "text",
    [
        "You draw a sample and train a tree.",  # the second verb would lose its subject
        "You take the rows for each tree and fit it.",
        "We fit the model we like.",  # where the object ends can't be told
        "Nothing lowers the variance.",
        "What lowers the variance?",
        "We keep the same in mind.",
        "The trees that split the data are deep.",
        "They read the errors category by category.",
        "The variance is lower.",
    ],
)
def test_what_no_rule_fits_stays(text: str) -> None:
    assert passive(text).text == text
    assert passive(text).sentences == 0


def test_sentences_are_counted_and_the_rest_kept() -> None:
    found = passive("Well. We fit the model.\nYou split the data. Done")
    assert (found.text, found.sentences) == ("Well. The model is fitted.\nThe data is split. Done", 2)


@pytest.mark.parametrize(
    ("verb", "participle"),
    [("apply", "applied"), ("use", "used"), ("drop", "dropped"), ("multiply", "multiplied"), ("draw", "drawn")],
)
def test_participles(verb: str, participle: str) -> None:
    assert PARTICIPLES[verb] == participle
