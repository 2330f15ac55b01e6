"""Gates of every rubric of the bank on the real engine: `python -m benchmarks.gates [--json] [--only ID ...]`.

- reference: its own reference answer reaches a coverage of 0.9; reference_misconception: and asserts no misconception;
- neighbour: the reference answer of its topic's next item (that doesn't overlap by nature) stays under 0.25;
- question: the question as an answer stays under 0.1;
- strong_partial, strong_weak: the strong golden answer has a higher expected coverage than the partial, the weak one.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path

from grader.engine import Engine
from grader.golden import GoldenAnswer, load_golden
from grader.model import Evaluation
from rubrics import load_bank
from rubrics.model import Rubric

REFERENCE, NEIGHBOUR, QUESTION = 0.9, 0.25, 0.1
# Items that share key points by nature, so that the one's reference answer rightly earns points on the other.
OVERLAPS = {
    frozenset(pair.split())
    for pair in (
        "bagging bagging-vs-boosting",
        "bagging-vs-boosting boosting",
        "combining-different-models ensemble-principle",
        "concept-drift training-deployment-pitfalls",
        "cross-validation data-leakage",
        "deep-rl-algorithm q-learning",
        "demand-forecasting next-value-time-series",
        "demand-forecasting price-forecasting-project",
        "design-recommendation-engine follower-suggestions",
        "kmeans-explained kmeans-vs-em",
        "knn-explained knn-vs-kmeans",
        "lda-topic-model lda-vs-lsi",
        "ml-experience ml-project-walkthrough",
        "naive-bayes-drawbacks naive-bayes-naive",
        "next-value-time-series price-forecasting-project",
        "pca pca-vs-tsne-vs-umap",
        "precision-and-recall precision-over-recall",
        "preprocess-by-modality preprocessing-process",
        "prevent-and-handle-overfitting regularisation-explained",
        "prototype-to-production training-deployment-pitfalls",
        "q-learning reinforcement-learning-explained",
        "supervised-vs-unsupervised three-learning-paradigms",
        "supervised-vs-unsupervised unsup-semi-self-supervised",
        "support-vectors svm-explained",
        "svm-explained svm-kernels",
        "svm-explained svm-objective",
        "text-to-features word-document-similarity",
        "three-learning-paradigms unsup-semi-self-supervised",
    )
}
GATES = ("reference", "reference_misconception", "neighbour", "question", "strong_partial", "strong_weak")
COMPARED = ("strong", "partial", "weak")


def neighbours(bank: dict[str, Rubric]) -> dict[str, Rubric]:
    """The next item of the same topic that doesn't overlap, in order of id, round to the first; none where none is."""
    topics: dict[str, list[str]] = defaultdict(list)
    for name in sorted(bank):
        topics[bank[name].topic].append(name)
    found = {}
    for names in topics.values():
        for at, name in enumerate(names):
            others = [other for other in names[at + 1 :] + names[:at] if frozenset((name, other)) not in OVERLAPS]
            if others:
                found[name] = bank[others[0]]
    return found


def graded(
    bank: dict[str, Rubric], golden: Sequence[GoldenAnswer], engine: Engine, only: Collection[str] | None = None
) -> dict[str, dict[str, Evaluation]]:
    """What the gates look at, by rubric (of `only`, or all) and name: the golden answers of COMPARED under their ids,
    the others under the gates'.
    """
    keys: list[tuple[str, str]] = []
    pairs: list[tuple[Rubric, str]] = []

    def ask(rubric: Rubric, what: str, text: str) -> None:
        keys.append((rubric.id, what))
        pairs.append((rubric, text))

    near = neighbours(bank)
    kept = {name: rubric for name, rubric in bank.items() if only is None or name in only}
    for name, rubric in kept.items():
        ask(rubric, "reference", rubric.reference_answer)
        ask(rubric, "question", rubric.question)
        if name in near:
            ask(rubric, "neighbour", near[name].reference_answer)
    for answer in golden:
        if answer.id in COMPARED and answer.rubric in kept:
            ask(bank[answer.rubric], answer.id, answer.text)
    found: dict[str, dict[str, Evaluation]] = defaultdict(dict)
    for (name, what), evaluation in zip(keys, engine.grade_many(pairs), strict=True):
        found[name][what] = evaluation
    return found


def failing(found: dict[str, dict[str, Evaluation]]) -> dict[str, list[str]]:
    """The gates that each rubric fails, from what `graded` gives; rubrics that pass all are left out."""
    failed = {name: _failed(evaluations) for name, evaluations in found.items()}
    return {name: gates for name, gates in failed.items() if gates}


def _failed(found: dict[str, Evaluation]) -> list[str]:
    def coverage(what: str) -> float:
        return found[what].coverage or 0.0 if what in found else 0.0

    def rank(what: str) -> float:
        return found[what].expected_coverage or 0.0

    passed = {
        "reference": coverage("reference") >= REFERENCE,
        "reference_misconception": not found["reference"].misconceptions,
        "neighbour": coverage("neighbour") <= NEIGHBOUR,
        "question": coverage("question") <= QUESTION,
        "strong_partial": rank("strong") > rank("partial"),
        "strong_weak": rank("strong") > rank("weak"),
    }
    return [gate for gate in GATES if not passed[gate]]


def main() -> None:
    """Print what fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gates", description=__doc__)
    parser.add_argument("--json", action="store_true", help="as a JSON object: rubric, gates that it fails")
    parser.add_argument("--precision", default="fp32", help="fp32 gives the same result on every machine")
    parser.add_argument("--only", nargs="+", metavar="ID", help="these rubrics; all by default")
    chosen = parser.parse_args()
    bank, golden = load_bank(), load_golden(Path("tests/golden"))
    only = set(chosen.only or bank)
    failed = failing(graded(bank, golden, Engine.load(precision=chosen.precision), only))
    if chosen.json:
        sys.stdout.write(json.dumps(failed, indent=1, sort_keys=True) + "\n")
        return
    for name, gates in sorted(failed.items()):
        sys.stdout.write(f"{bank[name].topic}/{name}: {', '.join(gates)}\n")
    counts = Counter(gate for gates in failed.values() for gate in gates)
    shown = ", ".join(f"{gate} {counts[gate]}" for gate in GATES)
    sys.stdout.write(f"{len(only) - len(failed)} of {len(only)} rubrics pass all gates; failing: {shown}\n")


if __name__ == "__main__":
    main()
