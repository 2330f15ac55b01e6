"""The JSON that goes over the wire. No FastAPI and no SQLAlchemy here: the command line prints the same shapes."""

from api.schemas.evaluations import (
    AnswerOut,
    EngineOut,
    EvaluationIn,
    EvaluationOut,
    EvaluationPage,
    EvidenceOut,
    FlagOut,
    KeyPointOut,
    MisconceptionOut,
    RubricRefOut,
    StoredAnswerOut,
    StoredEvaluationOut,
)
from api.schemas.problems import FieldError, Problem
from api.schemas.rubrics import RubricOut, RubricPage, RubricSummaryOut, TopicList, TopicOut, VersionList, VersionOut
from api.schemas.service import HealthOut, InfoOut, LimitsOut, ReadyOut

__all__ = [
    "AnswerOut",
    "EngineOut",
    "EvaluationIn",
    "EvaluationOut",
    "EvaluationPage",
    "EvidenceOut",
    "FieldError",
    "FlagOut",
    "HealthOut",
    "InfoOut",
    "KeyPointOut",
    "LimitsOut",
    "MisconceptionOut",
    "Problem",
    "ReadyOut",
    "RubricOut",
    "RubricPage",
    "RubricRefOut",
    "RubricSummaryOut",
    "StoredAnswerOut",
    "StoredEvaluationOut",
    "TopicList",
    "TopicOut",
    "VersionList",
    "VersionOut",
]
