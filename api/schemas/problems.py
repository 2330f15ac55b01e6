"""Errors on the wire."""

from pydantic import BaseModel, ConfigDict, Field

from api import examples


class FieldError(BaseModel):
    """One fault of a request. `field` is the place, like `rubric.key_points[2].weight`."""

    field: str
    message: str


class Problem(BaseModel):
    """An error (RFC 9457, application/problem+json). `type` and `code` are stable, the words are not."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldError] = Field(default_factory=list, description="The fields at fault, where there are any.")

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PROBLEM]})
