"""What a rubric's calibration learns from 10, 30 and more marks: `python -m benchmarks.learning --data FOLDER`.

SAF: marks on whole answers drawn from saf_train, agreement on saf_dev, the same questions. Golden answers and twins,
read by the judge that never saw half of the topics: verdicts on all key points of some answers, agreement on the
rubric's others. Agreement is 1 less the mean distance (0–1) between what is awarded and what people gave. Every draw
goes through the gate that the service has: where a calibration doesn't hold outside the fold, nothing changes.
"""

import argparse
import pickle
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from grader.calibration_fit import Lessons, awarded, expected, of_lists
from grader.calibration_gate import learn
from grader.engine import Engine
from grader.golden import GoldenAnswer, load_golden
from grader.learned import load_weights
from grader.marked import MarkedAnswer, read_marked
from grader.model import Evaluation
from grader.training.folds import held_out_judge, unseen
from grader.verdict import CREDIT
from rubrics import load_bank
from rubrics.model import Rubric

MARKS = (10, 30, 60, 80)
RESAMPLES = 10_000
LEAST_OTHERS = 2  # answers that agreement is measured on

F64 = NDArray[np.float64]
Row = tuple[list[float], list[float | None], float | None, list[float]]  # chances, credits, whole, weights


@dataclass(frozen=True, slots=True)
class Marked:
    """A rubric's marked answers: marks are drawn from `taught`, agreement is measured on `tested`, None for the rest of
    `taught`.
    """

    taught: Lessons
    tested: Lessons | None


def agreement(lessons: Lessons, chances: F64) -> tuple[float, float]:
    """1 less the mean distance of what is awarded, and the same of expected coverage (of a verdict: its chance)."""
    credit = awarded(chances, lessons.numbers)
    total = credit @ lessons.weights / lessons.weights.sum()
    whole = expected(chances, lessons.weights, lessons.numbers.coverage)
    far = [
        np.nansum(np.abs(points - lessons.credits)) + np.nansum(np.abs(wholes - lessons.wholes))
        for points, wholes in ((credit, total), (chances, whole))
    ]
    return 1 - float(far[0]) / lessons.marks, 1 - float(far[1]) / lessons.marks


def draw(marked: Marked, marks: int, rng: np.random.Generator) -> tuple[Lessons, Lessons] | None:
    """So many marks, whole answers at a time, and what to test on; None where the rubric hasn't as many."""
    per_answer = marked.taught.marks / len(marked.taught)
    count = max(1, round(marks / per_answer))
    order = rng.permutation(len(marked.taught))
    if len(order) - (LEAST_OTHERS if marked.tested is None else 0) < count:
        return None
    return marked.taught.at(order[:count]), marked.tested or marked.taught.at(order[count:])


def learned(drawn: Lessons, tested: Lessons) -> tuple[F64, bool]:
    """Chances on the tested answers as the service would have them, and whether the calibration was accepted."""
    found = learn(drawn)
    if found.fitted is None or found.refusal:
        return tested.chances, False
    return found.fitted.chances(tested.chances), True


def curve(title: str, sets: dict[str, Marked], draws: int) -> Table:
    """A row for each number of marks; means over draws, then over rubrics."""
    table = Table(title=title)
    for column in ("marks", "rubrics", "agreement before", "after", "gain", "95% interval", "worst rubric", "accepted",
                   "gain, expected coverage", "its worst"):  # fmt: skip
        table.add_column(column, justify="right")
    for marks in MARKS:
        rows = [found for at, one in enumerate(sets.values()) if (found := _of_rubric(one, marks, draws, at))]
        if rows:
            table.add_row(str(marks), *_cells(np.array(rows)))
    return table


def _of_rubric(marked: Marked, marks: int, draws: int, seed: int) -> list[float] | None:
    """Means over draws: agreement before and after, accepted, gain in expected coverage."""
    rows = []
    for number in range(draws):
        drawn = draw(marked, marks, np.random.default_rng([seed, number]))
        if drawn is None:
            return None
        before = agreement(drawn[1], drawn[1].chances)
        chances, accepted = learned(*drawn)
        after = agreement(drawn[1], chances)
        rows.append([before[0], after[0], float(accepted), after[1] - before[1]])
    return list(np.mean(rows, axis=0).tolist())


def interval(gains: F64) -> tuple[float, float]:
    """95% of their mean, by bootstrap; the same one every time."""
    rng = np.random.default_rng(0)
    means = gains[rng.integers(0, len(gains), (RESAMPLES, len(gains)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975]).tolist()
    return low, high


def _cells(rows: F64) -> list[str]:
    gains = rows[:, 1] - rows[:, 0]
    low, high = interval(gains)
    return [
        str(len(rows)),
        f"{rows[:, 0].mean():.3f}",
        f"{rows[:, 1].mean():.3f}",
        f"{gains.mean():+.4f}",
        f"{low:+.4f} to {high:+.4f}",
        f"{gains.min():+.4f}",
        f"{rows[:, 2].mean():.0%}",
        f"{rows[:, 3].mean():+.4f}",
        f"{rows[:, 3].min():+.4f}",
    ]


def graded(engine: Engine, data: Path) -> dict[str, dict[str, list[Row]]]:
    """Everything graded once: rows by set and rubric."""
    found = {}
    for name in ("saf_train", "saf_dev"):
        marked = [one for one in read_marked(data / f"{name}.jsonl.gz") if isinstance(one, MarkedAnswer)]
        given = [(one.rubric.question, _none(one.rubric), one.label) for one in marked]
        found[name] = _rows(given, engine.grade_many((one.rubric, one.answer) for one in marked))
    bank, golden = load_bank(), load_golden(Path("tests/golden"))
    for name, is_new in (("unseen", True), ("seen", False)):
        answers = [one for one in [*golden, *load_golden(Path("tests/twins"))] if unseen(one.topic) is is_new]
        marks = [(one.rubric, _credits(one, bank[one.rubric]), None) for one in answers]
        found[name] = _rows(marks, engine.grade_many((bank[one.rubric], one.text) for one in answers))
    return found


def _none(rubric: Rubric) -> list[float | None]:
    return [None] * len(rubric.key_points)


def _credits(answer: GoldenAnswer, rubric: Rubric) -> list[float | None]:
    return [CREDIT[answer.marks[point.id].verdict] if point.id in answer.marks else None for point in rubric.key_points]


def _rows(
    given: Sequence[tuple[str, list[float | None], float | None]], evaluations: Iterable[Evaluation]
) -> dict[str, list[Row]]:
    """Without the answers that are unscored or that a guard voided."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for (rubric, credits, whole), one in zip(given, evaluations, strict=True):
        chances = [point.probability for point in one.key_points]
        if any(chances):
            rows[rubric].append((chances, credits, whole, [point.weight for point in one.key_points]))
    return dict(rows)


def _lessons(rows: Sequence[Row]) -> Lessons:
    chances, credits, wholes, weights = zip(*rows, strict=True)
    return of_lists(chances, credits, wholes, weights[0], load_weights().calibration)


def main() -> None:
    """Grade once, then print the curves."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="Folder of saf_train.jsonl.gz and saf_dev.jsonl.gz.")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--chances", type=Path, default=Path("var/learning.pickle"), help="Where they are kept.")
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    if not chosen.chances.exists():
        engine = Engine.load(cache_dir=chosen.cache)
        engine = Engine(engine.encoder, load_weights(), judge=held_out_judge(chosen.cache))
        rows = graded(engine, chosen.data)
        chosen.chances.write_bytes(pickle.dumps(rows))
    rows = pickle.loads(chosen.chances.read_bytes())
    tested = {name: _lessons(some) for name, some in rows["saf_dev"].items()}
    saf = {name: Marked(_lessons(some), tested[name]) for name, some in rows["saf_train"].items()}
    Console(width=150).print(curve("saf_train → saf_dev, marks on whole answers", saf, chosen.draws))
    for part, told in (("unseen", "topics that the judge never saw"), ("seen", "topics that it was trained on")):
        golden = {name: Marked(_lessons(some), None) for name, some in rows[part].items()}
        Console(width=150).print(curve(f"golden answers and twins, {told}", golden, chosen.draws))


if __name__ == "__main__":
    main()
