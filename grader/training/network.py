"""The encoder as it is trained: alignments of documents with wordings, and the two logistic decisions on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from grader.model import Verdict
from grader.prepared import QUESTION_SHARE
from grader.text import clauses
from grader.training.documents import Document

WINDOW = 254  # tokens a text, special ones aside
CLASSES = (Verdict.MISSED, Verdict.CONTRADICTED, Verdict.COVERED)
BARE_SHARE = 0.3  # weight of the decision without contrast where there is one with it


@dataclass(frozen=True, slots=True)
class Texts:
    """n texts as padded token ids: ids, mask [n, longest], special tokens included; inner: the mask without them."""

    ids: Tensor
    mask: Tensor
    inner: Tensor


@dataclass(frozen=True, slots=True)
class Board:
    """A batch, ready for the network.

    sentences [S, longest]: token places of each sentence in its document, -1 to pad; owner [S]: its document.
    share [H, longest]: what a wording's tokens keep of their weight. places [3][P, most]: wordings that say, deny and
    come near each point, -1 to pad; document [P]; label [P]; verdict [P]: index in CLASSES, -1 where unknown; group
    [P].
    """

    documents: Texts
    wordings: Texts
    sentences: Tensor
    owner: Tensor
    share: Tensor
    places: tuple[Tensor, Tensor, Tensor]
    document: Tensor
    label: Tensor
    verdict: Tensor
    group: Tensor


class Boards:
    """Turns documents into boards."""

    def __init__(self, tokenizer: Any, prefix: int, suffix: int) -> None:
        self._tokenizer, self._prefix, self._suffix = tokenizer, prefix, suffix
        self._kept: dict[str, list[int]] = {}

    def make(self, documents: Sequence[Document]) -> Board:
        """One board of all documents."""
        wordings: dict[tuple[str, str], int] = {}
        places: tuple[list[list[int]], ...] = ([], [], [])
        owner, label, verdict, group = [], [], [], []
        for at, document in enumerate(documents):
            for point in document.points:
                for kind, texts in enumerate((point.says, point.denies, point.near)):
                    places[kind].append(
                        [wordings.setdefault((text, document.question), len(wordings)) for text in texts]
                    )
                owner.append(at)
                label.append(point.label)
                verdict.append(-1 if point.verdict is None else CLASSES.index(point.verdict))
                group.append(at * 1000 + point.group)
        ids = [self._ids(text) for text, _ in wordings]
        stacked = self._texts(ids)
        share = np.ones(tuple(stacked.ids.shape), np.float32)
        for row, (one, (_, question)) in enumerate(zip(ids, wordings, strict=True)):
            if question:
                share[row, 1 : 1 + len(one)] = np.where(np.isin(one, self._ids(question)), QUESTION_SHARE, 1)
        sentences, at_document = self._sentences(documents)
        return Board(
            self._texts([self._ids(document.text) for document in documents]),
            stacked,
            sentences,
            at_document,
            torch.from_numpy(share),
            (_padded(places[0]), _padded(places[1]), _padded(places[2])),
            torch.tensor(owner),
            torch.tensor(label),
            torch.tensor(verdict),
            torch.unique(torch.tensor(group), return_inverse=True)[1],
        )

    def _ids(self, text: str) -> list[int]:
        if text not in self._kept:
            if len(self._kept) > 200_000:
                self._kept.clear()
            self._kept[text] = self._tokenizer.encode(text, add_special_tokens=False).ids[:WINDOW] or [self._suffix]
        return self._kept[text]

    def _texts(self, rows: Sequence[Sequence[int]]) -> Texts:
        longest = max(map(len, rows)) + 2
        ids, mask, inner = (np.zeros((len(rows), longest), np.int64) for _ in range(3))
        for at, row in enumerate(rows):
            ids[at, : len(row) + 2] = [self._prefix, *row, self._suffix]
            mask[at, : len(row) + 2] = 1
            inner[at, 1 : 1 + len(row)] = 1
        return Texts(torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(inner).bool())

    def _sentences(self, documents: Sequence[Document]) -> tuple[Tensor, Tensor]:
        rows: list[list[int]] = []
        owner = []
        for at, document in enumerate(documents):
            starts = self._tokenizer.encode(document.text, add_special_tokens=False).offsets[:WINDOW] or [(0, 0)]
            cut = clauses(document.text)
            bounds = [cut.starts[index] for index in cut.sentences]
            sentence = np.searchsorted(bounds, [start for start, _ in starts], side="right")
            for one in np.unique(sentence):
                rows.append((1 + np.flatnonzero(sentence == one)).tolist())
                owner.append(at)
        return _padded(rows), torch.tensor(owner)


def _padded(rows: Sequence[Sequence[int]]) -> Tensor:
    out = np.full((len(rows), max(1, *map(len, rows)) if rows else 1), -1, np.int64)
    for at, row in enumerate(rows):
        out[at, : len(row)] = row
    return torch.from_numpy(out)


class Aligning(nn.Module):
    """Encoder, token weights and the two decisions; sources of the formulas: grader/matcher.py, grader/verdict.py."""

    def __init__(self, encoder: Any, weights: NDArray[np.float32]) -> None:
        super().__init__()
        self.encoder = encoder
        self.weights = nn.Embedding(len(weights), 1, _weight=torch.from_numpy(weights).log()[:, None])
        self.bare = nn.Parameter(torch.tensor([-6.0, 10.0]))
        self.contrast = nn.Parameter(torch.tensor([[0.0, 0, 0, 0], [0.0, 2, -6, 0], [-6.0, 10, 4, 2]]))

    def vectors(self, texts: Texts) -> Tensor:
        """Unit token vectors [n, longest, dim]; in parts of similar length, for padding costs time."""
        lengths = texts.mask.sum(1)
        order = lengths.argsort()
        parts = []
        for rows in order.chunk(4 if len(order) >= 32 else 2 if len(order) >= 8 else 1):
            longest = int(lengths[rows].max())
            ids, mask = texts.ids[rows, :longest], texts.mask[rows, :longest]
            hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            unit = functional.normalize(hidden.float(), dim=-1)
            parts.append(functional.pad(unit, (0, 0, 0, texts.ids.shape[1] - longest)))
        return torch.cat(parts)[order.argsort()]

    def alignments(self, board: Board) -> tuple[Tensor, Tensor]:
        """[documents, wordings] twice: with the whole document, and with its best sentence."""
        documents, wordings = self.vectors(board.documents), self.vectors(board.wordings)
        total, longest = board.share.shape
        rows = documents[board.owner[:, None], board.sentences.clamp_min(0)].bfloat16()
        cosine = rows.flatten(0, 1) @ wordings.flatten(0, 1).T.bfloat16()
        cosine = cosine.view(*board.sentences.shape, total * longest)
        best = cosine.masked_fill((board.sentences < 0)[..., None], -1).amax(1).float()
        share = self.weights(board.wordings.ids)[..., 0].exp() * board.share * board.wordings.inner
        share = share / share.sum(1, keepdim=True)

        def weighed(values: Tensor) -> Tensor:
            products: Tensor = values.view(-1, total, longest) * share
            return products.sum(-1)

        place = board.owner[:, None]
        count = len(board.documents.ids)
        whole = torch.full((count, best.shape[1]), -1.0).scatter_reduce(0, place.expand_as(best), best, "amax")
        short = weighed(best)
        return weighed(whole), torch.full((count, total), -1.0).scatter_reduce(0, place.expand_as(short), short, "amax")

    def loss(self, board: Board) -> Tensor:
        """Mean over points: cross-entropy of the verdict where it is known, and of covered or not."""
        whole, short = self.alignments(board)
        passage = _best(whole, board.document, board.places[0])
        says, denies, near = (_best(short, board.document, places) for places in board.places)
        logit = self.bare[0] + self.bare[1] * passage
        groups = int(board.group.max()) + 1
        size = torch.zeros(groups).index_add(0, board.group, torch.ones_like(logit))
        mean = torch.zeros(groups).index_add(0, board.group, logit) / size
        label = torch.zeros(groups).index_add(0, board.group, board.label) / size
        known = (board.verdict >= 0) & (board.places[1][:, 0] >= 0) & (board.places[2][:, 0] >= 0)
        bare = functional.binary_cross_entropy_with_logits(mean, label)
        if not known.any():
            return bare
        features = torch.stack([torch.ones_like(says), passage, says - denies, says - near], 1)
        contrast = functional.cross_entropy((features @ self.contrast.T)[known], board.verdict[known])
        return contrast + BARE_SHARE * bare


def _best(alignments: Tensor, document: Tensor, places: Tensor) -> Tensor:
    found = alignments[document[:, None], places.clamp_min(0)]
    return found.masked_fill(places < 0, -1).amax(1)
