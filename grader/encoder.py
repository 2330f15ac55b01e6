"""Text to token vectors, of any length: what doesn't fit the model's window is read in overlapping windows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from grader.inference import Forward, LoadedModel, load_model
from grader.model_source import ModelMeta

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BATCH = 8  # on two cores larger batches are no faster, and each batch size is one more shape to compile
STEP = 8  # lengths are padded up to a multiple of this
OVERLAP = 64  # tokens two neighbouring windows share


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The n tokens of one text, without the model's special ones.

    ids int32 [n]; starts, ends int32 [n]: offsets into the text in code points; vectors float32 [n, dim], unit rows.
    """

    ids: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    vectors: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.ids)


class Encoder(Protocol):
    """Anything that turns texts into token vectors, the same ones every time and in any company."""

    name: str
    weights_sha256: str
    dim: int

    def encode(self, texts: Sequence[str]) -> list[TokenVectors]: ...


class ModelEncoder:
    """A sentence-transformers model's token vectors, through OpenVINO or torch."""

    def __init__(self, meta: ModelMeta, tokenizer: "Tokenizer", forward: Forward) -> None:
        self._meta, self._tokenizer, self._forward = meta, tokenizer, forward
        self.name, self.weights_sha256, self.dim = meta.name, meta.weights_sha256, meta.dim
        self.adapted = meta.adapted
        self.backend, self.precision = forward.backend, forward.precision
        self._room = meta.window - len(meta.prefix) - len(meta.suffix)

    @classmethod
    def load(cls, model: str, backend: str, precision: str, cache_dir: Path) -> Self:
        """Arguments and errors as in `grader.inference.load_model`."""
        return cls.of(load_model(model, backend, precision, cache_dir))

    @classmethod
    def of(cls, loaded: LoadedModel) -> Self:
        """The encoder of a model that is loaded."""
        return cls(loaded.meta, loaded.tokenizer, loaded.forward)

    def encode(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Token vectors of each text, in the texts' order. A text without tokens gives n = 0."""
        codes = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        ids = [np.array(code.ids, np.int32) for code in codes]
        windows = [(at, start) for at, row in enumerate(ids) for start in window_starts(len(row), self._room)]
        by_length: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for at, start in windows:
            by_length[self._padded(min(self._room, len(ids[at]) - start))].append((at, start))
        groups = [
            (length, members[i : i + BATCH])
            for length, members in sorted(by_length.items())
            for i in range(0, len(members), BATCH)
        ]
        outputs = self._forward.run([self._batch(ids, length, group) for length, group in groups])
        vectors = [np.zeros((len(row), self.dim), np.float32) for row in ids]
        for (_, group), output in zip(groups, outputs, strict=True):
            self._place(vectors, group, output)
        out = []
        for row, code, rows in zip(ids, codes, vectors, strict=True):
            spans = np.array(code.offsets, np.int32).reshape(-1, 2)
            out.append(TokenVectors(row, spans[:, 0].copy(), spans[:, 1].copy(), rows))
        return out

    def offsets(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Where each text's tokens begin and end, without encoding them."""
        return [code.offsets for code in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def _padded(self, tokens: int) -> int:
        return min(self._meta.window, -(-(tokens + self._meta.window - self._room) // STEP) * STEP)

    def _batch(
        self, ids: list[NDArray[np.int32]], length: int, group: list[tuple[int, int]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        block = np.full((len(group), length), self._meta.pad, np.int64)
        mask = np.zeros((len(group), length), np.int64)
        lead, tail = len(self._meta.prefix), len(self._meta.suffix)
        block[:, :lead] = self._meta.prefix
        for row, (at, start) in enumerate(group):
            tokens = ids[at][start : start + self._room]
            stop = lead + len(tokens)
            block[row, lead:stop] = tokens
            block[row, stop : stop + tail] = self._meta.suffix
            mask[row, : stop + tail] = 1
        return block, mask

    def _place(
        self, vectors: list[NDArray[np.float32]], group: list[tuple[int, int]], output: NDArray[np.float32]
    ) -> None:
        """A token in two windows keeps the vector of the window in which it lies farther from the edge."""
        lead = len(self._meta.prefix)
        for row, (at, start) in enumerate(group):
            total = len(vectors[at])
            stop = min(start + self._room, total)
            first = start if start == 0 else start + OVERLAP // 2
            last = stop if stop == total else stop - OVERLAP // 2
            vectors[at][first:last] = output[row, lead + first - start : lead + last - start]


def window_starts(tokens: int, room: int) -> list[int]:
    """Where the windows of a text of `tokens` tokens begin, `room` tokens fitting one; neighbours share OVERLAP.

    The last window is no longer full: every token is in one, and none is read twice by two full windows.
    """
    if tokens == 0:
        return []
    stride = max(1, room - OVERLAP)
    return list(range(0, max(1, tokens - OVERLAP), stride))
