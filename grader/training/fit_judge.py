"""The pairwise judge: general inference first, then answers, points and wordings of the bank and of marked sets."""

import logging
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
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
from grader.training.pairs import Pair, golden_pairs, inference_pairs, school_pairs, subject_pairs, wording_pairs
from rubrics.model import Rubric

log = logging.getLogger(__name__)

BASE_RATE = 1e-4
RATES = (5e-5, 4e-5, 3e-5, 5e-5, 5e-5, 3e-5)  # of the six stages that follow
HEAD = (10.0, 3.0, 3.0, 3.0, 3.0, 3.0)  # times that for the head
PAIRS = 46_000  # of the first stage: half the bank's topics give that many in two passes, all of them in one
SCHOOL = ("argkp", "scientsbank", "beetle")  # marked sets with short answers
SHARED, REPLAYED = 5000, 2000  # pairs of the marked sets, and of general inference again, in the first stage
# Pairs of golden answers, of wordings, of each of marked sets and inference, and of other subjects, from the second
# stage on.
EVERY = 1_000_000
DRAWS = (
    (10_000, 6000, 3000, EVERY),
    (7000, 4000, 2000, EVERY),
    (9000, 6000, 4000, EVERY),
    (9000, 6000, 4000, EVERY),
    (5000, 3000, 1000, 16_000),
)
TURNED = 3  # from this stage on, passages on other subjects also stand beside opposites and neighbours
LAST = len(RATES) - 1  # the stage on everything
SHARE = 0.5  # of the weights that ship, what comes from after TURNED


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a judge is tuned on: golden answers with a passage a key point, their rubrics, marked sets by name, and all
    other subjects but some.
    """

    answers: Sequence[tuple[GoldenAnswer, Sequence[str]]]
    rubrics: dict[str, Rubric]
    sets: Sequence[str] = SCHOOL
    without: Container[str] = ()


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
    learned = fit_pairwise(network, pairs, tokenizer, BASE_RATE, seed).state_dict()
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in learned.items()}, file)
    return learned


def tune(data: Path, start: dict[str, Tensor], half: Lesson, full: Lesson, seed: int, files: tuple[Path, Path]) -> None:
    """Tune the base in five stages on half of the topics, and from there in a sixth one on all of them and on the
    subjects that were left out before.

    From the fourth on, passages on other subjects also stand beside the opposite of their statement and beside another
    one of their question, so that neither their looks nor their topic go with one verdict. That unlearns some of what
    the bank taught about denials, so half of the weights come from before: from the third stage, which is run on all
    topics and subjects as well.

    Writes what this changed in the packaged model, of half of the topics and of all, to `files`, in this order.
    """
    network, tokenizer = new_network()
    published_weights = _weights(network)
    network.load_state_dict(start)

    def fit(stage: int, lesson: Lesson) -> dict[str, Tensor]:
        rng = Random(seed + stage)  # noqa: S311
        pairs = _subjects(data, lesson, rng, stage) if stage else _bank(data, lesson, rng)
        log.info("stage %d: %d pairs", stage + 1, len(pairs))
        fit_pairwise(network, pairs, tokenizer, RATES[stage], seed + stage, HEAD[stage])
        return _weights(network)

    def write_mean(before: dict[str, Tensor], after: dict[str, Tensor], file: Path) -> None:
        network.load_state_dict({name: torch.lerp(before[name], after[name], SHARE) for name in after})
        write_judge(published_weights, network, file)
        network.load_state_dict(after)

    for stage in range(TURNED - 1):
        fork = fit(stage, half)
    full_before = fit(TURNED - 1, replace(full, without=()))
    network.load_state_dict(fork)
    half_before = fit(TURNED - 1, half)
    for stage in range(TURNED, LAST):
        after = fit(stage, half)
    write_mean(half_before, after, files[0])
    write_mean(full_before, fit(LAST, full), files[1])


def _weights(network: Pairwise) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.named_parameters()}


def _bank(data: Path, lesson: Lesson, rng: Random) -> list[Pair]:
    """Golden answers and wordings again and again, a few of the marked sets, and of general inference."""
    school, general = school_pairs(data, lesson.sets, rng), inference_pairs(data, rng)
    pairs = rng.sample(school, min(SHARED, len(school))) + rng.sample(general, REPLAYED)
    while len(pairs) < PAIRS:
        pairs += golden_pairs(lesson.answers, lesson.rubrics, rng) + wording_pairs(list(lesson.rubrics.values()), rng)
    return pairs[:PAIRS]


def _subjects(data: Path, lesson: Lesson, rng: Random, stage: int) -> list[Pair]:
    """Passages on other subjects, golden answers, wordings, marked sets, and inference: a draw of each."""
    sources = (
        golden_pairs(lesson.answers, lesson.rubrics, rng),
        wording_pairs(list(lesson.rubrics.values()), rng),
        school_pairs(data, lesson.sets, rng),
        inference_pairs(data, rng),
    )
    subjects = subject_pairs(lesson.without, rng if stage >= TURNED else None)
    golden, worded, each, most = DRAWS[stage - 1]
    out = subjects if most >= len(subjects) else rng.sample(subjects, most)
    for pairs, size in zip(sources, (golden, worded, each, each), strict=True):
        out += rng.sample(pairs, min(size, len(pairs)))
    return out


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
