"""Graded answers per second beside what people write first: `python -m benchmarks.speed`.

All paths grade the same answers (70 words) against the same key points (8) in one run; only ratios are worth quoting.
"""

import argparse
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from grader.engine import Engine
from grader.model_source import find_model
from rubrics import load_bank
from rubrics.model import KeyPoint, Rubric

WORDS, POINTS, RUBRICS = 70, 8, 20
LAYERS, HIDDEN, INNER = 6, 384, 1536  # of all-MiniLM-L6-v2
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def material(count: int) -> list[tuple[Rubric, str]]:
    """`count` pairs over RUBRICS rubrics of POINTS points each; answers of WORDS words made of the bank's sentences."""
    bank = list(load_bank().values())
    rng = np.random.default_rng(7)
    texts = [sentence for rubric in bank for sentence in _SENTENCE.split(rubric.reference_answer)]
    points = [point for rubric in bank for point in rubric.key_points]
    rubrics = []
    for rubric in bank[:RUBRICS]:
        extra = rng.choice(len(points), POINTS, replace=False)
        chosen = [*rubric.key_points, *(replace(points[at], id=f"extra-{at}") for at in extra)][:POINTS]
        rubrics.append(replace(rubric, key_points=tuple(chosen)))
    pairs = []
    for at in range(count):
        text = " ".join(texts[one] for one in rng.integers(0, len(texts), 12)).split()
        pairs.append((rubrics[at % len(rubrics)], " ".join(text[:WORDS])))
    return pairs


def bare(rubric: Rubric) -> Rubric:
    """The rubric with nothing but its key points' statements, as the peers read it."""
    points = tuple(KeyPoint(id=point.id, statement=point.statement) for point in rubric.key_points)
    return replace(rubric, key_points=points, misconceptions=())


def per_answer(model: object, pairs: Sequence[tuple[Rubric, str]]) -> None:
    """Peer (a): sentence-transformers called for each answer, nothing cached."""
    for rubric, text in pairs:
        sentences = model.encode(_SENTENCE.split(text), normalize_embeddings=True)  # type: ignore[attr-defined]
        points = model.encode(  # type: ignore[attr-defined]
            [point.statement for point in rubric.key_points], normalize_embeddings=True
        )
        (points @ sentences.T).max(axis=1)


def cached(model: object, pairs: Sequence[tuple[Rubric, str]]) -> None:
    """Peer (b): key points encoded once a rubric, all sentences in batches of 64."""
    points = {}
    for rubric, _ in pairs:
        if rubric.id not in points:
            points[rubric.id] = model.encode(  # type: ignore[attr-defined]
                [point.statement for point in rubric.key_points], normalize_embeddings=True
            )
    split = [_SENTENCE.split(text) for _, text in pairs]
    flat = [sentence for sentences in split for sentence in sentences]
    vectors = model.encode(flat, batch_size=64, normalize_embeddings=True)  # type: ignore[attr-defined]
    at = 0
    for (rubric, _), sentences in zip(pairs, split, strict=True):
        (points[rubric.id] @ vectors[at : at + len(sentences)].T).max(axis=1)
        at += len(sentences)


def matrix_rate() -> float:
    """GFLOP/s of a bf16 matrix product on all cores, measured."""
    import torch

    left, right = torch.randn(2048, 2048).bfloat16(), torch.randn(2048, 2048).bfloat16()
    for _ in range(3):
        left @ right
    begun = time.perf_counter()
    for _ in range(20):
        left @ right
    return 20 * 2 * 2048**3 / (time.perf_counter() - begun) / 1e9


def forward_gflop(tokens: float) -> float:
    """GFLOP of one forward pass over `tokens` tokens."""
    dense = LAYERS * (4 * HIDDEN**2 + 2 * HIDDEN * INNER) * 2 * tokens
    return (dense + LAYERS * 4 * tokens**2 * HIDDEN) / 1e9


def rate(work: Callable[[], object], count: int) -> float:
    """Answers per second of one run."""
    begun = time.perf_counter()
    work()
    return count / (time.perf_counter() - begun)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--answers", type=int, default=2000, help="answers for grade_many; the peers get fewer")
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(find_model("").path, device="cpu")
    engine = Engine.load(cache_dir=chosen.cache)
    encoder = engine.encoder
    full = material(chosen.answers)
    plain_rubrics = {rubric.id: bare(rubric) for rubric, _ in full}
    plain = [(plain_rubrics[rubric.id], text) for rubric, text in full]
    tokens = float(np.mean([len(one) for one in encoder.encode([text for _, text in full[:200]])])) + 2
    few, some = plain[: chosen.answers // 20], plain[: chosen.answers // 5]
    paths: dict[str, tuple[Callable[[], object], int]] = {
        "(a) sentence-transformers per answer, nothing cached": (lambda: per_answer(model, few), len(few)),
        "(b) key points cached, sentences in batches of 64": (lambda: cached(model, some), len(some)),
        "forward pass alone": (lambda: encoder.encode([text for _, text in full]), len(full)),
        "grade_many, same key points": (lambda: list(engine.grade_many(plain)), len(plain)),
        "grade_many, key points with all wordings": (lambda: list(engine.grade_many(full)), len(full)),
    }
    for name in ("grade_many, same key points", "grade_many, key points with all wordings"):
        paths[name][0]()
    rates = dict.fromkeys(paths, 0.0)
    for _ in range(chosen.rounds):  # in turn, so that a busy moment of the machine meets every path alike
        rates = {name: max(rates[name], rate(*path)) for name, path in paths.items()}
    _print(rates, tokens)


def _print(rates: dict[str, float], tokens: float) -> None:
    a, b = list(rates.values())[:2]
    peak = matrix_rate()
    table = Table(title=f"{WORDS}-word answers ({tokens:.0f} tokens), {POINTS} key points")
    for column in ("path", "answers/s", "× (a)", "× (b)", "share of matrix rate"):
        table.add_column(column, justify="left" if column == "path" else "right")
    for name, value in rates.items():
        share = f"{value * forward_gflop(tokens) / peak:.0%}" if "grade" in name or "forward" in name else ""
        table.add_row(name, f"{value:.1f}", f"{value / a:.1f}", f"{value / b:.1f}", share)
    console = Console(width=110)
    console.print(table)
    console.print(f"bf16 matrix product: {peak:.0f} GFLOP/s; one forward pass: {forward_gflop(tokens):.2f} GFLOP")


if __name__ == "__main__":
    main()
