"""Probabilities and flags to an Evaluation: the last step of grading."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader import feedback
from grader.encoder import TokenVectors
from grader.evidence import evidence
from grader.guards import Guarded
from grader.learned import Calibration
from grader.matcher import Match
from grader.model import (
    AnswerInfo,
    EngineInfo,
    Evaluation,
    Evidence,
    Flag,
    KeyPointResult,
    MisconceptionResult,
    RubricRef,
    Status,
    Verdict,
)
from grader.prepared import PreparedRubric
from grader.scoring import next_step, score
from grader.text import words
from grader.verdict import CREDIT, decide, expected_coverage
from rubrics.model import Rubric

DOUBTFUL_SHARE = 1 / 3  # of the weight on points that can't be told: from here a person should look
SURE_NOTHING = (1.0, 0.0, 0.0)  # chances of missed, contradicted, covered where a guard voids the answer


@dataclass(frozen=True, slots=True)
class Aligned:
    """What matching found: points [P, 3] and wrong [M] are probabilities as in `grader.verdict`."""

    tokens: TokenVectors
    prepared: PreparedRubric
    found: Match
    points: NDArray[np.float64]
    wrong: NDArray[np.float64]
    off_topic: Flag | None


def evaluation(
    rubric: Rubric,
    reference: RubricRef,
    engine: EngineInfo,
    text: str,
    guarded: Guarded,
    aligned: Aligned | None,
    calibration: Calibration,
) -> Evaluation:
    """The graded rubric. `aligned` None: a guard found that nothing in the answer may earn points."""
    results = _key_points(rubric, text, aligned, calibration)
    wrong = _misconceptions(rubric, text, aligned, calibration)
    scored = score(rubric, results, wrong)
    step = next_step(rubric, results, wrong, scored.level)
    missed = tuple(r.id for r in sorted(results, key=lambda r: -r.weight) if r.verdict is not Verdict.COVERED)
    flags = guarded.flags + ((aligned.off_topic,) if aligned and aligned.off_topic else ())
    reasons = guarded.review + _doubts(results, calibration)
    return Evaluation(
        rubric=reference,
        engine=engine,
        status=Status.SCORED,
        unscored_reason=None,
        points=scored.points,
        max_points=rubric.max_points,
        coverage=scored.coverage,
        expected_coverage=round(
            expected_coverage([r.probability for r in results], [r.weight for r in results], calibration), 6
        ),
        level=scored.level,
        needs_review=bool(reasons),
        review_reasons=reasons,
        key_points=results,
        misconceptions=wrong,
        missed=missed,
        feedback=feedback.overall(results, wrong, nothing=aligned is None),
        next_step=feedback.step_text(rubric, step),
        follow_ups=feedback.follow_ups(rubric, missed),
        flags=flags,
        answer=answer_info(text, guarded.language),
    )


def unscored(rubric: Rubric, reference: RubricRef, engine: EngineInfo, text: str, reason: str) -> Evaluation:
    """An evaluation without a mark: `reason` begins with a stable code."""
    return Evaluation(
        rubric=reference,
        engine=engine,
        status=Status.UNSCORED,
        unscored_reason=reason,
        points=None,
        max_points=rubric.max_points,
        coverage=None,
        expected_coverage=None,
        level=None,
        needs_review=False,
        review_reasons=(),
        key_points=(),
        misconceptions=(),
        missed=(),
        feedback="There is no answer to mark.",
        next_step="",
        follow_ups=(),
        flags=(Flag("blank", reason),),
        answer=answer_info(text, "und"),
    )


def answer_info(text: str, tongue: str) -> AnswerInfo:
    """Hash, word count and language of a text."""
    return AnswerInfo(hashlib.sha256(text.encode("utf-8")).hexdigest(), len(words(text)), tongue)


def _key_points(
    rubric: Rubric, text: str, aligned: Aligned | None, calibration: Calibration
) -> tuple[KeyPointResult, ...]:
    out = []
    for at, point in enumerate(rubric.key_points):
        missed, contradicted, covered = aligned.points[at].tolist() if aligned else SURE_NOTHING
        verdict, confidence = decide(missed, contradicted, covered, calibration)
        spans: tuple[Evidence, ...] = ()
        if aligned and verdict is not Verdict.MISSED:
            denies = int(aligned.prepared.denies[at])
            group = denies if verdict is Verdict.CONTRADICTED and denies >= 0 else int(aligned.prepared.says[at])
            spans = evidence(text, aligned.tokens, aligned.prepared, aligned.found, group)
        out.append(
            KeyPointResult(
                id=point.id,
                statement=point.statement,
                weight=point.weight,
                verdict=verdict,
                credit=CREDIT[verdict],
                confidence=round(confidence, 4),
                probability=round(covered, 6),
                evidence=spans,
                feedback=feedback.for_point(point, verdict, spans),
                required=point.required,
            )
        )
    return tuple(out)


def _misconceptions(
    rubric: Rubric, text: str, aligned: Aligned | None, calibration: Calibration
) -> tuple[MisconceptionResult, ...]:
    if aligned is None:
        return ()
    out = []
    for at, item in enumerate(rubric.misconceptions):
        probability = float(aligned.wrong[at])
        if probability >= calibration.asserted:
            group = int(aligned.prepared.misconceptions[at])
            spans = evidence(text, aligned.tokens, aligned.prepared, aligned.found, group, seconds=False)
            out.append(
                MisconceptionResult(
                    item.id, item.statement, round(probability, 4), spans, item.correction, item.penalty
                )
            )
    return tuple(out)


def _doubts(results: tuple[KeyPointResult, ...], calibration: Calibration) -> tuple[str, ...]:
    doubtful = [r for r in results if r.confidence < calibration.certain]
    share = sum(r.weight for r in doubtful) / sum(r.weight for r in results)
    return ("uncertain: " + ", ".join(r.id for r in doubtful),) if share >= DOUBTFUL_SHARE else ()
