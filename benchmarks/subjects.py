"""The judge on statements of subjects that it never saw: `python -m benchmarks.subjects [--judge FILE]`.

Passages of `grader.training.folds.UNSEEN_SUBJECTS` beside their own statement, and beside two others of the same
question. What a passage is worth beside the others is what its looks give away, for they have nothing to do with its
verdict; the difference of the two log odds is what is left without that.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.metrics import roc_auc_score

from grader.judge import PairwiseJudge
from grader.training.folds import HELD_OUT, UNSEEN_SUBJECTS
from grader.training.pairs import SUBJECTS, subject_rows

OTHERS = 2
F64 = NDArray[np.float64]


def asked(name: str, rng: Random) -> list[tuple[str, str, list[str], str]]:
    """Text, its statement, others of the same question (or else of the file), and the verdict."""
    rows = subject_rows(SUBJECTS / f"{name}.jsonl")
    out = []
    for row in rows:
        rest = [one for one in rows if one is not row]
        others = [one["statement"] for one in rest if one["question"] == row["question"]]
        others = others or [one["statement"] for one in rest]
        drawn = rng.sample(others, min(OTHERS, len(others)))
        out += [(one["text"], row["statement"], drawn, one["verdict"]) for one in row["texts"]]
    return out


def log_odds(judge: PairwiseJudge, pairs: Sequence[tuple[str, str]]) -> F64:
    """[n] of covered."""
    chances = np.clip(judge.chances(pairs).astype(np.float64), 1e-6, 1 - 1e-6)[:, 2]
    odds: F64 = np.log(chances / (1 - chances))
    return odds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.subjects", description=__doc__)
    parser.add_argument("--judge", type=Path, default=HELD_OUT, help="weights of a judge that hasn't seen the subjects")
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    judge = PairwiseJudge.load("auto", "auto", chosen.cache, chosen.judge)
    rng = Random(1)
    rows = [one for name in sorted(UNSEEN_SUBJECTS) for one in asked(name, rng)]
    own = log_odds(judge, [(text, statement) for text, statement, _, _ in rows])
    others = [log_odds(judge, [(text, other) for other in drawn]).mean() for text, _, drawn, _ in rows]
    verdicts = np.array([verdict for *_, verdict in rows])
    table = Table(title=f"{len(rows)} passages of {', '.join(sorted(UNSEEN_SUBJECTS))}; AUC of covered")
    for column in ("", "against the rest", "against contradicted"):
        table.add_column(column, justify="right" if column else "left")
    for what, found in (
        ("own statement", own),
        ("text alone", np.array(others)),
        ("less that", own - np.array(others)),
    ):
        denied = verdicts != "missed"
        figures = (
            roc_auc_score(verdicts == "covered", found),
            roc_auc_score(verdicts[denied] == "covered", found[denied]),
        )
        table.add_row(what, *(f"{figure:.3f}" for figure in figures))
    Console().print(table)


if __name__ == "__main__":
    main()
