"""Which column of a file holds what."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.errors import DataInvalid
from rubrics.errors import RubricError, printable, show_path, show_value
from rubrics.yamltree import parse_yaml

MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The columns of a file of answers, by their names.

    Long form, one answer a row: `answer`, and either `rubric` (the column of rubric ids) or `fixed_rubric` (one id for
    all rows); `key` (the caller's own id, unique in the file) and `candidate` where the file has them.
    Wide form, one candidate a row: `questions`, pairs of column and rubric id, and `candidate` where the file has it.
    Raises DataInvalid for anything between the two, and for a column that would be two things.
    """

    candidate: str | None = None
    key: str | None = None
    rubric: str | None = None
    answer: str | None = None
    fixed_rubric: str | None = None
    questions: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.questions and any((self.answer, self.rubric, self.fixed_rubric, self.key)):
            raise DataInvalid("a map with 'questions' takes only 'candidate' beside it: remove the other entries")
        if not self.questions and self.answer is None:
            raise DataInvalid("a map needs 'answer' (one answer a row) or 'questions' (one column a question)")
        if not self.questions and (self.rubric is None) == (self.fixed_rubric is None):
            raise DataInvalid("a map with 'answer' needs one of 'rubric' (a column) and 'fixed_rubric' (a rubric's id)")
        for name, count in Counter(self.used).items():
            if count > 1:
                raise DataInvalid(f"a map names the column {name!r:.80} {count} times: a column can be one thing only")
        for rubric, count in Counter(rubric for _, rubric in self.questions).items():
            if count > 1:
                raise DataInvalid(
                    f"a map gives {count} columns to the rubric {rubric!r:.80}: give each a rubric of its own"
                )

    @property
    def wide(self) -> bool:
        """Whether a row holds all answers of a candidate."""
        return bool(self.questions)

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that are read; all others are kept as the caller's own."""
        single = (self.candidate, self.key, self.rubric, self.answer)
        return tuple(name for name in single if name is not None) + tuple(column for column, _ in self.questions)


class ColumnMapDocument(BaseModel):
    """A map as it stands in YAML or JSON."""

    model_config = ConfigDict(extra="forbid", strict=True)

    candidate: str | None = Field(None, min_length=1, description="Column that says who answered.")
    key: str | None = Field(None, min_length=1, description="Column with your own id of each answer.")
    rubric: str | None = Field(None, min_length=1, description="Column with the rubric's id.")
    answer: str | None = Field(None, min_length=1, description="Column with the answer, where a row has one.")
    fixed_rubric: str | None = Field(None, min_length=1, description="The rubric's id, where all rows have the same.")
    questions: dict[str, str] = Field({}, description="Column → rubric's id, where a row has many answers.")


def map_from_dict(data: object, source: str = "map") -> ColumnMap:
    """The map that parsed JSON or YAML describes. `source` names it in errors. Raises DataInvalid."""
    try:
        document = ColumnMapDocument.model_validate(data)
        single = document.model_dump(exclude={"questions"})
        return ColumnMap(**single, questions=tuple(document.questions.items()))
    except ValidationError as error:
        faults = (_fault(one["loc"], one["msg"], one["input"]) for one in error.errors(include_url=False)[:20])
        remedy = "a map has 'answer' with 'rubric' or 'fixed_rubric', or 'questions', each naming columns"
        raise DataInvalid(f"{source}: {'; '.join(faults)}: {remedy}") from error
    except DataInvalid as error:
        raise DataInvalid(f"{source}: {error}") from error


def map_to_dict(columns: ColumnMap) -> dict[str, str | dict[str, str]]:
    """The map as JSON or YAML has it; `map_from_dict` reads it back."""
    single: Mapping[str, str | None] = {
        "candidate": columns.candidate,
        "key": columns.key,
        "rubric": columns.rubric,
        "answer": columns.answer,
        "fixed_rubric": columns.fixed_rubric,
    }
    entries: dict[str, str | dict[str, str]] = {name: value for name, value in single.items() if value is not None}
    return entries | {"questions": dict(columns.questions)} if columns.wide else entries


def load_map(path: Path) -> ColumnMap:
    """Read a map from a YAML or JSON file. Raises DataInvalid."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise DataInvalid(f"{path}: is larger than {MAX_BYTES:,} bytes: a map names columns, nothing else")
        text = content.decode("utf-8-sig")
        if not text.strip():
            raise DataInvalid(f"{path}: is empty: name at least 'answer' or 'questions'")
        return map_from_dict(parse_yaml(text, str(path)).data, str(path))
    except UnicodeDecodeError as error:
        raise DataInvalid(f"{path}: isn't UTF-8 ({error}): save it as UTF-8") from error
    except OSError as error:
        raise DataInvalid(f"{path}: can't be read ({error.strerror or error})") from error
    except RubricError as error:
        raise DataInvalid(str(error)) from error


def _fault(path: tuple[int | str, ...], message: str, value: object) -> str:
    return f"{show_path(path) or 'the map'}: {printable(message)} (got {show_value(value)})"
