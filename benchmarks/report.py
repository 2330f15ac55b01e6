"""The cohort report beside the grading of its answers: `python -m benchmarks.report`.

A cohort of made-up candidates: each has a strength, and answers an item with sentences of its golden answers, more of
the good ones the stronger the candidate is. Some leave answers out, some hand in others'.
"""

import argparse
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.report import Report, build, to_html, to_json, to_xlsx
from benchmarks.measure import Cost, measured
from grader.batch.model import Graded, Item
from grader.engine import Engine
from grader.golden import GoldenAnswer, load_golden
from grader.search import text_vectors
from grader.text import clauses
from rubrics import load_bank

GOOD = ("strong", "free")
LEFT_OUT, HANDED_ON = 0.02, 0.01  # shares of the answers that are blank, and that are somebody else's nearly unchanged


def cohort(golden: Sequence[GoldenAnswer], candidates: int, items: int, seed: int = 3) -> list[Item]:
    """The answers of so many candidates to so many items, candidate by candidate."""
    odd = random.Random(seed)
    by_rubric: dict[str, list[GoldenAnswer]] = defaultdict(list)
    for one in golden:
        by_rubric[one.rubric].append(one)
    rubrics = odd.sample(sorted(by_rubric), items)
    out: list[Item] = []
    before: dict[str, str] = {}
    for number in range(candidates):
        name, strength = f"Candidate {number + 1:03}", odd.betavariate(2.2, 1.8)
        for rubric in rubrics:
            text = _answer(odd, by_rubric[rubric], strength)
            if odd.random() < HANDED_ON and rubric in before:
                text = before[rubric].replace("the ", "a ", 1)
            text = "" if odd.random() < LEFT_OUT else text
            before[rubric] = text or before.get(rubric, "")
            out.append(Item(len(out) + 2, f"{name}/{rubric}", name, rubric, text, (("group", "AB"[number % 2]),)))
    return out


def _answer(odd: random.Random, golden: Sequence[GoldenAnswer], strength: float) -> str:
    """Some sentences of one golden answer, with one of another."""
    good = [one for one in golden if one.kind in GOOD]
    rest = [one for one in golden if one.kind not in GOOD]
    main, other = odd.choice(good if odd.random() < strength else rest), odd.choice(golden)
    kept = [one for one in _sentences(main.text) if odd.random() < 0.45 + strength / 2]
    return " ".join(kept + odd.sample(_sentences(other.text), 1))


def _sentences(text: str) -> list[str]:
    cut = clauses(text)
    starts = [cut.starts[index] for index in cut.sentences]
    ends = [*starts[1:], len(text)]
    return [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--candidates", type=int, default=500)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    parser.add_argument("--out", type=Path, help="keep the report in this folder")
    parser.add_argument("--judge", default="", help="off: grade faster; the report costs the same")
    chosen = parser.parse_args()
    engine, bank = Engine.load(cache_dir=chosen.cache, judge=chosen.judge), load_bank()
    answers = cohort(load_golden(Path("tests/golden")), chosen.candidates, chosen.items)
    for _ in engine.grade_many((bank[one.rubric], one.answer) for one in answers[:200]):
        pass
    graded: list[Graded] = []

    def grade() -> None:
        evaluations = engine.grade_many((bank[one.rubric], one.answer) for one in answers)
        graded.extend(Graded(one, evaluation) for one, evaluation in zip(answers, evaluations, strict=True))

    steps = {"grading": measured(grade)}
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.out or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        made: list[Report] = []
        embed = partial(text_vectors, encoder=engine.encoder)
        steps["figures, clusters, quotes"] = measured(
            lambda: made.append(build(graded, bank, embed, engine.wording_vectors))
        )
        [report] = made
        steps["HTML with plots"] = measured(lambda: (folder / "report.html").write_text(to_html(report), "utf-8"))
        steps["XLSX"] = measured(lambda: to_xlsx(report, folder / "report.xlsx"))
        steps["JSON"] = measured(
            lambda: (folder / "report.json").write_text(json.dumps(to_json(report), ensure_ascii=False), "utf-8")
        )
    Console(width=100).print(shown(steps, f"{chosen.candidates} candidates × {chosen.items} items"))


def shown(steps: dict[str, Cost], title: str) -> Table:
    """A row for each step, and one for the report in all."""
    table = Table(title=title)
    for column in ("", "seconds", "of grading", "processor seconds", "of grading's"):
        table.add_column(column, justify="right" if column else "left")
    grading = steps["grading"]
    report = [cost for name, cost in steps.items() if name != "grading"]
    whole = Cost(sum(cost.clock for cost in report), sum(cost.processor for cost in report))
    for name, cost in (*steps.items(), ("report in all", whole)):
        clock, processor = cost.clock / grading.clock, cost.processor / grading.processor
        table.add_row(name, f"{cost.clock:.1f}", f"{clock:.0%}", f"{cost.processor:.1f}", f"{processor:.0%}")
    return table


if __name__ == "__main__":
    main()
