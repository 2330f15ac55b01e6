"""Client of the answer-grader service."""

from answer_grader_client.async_client import AsyncGrader
from answer_grader_client.errors import GraderClientError, ServiceError, Unreachable, WebhookInvalid
from answer_grader_client.models import (
    Batch,
    BatchCounts,
    BatchError,
    DrawnItem,
    DrawnSet,
    Evaluation,
    Evidence,
    FieldError,
    Flag,
    KeyPoint,
    Misconception,
    Rubric,
    RubricCheck,
    RubricFinding,
    RubricSummary,
    ServiceInfo,
    WebhookEvent,
)
from answer_grader_client.retry import Retry
from answer_grader_client.sync_client import Grader
from answer_grader_client.webhooks import verify_webhook

__all__ = [
    "AsyncGrader",
    "Batch",
    "BatchCounts",
    "BatchError",
    "DrawnItem",
    "DrawnSet",
    "Evaluation",
    "Evidence",
    "FieldError",
    "Flag",
    "Grader",
    "GraderClientError",
    "KeyPoint",
    "Misconception",
    "Retry",
    "Rubric",
    "RubricCheck",
    "RubricFinding",
    "RubricSummary",
    "ServiceError",
    "ServiceInfo",
    "Unreachable",
    "WebhookEvent",
    "WebhookInvalid",
    "verify_webhook",
]
