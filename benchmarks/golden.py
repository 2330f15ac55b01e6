"""Agreement with the golden answers and the twins: `python -m benchmarks.golden --halves var/transfer`.

Every figure is for topics held out: an answer is judged by an encoder and a judge that were trained without its topic,
with a calibration fitted on the answers of other topics. The baselines: fewer wordings or none, no judge, and a
classifier that sees the answer but never the key point (if that one did well, style would give the marks away).
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from grader.agreement import expected_calibration_error
from grader.encoder import ModelEncoder
from grader.golden import GoldenAnswer, load_golden
from grader.inference import load_source
from grader.learned import PUBLISHED, load_token_weights, load_weights
from grader.model import Verdict
from grader.model_source import published
from grader.training.calibrate import Judged, held_out
from grader.training.folds import ADAPTER_NAME, HALF, Part, held_out_judge, held_out_part, trained
from grader.training.tables import Aligner, Example, golden_examples, made_examples, without_wordings
from grader.verdict import decide, expected_coverage
from rubrics import load_bank
from rubrics.model import Rubric

F64 = NDArray[np.float64]
RESAMPLES = 1000
TWINS = {"beside": "dense", "dense": "dense", "plain": "plain", "hollow": "plain"}  # kinds, by their texture


@dataclass(frozen=True, slots=True)
class Point:
    """One marked point: what a person said, and the chances of missed, contradicted, covered."""

    answer: GoldenAnswer
    human: Verdict
    chances: tuple[float, float, float]
    rated: Verdict
    confidence: float


def points_of(rows: Sequence[tuple[Example, F64]]) -> list[Point]:
    """Marked points with their verdicts."""
    calibration = load_weights().calibration
    out = []
    for row, chances in rows:
        for human, (missed, contradicted, covered) in zip(row.verdicts, chances.tolist(), strict=True):
            rated, confidence = decide(missed, contradicted, covered, calibration)
            if human is not None:
                out.append(Point(row.answer, human, (missed, contradicted, covered), rated, confidence))
    return out


def auc(points: Sequence[Point], against: Sequence[Verdict]) -> float | None:
    """AUC of covered against some other verdicts."""
    kept = [point for point in points if point.human is Verdict.COVERED or point.human in against]
    truth = [point.human is Verdict.COVERED for point in kept]
    return roc_auc_score(truth, [point.chances[2] for point in kept]) if 0 < sum(truth) < len(truth) else None


def interval(points: Sequence[Point], figure: Callable[[Sequence[Point]], float | None]) -> str:
    """95% interval by bootstrap over items."""
    by_item: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        by_item[point.answer.rubric].append(point)
    items = list(by_item.values())
    rng = np.random.default_rng(0)
    values = []
    for _ in range(RESAMPLES):
        drawn = [point for at in rng.integers(0, len(items), len(items)) for point in items[at]]
        if (value := figure(drawn)) is not None:
            values.append(value)
    low, high = np.quantile(values, [0.025, 0.975])
    return f"{low:.3f}–{high:.3f}"


def answer_only(rows: Sequence[Example], vectors: dict[str, F64]) -> float:
    """AUC of covered from the answer alone (its pooled vector, lengths and fillers), items held out in ten folds."""
    marks = [(row.answer, verdict is Verdict.COVERED) for row in rows for verdict in row.verdicts]
    features = np.array([[*vectors[answer.text], *_style(answer.text)] for answer, _ in marks])
    truth = np.array([mark for _, mark in marks])
    items = sorted({answer.rubric for answer, _ in marks})
    fold = np.array([items.index(answer.rubric) % 10 for answer, _ in marks])
    chance = np.zeros(len(truth))
    for one in range(10):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500))
        model.fit(features[fold != one], truth[fold != one])
        chance[fold == one] = model.predict_proba(features[fold == one])[:, 1]
    return float(roc_auc_score(truth, chance))


def _style(text: str) -> list[float]:
    spoken = text.lower().split()
    fillers = sum(word.strip(",.") in {"um", "uh", "like", "so", "well", "yeah", "okay", "hmm"} for word in spoken)
    return [len(spoken), len(text) / len(spoken), text.count(","), text.count("."), fillers / len(spoken)]


def breakdown(title: str, groups: dict[str, list[Point]]) -> Table:
    """A table with a row a group."""
    table = Table(title=title)
    for column in ("", "points", "covered", "AUC rest", "AUC contradicted", "4-way accuracy", "denied → covered"):
        table.add_column(column, justify="right" if column else "left")
    for name, points in groups.items():
        denied = [point for point in points if point.human is Verdict.CONTRADICTED]
        table.add_row(
            name,
            str(len(points)),
            f"{np.mean([point.human is Verdict.COVERED for point in points]):.0%}",
            _shown(auc(points, (Verdict.MISSED, Verdict.CONTRADICTED))),
            _shown(auc(points, (Verdict.CONTRADICTED,))),
            f"{np.mean([point.human is point.rated for point in points]):.0%}",
            f"{np.mean([point.rated is Verdict.COVERED for point in denied]):.0%}" if denied else "–",
        )
    return table


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def grouped(points: Sequence[Point], key: Callable[[GoldenAnswer], str]) -> dict[str, list[Point]]:
    """Points by a property of their answer, in order of its name."""
    out: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        out[key(point.answer)].append(point)
    return dict(sorted(out.items()))


def outranked(rows: Sequence[tuple[Example, F64]], bank: dict[str, Rubric], low: str) -> tuple[int, int]:
    """In how many items the strong answer has a higher expected coverage than the `low` one, and of how many."""
    calibration = load_weights().calibration
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for row, chances in rows:
        weights = [point.weight for point in bank[row.answer.rubric].key_points]
        found[row.answer.rubric][row.answer.id] = expected_coverage(chances[:, 2].tolist(), weights, calibration)
    pairs = [kinds for kinds in found.values() if "strong" in kinds and low in kinds]
    return sum(kinds["strong"] > kinds[low] for kinds in pairs), len(pairs)


def judged_by(part: Part, bank: dict[str, Rubric]) -> tuple[list[Judged], list[Judged]]:
    """Each answer of a part with its chances, with the bank's wordings and without, by calibrations fitted on the
    part's other topics.
    """
    rows = golden_examples(part.answers, bank, part.aligner)
    made = made_examples(bank, part.aligner, np.random.default_rng(0))
    bare = golden_examples(part.answers, without_wordings(bank), part.aligner)
    return held_out([*rows, *made], bare, load_weights().calibration)


def apart(points: Sequence[Point]) -> float:
    """Of the points that one twin covers and the other doesn't: how often the covered one has the higher chance."""
    found: dict[tuple[str, str, int], dict[str, Point]] = defaultdict(dict)
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for point in points:
        answer = point.answer
        at = seen[answer.rubric, answer.id]
        seen[answer.rubric, answer.id] += 1
        found[answer.rubric, TWINS[answer.kind], at][answer.kind] = point
    right = []
    for pair in found.values():
        one, other = pair.values()
        if (one.human is Verdict.COVERED) != (other.human is Verdict.COVERED):
            right.append((one.chances[2] > other.chances[2]) == (one.human is Verdict.COVERED))
    return float(np.mean(right))


def measured(answers: list[GoldenAnswer], cache: Path, folder: Path | None) -> Part:
    """The topics that neither the held-out judge nor the encoder in `folder` has seen; without one, the published."""
    if folder is None:
        encoder = ModelEncoder.of(load_source(published(), "auto", "auto", cache)), load_token_weights(PUBLISHED)
    elif (folder / HALF / ADAPTER_NAME).is_file():
        encoder = trained(folder / HALF, cache)
    else:
        raise SystemExit(f"{folder}: no {HALF}/{ADAPTER_NAME} here: make it with python -m grader.training")
    return held_out_part(answers, load_bank(), Aligner(*encoder, held_out_judge(cache)))


def shortened(bank: dict[str, Rubric], count: int) -> dict[str, Rubric]:
    """The bank with at most `count` wordings of each kind a key point."""
    return {
        name: replace(
            rubric,
            key_points=tuple(
                replace(point, says=point.says[:count], denies=point.denies[:count], near=point.near[:count])
                for point in rubric.key_points
            ),
        )
        for name, rubric in bank.items()
    }


def calibration_error(points: Sequence[Point]) -> float:
    """Expected calibration error of the confidences, against whether the verdict is a person's."""
    right = np.array([float(point.human is point.rated) for point in points])
    return expected_calibration_error(right, np.array([point.confidence for point in points]))


def report(
    console: Console, name: str, points: dict[str, list[Point]], rows: Sequence[Example], pooled: dict[str, F64]
) -> None:
    """The tables of one set of answers; the first of `points` is the engine as it is."""
    console.print(breakdown(name, points))
    engine = next(iter(points.values()))
    rest, denied = (Verdict.MISSED, Verdict.CONTRADICTED), (Verdict.CONTRADICTED,)
    console.print(
        f"95% intervals with wordings, over items: {interval(engine, lambda p: auc(p, rest))} (rest), "
        f"{interval(engine, lambda p: auc(p, denied))} (contradicted)"
    )
    sure = [point for point in engine if point.confidence >= load_weights().calibration.certain]
    console.print(
        f"sure of {len(sure) / len(engine):.0%} of the points, right on "
        f"{np.mean([point.human is point.rated for point in sure]):.0%} of these"
    )
    console.print(f"expected calibration error of the confidences: {calibration_error(engine):.3f}")
    console.print(f"answer-only baseline: AUC {answer_only(rows, pooled):.3f}")
    console.print(breakdown(f"{name} by kind of answer", grouped(engine, lambda answer: answer.kind)))
    console.print(breakdown(f"{name} by voice", grouped(engine, lambda answer: answer.voice)))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.golden", description=__doc__)
    parser.add_argument("--golden", type=Path, default=Path("tests/golden"))
    parser.add_argument("--twins", type=Path, default=Path("tests/twins"))
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    parser.add_argument("--halves", type=Path, help="encoders of python -m grader.training; else the published one")
    chosen = parser.parse_args()
    bank, answers = load_bank(), [*load_golden(chosen.golden), *load_golden(chosen.twins)]
    part = measured(answers, chosen.cache, chosen.halves)
    judged, bare = judged_by(part, part.bank)
    alone, _ = judged_by(replace(part, aligner=part.aligner.judged_by(None)), part.bank)
    fewer = {f"{count} wordings of each kind": judged_by(part, shortened(part.bank, count))[0] for count in (1, 3)}
    versions = {"all wordings": judged, **fewer, "without wordings": bare, "without the judge": alone}
    encoded = ModelEncoder.of(load_source(published(), "auto", "auto", chosen.cache)).encode(
        [one.text for one in answers]
    )
    pooled = {
        answer.text: tokens.vectors.mean(axis=0).astype(np.float64)
        for answer, tokens in zip(answers, encoded, strict=True)
    }
    console = Console(width=130)
    for name, kept in (("golden answers", lambda kind: kind not in TWINS), ("twins", lambda kind: kind in TWINS)):
        rows = {version: [pair for pair in found if kept(pair[0].answer.kind)] for version, found in versions.items()}
        points = {version: points_of(found) for version, found in rows.items()}
        report(console, name, points, [row for row, _ in rows["all wordings"]], pooled)
        if name == "twins":
            console.print(
                f"told apart: {apart(points['all wordings']):.1%}; by alignment alone "
                f"{apart(points['without the judge']):.1%}; without wordings "
                f"{apart(points['without wordings']):.1%}"
            )
        else:
            for low in ("partial", "weak"):
                better, total = outranked(rows["all wordings"], bank, low)
                console.print(f"strong outranks {low} in {better} of {total} items")
            console.print(breakdown("by topic", grouped(points["all wordings"], lambda answer: answer.topic)))


if __name__ == "__main__":
    main()
