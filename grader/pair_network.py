"""The pairwise model's network. Imports torch: only for training and for converting."""

from typing import Any

import torch
from torch import Tensor, nn


class Pairwise(nn.Module):
    """Encoder and head: logits [b, 3] of missed, contradicted, covered, from the first token's and the mean vector."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(2 * encoder.config.hidden_size, 3)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        hidden = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        share = mask[..., None].to(hidden.dtype)
        mean = (hidden * share).sum(1) / share.sum(1)
        logits: Tensor = self.head(torch.cat([hidden[:, 0], mean], 1).float())
        return logits
