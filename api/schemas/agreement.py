"""Agreement on the wire."""

from pydantic import ConfigDict, Field

from api import examples_agreement as examples
from api.schemas.base import Out


class EstimateOut(Out):
    """A figure with its 95% interval, which is null where one answer can't tell."""

    value: float
    low: float | None
    high: float | None


class FiguresOut(Out):
    """Agreement of two raters. A figure that isn't defined is null, and `note` says why."""

    answers: int
    verdicts: int = Field(description="Pairs of verdicts on one key point.")
    accuracy: EstimateOut | None = Field(description="Share of pairs that are the same.")
    kappa: EstimateOut | None = Field(description="Cohen's kappa of the verdicts.")
    whole: int = Field(description="Answers of which both raters marked every key point, or gave points.")
    qwk: EstimateOut | None = Field(description="Quadratic weighted kappa of coverages in quarters.")
    exact: EstimateOut | None = Field(description="Share of coverages in the same quarter.")
    adjacent: EstimateOut | None = Field(description="Share of coverages at most one quarter apart.")
    note: str | None


class PointAgreementOut(Out):
    """Agreement on one key point."""

    rubric_id: str
    key_point_id: str
    engine: FiguresOut
    people: FiguresOut | None = Field(description="Null where no two people rated it.")


class BandAgreementOut(Out):
    """Agreement with the engine by what people gave: `quarter` 0 is nothing covered, 4 is all."""

    quarter: int
    engine: FiguresOut


class TimeAgreementOut(Out):
    """Agreement with the engine by the month in which people rated."""

    month: str
    engine: FiguresOut


class ModelAgreementOut(Out):
    """People beside a language model on the doubtful points that it was asked about, and beside the engine there."""

    rater: str
    model: FiguresOut
    engine: FiguresOut


class AgreementOut(Out):
    """People beside the engine, and people beside each other: the engine can't be more right than people agree."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.AGREEMENT]})

    seed: int
    reviewed: int = Field(description="Answers that somebody rated.")
    unscored: int = Field(description="Answers without a mark: nobody can rate them, and they count in no figure.")
    engine: FiguresOut = Field(description="What counts among people beside the engine.")
    unseen: FiguresOut = Field(description="Only ratings by people who hadn't seen the engine's verdicts.")
    people: FiguresOut = Field(description="Blind ratings beside those of other people.")
    key_points: list[PointAgreementOut]
    bands: list[BandAgreementOut]
    months: list[TimeAgreementOut]
    models: list[ModelAgreementOut] = Field(description="Second opinions; empty where none was asked for.")
