"""The JSON that goes over the wire. No FastAPI and no SQLAlchemy here: the command line prints the same shapes."""

from api.schemas.checks import FileCheckOut, FindingOut, RubricCheckOut
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
from api.schemas.practice import (
    AnsweredItemOut,
    DrawOut,
    ItemOut,
    PracticeIn,
    PracticeOut,
    PracticePage,
    PracticeSummaryOut,
)
from api.schemas.problems import FieldError, Problem
from api.schemas.rubrics import RubricOut, RubricPage, RubricSummaryOut, TopicList, TopicOut, VersionList, VersionOut
from api.schemas.service import HealthOut, InfoOut, LimitsOut, ReadyOut

__all__ = [
    "AnswerOut",
    "AnsweredItemOut",
    "DrawOut",
    "EngineOut",
    "EvaluationIn",
    "EvaluationOut",
    "EvaluationPage",
    "EvidenceOut",
    "FieldError",
    "FileCheckOut",
    "FindingOut",
    "FlagOut",
    "HealthOut",
    "InfoOut",
    "ItemOut",
    "KeyPointOut",
    "LimitsOut",
    "MisconceptionOut",
    "PracticeIn",
    "PracticeOut",
    "PracticePage",
    "PracticeSummaryOut",
    "Problem",
    "ReadyOut",
    "RubricCheckOut",
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
