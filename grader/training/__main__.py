"""Data to weights: `python -m grader.training --data FOLDER`, seeded.

It trains the encoder and the pairwise judge, each once more with half of the bank's topics left out. Then it calibrates
on that half, with the judge that didn't see it, twice: with the encoder that didn't see it either, and with the
published one for other models.
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
from grader.learned import FOLDER, PUBLISHED, TokenWeights, load_token_weights
from grader.model_source import ADAPTER, JUDGE, published, sentence_transformer
from grader.training import calibrate, fit_judge, token_weights
from grader.training.adapter import write_adapter
from grader.training.fit_encoder import Material, fit_encoder, material
from grader.training.folds import (
    ADAPTER_NAME,
    HALF,
    HELD_OUT,
    UNSEEN_SUBJECTS,
    Part,
    held_out_judge,
    held_out_part,
    trained,
    unseen,
)
from grader.training.pairs import SUBJECTS
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
        half(chosen.data, chosen.golden, chosen.halves, chosen.steps)
        learned = train(material(chosen.data, list(bank.values()), answers), chosen.steps, chosen.seed, ADAPTER)
        token_weights.write(learned, FOLDER)
        train_judge([*answers, *twins], plain, chosen)
    judge = held_out_judge(CACHE)
    plain = plain.judged_by(judge)
    _calibrate(plain, held_out_part([*answers, *twins], bank, plain), PUBLISHED, chosen)
    unaware = Aligner(*trained(chosen.halves / HALF, CACHE), judge)
    shipped = Aligner(ModelEncoder.load("", "auto", "auto", CACHE), load_token_weights(FOLDER), judge)
    _calibrate(shipped, held_out_part([*answers, *twins], bank, unaware), FOLDER, chosen)


def train_judge(answers: Sequence[GoldenAnswer], plain: Aligner, chosen: argparse.Namespace) -> None:
    """Train the pairwise judge, and the one that never sees the topics of UNSEEN."""
    start = fit_judge.base(chosen.data, chosen.halves / "judge-base.safetensors", chosen.seed)
    bank = load_bank()
    texts = plain.passages([(bank[answer.rubric], answer.text) for answer in answers])
    rows = list(zip(answers, texts, strict=True))
    known_subjects = {path.stem for path in SUBJECTS.glob("*.jsonl")} - UNSEEN_SUBJECTS
    full = fit_judge.Lesson(rows, bank, without=known_subjects)
    known = {name: rubric for name, rubric in bank.items() if not unseen(rubric.topic)}
    half = fit_judge.Lesson([row for row in rows if row[0].rubric in known], known, without=UNSEEN_SUBJECTS)
    fit_judge.tune(chosen.data, start, half, full, chosen.seed, (HELD_OUT, JUDGE))


def half(data: Path, golden: Path, out: Path, steps: int) -> None:
    """Train the encoder that leaves out the topics of UNSEEN, unless it is there."""
    answers = load_golden(golden)
    kept = [rubric for rubric in load_bank().values() if not unseen(rubric.topic)]
    fold(material(data, kept, answers), steps, out / HALF)


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


def _calibrate(aligner: Aligner, part: Part, folder: Path, chosen: argparse.Namespace) -> None:
    """`bare` and `coverage` with the models that are shipped; the outcomes with models that didn't see the answers'
    topics.
    """
    rng = np.random.default_rng(chosen.seed)
    first = calibrate.fit_bare(chosen.data, aligner, rng)
    rows = golden_examples(part.answers, part.bank, part.aligner) + made_examples(part.bank, part.aligner, rng)
    bare = golden_examples(part.answers, without_wordings(part.bank), part.aligner)
    fitted = calibrate.fit_half(rows, calibrate.fit_contrast(rows, bare, first))
    fitted = calibrate.fit_coverage(chosen.data, aligner, rng, rows, fitted)
    fitted = calibrate.fit_certain(calibrate.held_out(rows, bare, first)[0], fitted)
    if folder == PUBLISHED:
        fitted = replace(fitted, off_topic=calibrate.OFF_TOPIC_PUBLISHED)
    calibrate.write(fitted, folder)
    sys.stdout.write(f"{folder}: {fitted}\n")


if __name__ == "__main__":
    main()
