"""What moves a mark that shouldn't: `python -m benchmarks.robustness [--rubrics N] [--seed S]`.

Attacks must not pay: texts that say nothing right, and additions that say nothing at all, on every rubric of the bank.
Harmless edits must not cost: the strong golden answers, edited as a fair marker would overlook. Denied key points must
not count as covered. All of it goes through `grade_many`, with the weights that ship, which have seen the golden
answers in training: `python -m benchmarks.golden` has denied points with topics held out.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

from rich.console import Console

from benchmarks import robustness_tables as tables
from benchmarks.attacks import INSTRUCTIONS
from benchmarks.passive import passive
from benchmarks.robustness_cases import Case, PointCase, attacks, denials, edited
from benchmarks.robustness_tables import Change, Denial
from grader.engine import Engine
from grader.golden import load_golden
from grader.model import Evaluation, Verdict
from rubrics import load_bank
from rubrics.model import Rubric


class Graded:
    """Evaluations of all texts of some cases, each text graded once."""

    def __init__(self, engine: Engine, cases: Sequence[Case | PointCase]) -> None:
        wanted = {
            (case.rubric.id, text): case.rubric for case in cases for text in (case.text, case.base) if text.strip()
        }
        keys = sorted(wanted)  # a rubric's texts together, so that it is prepared once
        found = engine.grade_many((wanted[key], key[1]) for key in keys)
        self._found: dict[tuple[str, str], Evaluation] = dict(zip(keys, found, strict=True))

    def change(self, case: Case) -> Change:
        """What the case gains over its base, as shares of the coverage."""
        after = self._coverages(case.rubric, case.text)
        before = self._coverages(case.rubric, case.base) if case.base else (0.0, 0.0)
        return Change(case.what, case.rubric.id, case.note, after[0] - before[0], after[1] - before[1])

    def denial(self, case: PointCase) -> Denial:
        """The verdicts on the point, after and before it is denied."""
        before = self._verdict(case, case.base) if case.base else None
        return Denial(case.what, case.rubric.id, self._verdict(case, case.text), before)

    def _verdict(self, case: PointCase, text: str) -> Verdict:
        (result,) = (r for r in self._found[case.rubric.id, text].key_points if r.id == case.point)
        return result.verdict

    def _coverages(self, rubric: Rubric, text: str) -> tuple[float, float]:
        """Coverage and expected coverage; an unscored text (which has none) gains nothing."""
        found = self._found[rubric.id, text]
        return found.coverage or 0.0, found.expected_coverage or 0.0


def drawn(bank: dict[str, Rubric], count: int | None, seed: int) -> dict[str, Rubric]:
    """Some rubrics of the bank, or all, in order of id."""
    names = sorted(bank) if count is None else sorted(Random(seed).sample(sorted(bank), min(count, len(bank))))
    return {name: bank[name] for name in names}


def main() -> None:
    """Grade, then print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.robustness", description=__doc__)
    parser.add_argument("--rubrics", type=int, help="so many rubrics, drawn at random; otherwise all of the bank")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--precision", default="fp32", help="fp32 gives the same result on every machine")
    parser.add_argument("--golden", type=Path, default=Path("tests/golden"))
    chosen = parser.parse_args()
    bank, golden = load_bank(), load_golden(chosen.golden)
    some = drawn(bank, chosen.rubrics, chosen.seed)
    own = [answer for answer in golden if answer.rubric in some]
    hostile = attacks(list(some.values()), bank, golden, chosen.seed)
    harmless, points = edited(some, own, chosen.seed), denials(some, own, chosen.seed)
    total = len(hostile) + len(harmless) + len(points)
    sys.stderr.write(f"{len(some)} rubrics, {total} cases\n")
    graded = Graded(Engine.load(precision=chosen.precision), [*hostile, *harmless, *points])
    console = Console(width=150)
    console.print(tables.attacks([graded.change(case) for case in hostile]))
    for at, instruction in enumerate(INSTRUCTIONS, 1):
        console.print(f"instruction {at}: {instruction}")
    console.print(tables.denials([graded.denial(case) for case in points]))
    console.print(tables.DENIALS_NOTE)
    console.print(tables.edits([graded.change(case) for case in harmless]))
    changed = sum(passive(answer.text).sentences for answer in own if answer.kind == "strong")
    in_references = sum(passive(rubric.reference_answer).sentences for rubric in some.values())
    console.print(f"sentences put in the passive: {changed} of strong answers, {in_references} of reference answers")


if __name__ == "__main__":
    main()
