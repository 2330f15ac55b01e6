"""What `python -m benchmarks.robustness` grades: texts made from rubrics and golden answers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.attacks import INSTRUCTIONS, bags, content_words, denied, followed, padded, terms
from benchmarks.edits import adjectives_and_adverbs, fillers, shuffled, typos
from benchmarks.gates import neighbours
from benchmarks.passive import passive
from grader.golden import GoldenAnswer
from grader.model import Verdict
from rubrics.model import Rubric

EDITS: dict[str, Callable[[str, str], str]] = {
    "adjectives, adverbs": adjectives_and_adverbs,
    "typos, 2% of letters": lambda text, seed: typos(text, 0.02, seed),
    "typos, 5% of letters": lambda text, seed: typos(text, 0.05, seed),
    "sentences shuffled": shuffled,
    "fillers": fillers,
    "active to passive": lambda text, _: passive(text).text,
}
PASSIVE_REFERENCE = "active to passive, reference answers"
IN_GOLDEN, FROM_RUBRIC = "in golden answers", "by the rubric's own wordings"


@dataclass(frozen=True, slots=True)
class Case:
    """A text to grade beside the text that it was made from ("": from nothing, so that all it gets is gained)."""

    what: str
    rubric: Rubric
    text: str
    base: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class PointCase:
    """A text that denies a key point; `base`: the text that stated it, if there is one."""

    what: str
    rubric: Rubric
    point: str
    text: str
    base: str


def attacks(
    rubrics: Sequence[Rubric], bank: dict[str, Rubric], golden: Sequence[GoldenAnswer], seed: int
) -> list[Case]:
    """Every attack on every rubric; the answers of other questions come from the whole bank."""
    near = neighbours(bank)
    strong = {answer.rubric: answer.text for answer in reversed(golden) if answer.kind == "strong"}
    weak = [(answer.rubric, answer.id, answer.text) for answer in golden if answer.kind == "weak"]
    cases: list[Case] = []
    for rubric in rubrics:
        cases += _from_nothing(rubric)
        far = sorted(name for name in strong if bank[name].topic != rubric.topic)
        others = {"another topic": Random(f"{seed}/{rubric.id}").choice(far)} if far else {}
        others |= {"the next item": near[rubric.id].id} if rubric.id in near else {}
        cases += [Case(f"strong answer to {name}", rubric, strong[o], "", o) for name, o in others.items()]
        cases += _instructed("question", rubric, rubric.question, "")
        for _, name, text in (one for one in weak if one[0] == rubric.id):
            cases += _instructed("weak answer", rubric, text, name)
            cases.append(Case("weak answer, padded", rubric, padded(text, f"{seed}/{rubric.id}/{name}"), text, name))
    return cases


def _from_nothing(rubric: Rubric) -> Iterator[Case]:
    yield Case("question copied", rubric, rubric.question, "")
    for source, keywords in (("terms", terms(rubric)), ("statements' words", content_words(rubric))):
        for shape, text in bags(keywords).items():
            yield Case(f"bag of {source}, {shape}", rubric, text, "")


def _instructed(what: str, rubric: Rubric, text: str, name: str) -> Iterator[Case]:
    for at, instruction in enumerate(INSTRUCTIONS, 1):
        yield Case(f"{what}, instruction {at}", rubric, followed(text, instruction), text, name)


def edited(bank: dict[str, Rubric], golden: Sequence[GoldenAnswer], seed: int) -> list[Case]:
    """The strong golden answers under each edit, where it changes them; and the reference answers in the passive."""
    cases = [
        Case(name, bank[one.rubric], edit(one.text, f"{seed}/{name}/{one.rubric}/{one.id}"), one.text, one.id)
        for name, edit in EDITS.items()
        for one in golden
        if one.kind == "strong"
    ]
    for rubric in bank.values():
        whole = rubric.reference_answer
        cases.append(Case(PASSIVE_REFERENCE, rubric, passive(whole).text, whole))
    return [case for case in cases if case.text != case.base]


def denials(bank: dict[str, Rubric], golden: Sequence[GoldenAnswer], seed: int) -> list[PointCase]:
    """Points that golden answers deny, and covered points of strong ones whose sentence a `denies` wording replaces."""
    stated, replaced = [], []
    for one in golden:
        rubric = bank[one.rubric]
        for point in rubric.key_points:
            mark = one.marks.get(point.id)
            if mark is not None and mark.verdict is Verdict.CONTRADICTED:
                stated.append(PointCase(IN_GOLDEN, rubric, point.id, one.text, ""))
            if mark is not None and mark.verdict is Verdict.COVERED and one.kind == "strong":
                text = denied(one.text, mark.quote, point, f"{seed}/{rubric.id}/{one.id}/{point.id}")
                if text is not None:
                    replaced.append(PointCase(FROM_RUBRIC, rubric, point.id, text, one.text))
    return [*stated, *replaced]
