"""Graded answers to a report."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from api.report import build
from api.report.alike import MOST_DOUBTFUL, groups
from api.report.model import Quote, Report
from api.report.unexpected import clusters, spread
from grader.batch.model import Graded
from grader.errors import DataInvalid
from grader.model import Verdict
from tests.api.report.cohorts import embed, graded, rubric

BAGS, NETS = rubric("bags"), rubric("nets", points=3)
RUBRICS = {"bags": BAGS, "nets": NETS}
LONG = "Trees vote together and every tree has seen another random sample of the rows so errors cancel out"

OTHER = "Nets are another thing altogether and share hardly any words with what all the others wrote down"


def report(*answers: Graded) -> Report:
    return build(answers, RUBRICS, embed)


def test_candidates_items_and_figures() -> None:
    made = report(
        graded("Ann", BAGS, "cc"), graded("Ann", NETS, "cmm"), graded("Bob", BAGS, "cm"), graded("Bob", NETS, "mmm")
    )
    assert [one.name for one in made.candidates] == ["Ann", "Bob"]
    assert [one.coverage for one in made.candidates] == [pytest.approx(2 / 3), 0.25]
    assert [one.rubric.id for one in made.items] == ["bags", "nets"]
    assert made.items[0].difficulty.value == 0.75
    assert made.items[0].points[1].verdicts == (
        (Verdict.COVERED, 1),
        (Verdict.PARTIAL, 0),
        (Verdict.MISSED, 1),
        (Verdict.CONTRADICTED, 0),
    )
    assert made.items[0].points[1].lost == 0.5


def test_unscored_is_not_zero() -> None:
    made = report(graded("Ann", BAGS, "cc"), graded("Bob", BAGS, "", text=" "))
    assert [one.coverage for one in made.candidates] == [1.0, None]
    assert (made.items[0].scored, made.items[0].unscored) == (1, 1)
    assert made.items[0].difficulty.value == 1.0
    assert sum(made.by_candidate.counts) == sum(made.by_answer.counts) == 1
    assert list(made.unscored()) == [1]


def test_the_last_answer_of_a_candidate_counts() -> None:
    made = report(graded("Ann", BAGS, "mm", key="1"), graded("Ann", BAGS, "cc", key="2"))
    assert [one.counts for one in made.answers] == [False, True]
    assert made.candidates[0].coverage == 1.0
    assert made.candidates[0].answers == (0, 1)
    assert made.items[0].scored == 1


def test_answers_without_a_candidate_are_people_of_their_own() -> None:
    made = report(graded(None, BAGS, "cc", key="7"), graded(None, BAGS, "mm", key="8"), graded("7", BAGS, "cm"))
    assert [one.name for one in made.candidates] == ["7", "8", "7"]


def test_nobody() -> None:
    made = report()
    assert (made.candidates, made.items, made.by_answer.mean) == ((), (), None)


def test_unknown_rubric_is_named() -> None:
    with pytest.raises(DataInvalid, match="no rubric 'bags'"):
        build([graded("Ann", BAGS, "cc")], {}, embed)


def test_another_version_of_the_rubric_is_refused() -> None:
    with pytest.raises(DataInvalid, match="'p3'"):
        build([graded("Ann", rubric("bags", 3), "ccc")], RUBRICS, embed)


def test_most_missed_has_the_worst_first_with_the_words_that_came_close() -> None:
    near = "Perhaps point 2 of bags holds sometimes."
    made = report(
        graded("Ann", BAGS, "pm", text=f"It bags things. {near}", quotes={"p1": "It bags things"}),
        graded("Bob", BAGS, "cm", text="Nobody knows anything about it."),
    )
    assert [made.items[one.item].points[one.point].id for one in made.missed] == ["p2", "p1"]
    assert made.words(made.missed[0].close[0]) == near
    assert [made.words(quote) for quote in made.missed[1].close] == ["It bags things"]


def test_a_point_that_nearly_all_make_is_not_listed() -> None:
    assert report(graded("Ann", BAGS, "cc")).missed == ()


def test_misconceptions_by_share_with_quotes() -> None:
    text = "I think it is the moon."
    made = report(
        graded("Ann", BAGS, "mm", text=text, wrong="it is the moon"),
        graded("Bob", BAGS, "cc"),
        graded("Bob", NETS, "ccc", text=text, wrong="the moon"),
    )
    assert [(one.item, one.share) for one in made.misconceptions] == [(1, 1.0), (0, 0.5)]
    assert made.words(made.misconceptions[1].quotes[0]) == "it is the moon"


def test_what_the_grading_prepared_is_not_embedded_again() -> None:
    asked: list[str] = []

    def counted(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(texts)
        return embed(texts)

    answers = [
        graded(name, BAGS, "mm", text="A lonely thought about bags and other matters.") for name in ("Ann", "Bob")
    ]
    plain = build(answers, RUBRICS, counted)
    statements = {point.statement for point in BAGS.key_points}
    assert statements < set(asked)
    asked.clear()
    known = {text: embed([text])[0] for text in statements}
    assert build(answers, RUBRICS, counted, lambda rubrics: known if rubrics == (BAGS,) else {}) == plain
    assert asked and not statements & set(asked)


def test_what_two_candidates_say_beyond_the_rubric_is_proposed() -> None:
    new = "Out of the bag rows of bags give a free error estimate."
    quoted = "Nothing else matters in any bag of bags."
    made = report(
        graded("Ann", BAGS, "cm", text=f"{new} {quoted}", quotes={"p1": quoted}),
        graded("Bob", BAGS, "cm", text=f"{quoted} {new}", quotes={"p1": quoted}),
        graded("Cyd", BAGS, "cm", text="A lonely thought about bags and other matters entirely."),
    )
    assert [one.candidates for one in made.proposals] == [2]
    assert {made.words(quote) for quote in made.proposals[0].quotes} == {new}
    assert (made.looked[0].sentences, made.looked[0].of) == (3, 3)


def test_review_queue_has_the_least_certain_first() -> None:
    made = report(
        graded("Ann", BAGS, "cc", confidence=0.6, review=("uncertain: p1",)),
        graded("Bob", BAGS, "cc", confidence=0.4, review=("uncertain: p2",)),
        graded("Cyd", BAGS, "cc", confidence=0.1),
    )
    assert [(one.answer, one.certainty) for one in made.reviews] == [(1, pytest.approx(0.4)), (0, pytest.approx(0.6))]


def test_answers_in_the_same_words_are_put_together_within_an_item() -> None:
    made = report(
        graded("Ann", BAGS, "cc", text=LONG),
        graded("Bob", BAGS, "cc", text=f"{LONG.upper()}!"),
        graded(
            "Cyd",
            BAGS,
            "cc",
            text="Nets are another thing altogether and share hardly any words with what the others wrote",
        ),
        graded("Dan", NETS, "ccc", text=LONG),
    )
    assert [(one.item, one.answers) for one in made.alike] == [(0, (0, 1))]
    assert made.alike[0].similarity == pytest.approx(1.0)


def test_short_answers_are_not_put_together() -> None:
    short = "Trees vote."
    assert report(graded("Ann", BAGS, "cc", text=short), graded("Bob", BAGS, "cc", text=short)).alike == ()


def test_likeness_in_doubt_needs_the_same_meaning() -> None:
    texts = ["a b c d e f", "a b c d e g"]  # five words of six
    split = [text.split() for text in texts]
    assert groups(split, texts, lambda some: embed(["same"] * len(some)))[0][0] == [0, 1]
    assert groups(split, texts, embed) == []


def test_only_so_many_are_compared_by_meaning() -> None:
    texts = [f"a{n} b{n} c{n} d{n} e{n} {tail}" for n in range(MOST_DOUBTFUL) for tail in "fg"]
    asked: list[int] = []

    def same(some: Sequence[str]) -> NDArray[np.float32]:
        asked.append(len(some))
        return embed(["same"] * len(some))

    found = groups([text.split() for text in texts], texts, same)
    assert asked == [MOST_DOUBTFUL]
    assert len(found) == MOST_DOUBTFUL // 2


def test_clusters_have_the_most_central_first() -> None:
    found = clusters(embed(["red cat sits", "red cat", "red cat sits down", "blue dog ran"]), 0.6)
    assert found[0][0] == 0
    assert sorted(found[0]) == [0, 1, 2]
    assert found[1] == [3]
    assert clusters(embed([]), 0.6) == []


def test_long_cohorts_are_sampled_evenly() -> None:
    quotes = [Quote(at, 0, 1) for at in range(10)]
    assert spread(quotes, 20) == quotes
    assert [one.answer for one in spread(quotes, 5)] == [0, 2, 4, 6, 8]


def test_one_answer_to_a_rubric_of_one_point() -> None:
    one = rubric("one", 1)
    made = build([graded("Ann", one, "p")], {"one": one}, embed)
    assert made.items[0].reliability.value is None
    assert made.reliability.value is None
    assert made.items[0].discrimination.value is None
