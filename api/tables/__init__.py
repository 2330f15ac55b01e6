"""The database's tables, a module a subject. Checks keep nonsense out even when it comes past the service."""

from api.tables.access import ApiKeyRow, IdempotencyRow, KeyUsageRow
from api.tables.base import Base
from api.tables.batches import BatchChunkRow, BatchErrorRow, BatchFileRow, BatchItemRow, BatchRow, BatchRubricRow
from api.tables.calibrations import CalibrationRow
from api.tables.evaluations import CandidateRow, EvaluationRow, KeyPointResultRow, MisconceptionResultRow
from api.tables.opinions import OpinionDayRow, OpinionRow
from api.tables.practice import PracticeAnswerRow, PracticeRow
from api.tables.regrades import RegradeChunkRow, RegradeItemRow, RegradeRow
from api.tables.reviews import (
    AppealChangeRow,
    AppealRow,
    ProposalDecisionRow,
    ReviewClaimRow,
    ReviewMarkRow,
    ReviewRow,
    ReviewStateRow,
)
from api.tables.rubrics import RubricDraftRow, RubricRow, RubricVersionRow
from api.tables.webhooks import WebhookAttemptRow, WebhookDeliveryRow, WebhookRow
from api.tables.workspaces import install

install(Base.metadata)

__all__ = [
    "ApiKeyRow",
    "AppealChangeRow",
    "AppealRow",
    "Base",
    "BatchChunkRow",
    "BatchErrorRow",
    "BatchFileRow",
    "BatchItemRow",
    "BatchRow",
    "BatchRubricRow",
    "CalibrationRow",
    "CandidateRow",
    "EvaluationRow",
    "IdempotencyRow",
    "KeyPointResultRow",
    "KeyUsageRow",
    "MisconceptionResultRow",
    "OpinionDayRow",
    "OpinionRow",
    "PracticeAnswerRow",
    "PracticeRow",
    "ProposalDecisionRow",
    "RegradeChunkRow",
    "RegradeItemRow",
    "RegradeRow",
    "ReviewClaimRow",
    "ReviewMarkRow",
    "ReviewRow",
    "ReviewStateRow",
    "RubricDraftRow",
    "RubricRow",
    "RubricVersionRow",
    "WebhookAttemptRow",
    "WebhookDeliveryRow",
    "WebhookRow",
]
