"""What a good answer contains: rubrics, how they are written, read, hashed and made from a reference answer."""

from rubrics.convert import from_rubric, to_rubric
from rubrics.document import RubricDocument, json_schema
from rubrics.dump import dump_yaml
from rubrics.errors import Problem, RubricError
from rubrics.fingerprint import content_hash, scoring_hash
from rubrics.loader import load_bank, load_data, load_file, load_text
from rubrics.model import (
    DEFAULT_LEVELS,
    Calibration,
    Difficulty,
    FollowUp,
    KeyPoint,
    Kind,
    Level,
    Misconception,
    PointShift,
    Rubric,
)
from rubrics.reference import from_reference

__all__ = [
    "DEFAULT_LEVELS",
    "Calibration",
    "Difficulty",
    "FollowUp",
    "KeyPoint",
    "Kind",
    "Level",
    "Misconception",
    "PointShift",
    "Problem",
    "Rubric",
    "RubricDocument",
    "RubricError",
    "content_hash",
    "dump_yaml",
    "from_reference",
    "from_rubric",
    "json_schema",
    "load_bank",
    "load_data",
    "load_file",
    "load_text",
    "scoring_hash",
    "to_rubric",
]
