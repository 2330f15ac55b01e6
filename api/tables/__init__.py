"""The database's tables, a module a subject. Checks keep nonsense out even when it comes past the service."""

from api.tables.base import Base
from api.tables.batches import BatchChunkRow, BatchErrorRow, BatchFileRow, BatchItemRow, BatchRow, BatchRubricRow
from api.tables.evaluations import CandidateRow, EvaluationRow, KeyPointResultRow, MisconceptionResultRow
from api.tables.practice import PracticeAnswerRow, PracticeRow
from api.tables.rubrics import RubricRow, RubricVersionRow

__all__ = [
    "Base",
    "BatchChunkRow",
    "BatchErrorRow",
    "BatchFileRow",
    "BatchItemRow",
    "BatchRow",
    "BatchRubricRow",
    "CandidateRow",
    "EvaluationRow",
    "KeyPointResultRow",
    "MisconceptionResultRow",
    "PracticeAnswerRow",
    "PracticeRow",
    "RubricRow",
    "RubricVersionRow",
]
