"""Data to weights: `python -m grader.training --data FOLDER`, seeded.

It trains the encoder, then calibrates twice: with the trained encoder, and with the published one for other models.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from grader.encoder import ModelEncoder
from grader.golden import load_golden
from grader.inference import load_source
from grader.learned import FOLDER, PUBLISHED, TokenWeights, load_token_weights
from grader.model_source import ADAPTER, published, sentence_transformer
from grader.training import calibrate, token_weights
from grader.training.adapter import write_adapter
from grader.training.fit_encoder import Material, fit_encoder, material
from grader.training.folds import ADAPTER_NAME, HALVES, Part, halves, held_out_parts
from grader.training.tables import Aligner, golden_examples, made_examples
from rubrics import load_bank

STEPS = 400
CACHE = Path("var/models")


def main() -> None:
    """Make everything in grader/weights/ anew."""
    parser = argparse.ArgumentParser(prog="python -m grader.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of marked *_train.jsonl.gz and nli_*.jsonl.gz")
    parser.add_argument("--golden", type=Path, default=Path("tests/golden"), help="golden answers of the bank")
    parser.add_argument("--halves", type=Path, default=Path("var/transfer"), help="encoders trained on half the topics")
    parser.add_argument("--steps", type=int, default=STEPS, help="batches to train on; 0 keeps the encoders there are")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    bank, answers = load_bank(), load_golden(chosen.golden)
    before = ModelEncoder.of(load_source(published(), "auto", "auto", CACHE))
    token_weights.make(chosen.data, before, PUBLISHED)
    plain = Aligner(before, load_token_weights(PUBLISHED))
    _calibrate(plain, [Part(answers, bank, plain)], PUBLISHED, chosen)
    if chosen.steps:
        for name in HALVES:
            half(name, chosen.data, chosen.golden, chosen.halves, chosen.steps)
        learned = train(material(chosen.data, list(bank.values()), answers), chosen.steps, chosen.seed, ADAPTER)
        token_weights.write(learned, FOLDER)
    aligner = Aligner(ModelEncoder.load("", "auto", "auto", CACHE), load_token_weights(FOLDER))
    _calibrate(aligner, held_out_parts(answers, bank, chosen.halves, CACHE), FOLDER, chosen)


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
    """`bare` with the encoder that is shipped; the contrast with encoders that didn't see the answers' topics."""
    rng = np.random.default_rng(chosen.seed)
    bare = calibrate.fit_bare(chosen.data, aligner, rng)
    rows = [row for part in parts for row in golden_examples(part.answers, part.bank, part.aligner)]
    rows += [row for part in parts for row in made_examples(part.bank, part.aligner, rng)]
    fitted = calibrate.fit_half(rows, calibrate.fit_contrast(rows, bare))
    if folder == PUBLISHED:
        fitted = replace(fitted, off_topic=calibrate.OFF_TOPIC_PUBLISHED)
    calibrate.write(fitted, folder)
    sys.stdout.write(f"{folder}: {fitted}\n")


if __name__ == "__main__":
    main()
