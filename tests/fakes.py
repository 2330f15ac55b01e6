"""Fakes for speed: a real Engine on an encoder that knows words only by their spelling."""

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from grader.encoder import TokenVectors
from grader.engine import DEFAULT_LIMIT, Engine
from grader.learned import load_weights

DIM = 256
_TOKEN = re.compile(r"\w+|[^\w\s]")


class FakeEncoder:
    """One token a word or mark; equal words have equal vectors, other words nearly orthogonal ones."""

    name = "fake"
    weights_sha256 = "0" * 64
    dim = DIM

    def encode(self, texts: Sequence[str]) -> list[TokenVectors]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> TokenVectors:
        found = list(_TOKEN.finditer(text))
        ids = np.array([zlib.crc32(match.group().casefold().encode()) >> 1 for match in found], np.int32)
        vectors = np.array([_vector(int(one)) for one in ids], np.float32).reshape(len(found), DIM)
        starts = np.array([match.start() for match in found], np.int32)
        return TokenVectors(ids, starts, np.array([match.end() for match in found], np.int32), vectors)


@lru_cache(10_000)
@lru_cache(maxsize=100_000)
def _vector(seed: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    raw = np.random.default_rng(seed).normal(size=DIM).astype(np.float32)
    return raw / np.linalg.norm(raw)


class FakeJudge:
    """Says covered where text and statement share most words, contradicted where the text has "not", else missed."""

    name = "fake judge"
    weights_sha256 = "1" * 64

    def chances(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        rows = [self._one(set(text.casefold().split()), set(told.casefold().split())) for text, told in pairs]
        return np.array(rows, np.float32).reshape(len(pairs), 3)

    def _one(self, text: set[str], told: set[str]) -> tuple[float, float, float]:
        if "not" in text:
            return 0.1, 0.8, 0.1
        shared = len(text & told) / max(1, len(told))
        return 0.95 - 0.9 * shared, 0.05, 0.9 * shared


def fake_engine(max_chars: int = DEFAULT_LIMIT) -> Engine:
    """The real engine and weights on the fake encoder: fast, deterministic, and no judge of meaning."""
    return Engine(FakeEncoder(), load_weights(), max_chars)
