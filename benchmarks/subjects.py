"""The judge on statements of subjects that it never saw: `python -m benchmarks.subjects [--judge FILE]`.

Passages of `grader.training.folds.UNSEEN_SUBJECTS` beside their own statement, and beside two others of the same
question. What a passage is worth beside the others is what its looks give away, for they have nothing to do with its
verdict; the difference of the two log odds is what is left without that.
"""

import argparse
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from grader.judge import PairwiseJudge
from grader.training.folds import HELD_OUT, UNSEEN_SUBJECTS
from grader.training.pairs import CLASSES, SUBJECTS, subject_rows

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


def log_odds(chances: NDArray[np.float32]) -> F64:
    """[n] of covered, from chances [n, 3]."""
    covered = np.clip(chances.astype(np.float64), 1e-6, 1 - 1e-6)[:, 2]
    odds: F64 = np.log(covered / (1 - covered))
    return odds


def words_alone() -> list[float]:
    """AUC of covered against the rest, and against contradicted, on all subjects, by a word count that never sees the
    statement, with the file held out.
    """
    paths = sorted(SUBJECTS.glob("*.jsonl"))
    every = [(path.stem, one) for path in paths for row in subject_rows(path) for one in row["texts"]]
    found = []
    for left_out in ("", "missed"):
        kept = [(file, one) for file, one in every if one["verdict"] != left_out]
        counts = TfidfVectorizer(min_df=5, sublinear_tf=True).fit_transform([one["text"] for _, one in kept])
        covered = np.array([one["verdict"] == "covered" for _, one in kept])
        model, files = LogisticRegression(solver="liblinear"), [file for file, _ in kept]
        chances = cross_val_predict(model, counts, covered, groups=files, cv=GroupKFold(5), method="predict_proba")
        found.append(float(roc_auc_score(covered, chances[:, 1])))
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.subjects", description=__doc__)
    parser.add_argument("--judge", type=Path, default=HELD_OUT, help="weights of a judge that hasn't seen the subjects")
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    judge = PairwiseJudge.load("auto", "auto", chosen.cache, chosen.judge)
    rng = Random(1)
    rows = [one for name in sorted(UNSEEN_SUBJECTS) for one in asked(name, rng)]
    chances = judge.chances([(text, statement) for text, statement, _, _ in rows])
    own = log_odds(chances)
    others = np.array([log_odds(judge.chances([(text, one) for one in drawn])).mean() for text, _, drawn, _ in rows])
    verdicts = np.array([verdict for *_, verdict in rows])
    table = Table(title=f"{len(rows)} passages of {', '.join(sorted(UNSEEN_SUBJECTS))}; AUC of covered")
    for column in ("", "against the rest", "against contradicted"):
        table.add_column(column, justify="right" if column else "left")
    for what, found in (
        ("own statement", own),
        ("text alone", others),
        ("less that", own - others),
    ):
        denied = verdicts != "missed"
        figures = (
            roc_auc_score(verdicts == "covered", found),
            roc_auc_score(verdicts[denied] == "covered", found[denied]),
        )
        table.add_row(what, *(f"{figure:.3f}" for figure in figures))
    console = Console()
    console.print(table)
    called = np.array(CLASSES)[chances.argmax(axis=1)]
    console.print(f"right of three: {np.mean(called == verdicts):.0%}")
    console.print(f"contradicted, called covered: {np.mean(called[verdicts == 'contradicted'] == 'covered'):.0%}")
    rest, contradicted = words_alone()
    console.print(f"words alone, all subjects: {rest:.3f} against the rest, {contradicted:.3f} against contradicted")


if __name__ == "__main__":
    main()
