"""Alignment, lexical links and evidence, on the fake encoder unless meaning matters."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.encoder import ModelEncoder
from grader.evidence import evidence
from grader.learned import load_weights
from grader.lexical import copied
from grader.matcher import PASSAGE, Match, match, scores
from grader.prepared import PreparedRubric, prepare
from rubrics.model import KeyPoint, Misconception, Rubric
from tests.fakes import FakeEncoder

FAKE = FakeEncoder()
WEIGHTS = load_weights().tokens


def rubric_of(*points: KeyPoint, question: str = "", wrong: Sequence[Misconception] = ()) -> Rubric:
    return Rubric(id="r", question=question, key_points=points, misconceptions=tuple(wrong))


def fake(rubric: Rubric, text: str) -> tuple[PreparedRubric, Match]:
    (prepared,) = prepare([rubric], FAKE, WEIGHTS)
    return prepared, match(prepared, text, FAKE.encode([text])[0])


POINT = KeyPoint("p", "Trees vote by majority.", says=("the majority of trees wins",), denies=("one tree decides",))


def test_an_exact_statement_aligns_fully_and_a_stranger_hardly() -> None:
    prepared, found = fake(rubric_of(POINT), "Well, trees vote by majority. Next.")
    best = scores(prepared, found)
    assert best.says[0] == pytest.approx(1.25, abs=0.01), "all tokens found, the weakest too"
    assert scores(*fake(rubric_of(POINT), "Nothing whatever about forests")).says[0] < 0.5
    assert np.isnan(best.near[0]) and best.wordings[0] == 1


def test_the_questions_words_prove_nothing() -> None:
    asked = rubric_of(POINT, question="Why do trees vote by majority?")
    plain, given_away = fake(rubric_of(POINT), "trees vote"), fake(asked, "trees vote")
    assert scores(*given_away).says[0] < scores(*plain).says[0] - 0.05


def test_stretches_cover_the_answer_in_every_size() -> None:
    text = "First clause here, second clause here. A new sentence stands there. The third sentence ends it."
    _, found = fake(rubric_of(POINT), text)
    total = len(FAKE.encode([text])[0])
    assert found.passages == 1 and found.stretches[-1].tolist() == [0, total]
    assert (found.stretches[:, 0] < found.stretches[:, 1]).all()
    assert found.alignments.shape == (3, len(found.stretches))


def test_long_answers_are_read_in_passages() -> None:
    text = " ".join(f"Sentence number {at} speaks of something else entirely." for at in range(80))
    _, found = fake(rubric_of(POINT), text)
    passages = found.stretches[-found.passages :]
    assert found.passages > 5 and passages[0][0] == 0 and passages[-1][1] == len(FAKE.encode([text])[0])
    assert (np.diff(passages, axis=1) <= PASSAGE).all()
    assert (passages[1:, 0] < passages[:-1, 1]).all(), "neighbours overlap, so that no point falls between"
    assert (np.diff(passages[:, 0]) > 0).all()


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=400))
def test_any_text_can_be_matched(text: str) -> None:
    tokens = FAKE.encode([text])[0]
    if len(tokens):
        (prepared,) = prepare([rubric_of(POINT, wrong=[Misconception("m", "Trees talk.")])], FAKE, WEIGHTS)
        best = scores(prepared, match(prepared, text, tokens))
        assert np.isfinite(best.says).all() and np.isfinite(best.wrong).all() and np.isfinite(best.right).all()


def test_typos_and_abbreviations_are_linked(model: ModelEncoder) -> None:
    rubric = rubric_of(KeyPoint("p", "Stochastic gradient descent needs shuffling.", terms=("SGD",)))
    (prepared,) = prepare([rubric], model, WEIGHTS)

    def best(text: str) -> float:
        return float(scores(prepared, match(prepared, text, model.encode([text])[0])).says[0])

    assert best("SGD needs shuffling") > best("XQZ needs shuffling") + 0.2
    assert best("stochastic gradeint descnet needs shufling") > best("stochastic gxxxxint dxxxnet needs sxxxling") + 0.1


def test_abbreviated_wordings_find_the_words_they_stand_for() -> None:
    prepared, found = fake(rubric_of(KeyPoint("p", "Use PCA first.")), "use principal component analysis first")
    assert scores(prepared, found).says[0] == pytest.approx(1.25, abs=0.01)


@pytest.mark.parametrize(
    ("source", "answer", "expected"),
    [
        ("Trees vote by majority.", "so trees vote by majority, I think", True),
        ("Trees vote by majority.", "the majority of the trees decides what to vote", False),
        ("Trees vote by majority.", "", False),
        ("", "anything", False),
    ],
)
def test_copied(source: str, answer: str, expected: bool) -> None:
    assert copied(source, answer, 0.9) is expected


@pytest.mark.parametrize("mark", ["", "😀 ", "e\u0301\u0327 ", "\r\n", "\t\u200b", "<b>", " 𝔘 "])
def test_evidence_is_an_exact_slice(mark: str) -> None:
    text = f"{mark}I think so{mark}, well{mark}. Trees vote by majority{mark}! And then{mark} it stops."
    prepared, found = fake(rubric_of(POINT), text)
    (span,) = evidence(text, FAKE.encode([text])[0], prepared, found, 0)
    assert text[span.start : span.end] == span.quote
    assert "Trees vote by majority" in span.quote and "think" not in span.quote and "stops" not in span.quote


def test_a_point_made_in_two_places_has_two_spans() -> None:
    text = "Trees vote on it every time. Weather is nice today outside. By majority they settle what wins."
    rubric = rubric_of(KeyPoint("p", "Trees vote, majority wins."))
    prepared, found = fake(rubric, text)
    spans = evidence(text, FAKE.encode([text])[0], prepared, found, 0)
    assert len(spans) == 2 and not any("Weather" in span.quote for span in spans)


def test_nothing_aligned_gives_no_evidence() -> None:
    text = "completely different words stand in this text"
    prepared, found = fake(rubric_of(KeyPoint("p", "Zebras graze.")), text)
    assert evidence(text, FAKE.encode([text])[0], prepared, found, 0) == ()
