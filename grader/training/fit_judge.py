"""The pairwise judge: general inference first, then answers, points and wordings of the bank and of marked sets."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from grader.golden import GoldenAnswer
from grader.model_source import plain_tokenizer, published, sentence_transformer
from grader.pair_network import Pairwise
from grader.training.fit_pairs import fit_pairwise
from grader.training.pairs import golden_pairs, inference_pairs, school_pairs, wording_pairs
from rubrics.model import Rubric

log = logging.getLogger(__name__)

BASE_RATE, RATE = 1e-4, 5e-5
PAIRS = 46_000  # to tune on: half the bank's topics give that many in two passes, all of them in one
SCHOOL = ("argkp", "scientsbank", "beetle")  # marked sets with short answers
SHARED, REPLAYED = 5000, 2000  # pairs of the marked sets, and of general inference again


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a judge is tuned on: golden answers with a passage a key point, their rubrics, and marked sets by name."""

    answers: Sequence[tuple[GoldenAnswer, Sequence[str]]]
    rubrics: dict[str, Rubric]
    sets: Sequence[str] = SCHOOL


def new_network() -> tuple[Pairwise, Any]:
    """The packaged encoder with a new head, and its tokenizer."""
    model = sentence_transformer(published())
    encoder = model[0].auto_model
    encoder.set_attn_implementation("eager")  # several times faster backwards than the fused one on a CPU
    for module in encoder.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return Pairwise(encoder), plain_tokenizer(model)


def base(data: Path, file: Path, seed: int) -> dict[str, Tensor]:
    """The network after general inference; from `file` when it is there."""
    if file.is_file():
        return load_file(file)
    network, tokenizer = new_network()
    pairs = inference_pairs(data, Random(seed))  # noqa: S311
    learned = fit_pairwise(network, pairs, tokenizer, BASE_RATE, 1, seed).state_dict()
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in learned.items()}, file)
    return learned


def tune(data: Path, start: dict[str, Tensor], lesson: Lesson, seed: int, out: Path) -> None:
    """Tune the base on a lesson and write what changed in the packaged model to `out`."""
    network, tokenizer = new_network()
    published_weights = {name: value.clone() for name, value in network.named_parameters()}
    network.load_state_dict(start)
    rng = Random(seed)  # noqa: S311
    school, general = school_pairs(data, lesson.sets, rng), inference_pairs(data, rng)
    pairs = rng.sample(school, min(SHARED, len(school))) + rng.sample(general, REPLAYED)
    while len(pairs) < PAIRS:
        pairs += golden_pairs(lesson.answers, lesson.rubrics, rng) + wording_pairs(list(lesson.rubrics.values()), rng)
    pairs = pairs[:PAIRS]
    log.info("%d pairs", len(pairs))
    fit_pairwise(network, pairs, tokenizer, RATE, 1, seed)
    write_judge(published_weights, network, out)


def write_judge(before: dict[str, Tensor], network: Pairwise, out: Path) -> None:
    """Store what changed: matrices as whole numbers of 8 bits with a scale a row, vectors in half precision.

    The head has no weights before: it is stored whole. `grader.model_source.adapt` adds all back.
    """
    stored: dict[str, Tensor] = {}
    for name, value in network.named_parameters():
        change = (value if name.startswith("head") else value - before[name]).detach().float()
        if not bool(change.any()):
            continue
        if change.ndim == 1 or name.startswith("head"):
            stored[f"{name}.all"] = change.half().contiguous()
        else:
            scale = change.abs().amax(1).clamp_min(1e-12) / 127
            stored[f"{name}.int8"] = (change / scale[:, None]).round().to(torch.int8).contiguous()
            stored[f"{name}.scale"] = scale
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file(stored, out)
