"""Find rubrics by words and by meaning: a query's vector and words against those of question and key points."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from grader.encoder import Encoder, TokenVectors
from grader.learned import load_weights
from grader.lexical import shared_words
from rubrics import Rubric, scoring_hash

MEANING: Final = 0.65  # of a score; the rest is words. Alone, words rank "too many features" by "too many"
LEAST: Final = 0.2  # score of a hit; below, rubrics of the bank have to do with a query only by chance
DIGITS: Final = 6  # of a score, so that it survives a cursor
KEPT: Final = 20_000  # vectors kept, 1.5 kB each

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Hit:
    """A rubric and how well it fits the query: 0–1, by its words and its meaning."""

    rubric: Rubric
    score: float


class Index:
    """The rubrics' vectors by scoring hash: an edited rubric has another hash, and so another vector. Thread-safe."""

    def __init__(self) -> None:
        self._kept: dict[str, F32] = {}
        self._lock = threading.Lock()

    def vectors(self, rubrics: Sequence[Rubric], encoder: Encoder) -> F32:
        """Unit vectors [n, dim] of the rubrics; those that are new are encoded together, and kept."""
        wanted = [scoring_hash(rubric) for rubric in rubrics]
        with self._lock:
            absent = {key: rubric for key, rubric in zip(wanted, rubrics, strict=True) if key not in self._kept}
            self._kept.update(zip(absent, rubric_vectors(list(absent.values()), encoder), strict=True))
            found = [self._kept[key] for key in wanted]
            if len(self._kept) > KEPT:
                self._kept = dict(zip(wanted, found, strict=True))
        return np.array(found, np.float32).reshape(len(found), encoder.dim)


def search(query: str, rubrics: Sequence[Rubric], encoder: Encoder, index: Index) -> list[Hit]:
    """The rubrics that fit the query, best first, those of one score in order of id. Ids are distinct."""
    if not rubrics:
        return []
    tokens = load_weights().tokens
    shared = shared_words(
        query, [words_about(rubric) for rubric in rubrics], lambda word: tokens.table.get(word, tokens.default)
    )
    meaning = index.vectors(rubrics, encoder) @ pooled(encoder.encode([query])[0], encoder.dim)
    return ranked(rubrics, meaning, shared)


def ranked(rubrics: Sequence[Rubric], meaning: F32, shared: F32) -> list[Hit]:
    """Hits of LEAST or more. meaning [n]: cosine, -1–1, of which less than 0 counts as 0; shared [n]: words, 0–1."""
    mixed = MEANING * np.clip(meaning, 0, 1) + (1 - MEANING) * np.clip(shared, 0, 1)
    scores = mixed.astype(np.float64).round(DIGITS).tolist()
    hits = [Hit(rubric, score) for rubric, score in zip(rubrics, scores, strict=True) if score >= LEAST]
    return sorted(hits, key=place)


def place(hit: Hit) -> tuple[float, str]:
    """What hits are sorted by: a page begins after a place, whatever was added or edited since the page before."""
    return -hit.score, hit.rubric.id


def rubric_vectors(rubrics: Sequence[Rubric], encoder: Encoder) -> list[F32]:
    """For each rubric the mean, at unit length, of the vectors of its question and its key points' statements."""
    texts = [[rubric.question, *(point.statement for point in rubric.key_points)] for rubric in rubrics]
    tokens = iter(encoder.encode([text for row in texts for text in row]))
    return [_unit(np.mean([pooled(next(tokens), encoder.dim) for _ in row], axis=0)) for row in texts]


def text_vectors(texts: Sequence[str], encoder: Encoder) -> F32:
    """Unit vectors [n, dim] of any texts, by their mean tokens."""
    vectors = [pooled(tokens, encoder.dim) for tokens in encoder.encode(texts)] if texts else []
    return np.array(vectors, np.float32).reshape(len(texts), encoder.dim)


def pooled(tokens: TokenVectors, dim: int) -> F32:
    """The mean of a text's token vectors at unit length [dim]; zeros for a text without tokens."""
    return _unit(tokens.vectors.mean(axis=0)) if len(tokens) else np.zeros(dim, np.float32)


def words_about(rubric: Rubric) -> str:
    """What a query's words are looked for in."""
    points = (text for point in rubric.key_points for text in (point.statement, *point.terms))
    return " ".join((rubric.id, rubric.topic, rubric.question, *points))


def _unit(vector: F32) -> F32:
    unit: F32 = (vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32)
    return unit
