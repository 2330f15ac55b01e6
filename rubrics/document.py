"""The rubric as it is written in files and sent over HTTP, and its JSON Schema (see docs/rubric-format.md)."""

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import PydanticCustomError, PydanticKnownError

from rubrics.model import DEFAULT_LEVELS, Difficulty, Kind

MAX_KEY_POINTS: Final = 64
MAX_LIST: Final = 32
MAX_TEXT: Final = 2_000
MAX_REFERENCE: Final = 20_000
MAX_POINTS: Final = 1_000.0
ID_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,79}$"
TOPIC_PATTERN: Final = r"^([a-z0-9][a-z0-9-]{0,79})?$"
HASH_PATTERN: Final = r"^[0-9a-f]{64}$"
MAX_SHIFT: Final = 20.0
SCHEMA_ID: Final = "urn:answer-grader:rubric:1"


def _trimmed(text: str) -> str:
    """Without blanks at both ends, which count where a length is limited: a schema knows nothing of trimming."""
    if "\0" in text:
        raise PydanticCustomError("nul", "must not contain a NUL character; remove it")
    return text.strip()


def _not_blank(text: str) -> str:
    if not text:
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return text


def _as_mapping(value: object) -> object:
    return {"statement": value} if isinstance(value, str) else value


Slug = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT), AfterValidator(_trimmed)]
Wording = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_TEXT),
    AfterValidator(_trimmed),
    AfterValidator(_not_blank),
]
LongText = Annotated[str, StringConstraints(max_length=MAX_REFERENCE), AfterValidator(_trimmed)]
Wordings = Annotated[tuple[Wording, ...], Field(max_length=MAX_LIST)]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KeyPointDocument(_Document):
    """One proposition that the answer should express. A bare string stands for its statement."""

    model_config = ConfigDict(title="Key point")

    id: Slug | None = Field(None, description="Stable name; made from the statement when left out.")
    statement: Wording = Field(description="The proposition: one sentence that can be checked on its own.")
    weight: float = Field(
        1.0, strict=True, gt=0, le=MAX_POINTS, allow_inf_nan=False, description="Points that it is worth, above 0."
    )
    required: bool = Field(
        False, strict=True, description="Without it, levels that need the required points are out of reach."
    )
    terms: Wordings = Field((), description="Names and abbreviations that signal the point.")
    says: Wordings = Field((), description="Other wordings of the point, each of which would earn it alone.")
    denies: Wordings = Field((), description="Wordings that assert the opposite.")
    near: Wordings = Field((), description="True statements that share the point's words and don't say it.")
    missed: Text = Field("", description="What a candidate who missed the point should hear.")


class MisconceptionDocument(_Document):
    """A wrong proposition that the answer should not express."""

    model_config = ConfigDict(title="Misconception")

    id: Slug | None = Field(None, description="Stable name; made from the statement when left out.")
    statement: Wording = Field(description="The wrong proposition, as a believer would put it.")
    says: Wordings = Field((), description="Other wordings of it.")
    correction: Text = Field("", description="What a candidate who asserts it should hear.")
    penalty: float = Field(
        0.0, strict=True, ge=0, le=MAX_POINTS, allow_inf_nan=False, description="Points taken off when asserted."
    )


class LevelDocument(_Document):
    """A named band of scores."""

    model_config = ConfigDict(title="Level")

    name: Wording = Field(description="The level's name, unique in the rubric.")
    min_score: float = Field(
        strict=True, ge=0, le=1, allow_inf_nan=False, description="Where it begins, as a share of the maximum points."
    )
    needs_required: bool = Field(
        False, strict=True, description="Out of reach while a required key point isn't covered."
    )


class FollowUpDocument(_Document):
    """A question worth asking when one of its key points was missed."""

    model_config = ConfigDict(title="Follow-up")

    question: Wording = Field(description="The follow-up question.")
    key_points: Annotated[tuple[Slug, ...], Field(max_length=MAX_KEY_POINTS)] = Field(
        (), description="Ids of the key points that it belongs to."
    )


class PointShiftDocument(_Document):
    """How far a key point is moved."""

    model_config = ConfigDict(title="Point shift")

    id: Slug = Field(description="The key point's id.")
    shift: float = Field(
        strict=True, ge=-MAX_SHIFT, le=MAX_SHIFT, allow_inf_nan=False, description="In log odds; above 0 is lenient."
    )


class CalibrationDocument(_Document):
    """What people's marks taught about this rubric. The service writes it; see docs/calibration.md."""

    model_config = ConfigDict(title="Calibration")

    engine: str = Field(pattern=HASH_PATTERN, description="Identity of the engine that it was fitted for.")
    scoring_hash: str = Field(
        pattern=HASH_PATTERN, description="Of the rubric without it; of another wording it does nothing."
    )
    slope: float = Field(strict=True, gt=0, le=MAX_SHIFT, allow_inf_nan=False, description="Factor of the log odds.")
    shift: float = Field(
        strict=True, ge=-MAX_SHIFT, le=MAX_SHIFT, allow_inf_nan=False, description="Added to every point's log odds."
    )
    points: Annotated[tuple[PointShiftDocument, ...], Field(max_length=MAX_KEY_POINTS)] = Field(
        (), description="Added to single points' log odds."
    )
    marks: int = Field(0, strict=True, ge=0, le=2**31 - 1, description="How many marks it was fitted on.")


KeyPointOrText = Annotated[
    KeyPointDocument, BeforeValidator(_as_mapping, json_schema_input_type=KeyPointDocument | Wording)
]

EXAMPLE: Final[JsonSchemaValue] = {
    "id": "bagging-vs-boosting",
    "version": 1,
    "topic": "ensembles",
    "kind": "comparison",
    "question": "How do bagging and boosting differ?",
    "key_points": [
        {
            "id": "sequential-training",
            "statement": "Boosting trains its models one after another, each correcting the errors before it.",
            "weight": 2,
            "required": True,
            "says": ["every new tree goes after whatever the earlier ones got wrong"],
            "denies": ["boosting fits all of its learners independently and at the same time"],
            "near": ["boosting often uses shallow trees as its base learners"],
        },
        "Bagging averages models trained on bootstrap samples.",
    ],
}


class RubricDocument(_Document):
    """What a good answer to one question contains."""

    model_config = ConfigDict(title="Rubric", json_schema_extra={"examples": [EXAMPLE]})

    id: Slug = Field("inline", description="Lower case, digits, hyphens; in the bank, the file's name.")
    version: int = Field(1, strict=True, ge=1, le=2**31 - 1, description="An edit is a new version.")
    topic: str = Field("", pattern=TOPIC_PATTERN, description="The subject area; in the bank, the folder's name.")
    kind: Kind = Field(Kind.OPEN, description="What sort of question it is.")
    difficulty: Difficulty = Field(Difficulty.CORE, description="How much experience the question expects.")
    language: str = Field(
        "en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", description="Language tag of the rubric's wordings."
    )
    guides: Wordings = Field((), description="Free labels: where the question came from.")
    question: Wording = Field(description="The item as the candidate sees it.")
    reference_answer: LongText = Field("", description="A model answer that covers every key point.")
    key_points: tuple[KeyPointOrText, ...] = Field(
        min_length=1, max_length=MAX_KEY_POINTS, description="What a good answer says, one proposition each."
    )
    misconceptions: tuple[MisconceptionDocument, ...] = Field(
        (), max_length=MAX_LIST, description="Wrong propositions worth finding."
    )
    levels: tuple[LevelDocument, ...] = Field(
        tuple(
            LevelDocument(name=level.name, min_score=level.min_score, needs_required=level.needs_required)
            for level in DEFAULT_LEVELS
        ),
        min_length=1,
        max_length=MAX_LIST,
        description="Named bands, ascending; the first begins at 0.",
    )
    follow_ups: tuple[FollowUpDocument, ...] = Field(
        (), max_length=MAX_LIST, description="Questions tied to key points that were missed."
    )
    author: Text = Field("", description="Who wrote the rubric.")
    licence: Text = Field("", description="Licence of the rubric's text, for example CC-BY-4.0.")
    calibration: CalibrationDocument | None = Field(
        None, description="What people's marks taught about it; the service writes it."
    )


def json_schema() -> JsonSchemaValue:
    """JSON Schema (2020-12) of a rubric file, for editors and other tools."""
    schema = RubricDocument.model_json_schema(mode="validation")
    return {"$schema": GenerateJsonSchema.schema_dialect, "$id": SCHEMA_ID, **schema}
