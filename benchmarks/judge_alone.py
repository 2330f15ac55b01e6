"""The judge by itself on the bank's golden answers and twins: `python -m benchmarks.judge_alone [--judge FILE ...]`.

Passages of answers to the topics that the held-out judge never saw, each beside its point's statement, as the judge is
asked; no alignment, no wordings, no calibration. AUC of covered against the rest by the odds of covered, and against
contradicted by the odds of covered against contradicted.
"""

import argparse
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import roc_auc_score

from grader.encoder import ModelEncoder
from grader.golden import load_golden
from grader.inference import load_source
from grader.judge import PairwiseJudge
from grader.learned import PUBLISHED, load_token_weights
from grader.model_source import published
from grader.training.folds import HELD_OUT, unseen
from grader.training.pairs import CLASSES
from grader.training.tables import Aligner
from rubrics import load_bank

FIGURES = ("covered / rest", "covered / contradicted", "right of three", "contradicted, called covered")


def passages(cache: Path, most: int | None) -> tuple[list[tuple[str, str]], list[str]]:
    """Pairs of passage and statement, and their verdicts; points marked partial are left out."""
    bank = load_bank()
    every = [*load_golden(Path("tests/golden")), *load_golden(Path("tests/twins"))]
    answers = [one for one in every if unseen(one.topic)][:most]
    encoder = ModelEncoder.of(load_source(published(), "auto", "auto", cache))
    found = Aligner(encoder, load_token_weights(PUBLISHED)).passages([(bank[one.rubric], one.text) for one in answers])
    pairs, verdicts = [], []
    for answer, texts in zip(answers, found, strict=True):
        for point, text in zip(bank[answer.rubric].key_points, texts, strict=True):
            if answer.marks[point.id].verdict in CLASSES:
                pairs.append((text, point.statement))
                verdicts.append(answer.marks[point.id].verdict.value)
    return pairs, verdicts


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judge_alone", description=__doc__)
    parser.add_argument(
        "--judge", type=Path, nargs="+", default=[HELD_OUT], help="weights, of judges that are held out"
    )
    parser.add_argument("--most", type=int, help="answers, to try it out; all by default")
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    pairs, marked = passages(chosen.cache, chosen.most)
    verdicts = np.array(marked)
    table = Table(title=f"{len(pairs)} points")
    for column in ("judge", *FIGURES):
        table.add_column(column, justify="left" if column == "judge" else "right")
    for file in chosen.judge:
        chances = np.clip(PairwiseJudge.load("auto", "auto", chosen.cache, file).chances(pairs), 1e-6, 1)
        denied, called = verdicts != "missed", np.array(CLASSES)[chances.argmax(axis=1)]
        covered, contradicted = chances[:, 2] / chances[:, :2].sum(axis=1), chances[:, 2] / chances[:, 1]
        table.add_row(
            file.name,
            f"{roc_auc_score(verdicts == 'covered', covered):.3f}",
            f"{roc_auc_score(verdicts[denied] == 'covered', contradicted[denied]):.3f}",
            f"{np.mean(called == verdicts):.1%}",
            f"{np.mean(called[verdicts == 'contradicted'] == 'covered'):.1%}",
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
