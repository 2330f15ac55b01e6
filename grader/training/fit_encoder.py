"""Training the encoder: mixed batches of marked texts, inference pairs, golden answers and composed documents."""

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grader.golden import GoldenAnswer
from grader.learned import TokenWeights
from grader.training.adapter import SHARE
from grader.training.documents import (
    SETS,
    Document,
    attack_document,
    composed_document,
    golden_document,
    inference_documents,
    shared_documents,
    stranger_document,
)
from grader.training.network import Aligning, Boards
from rubrics.model import Rubric

log = logging.getLogger(__name__)

SHARES = {"shared": 0.45, "inference": 0.15, "composed": 0.2, "golden": 0.2}  # of the batches
DOCUMENTS = {"argkp": 24, "realsumm": 8, "scientsbank": 32, "beetle": 32, "saf": 8, "inference": 24, "composed": 8}
STRANGERS = 3  # answers to other questions beside a rubric's golden answers
POINTS = 6  # marked points a document of the shared sets, drawn anew each time
FROZEN = 2  # lowest layers left as they are, and the embeddings
RATE, WEIGHT_RATE, HEAD_RATE = 4e-5, 1e-3, 1e-2
WARM_UP = 0.06


@dataclass(frozen=True, slots=True)
class Material:
    """What an encoder is trained on: sets by name, inference documents, rubrics and their golden answers."""

    shared: dict[str, list[Document]]
    inference: list[Document]
    rubrics: list[Rubric]
    golden: dict[str, list[GoldenAnswer]]


def material(
    data: Path, rubrics: Sequence[Rubric], answers: Sequence[GoldenAnswer], sets: Sequence[str] = SETS
) -> Material:
    """Read what there is of `sets`, and of the answers those to `rubrics`."""
    kept = {rubric.id for rubric in rubrics}
    golden: dict[str, list[GoldenAnswer]] = defaultdict(list)
    for answer in answers:
        if answer.rubric in kept:
            golden[answer.rubric].append(answer)
    return Material(
        {name: shared_documents(data, name) for name in sets}, inference_documents(data), list(rubrics), dict(golden)
    )


class _Draw:
    """Draws batches; every list is gone through once before it begins again."""

    def __init__(self, source: Material, rng: Random) -> None:
        self._source, self._rng = source, rng
        self._left: dict[str, list[Document]] = {}

    def batch(self) -> list[Document]:
        kind = self._rng.choices(list(SHARES), list(SHARES.values()))[0]
        if kind == "inference":
            return self._take(kind, self._source.inference)
        if kind == "shared":
            name = self._rng.choice(list(self._source.shared))
            return [self._fewer(one) for one in self._take(name, self._source.shared[name])]
        rubric = self._rng.choice(self._source.rubrics)
        if kind == "golden":
            own = [golden_document(answer, rubric) for answer in self._source.golden[rubric.id]]
            return own + [stranger_document(self._strange(rubric), rubric) for _ in range(STRANGERS)]
        return [self._composed(rubric) for _ in range(DOCUMENTS["composed"])]

    def _composed(self, rubric: Rubric) -> Document:
        if self._rng.random() < 0.06:
            return attack_document(rubric, self._rng)
        return composed_document(rubric, self._source.rubrics, self._rng)

    def _strange(self, rubric: Rubric) -> GoldenAnswer:
        """An answer to another question, every other time of the same topic."""
        near = self._rng.random() < 0.5
        others = [one for one in self._source.rubrics if one.id != rubric.id and (one.topic == rubric.topic) == near]
        return self._rng.choice(self._source.golden[self._rng.choice(others or self._source.rubrics).id])

    def _take(self, name: str, documents: list[Document]) -> list[Document]:
        count = DOCUMENTS[name]
        if len(self._left.get(name, ())) < count:
            self._left[name] = self._rng.sample(documents, len(documents))
        taken, self._left[name] = self._left[name][:count], self._left[name][count:]
        return taken

    def _fewer(self, document: Document) -> Document:
        groups = sorted({point.group for point in document.points})
        kept = set(self._rng.sample(groups, min(POINTS, len(groups))))
        return Document(document.text, document.question, tuple(p for p in document.points if p.group in kept))


def fit_encoder(model: Any, weights: TokenWeights, source: Material, steps: int, seed: int) -> tuple[Any, TokenWeights]:
    """Train a SentenceTransformer's encoder in place: the encoder and its token weights. About a second a step."""
    torch.manual_seed(seed)
    tokenizer = model.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    vocabulary = tokenizer.get_vocab()
    encoder = model[0].auto_model
    encoder.set_attn_implementation("eager")  # several times faster backwards than the fused one on a CPU
    network = Aligning(encoder, _by_id(vocabulary, weights)).train()
    for module in encoder.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    for part in (encoder.embeddings, *encoder.encoder.layer[:FROZEN]):
        part.requires_grad_(False)
    boards = Boards(tokenizer, vocabulary["[CLS]"], vocabulary["[SEP]"])
    draw = _Draw(source, Random(seed))  # noqa: S311
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in encoder.parameters() if p.requires_grad], "lr": RATE, "weight_decay": 0.01},
            {"params": network.weights.parameters(), "lr": WEIGHT_RATE, "weight_decay": 0.0},
            {"params": [network.bare, network.contrast], "lr": HEAD_RATE, "weight_decay": 0.0},
        ]
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    started, losses = time.monotonic(), []
    for step in range(steps):
        with torch.autocast("cpu", torch.bfloat16):
            loss = network.loss(boards.make(draw.batch()))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 25 == 24:
            log.info("step %d: loss %.3f, %.0f s", step + 1, np.mean(losses[-25:]), time.monotonic() - started)
    learned = network.weights.weight[:, 0].detach().exp().numpy()
    table = {
        name: weights.table[name] ** (1 - SHARE) * float(learned[at]) ** SHARE
        for name, at in vocabulary.items()
        if name in weights.table
    }
    return encoder.eval(), TokenWeights({**weights.table, **table}, weights.default)


def _by_id(vocabulary: dict[str, int], weights: TokenWeights) -> NDArray[np.float32]:
    out = np.full(len(vocabulary), weights.default, np.float32)
    for name, at in vocabulary.items():
        out[at] = weights.table.get(name, weights.default)
    return out


def _rate(step: int, steps: int) -> float:
    warm = WARM_UP * steps
    return min((step + 1) / warm, (steps - step) / (steps - warm))
