"""What is left out when: the marked sets one by one, and half of the bank's topics."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.encoder import ModelEncoder
from grader.golden import GoldenAnswer
from grader.inference import load_source
from grader.judge import PairwiseJudge
from grader.learned import TokenWeights, load_token_weights
from grader.model_source import adapted, published
from grader.training.tables import Aligner
from rubrics.model import Rubric

ADAPTER_NAME = "encoder.safetensors"
HELD_OUT = Path(__file__).parent / "held_out" / "judge.safetensors"  # the judge that never saw the topics of UNSEEN
HALF = "half-0"  # folder of the encoder that is trained without the topics of UNSEEN
# Half of the bank by marked points, drawn once: largest topics first, each into the half with fewer points.
UNSEEN = frozenset(
    {
        "deployment-mlops",
        "dimensionality-reduction",
        "ensembles",
        "feature-engineering",
        "foundations",
        "generative-models",
        "hyperparameter-tuning",
        "natural-language",
        "neural-networks",
        "programming",
        "recommender-and-search",
        "regularisation",
    }
)
# Files of grader/training/subjects that the judge of HELD_OUT never saw.
UNSEEN_SUBJECTS = frozenset({"chemistry", "databases", "law", "psychology"})


def unseen(topic: str) -> bool:
    """Whether the judge of HELD_OUT and the encoder of HALF were trained without this topic."""
    return topic in UNSEEN


def trained(folder: Path, cache: Path) -> tuple[ModelEncoder, TokenWeights]:
    """The packaged model with the adapter and the token weights of a folder. Raises OSError, ModelUnavailable."""
    source = adapted(published(), folder / ADAPTER_NAME)
    return ModelEncoder.of(load_source(source, "auto", "auto", cache)), load_token_weights(folder)


def held_out_judge(cache: Path) -> PairwiseJudge:
    """The judge that was trained without the topics of UNSEEN. Raises ModelUnavailable."""
    return PairwiseJudge.load("auto", "auto", cache, HELD_OUT)


@dataclass(frozen=True, slots=True)
class Part:
    """Golden answers to some rubrics, and what aligns them."""

    answers: list[GoldenAnswer]
    bank: dict[str, Rubric]
    aligner: Aligner


def held_out_part(answers: Sequence[GoldenAnswer], bank: dict[str, Rubric], aligner: Aligner) -> Part:
    """The topics of UNSEEN, which the aligner's judge and encoder must not have seen."""
    return Part(
        [answer for answer in answers if unseen(answer.topic)],
        {name: rubric for name, rubric in bank.items() if unseen(rubric.topic)},
        aligner,
    )
