"""The second, pairwise reading: a key point's statement and a passage of the answer, read together by one small model.

Alignment can't tell a statement from its denial in the same words; a model that reads both at once can.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from grader.inference import Forward, LoadedModel, load_source
from grader.model_source import JUDGE, cross_encoder, judging

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BATCH = 8
STEP = 8  # lengths are padded up to a multiple of this
WINDOW = 256  # tokens of a pair; of a longer one the passage is read up to here
OFF = "off"

F32 = NDArray[np.float32]


class Judge(Protocol):
    """Tells what a text says of a statement, the same every time and in any company."""

    name: str
    weights_sha256: str

    def chances(self, pairs: Sequence[tuple[str, str]]) -> F32:
        """float32 [n, 3]: chances of missed, contradicted, covered for pairs of text and statement."""
        ...


class PairwiseJudge:
    """The packaged pairwise model."""

    def __init__(self, loaded: LoadedModel) -> None:
        self.name, self.weights_sha256 = f"{loaded.meta.name} pairwise", loaded.meta.weights_sha256
        self._tokenizer: Tokenizer = loaded.tokenizer
        self._forward: Forward = loaded.forward
        self.precision = loaded.forward.precision
        self._tokenizer.enable_truncation(WINDOW, strategy="longest_first")

    @classmethod
    def load(cls, backend: str, precision: str, cache_dir: Path, adapter: Path = JUDGE) -> Self:
        """`adapter`: what training changed in the packaged model. The rest, and errors, as in
        `grader.inference.load_model`.
        """
        return cls(load_source(judging(adapter), backend, precision, cache_dir))

    def chances(self, pairs: Sequence[tuple[str, str]]) -> F32:
        """See `Judge`."""
        codes = self._tokenizer.encode_batch([(statement, text) for text, statement in pairs])
        by_length: dict[int, list[int]] = defaultdict(list)
        for at, code in enumerate(codes):
            by_length[-(-len(code.ids) // STEP) * STEP].append(at)
        groups = [
            (length, places[i : i + BATCH])
            for length, places in sorted(by_length.items())
            for i in range(0, len(places), BATCH)
        ]
        logits = np.zeros((len(pairs), 3), np.float32)
        batches = [_batch([codes[at] for at in places], length) for length, places in groups]
        for (_, places), found in zip(groups, self._forward.run(batches), strict=True):
            logits[places] = found
        return _softmax(logits)


def _batch(codes: Sequence[Any], length: int) -> tuple[NDArray[np.int64], ...]:
    ids, types, mask = (np.zeros((len(codes), length), np.int64) for _ in range(3))
    for row, code in enumerate(codes):
        size = len(code.ids)
        ids[row, :size], types[row, :size], mask[row, :size] = code.ids, code.type_ids, 1
    return ids, types, mask


def _softmax(logits: F32) -> F32:
    raised: F32 = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances: F32 = raised / raised.sum(axis=1, keepdims=True)
    return chances


class CrossEncoderJudge:
    """Any sentence-transformers CrossEncoder with inference labels. Reads one pair at a time, for its sums depend on
    what else is in a batch.
    """

    def __init__(self, model: str) -> None:
        self._model, self.weights_sha256, self._places = cross_encoder(model)
        self.name = Path(model).name

    def chances(self, pairs: Sequence[tuple[str, str]]) -> F32:
        """See `Judge`. A model that knows no contradiction gives 0 there."""
        if not pairs:
            return np.zeros((0, 3), np.float32)
        logits = np.asarray(self._model.predict(list(pairs), batch_size=1, show_progress_bar=False), np.float32)
        found = _softmax(logits)
        out = np.zeros((len(pairs), 3), np.float32)
        for label, column in self._places:
            out[:, column] += found[:, label]
        return out


def load_judge(judge: str, backend: str, precision: str, cache_dir: Path) -> Judge | None:
    """`judge`: "" for the packaged pairwise model, "off" for none, else a CrossEncoder's folder or id.

    Raises ModelUnavailable.
    """
    if judge == OFF:
        return None
    return CrossEncoderJudge(judge) if judge else PairwiseJudge.load(backend, precision, cache_dir)
