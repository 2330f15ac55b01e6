"""The judge on statements of subjects that it never saw: `python -m benchmarks.subjects [--judge FILE]`.

Passages of `grader.training.folds.UNSEEN_SUBJECTS` beside their own statement, and beside two others of the same
question. What a passage is worth beside the others is what its looks give away, for they have nothing to do with its
verdict; the difference of the two log odds is what is left without that. And beside the statement and its opposite,
where what covers the one contradicts the other: there, looks can't help at all.
"""

import argparse
from collections.abc import Iterable
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
from grader.model import Verdict
from grader.training.folds import FIELD, HELD_OUT, UNSEEN_SUBJECTS
from grader.training.pairs import CLASSES, LETTERS, SUBJECTS, subject_rows

OTHERS = 2
FIRST = {"chemistry", "databases", "law", "psychology"}  # written as the passages that version 4 learned from
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


def flipped(judge: PairwiseJudge, names: Iterable[str]) -> tuple[int, float, float]:
    """Pairs, AUC of covered against contradicted, and accuracy of telling the two, over passages beside their statement
    and its opposite alike: those that cover one of the two and contradict the other.
    """
    pairs, covered = [], []
    for row in (row for name in names for row in subject_rows(SUBJECTS / f"{name}.jsonl")):
        for one, mark in zip(row["texts"], row["opposite_marks"], strict=True):
            if {Verdict(one["verdict"]), LETTERS[mark]} == {Verdict.COVERED, Verdict.CONTRADICTED}:
                pairs += [(one["text"], row["statement"]), (one["text"], row["opposite"])]
                covered += [mark == "X", mark == "C"]
    found = np.clip(judge.chances(pairs), 1e-6, 1)
    odds = np.log(found[:, 2] / found[:, 1])
    right = np.array(covered) == (odds > 0)
    return len(pairs), float(roc_auc_score(covered, odds)), float(right.mean())


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


def shown(judge: PairwiseJudge, names: Iterable[str], title: str, console: Console) -> None:
    """The figures of some files."""
    rng, files = Random(1), sorted(names)
    rows = [one for name in files for one in asked(name, rng)]
    chances = judge.chances([(text, statement) for text, statement, _, _ in rows])
    own = log_odds(chances)
    beside = judge.chances([(text, one) for text, _, drawn, _ in rows for one in drawn])
    firsts = np.cumsum([0, *(len(drawn) for _, _, drawn, _ in rows[:-1])])
    others = np.add.reduceat(log_odds(beside), firsts) / [len(drawn) for _, _, drawn, _ in rows]
    verdicts = np.array([verdict for *_, verdict in rows])
    table = Table(title=f"{title}: {len(rows)} passages of {len(files)} files; AUC of covered")
    for column in ("", "against the rest", "against contradicted"):
        table.add_column(column, justify="right" if column else "left")
    denied = verdicts != "missed"
    for what, found in (("own statement", own), ("text alone", others), ("less that", own - others)):
        figures = (
            roc_auc_score(verdicts == "covered", found),
            roc_auc_score(verdicts[denied] == "covered", found[denied]),
        )
        table.add_row(what, *(f"{figure:.3f}" for figure in figures))
    console.print(table)
    called = np.array(CLASSES)[chances.argmax(axis=1)]
    console.print(f"right of three: {np.mean(called == verdicts):.0%}")
    console.print(f"contradicted, called covered: {np.mean(called[verdicts == 'contradicted'] == 'covered'):.0%}")
    console.print(f"another statement of the question, called covered: {np.mean(beside.argmax(axis=1) == 2):.0%}")
    count, auc, right = flipped(judge, files)
    console.print(f"{count} pairs with a statement or its opposite: AUC {auc:.3f}, {right:.0%} told apart\n")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.subjects", description=__doc__)
    parser.add_argument("--judge", type=Path, default=HELD_OUT, help="weights of a judge that hasn't seen the subjects")
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    judge, console = PairwiseJudge.load("auto", "auto", chosen.cache, chosen.judge), Console()
    shown(judge, FIRST, "Law, chemistry, psychology, databases", console)
    shown(judge, UNSEEN_SUBJECTS - FIELD - FIRST, "Other subjects", console)
    shown(judge, FIELD, "The bank's field, by other authors", console)
    rest, contradicted = words_alone()
    console.print(f"words alone, all subjects: {rest:.3f} against the rest, {contradicted:.3f} against contradicted")


if __name__ == "__main__":
    main()
