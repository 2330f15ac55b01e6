"""Data to weights: `python -m grader.training --data FOLDER --golden FOLDER`, seeded; prints what it learned."""

import argparse
import sys
from pathlib import Path

import numpy as np

from grader.encoder import ModelEncoder
from grader.golden import load_golden
from grader.learned import FOLDER, load_token_weights
from grader.training import calibrate, token_weights
from grader.training.tables import Aligner, golden_examples, made_examples
from rubrics import load_bank


def main() -> None:
    """Make token weights and calibration anew."""
    parser = argparse.ArgumentParser(prog="python -m grader.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of marked *_train.jsonl.gz and nli_*.jsonl.gz")
    parser.add_argument("--golden", type=Path, default=Path("tests/golden"), help="golden answers of the bank")
    parser.add_argument("--cache", type=Path, default=Path("var/models"), help="where the converted model is kept")
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    encoder = ModelEncoder.load("", "auto", "auto", chosen.cache)
    token_weights.make(chosen.data, encoder, chosen.out)
    aligner = Aligner(encoder, load_token_weights(chosen.out))
    rng = np.random.default_rng(chosen.seed)
    bare = calibrate.fit_bare(chosen.data, aligner, rng)
    bank = load_bank()
    rows = golden_examples(load_golden(chosen.golden), bank, aligner) + made_examples(bank, aligner, rng)
    fitted = calibrate.fit_half(rows, calibrate.fit_contrast(rows, bare))
    calibrate.write(fitted, chosen.out)
    sys.stdout.write(f"{fitted}\nwritten to {chosen.out}\n")


if __name__ == "__main__":
    main()
