"""Search: by words, by meaning, and right after every edit."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from grader.encoder import ModelEncoder, TokenVectors
from grader.lexical import shared_words
from grader.search import LEAST, MEANING, Index, place, pooled, ranked, search
from rubrics import KeyPoint, Rubric, load_bank
from tests.fakes import FakeEncoder


def rubric(id_: str, question: str, *statements: str, terms: tuple[str, ...] = ()) -> Rubric:
    points = [KeyPoint(f"p{at}", text, terms=terms) for at, text in enumerate(statements or ("Because.",))]
    return Rubric(id_, question, tuple(points))


FOREST = rubric("forest", "How does a random forest work?", "Many trees vote.", "Each tree sees a bootstrap sample.")
DESCENT = rubric("descent", "What does gradient descent do?", "It walks downhill on the loss.", terms=("SGD",))
TWINS = [rubric(name, "Same question?", "Same statement.") for name in ("b", "a", "c")]


class CountingEncoder(FakeEncoder):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> list[TokenVectors]:
        self.texts += texts
        return super().encode(texts)


def ids(query: str, rubrics: Sequence[Rubric], index: Index | None = None) -> list[str]:
    return [hit.rubric.id for hit in search(query, rubrics, FakeEncoder(), index or Index())]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("random forest", ["forest"]),
        ("FOREST", ["forest"]),
        ("bootstrap", ["forest"]),
        ("boostrap", ["forest"]),
        ("SGD", ["descent"]),
        ("zebra", []),
    ],
)
def test_words_find(query: str, found: list[str]) -> None:
    assert ids(query, [FOREST, DESCENT]) == found


def test_no_rubrics_no_hits() -> None:
    assert ids("anything", []) == []


def test_hits_are_best_first_and_equals_in_order_of_id() -> None:
    hits = search("same question", [*TWINS, FOREST], FakeEncoder(), Index())
    assert [hit.rubric.id for hit in hits] == ["a", "b", "c"]
    assert hits == sorted(hits, key=place)
    assert all(LEAST <= hit.score <= 1 for hit in hits)


@pytest.mark.parametrize(
    ("meaning", "shared", "score"),
    [(1.0, 1.0, 1.0), (1.0, 0.0, MEANING), (-1.0, 1.0, 1 - MEANING), (0.5, 0.0, MEANING / 2), (LEAST, 0.0, None)],
)
def test_a_score_is_of_both(meaning: float, shared: float, score: float | None) -> None:
    hits = ranked([FOREST], np.array([meaning], np.float32), np.array([shared], np.float32))
    assert [hit.score for hit in hits] == ([] if score is None else [pytest.approx(score, abs=1e-6)])


def test_an_edit_is_found_at_once_and_only_what_is_new_is_encoded() -> None:
    encoder, index = CountingEncoder(), Index()
    search("tree", [FOREST, DESCENT], encoder, index)
    encoder.texts.clear()
    edited = replace(FOREST, question="How do zebras vote?")
    assert [hit.rubric for hit in search("zebras", [edited, DESCENT], encoder, index)] == [edited]
    assert FOREST.key_points[0].statement in encoder.texts
    assert DESCENT.question not in encoder.texts
    encoder.texts.clear()
    search("zebras", [edited, DESCENT], encoder, index)
    assert encoder.texts == ["zebras"]


def test_a_full_index_forgets_and_stays_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.search.KEPT", 1)
    index = Index()
    for _ in range(2):
        assert ids("forest", [FOREST, DESCENT], index) == ["forest"]
        assert ids("descent", [DESCENT], index) == ["descent"]


def test_pooled_is_of_unit_length_or_zero() -> None:
    one, none = FakeEncoder().encode(["a few words", ""])
    assert np.linalg.norm(pooled(one, 256)) == pytest.approx(1, abs=1e-5)
    assert not pooled(none, 256).any()


@pytest.mark.parametrize(
    ("query", "text", "share"),
    [
        ("gradient descent", "Gradient descent walks.", 1.0),
        ("gradient descent", "A gradient.", 0.5),
        ("gradient gradient descent", "A gradient.", 0.5),
        ("regularization", "Regularisation is good.", 13 / 14),
        ("tagging", "Bagging is good.", 6 / 7),
        ("tree", "Free.", 0.0),
        ("???", "Free.", 0.0),
    ],
)
def test_shared_words(query: str, text: str, share: float) -> None:
    assert shared_words(query, [text], lambda _: 1.0).tolist() == [pytest.approx(share, abs=1e-6)]


def test_a_word_that_some_text_has_is_no_typo_of_another() -> None:
    assert shared_words("tagging", ["Bagging.", "Tagging."], lambda _: 1.0).tolist() == [0.0, 1.0]


def test_heavier_words_count_for_more() -> None:
    weights = {"too": 1.0, "features": 3.0}
    assert shared_words("too features", ["Too.", "Features."], weights.__getitem__).tolist() == [0.25, 0.75]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("gradients become tiny in very deep nets", "vanishing-gradient"),
        ("users moan although the accuracy is fine", "accuracy-high-complaints-rising"),
        ("some cells of the table are empty", "missing-data"),
        ("baging", "bagging-vs-boosting"),
    ],
)
def test_the_bank_is_found_by_meaning(model: ModelEncoder, bank_index: Index, query: str, wanted: str) -> None:
    hits = search(query, list(load_bank().values()), model, bank_index)
    assert wanted in [hit.rubric.id for hit in hits[:3]]


@pytest.fixture(scope="module")
def bank_index() -> Index:
    return Index()
