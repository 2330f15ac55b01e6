"""What is left out when: the marked sets one by one, and the bank's topics by halves."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.encoder import ModelEncoder
from grader.golden import GoldenAnswer
from grader.inference import load_source
from grader.judge import PairwiseJudge
from grader.learned import TokenWeights, load_token_weights
from grader.model_source import adapted, judging, published
from grader.training.tables import Aligner
from rubrics.model import Rubric

ADAPTER_NAME = "encoder.safetensors"
JUDGE_NAME = "judge.safetensors"
HALVES = ("half-0", "half-1")  # folders of the encoders that are trained without these topics


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


def trained_judge(folder: Path, cache: Path) -> PairwiseJudge:
    """The pairwise judge of a folder. Raises ModelUnavailable."""
    return PairwiseJudge(load_source(judging(folder / JUDGE_NAME), "auto", "auto", cache))


@dataclass(frozen=True, slots=True)
class Part:
    """Golden answers to some rubrics, and what aligns them."""

    answers: list[GoldenAnswer]
    bank: dict[str, Rubric]
    aligner: Aligner


def held_out_parts(
    answers: Sequence[GoldenAnswer], bank: dict[str, Rubric], folder: Path, cache: Path, plain: Aligner | None = None
) -> list[Part]:
    """The answers by halves, each with the encoder and the judge that were trained without their topics.

    `plain`: an aligner whose encoder saw no topic at all, to use in the place of the trained ones. Halves without a
    judge in `folder` are left out.
    """
    half = halves(answers)
    parts = []
    for at, name in enumerate(HALVES):
        if not (folder / name / JUDGE_NAME).is_file():
            continue
        judge = trained_judge(folder / name, cache)
        aligner = plain.judged_by(judge) if plain else Aligner(*trained(folder / name, cache), judge)
        parts.append(
            Part(
                [answer for answer in answers if half[answer.topic] == at],
                {name: rubric for name, rubric in bank.items() if half[rubric.topic] == at},
                aligner,
            )
        )
    return parts
