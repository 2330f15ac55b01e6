"""Calibrations of rubrics on the wire."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api import examples_calibration as examples
from api.schemas.base import Out
from api.schemas.reviews import Reviewer
from api.texts import StorableText
from rubrics.document import CalibrationDocument


class CalibrateIn(BaseModel):
    """Who has a rubric calibrated."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.REQUEST]})

    reviewer: StorableText = Reviewer


class CalibrationTrialOut(Out):
    """What a calibration did to marks that it wasn't fitted on (five folds of answers, dealt four times).

    loss: mean log loss of a mark; distance: how far what is awarded is from what people gave, 0–1: of a verdict its
    credit, of a mark on the whole answer the coverage. …_error: standard errors of the differences.
    """

    answers: int
    marks: int
    loss_before: float
    loss_after: float
    loss_error: float
    distance_before: float
    distance_after: float
    distance_error: float


class CalibrationMadeOut(Out):
    """A calibration that held: in which version it is, who asked for it, and when."""

    version: int
    reviewer: str
    at: datetime
    trial: CalibrationTrialOut


class CalibrationOut(Out):
    """A rubric's calibration."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CALIBRATION]})

    rubric_id: str
    version: int = Field(description="The rubric's latest version, whose calibration this is.")
    calibration: CalibrationDocument | None
    in_force: bool = Field(description="False without one, and where it was fitted for other wordings or engines.")
    history: list[CalibrationMadeOut] = Field(description="All that it ever had, drafts as well, newest first.")


class LeftOutOut(Out):
    """Reviewed answers that teach nothing. outdated: graded by another engine or against other wordings; void: a guard
    found that nothing may earn points; one_sided: only corrections or appeals.
    """

    outdated: int
    void: int
    one_sided: int


class CalibrationAttemptOut(Out):
    """What people's marks teach about a rubric."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ATTEMPT]})

    rubric_id: str
    version: int | None = Field(description="The draft that has it; null for a dry run.")
    holds: bool
    reason: str = Field(description="Why it doesn't hold; empty where it does.")
    calibration: CalibrationDocument | None = Field(description="Null where there are too few marks.")
    trial: CalibrationTrialOut | None
    left_out: LeftOutOut


class CalibrationRemovedOut(Out):
    """The draft without a calibration."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.REMOVED]})

    rubric_id: str
    version: int
