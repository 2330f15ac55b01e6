from collections import Counter
from collections.abc import Callable

import pytest

from benchmarks.edits import adjectives_and_adverbs, fillers, sentence_spans, shuffled, typos

TEXT = "First we draw a sample. The rows are picked with replacement, so a row can come twice! Then the trees vote"
SEEDED: list[Callable[[str, str], str]] = [
    adjectives_and_adverbs,
    fillers,
    shuffled,
    lambda text, seed: typos(text, 0.05, seed),
]


@pytest.mark.parametrize("edit", SEEDED)
def test_a_seed_gives_one_text_and_another_seed_another(edit: Callable[[str, str], str]) -> None:
    texts = [edit(TEXT, str(seed)) for seed in range(20)]
    assert texts == [edit(TEXT, str(seed)) for seed in range(20)]
    assert TEXT not in texts and len(set(texts)) > 1


@pytest.mark.parametrize("edit", [adjectives_and_adverbs, fillers])
@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_insertions_keep_every_word_in_its_order(edit: Callable[[str, str], str], seed: str) -> None:
    rest = iter(edit(TEXT, seed).replace(",", "").split())
    assert all(word in rest for word in TEXT.replace(",", "").split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The model", {"The model"}),  # only lower case articles: nothing to insert
        ("a lot of the same", {"a lot of the same"}),
        ("is it so", {"is it so"}),
        ("an error", {f"an {word} error" for word in ("actual", "individual", "existing")}),
        (
            "it is large",
            {f"it is {a} large" for a in ("actually", "really", "indeed", "certainly", "of course", "in fact")},
        ),
    ],
)
def test_adjectives_and_adverbs_stand_where_they_may(text: str, expected: set[str]) -> None:
    assert {adjectives_and_adverbs(text, str(seed)) for seed in range(60)} == expected


@pytest.mark.parametrize(("rate", "wrong"), [(0.0, 0), (0.02, 2), (0.05, 5)])
def test_typos_hit_a_share_of_the_letters_of_long_words(rate: float, wrong: int) -> None:
    text = " ".join(["abcdefghij"] * 11 + ["to", "x2", "3.14"])  # 99 letters that may be hit
    for seed in range(20):
        left = Counter(text.split())
        hit = sum((left - Counter(typos(text, rate, str(seed)).split())).values())
        assert (hit == 0) if wrong == 0 else (0 < hit <= wrong)
        assert typos(text, rate, str(seed)).endswith("to x2 3.14")


def test_shuffling_keeps_every_sentence() -> None:
    parts = [
        "First we draw a sample.",
        "The rows are picked with replacement, so a row can come twice!",
        "Then the trees vote.",
    ]
    found = shuffled(TEXT, "0")
    assert sorted(found[start:end].strip() for start, end in sentence_spans(found)) == sorted(parts)
    assert shuffled("One sentence only", "0") == "One sentence only"


def test_sentence_spans_lie_end_to_end() -> None:
    assert "".join(TEXT[start:end] for start, end in sentence_spans(TEXT)) == TEXT
