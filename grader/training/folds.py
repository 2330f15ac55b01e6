"""What is left out when: the marked sets one by one, and the bank's topics by halves."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.encoder import ModelEncoder
from grader.golden import GoldenAnswer
from grader.inference import load_source
from grader.learned import TokenWeights, load_token_weights
from grader.model_source import adapted, published
from grader.training.tables import Aligner
from rubrics.model import Rubric

ADAPTER_NAME = "encoder.safetensors"
HALF = "half-0"  # folder of the encoder that is trained without the topics of half 0


def halves(answers: Sequence[GoldenAnswer]) -> dict[str, int]:
    """Each topic's half, 0 or 1, of about as many marked points; largest topics first, into the smaller half."""
    sizes = Counter(answer.topic for answer in answers for _ in answer.marks)
    filled, half = [0, 0], {}
    for topic in sorted(sizes, key=lambda name: -sizes[name]):
        half[topic] = int(filled[0] > filled[1])
        filled[half[topic]] += sizes[topic]
    return half


def trained(folder: Path, cache: Path) -> tuple[ModelEncoder, TokenWeights]:
    """The packaged model with the adapter and the token weights of a folder. Raises OSError, ModelUnavailable."""
    source = adapted(published(), folder / ADAPTER_NAME)
    return ModelEncoder.of(load_source(source, "auto", "auto", cache)), load_token_weights(folder)


@dataclass(frozen=True, slots=True)
class Part:
    """Golden answers to some rubrics, and what aligns them."""

    answers: list[GoldenAnswer]
    bank: dict[str, Rubric]
    aligner: Aligner


def held_out_part(answers: Sequence[GoldenAnswer], bank: dict[str, Rubric], aligner: Aligner) -> Part:
    """The topics of half 0. The shipped judge never saw them; the aligner's encoder must not have either."""
    half = halves(answers)
    return Part(
        [answer for answer in answers if half[answer.topic] == 0],
        {name: rubric for name, rubric in bank.items() if half[rubric.topic] == 0},
        aligner,
    )
