"""Token weights: inverse document frequencies over the training texts."""

import gzip
import json
import math
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from grader.encoder import ModelEncoder
from grader.learned import TOKENS, TokenWeights, surface

STOP_SHARE = 0.2
RAREST = 3  # a rarer token has the default weight
STOP_WORDS = frozenset(
    """a an the of to in on at by for from with as is are was were be been being am has have had do does did will would
    shall should can could may might must and or but if then so than too very that this these those there it its he she
    they them his her their we us our you your i me my who which what when where how not no""".split()  # noqa: SIM905
)


def make(data: Path, encoder: ModelEncoder, out: Path) -> None:
    """Count in how many distinct training texts each token occurs; write surfaces and weights."""
    texts = sorted(set(_texts(data)))
    counts: Counter[str] = Counter()
    for start in range(0, len(texts), 4096):
        block = texts[start : start + 4096]
        for text, spans in zip(block, encoder.offsets(block), strict=True):
            counts.update({surface(text, first, last) for first, last in spans})
    kept = sorted(name for name, count in counts.items() if count >= RAREST and "\n" not in name)
    table = {name: _weight(name, counts[name], len(texts)) for name in kept}
    write(TokenWeights(table, _idf(RAREST - 1, len(texts))), out)


def write(weights: TokenWeights, out: Path) -> None:
    """Store token weights."""
    save_file(
        {
            "surfaces": np.frombuffer("\n".join(weights.table).encode(), np.uint8),
            "weights": np.array(list(weights.table.values()), np.float32),
            "default": np.array([weights.default], np.float32),
        },
        out / TOKENS,
    )


def _idf(count: int, total: int) -> float:
    return math.log(1 + total / (1 + count))


def _weight(name: str, count: int, total: int) -> float:
    light = name in STOP_WORDS or all(char in string.punctuation for char in name)
    return _idf(count, total) * (STOP_SHARE if light else 1)


def _texts(data: Path) -> Iterator[str]:
    for path in sorted(data.glob("*.jsonl.gz")):
        if path.name.endswith("_dev.jsonl.gz") and not path.name.startswith("nli_"):
            continue
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for line in stream:
                row = json.loads(line)
                yield row["answer"]
                yield from row.get("key_points") or ()
                if row.get("reference_answer"):
                    yield row["reference_answer"]
