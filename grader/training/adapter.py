"""What training changed in an encoder, as low-rank matrices small enough to ship."""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

RANK = 48  # of each matrix's change; what is cut off is the error that `write_adapter` returns
# Of the change that is kept: weights between the published and the trained ones (Wortsman et al. 2022, "Robust
# fine-tuning of zero-shot models"). The whole change agreed better with markers, and gave points to other questions'
# answers.
SHARE = 0.6


def write_adapter(published: dict[str, Tensor], trained: dict[str, Tensor], out: Path) -> float:
    """Store SHARE of the changes of `trained` over `published`; `grader.model_source.adapt` adds them back.

    Matrices by their singular values, RANK of them, in half precision; vectors whole. Returns the relative error
    (Frobenius norm of what is cut off over that of all changes).
    """
    stored: dict[str, Tensor] = {}
    lost = total = 0.0
    for name, before in published.items():
        change = SHARE * (trained[name] - before).float()
        if not change.is_floating_point() or not bool(change.any()):
            continue
        if change.ndim == 1:
            stored[f"{name}.all"] = change.half().contiguous()
            continue
        left, sizes, right = torch.linalg.svd(change, full_matrices=False)
        root = sizes[:RANK].sqrt()
        stored[f"{name}.up"] = (left[:, :RANK] * root).half().contiguous()
        stored[f"{name}.down"] = (root[:, None] * right[:RANK]).half().contiguous()
        lost += float(sizes[RANK:].square().sum())
        total += float(sizes.square().sum())
    save_file(stored, out)
    return float((lost / max(total, 1e-12)) ** 0.5)
