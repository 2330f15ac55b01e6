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
# Files of grader/training/subjects on the bank's own field, by other authors.
FIELD = frozenset(
    {
        "computer-vision-and-generative-models-4",
        "deep-learning-4",
        "features-and-data-preparation-4",
        "ml-foundations-4",
        "mlops-and-monitoring-4",
        "model-evaluation-and-metrics-4",
        "nlp-and-language-models-4",
        "recommenders-and-ranking-4",
        "reinforcement-learning-and-bandits-4",
        "statistics-and-experiments-4",
        "time-series-and-anomalies-4",
        "trees-ensembles-and-clustering-4",
    }
)
# Files that the judge of HELD_OUT never saw: those, and some of other subjects, all that end with 4 among them.
UNSEEN_SUBJECTS = FIELD | {
    "accounting-and-audit-3",
    "art-music-and-film-4",
    "backend-interviews-4",
    "behavioural-and-team-work-4",
    "chemistry",
    "civics-and-government-4",
    "civil-engineering-3",
    "compilers-3",
    "computer-networks-course-4",
    "cyber-incident-response-4",
    "databases",
    "distributed-consensus-and-replication-3",
    "evolution-and-ecology-3",
    "geology-and-mining-3",
    "law",
    "logic-rhetoric-and-argument-3",
    "media-and-communication-3",
    "modern-world-history-4",
    "nursing-and-first-aid-3",
    "personal-finance-and-tax-4",
    "product-management-4",
    "psychology",
    "robotics-and-embedded-3",
    "school-biology-4",
    "school-chemistry-4",
    "school-geography-and-earth-4",
    "school-physics-4",
    "software-architecture-interviews-4",
    "sports-science-4",
    "supply-chains-and-pricing-3",
}


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
