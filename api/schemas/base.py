"""What all answers share."""

from pydantic import BaseModel, ConfigDict


class Out(BaseModel):
    """JSON that the service sends: built from a domain value, and every field always there."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)
