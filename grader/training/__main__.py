"""Data to weights: `python -m grader.training --data FOLDER`, seeded.

It trains the encoder and the pairwise judge, each also twice with one half of the bank's topics left out, then
calibrates twice on what those halves' models say: with the trained encoder, and with the published one for other
models.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from grader.encoder import ModelEncoder
from grader.golden import GoldenAnswer, load_golden
from grader.inference import load_source
from grader.judge import PairwiseJudge
from grader.learned import FOLDER, PUBLISHED, TokenWeights, load_token_weights
from grader.model_source import ADAPTER, JUDGE, published, sentence_transformer
from grader.training import calibrate, fit_judge, token_weights
from grader.training.adapter import write_adapter
from grader.training.fit_encoder import Material, fit_encoder, material
from grader.training.folds import ADAPTER_NAME, HALVES, JUDGE_NAME, Part, halves, held_out_parts
from grader.training.tables import Aligner, golden_examples, made_examples, without_wordings
from rubrics import load_bank

STEPS = 400
CACHE = Path("var/models")


def main() -> None:
    """Make everything in grader/weights/ anew."""
    parser = argparse.ArgumentParser(prog="python -m grader.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of marked *_train.jsonl.gz and nli_*.jsonl.gz")
    parser.add_argument("--golden", type=Path, default=Path("tests/golden"), help="golden answers of the bank")
    parser.add_argument("--twins", type=Path, default=Path("tests/twins"), help="twin answers of the bank")
    parser.add_argument("--halves", type=Path, default=Path("var/transfer"), help="models trained on half the topics")
    parser.add_argument("--steps", type=int, default=STEPS, help="batches for the encoder; 0: train nothing")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    bank, answers = load_bank(), load_golden(chosen.golden)
    twins = load_golden(chosen.twins)
    before = ModelEncoder.of(load_source(published(), "auto", "auto", CACHE))
    token_weights.make(chosen.data, before, PUBLISHED)
    plain = Aligner(before, load_token_weights(PUBLISHED))
    if chosen.steps:
        for name in HALVES:
            half(name, chosen.data, chosen.golden, chosen.halves, chosen.steps)
        learned = train(material(chosen.data, list(bank.values()), answers), chosen.steps, chosen.seed, ADAPTER)
        token_weights.write(learned, FOLDER)
        judges([*answers, *twins], plain, chosen)
    judge = PairwiseJudge.load("auto", "auto", CACHE)
    trained_aligner = Aligner(ModelEncoder.load("", "auto", "auto", CACHE), load_token_weights(FOLDER), judge)
    for aligner, at, folder in ((plain.judged_by(judge), plain, PUBLISHED), (trained_aligner, None, FOLDER)):
        parts = held_out_parts([*answers, *twins], bank, chosen.halves, CACHE, at)
        _calibrate(aligner, parts, folder, chosen)


def judges(answers: Sequence[GoldenAnswer], plain: Aligner, chosen: argparse.Namespace) -> None:
    """Train the pairwise judge, and for each half of the topics one that never saw it, unless they are there."""
    bank = load_bank()
    start = fit_judge.base(chosen.data, chosen.halves / "judge-base.safetensors", chosen.seed)
    half_of = halves(answers)
    lessons = plain.passages([(bank[answer.rubric], answer.text) for answer in answers])
    for at, out in ((0, chosen.halves / HALVES[0]), (1, chosen.halves / HALVES[1]), (None, JUDGE.parent)):
        kept = {name: rubric for name, rubric in bank.items() if at is None or half_of[rubric.topic] != at}
        rows = [(one, texts) for one, texts in zip(answers, lessons, strict=True) if one.rubric in kept]
        if at is None or not (out / JUDGE_NAME).is_file():
            fit_judge.tune(chosen.data, start, fit_judge.Lesson(rows, kept), chosen.seed, out / JUDGE_NAME)


def half(name: str, data: Path, golden: Path, out: Path, steps: int) -> None:
    """Train the encoder that leaves out one half of the topics, unless it is there."""
    answers, at = load_golden(golden), HALVES.index(name)
    left_out = {topic for topic, one in halves(answers).items() if one == at}
    kept = [rubric for rubric in load_bank().values() if rubric.topic not in left_out]
    fold(material(data, kept, answers), steps, out / name)


def fold(source: Material, steps: int, folder: Path) -> None:
    """Train an encoder into a folder, unless it is there."""
    if not (folder / ADAPTER_NAME).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        token_weights.write(train(source, steps, 0, folder / ADAPTER_NAME), folder)


def train(source: Material, steps: int, seed: int, adapter: Path) -> TokenWeights:
    """Train the packaged model's encoder and write what changed to `adapter`; returns the token weights learned."""
    model = sentence_transformer(published())
    before = {name: value.clone() for name, value in model[0].auto_model.state_dict().items()}
    encoder, weights = fit_encoder(model, load_token_weights(PUBLISHED), source, steps, seed)
    error = write_adapter(before, encoder.state_dict(), adapter)
    logging.getLogger(__name__).info("adapter written to %s, relative error %.3f", adapter, error)
    return weights


def _calibrate(aligner: Aligner, parts: Sequence[Part], folder: Path, chosen: argparse.Namespace) -> None:
    """`bare` and `coverage` with the models that are shipped; the outcomes with models that didn't see the answers'
    topics.
    """
    rng = np.random.default_rng(chosen.seed)
    first = calibrate.fit_bare(chosen.data, aligner, rng)
    rows = [row for part in parts for row in golden_examples(part.answers, part.bank, part.aligner)]
    rows += [row for part in parts for row in made_examples(part.bank, part.aligner, rng)]
    bare = [row for part in parts for row in golden_examples(part.answers, without_wordings(part.bank), part.aligner)]
    fitted = calibrate.fit_half(rows, calibrate.fit_contrast(rows, bare, first))
    fitted = calibrate.fit_coverage(chosen.data, aligner, rng, fitted)
    if folder == PUBLISHED:
        fitted = replace(fitted, off_topic=calibrate.OFF_TOPIC_PUBLISHED)
    calibrate.write(fitted, folder)
    sys.stdout.write(f"{folder}: {fitted}\n")


if __name__ == "__main__":
    main()
