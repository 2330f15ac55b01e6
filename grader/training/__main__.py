"""Data to weights: `python -m grader.training --data FOLDER`, seeded.

It trains the encoder, then calibrates twice: with the trained encoder, and with the published one for other models.
"""

import argparse
import logging
import sys
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
from grader.training.tables import Aligner, golden_examples, made_examples
from rubrics import load_bank

STEPS = 400
CACHE = Path("var/models")


def main() -> None:
    """Make everything in grader/weights/ anew."""
    parser = argparse.ArgumentParser(prog="python -m grader.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of marked *_train.jsonl.gz and nli_*.jsonl.gz")
    parser.add_argument("--golden", type=Path, default=Path("tests/golden"), help="golden answers of the bank")
    parser.add_argument(
        "--steps", type=int, default=STEPS, help="batches to train on; 0 keeps the encoder that is there"
    )
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    before = ModelEncoder.of(load_source(published(), "auto", "auto", CACHE))
    token_weights.make(chosen.data, before, PUBLISHED)
    _calibrate(before, PUBLISHED, chosen)
    if chosen.steps:
        bank = list(load_bank().values())
        source = material(chosen.data, bank, load_golden(chosen.golden))
        learned = train(source, chosen.steps, chosen.seed, ADAPTER)
        token_weights.write(learned, FOLDER)
    _calibrate(ModelEncoder.load("", "auto", "auto", CACHE), FOLDER, chosen)


def train(source: Material, steps: int, seed: int, adapter: Path) -> TokenWeights:
    """Train the packaged model's encoder and write what changed to `adapter`; returns the token weights learned."""
    model = sentence_transformer(published())
    before = {name: value.clone() for name, value in model[0].auto_model.state_dict().items()}
    encoder, weights = fit_encoder(model, load_token_weights(PUBLISHED), source, steps, seed)
    error = write_adapter(before, encoder.state_dict(), adapter)
    logging.getLogger(__name__).info("adapter written to %s, relative error %.3f", adapter, error)
    return weights


def _calibrate(encoder: ModelEncoder, folder: Path, chosen: argparse.Namespace) -> None:
    rng = np.random.default_rng(chosen.seed)
    aligner = Aligner(encoder, load_token_weights(folder))
    bare = calibrate.fit_bare(chosen.data, aligner, rng)
    bank = load_bank()
    rows = golden_examples(load_golden(chosen.golden), bank, aligner) + made_examples(bank, aligner, rng)
    fitted = calibrate.fit_half(rows, calibrate.fit_contrast(rows, bare))
    calibrate.write(fitted, folder)
    sys.stdout.write(f"{folder}: {fitted}\n")


if __name__ == "__main__":
    main()
