"""Plain data → Rubric, with the format's faults in words that help an author."""

from difflib import get_close_matches

from pydantic import BaseModel, ValidationError

from rubrics.convert import LineOf, to_rubric
from rubrics.document import (
    CalibrationDocument,
    FollowUpDocument,
    KeyPointDocument,
    LevelDocument,
    MisconceptionDocument,
    RubricDocument,
)
from rubrics.errors import Path, Problem, RubricError, show_path, show_value
from rubrics.model import Rubric

MAX_PROBLEMS = 100

_PARTS: dict[str | int, type[BaseModel]] = {
    "key_points": KeyPointDocument,
    "misconceptions": MisconceptionDocument,
    "levels": LevelDocument,
    "follow_ups": FollowUpDocument,
    "calibration": CalibrationDocument,
}


def validate(data: object, source: str, line_of: LineOf) -> Rubric:
    """The rubric that `data` (mappings, lists, text, numbers) describes. `line_of` gives a path's line in `source`.

    Raises RubricError with every fault of the structure, at most 100, or else every contradiction among its parts.
    """
    if not isinstance(data, dict):
        message = "must be a mapping with question and key_points"
        raise RubricError([Problem(source, "", line_of(()), message, show_value(data))])
    try:
        document = RubricDocument.model_validate(data)
    except ValidationError as error:
        raise RubricError(_problems(error, source, line_of)) from error
    return to_rubric(document, source, line_of)


def _problems(error: ValidationError, source: str, line_of: LineOf) -> list[Problem]:
    problems = []
    details = error.errors(include_url=False, include_context=False)
    for detail in details[:MAX_PROBLEMS]:
        path = detail["loc"]
        missing = detail["type"] == "missing"
        value = "" if missing else show_value(detail["input"])
        message = _message(detail["type"], detail["msg"], path)
        problems.append(Problem(source, show_path(path), line_of(path), message, value))
    if len(details) > MAX_PROBLEMS:
        problems.append(Problem(source, "", None, f"{len(details) - MAX_PROBLEMS} more faults"))
    return problems


def _message(kind: str, message: str, path: Path) -> str:
    if kind == "missing":
        return "is required; add it"
    if kind == "extra_forbidden":
        near = get_close_matches(str(path[-1])[:80], _fields_at(path), n=1)
        return f"unknown key; did you mean {near[0]!r}?" if near else "unknown key; remove it"
    if kind == "string_type":
        return "must be text; quote it if it is meant as text"
    if kind == "string_unicode":
        return "must be valid Unicode text; remove the lone surrogate"
    if kind == "string_too_short":
        return "must not be blank; write it or remove it"
    for subject in ("Input should ", "String should ", "Tuple should "):
        message = message.replace(subject, "must ")
    return message


def _fields_at(path: Path) -> list[str]:
    model = RubricDocument if len(path) == 1 else _PARTS.get(path[0], RubricDocument)
    return list(model.model_fields)
