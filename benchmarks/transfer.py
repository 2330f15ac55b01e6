"""Agreement on what training never saw: `python -m benchmarks.transfer --data FOLDER`.

An encoder for each marked set left out whole, calibrated without it, and measured on that set's development rows beside
the published encoder, calibrated the same way; by alignment alone, without the judge. Encoders that are in --out
already are not trained again, so that `--only` can make them one by one or side by side.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.stats import pearsonr
from sklearn.metrics import roc_auc_score

from grader.agreement import expected_calibration_error
from grader.encoder import ModelEncoder
from grader.golden import load_golden
from grader.inference import load_source
from grader.learned import PUBLISHED, TokenWeights, load_token_weights
from grader.model_source import published
from grader.training import calibrate
from grader.training.__main__ import STEPS, fold
from grader.training.documents import SETS
from grader.training.fit_encoder import material
from grader.training.folds import trained
from grader.training.tables import Aligner, Row, marked_rows, table
from rubrics import load_bank

RESAMPLES = 1000


def coverages(name: str, data: Path, encoder: ModelEncoder, tokens: TokenWeights) -> tuple[list[Row], list[float]]:
    """The development rows of a set, and the expected coverages of a calibration on all other sets."""
    aligner = Aligner(encoder, tokens)
    rng, others = np.random.default_rng(0), [one for one in SETS if one != name]
    fitted = replace(calibrate.fit_bare(data, aligner, rng, others), ask=0.0)
    if calibrate.SEVERAL in others:
        fitted = calibrate.fit_coverage(data, aligner, rng, [], fitted)
    rows = table(marked_rows(data / f"{name}_dev.jsonl.gz", 10**6, np.random.default_rng(0)), aligner)
    return rows, [calibrate.coverage(row, fitted) for row in rows]


def figure(name: str, labels: Sequence[float], found: Sequence[float]) -> float:
    """Pearson's r for SAF, whose marks are grades; AUC of a mark above 0.75 for the others."""
    if name == "saf":
        return float(pearsonr(labels, found)[0])
    return float(roc_auc_score(np.array(labels) > 0.75, found))


def main() -> None:
    """Train what is missing, then print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transfer", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--golden", type=Path, default=Path("tests/golden"))
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    parser.add_argument("--out", type=Path, default=Path("var/transfer"))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--only", choices=SETS, help="train one encoder and stop")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    for name in (chosen.only,) if chosen.only else SETS:
        kept = [one for one in SETS if one != name]
        source = material(chosen.data, list(load_bank().values()), load_golden(chosen.golden), kept)
        fold(source, chosen.steps, chosen.out / name)
    if not chosen.only:
        report(chosen.data, chosen.out, chosen.cache)


def report(data: Path, folder: Path, cache: Path) -> None:
    """Print a row a set: the published encoder, the trained one, and the gain with its interval."""
    shown = Table(title="left out whole (AUC; SAF: r)")
    for column in ("set", "n", "published", "trained", "gain", "95% of the gain", "ECE"):
        shown.add_column(column, justify="left" if column == "set" else "right")
    plain = ModelEncoder.of(load_source(published(), "auto", "auto", cache)), load_token_weights(PUBLISHED)
    means = []
    for name in SETS:
        rows, before = coverages(name, data, *plain)
        _, after = coverages(name, data, *trained(folder / name, cache))
        labels = [row.label for row in rows]
        values = figure(name, labels, before), figure(name, labels, after)
        means.append(values)
        ece = expected_calibration_error(np.array(labels), np.array(after))
        gain = values[1] - values[0]
        shown.add_row(
            name,
            str(len(rows)),
            *(f"{value:.3f}" for value in values),
            f"{gain:+.3f}",
            interval(name, rows, before, after),
            f"{ece:.3f}",
        )
    mean = np.mean(means, axis=0)
    shown.add_row("mean", "", f"{mean[0]:.3f}", f"{mean[1]:.3f}", f"{mean[1] - mean[0]:+.3f}", "", "")
    Console(width=120).print(shown)


def interval(name: str, rows: Sequence[Row], before: Sequence[float], after: Sequence[float]) -> str:
    """95% interval of the gain, by bootstrap over questions."""
    by_question: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        by_question.setdefault(row.question, []).append(at)
    questions = [np.array(places) for places in by_question.values()]
    rng = np.random.default_rng(0)
    labels, old, new = np.array([row.label for row in rows]), np.array(before), np.array(after)
    gains = []
    for _ in range(RESAMPLES):
        drawn = np.concatenate([questions[at] for at in rng.integers(0, len(questions), len(questions))])
        if len(set(labels[drawn] > 0.75)) == 2:
            gains.append(figure(name, labels[drawn], new[drawn]) - figure(name, labels[drawn], old[drawn]))
    low, high = np.quantile(gains, [0.025, 0.975])
    return f"{low:+.3f} to {high:+.3f}"


if __name__ == "__main__":
    main()
