"""The second reading: which points are asked about, what the judge is shown, and what its word changes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from grader.engine import Engine
from grader.judge import F32
from grader.learned import load_weights
from grader.matcher import match, scores
from grader.model import Verdict
from grader.passage import MOST, ROOM, passages
from grader.prepared import prepare
from grader.verdict import doubtful, judged
from rubrics.model import Rubric
from tests.fakes import FakeEncoder, FakeJudge

WEIGHTS = load_weights()
SURE_OF_NOTHING = replace(WEIGHTS, calibration=replace(WEIGHTS.calibration, ask=1.1))
ANSWER = "The sun powers the whole thing. Plants are nice. In my garden I grow beans. Oxygen leaves through the pores."


class Recording(FakeJudge):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def chances(self, pairs: Sequence[tuple[str, str]]) -> F32:
        self.asked += pairs
        return super().chances(pairs)


def read(rubric: Rubric, text: str) -> list[str]:
    encoder = FakeEncoder()
    prepared = prepare([rubric], encoder, WEIGHTS.tokens)[0]
    tokens = encoder.encode([text])[0]
    return [text[start:end] for start, end in passages(text, tokens, prepared, match(prepared, text, tokens))]


def test_a_passage_is_whole_sentences_around_the_stretch(rubric: Rubric) -> None:
    filler = "Beans and peas and leeks and onions grow here in long and crooked rows all year round. " * 8
    text = f"{filler}The sun powers the whole thing. {filler}"
    passage = read(rubric, text)[0]
    assert "The sun powers the whole thing." in passage
    assert passage.endswith(".") and len(passage.split()) <= ROOM
    assert passage in text


def test_a_short_answer_is_read_whole(rubric: Rubric) -> None:
    assert read(rubric, ANSWER) == [ANSWER] * len(rubric.key_points)


def test_of_an_endless_sentence_the_part_around_the_stretch_is_read(rubric: Rubric) -> None:
    text = "beans and peas " * 300 + "the sun powers the whole thing " + "beans and peas " * 300
    passage = read(rubric, text)[0]
    assert "sun powers" in passage and len(passage.split()) <= MOST


def test_only_doubtful_points_are_asked(rubric: Rubric) -> None:
    judge = Recording()
    Engine(FakeEncoder(), WEIGHTS, judge=judge).grade(rubric, ANSWER)
    encoder = FakeEncoder()
    prepared = prepare([rubric], encoder, WEIGHTS.tokens)[0]
    first = Engine(encoder, WEIGHTS)
    tokens = encoder.encode([ANSWER])[0]
    assert judge.asked == [
        (ANSWER, point.statement)
        for point, doubt in zip(
            rubric.key_points, doubtful(_chances(first, rubric, prepared, tokens), WEIGHTS.calibration), strict=True
        )
        if doubt
    ]


def _chances(engine: Engine, rubric: Rubric, prepared, tokens):  # type: ignore[no-untyped-def]
    from grader.verdict import probabilities

    return probabilities(scores(prepared, match(prepared, ANSWER, tokens)), WEIGHTS.calibration)


def test_the_judges_word_moves_the_verdict(rubric: Rubric) -> None:
    bare = replace(rubric, key_points=tuple(replace(point, says=(), denies=(), near=()) for point in rubric.key_points))
    engine = Engine(FakeEncoder(), SURE_OF_NOTHING, judge=FakeJudge())
    said = engine.grade(bare, "Light provides the energy that drives the reaction.").key_points[0]
    denied = engine.grade(bare, "Light does not provide the energy that drives the reaction.").key_points[0]
    assert said.probability > denied.probability
    assert said.verdict is Verdict.COVERED


def test_without_a_judge_alignment_decides(rubric: Rubric) -> None:
    alone = Engine(FakeEncoder(), SURE_OF_NOTHING).grade(rubric, ANSWER)
    never_asked = replace(WEIGHTS, calibration=replace(WEIGHTS.calibration, ask=0.0))
    assert [p.probability for p in alone.key_points] == [
        p.probability for p in Engine(FakeEncoder(), never_asked, judge=FakeJudge()).grade(rubric, ANSWER).key_points
    ]
    assert alone.engine != Engine(FakeEncoder(), SURE_OF_NOTHING, judge=FakeJudge()).info


def test_the_second_reading_is_the_same_in_any_company(rubric: Rubric) -> None:
    engine = Engine(FakeEncoder(), SURE_OF_NOTHING, judge=FakeJudge())
    texts = [ANSWER, "Light is not needed.", "", ANSWER[:40]]
    assert list(engine.grade_many([(rubric, text) for text in texts])) == [engine.grade(rubric, text) for text in texts]


@pytest.mark.parametrize("column", [0, 1, 2])
def test_more_of_an_outcome_by_the_judge_is_more_of_it(rubric: Rubric, column: int) -> None:
    encoder = FakeEncoder()
    prepared = prepare([rubric], encoder, WEIGHTS.tokens)[0]
    found = scores(prepared, match(prepared, ANSWER, encoder.encode([ANSWER])[0]))
    few, many = np.full((len(found.says), 3), 0.3, np.float32), np.full((len(found.says), 3), 0.1, np.float32)
    few[:, column], many[:, column] = 0.4, 0.8
    rows = [judged(found, chances, WEIGHTS.calibration)[:, column] for chances in (few, many)]
    assert (rows[1] > rows[0]).all()
