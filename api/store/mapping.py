"""Evaluation ↔ rows."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from api.tables import EvaluationRow, KeyPointResultRow, MisconceptionResultRow
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
from grader.verdict import certainty

Metadata = dict[str, JsonValue]

_EVIDENCE = TypeAdapter(tuple[Evidence, ...])
_FLAGS = TypeAdapter(tuple[Flag, ...])


@dataclass(frozen=True, slots=True)
class Submission:
    """What the caller sent with a rubric: the answer's text, whose it is, and anything of the caller's own."""

    text: str
    candidate_id: str | None
    metadata: Metadata | None


@dataclass(frozen=True, slots=True)
class StoredEvaluation:
    """An evaluation with what only storage knows. `answer_id`: of the evaluation that the answer came with, None for
    that one itself.
    """

    id: UUID
    created_at: datetime
    submission: Submission
    evaluation: Evaluation
    answer_id: UUID | None = None

    @property
    def of_answer(self) -> UUID:
        """What all evaluations of the same submitted answer share."""
        return self.answer_id or self.id


Values = dict[str, object]  # a row of a table, by attribute


def to_row(stored: StoredEvaluation, rubric_key: int) -> EvaluationRow:
    """The row with its verdicts' rows, of an answer graded against the rubric version in row `rubric_key`."""
    row = EvaluationRow(**evaluation_values(stored, rubric_key))
    row.key_points = [KeyPointResultRow(**values) for values in key_point_values(stored)]
    row.misconceptions = [MisconceptionResultRow(**values) for values in misconception_values(stored)]
    return row


def evaluation_values(stored: StoredEvaluation, rubric_key: int) -> Values:
    """The evaluation's own row."""
    evaluation = stored.evaluation
    return {
        "id": stored.id,
        "answer_id": stored.of_answer,
        "rubric_version_id": rubric_key,
        "candidate_id": stored.submission.candidate_id,
        "answer": stored.submission.text,
        "answer_sha256": evaluation.answer.sha256,
        "answer_words": evaluation.answer.words,
        "answer_language": evaluation.answer.language,
        "engine_version": evaluation.engine.version,
        "engine_model": evaluation.engine.model,
        "engine_weights_hash": evaluation.engine.weights_hash,
        "status": evaluation.status.value,
        "unscored_reason": evaluation.unscored_reason,
        "points": evaluation.points,
        "max_points": evaluation.max_points,
        "coverage": evaluation.coverage,
        "expected_coverage": evaluation.expected_coverage,
        "level": evaluation.level,
        "certainty": certainty(evaluation),
        "needs_review": evaluation.needs_review,
        "review_reasons": list(evaluation.review_reasons),
        "missed": list(evaluation.missed),
        "feedback": evaluation.feedback,
        "next_step": evaluation.next_step,
        "follow_ups": list(evaluation.follow_ups),
        "flags": [asdict(flag) for flag in evaluation.flags],
        "caller_metadata": stored.submission.metadata,
        "created_at": stored.created_at,
    }


def key_point_values(stored: StoredEvaluation) -> Iterator[Values]:
    """The rows of its key points' verdicts."""
    for position, result in enumerate(stored.evaluation.key_points):
        yield {
            "evaluation_id": stored.id,
            "key_point_id": result.id,
            "position": position,
            "statement": result.statement,
            "weight": result.weight,
            "required": result.required,
            "verdict": result.verdict.value,
            "credit": result.credit,
            "confidence": result.confidence,
            "probability": result.probability,
            "evidence": _evidence_json(result.evidence),
            "feedback": result.feedback,
        }


def misconception_values(stored: StoredEvaluation) -> Iterator[Values]:
    """The rows of its misconceptions."""
    for position, result in enumerate(stored.evaluation.misconceptions):
        yield {
            "evaluation_id": stored.id,
            "misconception_id": result.id,
            "position": position,
            "statement": result.statement,
            "confidence": result.confidence,
            "evidence": _evidence_json(result.evidence),
            "correction": result.correction,
            "penalty": result.penalty,
        }


def _evidence_json(evidence: tuple[Evidence, ...]) -> list[Values]:
    return [
        {"quote": span.quote, "start": span.start, "end": span.end, "similarity": span.similarity} for span in evidence
    ]


def from_row(row: EvaluationRow) -> StoredEvaluation:
    """The evaluation of a row that was read with its rubric version and its verdicts."""
    submission = Submission(row.answer, row.candidate_id, row.caller_metadata)
    answer_id = None if row.answer_id == row.id else row.answer_id
    return StoredEvaluation(row.id, row.created_at, submission, _evaluation(row), answer_id)


def _evaluation(row: EvaluationRow) -> Evaluation:
    version = row.rubric_version
    return Evaluation(
        rubric=RubricRef(str(version.document["id"]), version.version, version.content_hash),
        engine=EngineInfo(row.engine_version, row.engine_model, row.engine_weights_hash),
        status=Status(row.status),
        unscored_reason=row.unscored_reason,
        points=row.points,
        max_points=row.max_points,
        coverage=row.coverage,
        expected_coverage=row.expected_coverage,
        level=row.level,
        needs_review=row.needs_review,
        review_reasons=tuple(row.review_reasons),
        key_points=tuple(_key_point(result) for result in row.key_points),
        misconceptions=tuple(_misconception(result) for result in row.misconceptions),
        missed=tuple(row.missed),
        feedback=row.feedback,
        next_step=row.next_step,
        follow_ups=tuple(row.follow_ups),
        flags=_FLAGS.validate_python(row.flags),
        answer=AnswerInfo(row.answer_sha256, row.answer_words, row.answer_language),
    )


def _key_point(row: KeyPointResultRow) -> KeyPointResult:
    return KeyPointResult(
        id=row.key_point_id,
        statement=row.statement,
        weight=row.weight,
        verdict=Verdict(row.verdict),
        credit=row.credit,
        confidence=row.confidence,
        probability=row.probability,
        evidence=_EVIDENCE.validate_python(row.evidence),
        feedback=row.feedback,
        required=row.required,
    )


def _misconception(row: MisconceptionResultRow) -> MisconceptionResult:
    return MisconceptionResult(
        id=row.misconception_id,
        statement=row.statement,
        confidence=row.confidence,
        evidence=_EVIDENCE.validate_python(row.evidence),
        correction=row.correction,
        penalty=row.penalty,
    )
