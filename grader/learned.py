"""Learned numbers: token weights and calibration, read from grader/weights/."""

import hashlib
import json
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from grader.encoder import TokenVectors
from grader.errors import WeightsInvalid

FOLDER = Path(__file__).parent / "weights"
PUBLISHED = FOLDER / "published"  # for encoders as published, without the adapter
TOKENS = "token_weights.safetensors"
CALIBRATION = "calibration.json"


@dataclass(frozen=True, slots=True)
class TokenWeights:
    """Weight of a token: log(1 + N / (1 + document frequency)), stop words and punctuation at 0.2 of it.

    Keyed by the token's lower-case surface, "##" before a piece that continues a word: any tokenizer can use it.
    """

    table: dict[str, float]
    default: float

    def of(self, text: str, tokens: TokenVectors) -> NDArray[np.float32]:
        """float32 [n], one weight a token of `text`."""
        spans = zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True)
        return np.array([self.table.get(surface(text, *span), self.default) for span in spans], np.float32)


def surface(text: str, start: int, end: int) -> str:
    """The key of the token `text[start:end]` in a TokenWeights table."""
    piece = text[start:end].lower().strip()
    inside = start > 0 and piece[:1].isalnum() and text[start - 1].isalnum()
    return f"##{piece}" if inside else piece


@dataclass(frozen=True, slots=True)
class Calibration:
    """Coefficients and thresholds; how each was learned is in the model card (grader/weights/README.md).

    bare: intercept, passage alignment, log(1 + says wordings): the logit of covered without contrast wordings.
    contrast: one row each for missed, contradicted, covered: intercept and the features of `contrast_features`.
    judged, bare_judged: the same three rows with the judge's word, on `judged_features` and on `bare_features`.
    ask: a point is read a second time, by the judge, where its likeliest outcome is less likely than this.
    neutral: margins over denies and over near that stand in where a key point has only the other kind.
    coverage: scale and offset that turn the mean logit of two or more key points into an expected coverage.
    misconception: intercept, alignment, margin over the key points.
    half: how often a person gives half a point where the engine does.
    covered, partial: least probability of each verdict; certain: least confidence that needs no review; asserted: least
    probability of a misconception. off_topic: least cosine of a pooled answer with the rubric's topic.
    """

    bare: tuple[float, float, float]
    contrast: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]
    judged: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]
    bare_judged: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]
    ask: float
    neutral: tuple[float, float]
    coverage: tuple[float, float]
    misconception: tuple[float, float, float]
    half: float
    covered: float
    partial: float
    certain: float
    asserted: float
    off_topic: float


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything learned, with one hash (hex SHA-256) over the files' bytes."""

    tokens: TokenWeights
    calibration: Calibration
    sha256: str


@cache
def load_weights(folder: Path = FOLDER) -> Weights:
    """Raises WeightsInvalid when a file is missing or damaged."""
    digest = hashlib.sha256()
    try:
        for name in (TOKENS, CALIBRATION):
            digest.update((folder / name).read_bytes())
        tokens = load_token_weights(folder)
        raw = json.loads((folder / CALIBRATION).read_text(encoding="utf-8"))
        calibration = calibration_of(raw)
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise WeightsInvalid(
            f"{folder}: learned weights can't be read ({type(error).__name__}: {error}): reinstall answer-grader, "
            "or make them again with python -m grader.training"
        ) from error
    return Weights(tokens, calibration, digest.hexdigest())


def load_token_weights(folder: Path) -> TokenWeights:
    """Read the token weights alone. Raises OSError, KeyError or ValueError."""
    stored = load_file(folder / TOKENS)
    names = stored["surfaces"].tobytes().decode("utf-8").split("\n")
    return TokenWeights(dict(zip(names, stored["weights"].tolist(), strict=True)), float(stored["default"][0]))


def calibration_of(raw: dict[str, Any]) -> Calibration:
    """A calibration from parsed JSON. Raises KeyError for a missing number."""
    return Calibration(**{field.name: _frozen(raw[field.name]) for field in fields(Calibration)})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
