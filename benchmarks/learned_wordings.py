"""What a rubric learns from wordings that marks bring: `python -m benchmarks.learned_wordings`.

Golden answers and twins of the topics that the judge never saw. Some answers of a rubric are marked, as many as make
10, 30 or 60 verdicts; `grader.proposals` finds in them the words that made people give or deny a point where the engine
didn't; all are accepted; the rubric's other answers are graded again. Once with the bank's rubrics, and once with their
bare statements, which is how an author's rubric begins. Agreement is 1 less the mean distance (0-1) between what is
awarded and what people gave.
"""

import argparse
from collections import defaultdict
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from statistics import fmean
from uuid import UUID

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.learning import F64, LEAST_OTHERS, interval
from grader.engine import Engine
from grader.golden import GoldenAnswer, load_golden
from grader.learned import load_weights
from grader.model import Evaluation
from grader.proposals import Observed, applied, mine
from grader.training.folds import held_out_judge, unseen
from grader.training.tables import without_wordings
from grader.verdict import CREDIT
from rubrics import load_bank
from rubrics.model import Rubric

MARKS = (10, 30, 60)
Graded = list[tuple[GoldenAnswer, Evaluation]]


def distances(graded: Graded) -> list[float]:
    """Of each marked point: how far what it is awarded is from what people gave."""
    return [
        abs(point.credit - CREDIT[answer.marks[point.id].verdict])
        for answer, evaluation in graded
        for point in evaluation.key_points
        if point.id in answer.marks
    ]


def revised(rubric: Rubric, marked: Graded) -> Rubric:
    """The rubric with every wording that these marks propose."""
    observed = [
        Observed(UUID(int=at), point.id, mark.verdict, point.verdict, mark.quote)
        for at, (answer, evaluation) in enumerate(marked)
        for point in evaluation.key_points
        if (mark := answer.marks.get(point.id))
    ]
    return reduce(lambda changed, one: applied(changed, one) or changed, mine(rubric, observed, {}), rubric)


def drawn(graded: Graded, marks: int, rng: np.random.Generator) -> tuple[Graded, Graded] | None:
    """Answers with so many verdicts, and the others; None where there are too few."""
    count = max(1, round(marks * len(graded) / sum(len(answer.marks) for answer, _ in graded)))
    if count > len(graded) - LEAST_OTHERS:
        return None
    order = rng.permutation(len(graded)).tolist()
    return [graded[at] for at in order[:count]], [graded[at] for at in order[count:]]


def curve(engine: Engine, bank: dict[str, Rubric], answers: Sequence[GoldenAnswer], title: str, draws: int) -> Table:
    """A row for each number of marks; means over draws, then over rubrics."""
    before: dict[str, Graded] = defaultdict(list)
    for answer, evaluation in zip(answers, engine.grade_many((bank[a.rubric], a.text) for a in answers), strict=True):
        before[answer.rubric].append((answer, evaluation))
    table = Table(title=title)
    for column in ("marks", "rubrics", "before", "after", "gain", "95% interval", "worst", "wordings learned"):
        table.add_column(column, justify="right")
    for marks in MARKS:
        gains: dict[str, list[tuple[float, float, int]]] = defaultdict(list)
        tasks = []
        for number, (name, graded) in enumerate(before.items()):
            for repeat in range(draws):
                if found := drawn(graded, marks, np.random.default_rng([number, repeat])):
                    tasks.append((name, revised(bank[name], found[0]), found[1]))
        pairs = [(rubric, answer.text) for _, rubric, others in tasks for answer, _ in others]
        again = engine.grade_many(pairs)
        for name, rubric, others in tasks:
            after = [(answer, next(again)) for answer, _ in others]
            learned = wordings(rubric) - wordings(bank[name])
            gains[name].append((1 - fmean(distances(others)), 1 - fmean(distances(after)), learned))
        if gains:
            table.add_row(str(marks), *cells(np.array([np.mean(rows, axis=0) for rows in gains.values()])))
    return table


def wordings(rubric: Rubric) -> int:
    """How many a rubric has."""
    wrong = sum(1 + len(one.says) for one in rubric.misconceptions)
    return wrong + sum(len(point.says) + len(point.denies) for point in rubric.key_points)


def cells(rows: F64) -> list[str]:
    """Rubrics, agreement before and after, gain with its interval, worst, wordings; of rows [R, 3]."""
    gains = rows[:, 1] - rows[:, 0]
    low, high = interval(gains)
    figures = (f"{rows[:, 0].mean():.3f}", f"{rows[:, 1].mean():.3f}", f"{gains.mean():+.4f}")
    return [str(len(rows)), *figures, f"{low:+.4f} to {high:+.4f}", f"{gains.min():+.3f}", f"{rows[:, 2].mean():.1f}"]


def main() -> None:
    """Print the curves."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learned_wordings", description=__doc__)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    loaded = Engine.load(cache_dir=chosen.cache)
    engine = Engine(loaded.encoder, load_weights(), judge=held_out_judge(chosen.cache))
    every = [*load_golden(Path("tests/golden")), *load_golden(Path("tests/twins"))]
    answers = [one for one in every if unseen(one.topic)]
    bank = load_bank()
    for title, rubrics in (("bare statements", without_wordings(bank)), ("the bank's rubrics", bank)):
        Console(width=120).print(curve(engine, rubrics, answers, title, chosen.draws))


if __name__ == "__main__":
    main()
