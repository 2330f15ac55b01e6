"""Training the pairwise model: the packaged encoder reads statement and text together and tells three outcomes."""

import logging
import time
from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from grader.pair_network import Pairwise
from grader.training.pairs import Pair, batches

log = logging.getLogger(__name__)

WARM_UP = 0.06
# Where bf16 is emulated it crawls, and oneDNN calls it supported there as well. torch has no public name for this.
BF16 = bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
TOKENS = 2800  # a batch


def loss_of(logits: Tensor, target: Tensor, unsure: Tensor) -> Tensor:
    """Mean cross-entropy; where a missed may be contradicted as well, of not covered."""
    chances = functional.log_softmax(logits, -1)
    known = -chances.gather(1, target[:, None])[:, 0]
    either = -torch.logsumexp(chances[:, :2], -1)
    return torch.where(unsure, either, known).mean()


def fit_pairwise(
    judge: Pairwise, pairs: Sequence[Pair], tokenizer: Any, rate: float, seed: int, head: float = 10
) -> Pairwise:
    """Train in place: one pass over the pairs, AdamW, linear decay; the head's rate is `head` times the other one's.

    Embeddings of words and places stay as they are.
    """
    torch.manual_seed(seed)
    rng = Random(seed)  # noqa: S311
    for name, weights in judge.named_parameters():
        weights.requires_grad_("word_embeddings" not in name and "position_embeddings" not in name)
    rows = batches(pairs, tokenizer, TOKENS, rng)
    learned = [weights for weights in judge.parameters() if weights.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": [w for n, w in judge.named_parameters() if w.requires_grad and "head" not in n], "lr": rate},
            {"params": judge.head.parameters(), "lr": head * rate},
        ],
        weight_decay=0.01,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, len(rows)))
    started, losses, right = time.monotonic(), [], []
    judge.train()
    for step, one in enumerate(rows):
        with torch.autocast("cpu", torch.bfloat16, enabled=BF16):
            logits = judge(*(torch.from_numpy(x) for x in (one.ids, one.types, one.mask)))
        target = torch.from_numpy(one.target)
        loss = loss_of(logits, target, torch.from_numpy(one.open))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        right.append(float((logits.argmax(1) == target).float().mean()))
        if step % 25 == 24:
            log.info(
                "step %d of %d: loss %.3f, right %.3f, %.0f s",
                step + 1,
                len(rows),
                np.mean(losses[-50:]),
                np.mean(right[-50:]),
                time.monotonic() - started,
            )
    return judge.eval()


def _rate(step: int, steps: int) -> float:
    warm = max(1.0, WARM_UP * steps)
    return min((step + 1) / warm, (steps - step) / max(1.0, steps - warm))


def chances(judge: Pairwise, pairs: Sequence[tuple[str, str]], tokenizer: Any) -> Any:
    """float32 [n, 3]: chances of CLASSES for (text, statement) pairs."""
    encoded = tokenizer.encode_batch([(statement, text) for text, statement in pairs])
    order = sorted(range(len(pairs)), key=lambda at: len(encoded[at].ids))
    out = np.zeros((len(pairs), 3), np.float32)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=BF16):
        for start in range(0, len(order), 64):
            block = order[start : start + 64]
            longest = max(len(encoded[at].ids) for at in block)
            ids, types, mask = (torch.zeros(len(block), longest, dtype=torch.long) for _ in range(3))
            for row, at in enumerate(block):
                size = len(encoded[at].ids)
                ids[row, :size] = torch.tensor(encoded[at].ids)
                types[row, :size] = torch.tensor(encoded[at].type_ids)
                mask[row, :size] = 1
            out[block] = judge(ids, types, mask).float().softmax(-1).numpy()
    return out
