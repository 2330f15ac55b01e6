import pytest
from rich.console import Console
from rich.table import Table

from benchmarks import robustness_tables as tables
from benchmarks.robustness import Graded
from benchmarks.robustness_cases import FROM_RUBRIC, IN_GOLDEN, Case, attacks, denials, edited
from benchmarks.robustness_tables import Change, Denial
from grader.golden import GoldenAnswer, Mark
from grader.model import Verdict
from rubrics.model import KeyPoint, Rubric
from tests.fakes import fake_engine

POINTS = (
    KeyPoint("light", "Light gives the energy.", terms=("light",), says=("the sun powers it",), denies=("it is dark",)),
    KeyPoint(
        "sugar", "Sugar is built from water.", terms=("sugar",), says=("water turns sweet",), denies=("no sugar",)
    ),
)
PLANTS = Rubric(
    "plants", "How do plants make their food?", POINTS, topic="biology", reference_answer="It uses the light."
)
TREES = Rubric("trees", "How do trees grow?", (KeyPoint("rings", "A ring each year."),), topic="forests")
BANK = {rubric.id: rubric for rubric in (PLANTS, TREES)}


def answer(rubric: str, kind: str, text: str, marks: dict[str, Mark]) -> GoldenAnswer:
    return GoldenAnswer(rubric, BANK[rubric].topic, kind, kind, "terse", text, marks, ())


GOLDEN = [
    answer(
        "plants", "strong", "The sun powers it. Sweet, you know.", {"light": Mark(Verdict.COVERED, "sun powers it")}
    ),
    answer("plants", "weak", "It is dark, they do it at night.", {"light": Mark(Verdict.CONTRADICTED, "It is dark")}),
    answer("trees", "strong", "One ring, every year.", {"rings": Mark(Verdict.COVERED, "One ring")}),
]


def test_every_attack_is_tried_on_a_rubric() -> None:
    found = attacks([PLANTS], BANK, GOLDEN, 0)
    assert {case.what.split(", instruction")[0] for case in found} == {
        "question copied",
        *(
            f"bag of {kind}, {shape}"
            for kind in ("terms", "statements' words")
            for shape in ("spaces", "commas", "pairs")
        ),
        "strong answer to another topic",
        "question",
        "weak answer",
        "weak answer, padded",
    }
    assert {case.text for case in found if "another" in case.what} == {GOLDEN[2].text}
    assert {case.base for case in found if case.what.startswith("weak")} == {GOLDEN[1].text}


def test_edits_are_of_strong_answers_and_change_them() -> None:
    found = edited(BANK, GOLDEN, 0)
    assert all(case.text != case.base for case in found)
    assert {case.base for case in found if "reference" not in case.what} == {GOLDEN[0].text, GOLDEN[2].text}
    assert [case.text for case in found if "reference" in case.what] == ["The light is used by it."]


def test_denials_come_from_marks_and_from_the_rubric() -> None:
    found = [(case.what, case.rubric.id, case.point, case.text) for case in denials(BANK, GOLDEN, 0)]
    assert found == [
        (IN_GOLDEN, "plants", "light", GOLDEN[1].text),
        (FROM_RUBRIC, "plants", "light", "It is dark. Sweet, you know."),
    ]


def test_a_gain_is_over_the_base() -> None:
    same = Case("same", PLANTS, "The sun powers it.", "The sun powers it.")
    alone = Case("alone", PLANTS, "The sun powers it.", "")
    points = denials(BANK, GOLDEN, 0)
    graded = Graded(fake_engine(), [same, alone, *points])
    assert (graded.change(same).coverage, graded.change(same).expected) == (0, 0)
    assert graded.change(alone).expected > 0
    assert [graded.denial(case).before is None for case in points] == [True, False]


def shown(table: Table) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


@pytest.mark.parametrize(("gains", "mean", "met"), [((0.0, 0.04), "+2.0%", "yes"), ((0.0, 0.06), "+3.0%", "NO")])
def test_attacks_are_shown_beside_their_target(gains: tuple[float, ...], mean: str, met: str) -> None:
    text = shown(tables.attacks([Change("bag", f"item{at}", "", gain, gain) for at, gain in enumerate(gains)]))
    assert all(part in text for part in (mean, "≤ 2%", met, "item1"))


def test_edits_and_denials_are_shown() -> None:
    text = shown(tables.edits([Change("typos", "a", "strong", 0.03, 0.01), Change("typos", "b", "strong", -0.03, 0.0)]))
    assert all(part in text for part in ("0.030", "+0.000", "+0.005", "b (strong)"))
    rows = [
        Denial("known", "a", Verdict.COVERED, Verdict.COVERED),
        Denial("known", "a", Verdict.MISSED, Verdict.MISSED),
    ]
    assert all(part in shown(tables.denials(rows)) for part in ("50.0%", "≤ 5%", "NO"))
