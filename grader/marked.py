"""Files of marked answers: JSON lines, plain or gzip, one answer with its mark a row."""

import gzip
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from grader.errors import DataInvalid
from grader.model import Verdict
from rubrics import RubricError, from_reference, load_data
from rubrics.model import Rubric


@dataclass(frozen=True, slots=True)
class MarkedAnswer:
    """One row: an answer, the rubric to grade it against, and what people gave it.

    `label` 0–1; `verdict` where the row has one, for its only key point.
    """

    line: int
    rubric: Rubric
    answer: str
    label: float
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that can't be used, and why."""

    line: int
    reason: str


def read_marked(path: Path) -> Iterator[MarkedAnswer | BadRow]:
    """Every row of a file, in order. Raises DataInvalid when the file itself can't be read."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            for number, raw in enumerate(stream, 1):
                if raw.strip():
                    yield _row(number, raw)
    except (OSError, EOFError) as error:
        raise DataInvalid(f"{path}: can't be read ({error}): give a .jsonl or .jsonl.gz file") from error


def _row(line: int, raw: bytes) -> MarkedAnswer | BadRow:
    try:
        row = json.loads(raw)
        return _marked(line, row)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        return BadRow(line, f"not JSON ({error})")
    except RubricError as error:
        return BadRow(line, str(error))
    except _Fault as error:
        return BadRow(line, str(error))


class _Fault(ValueError):
    pass


def _marked(line: int, row: Any) -> MarkedAnswer:
    if not isinstance(row, dict):
        raise _Fault(f"a row must be a JSON object, this is {type(row).__name__}")
    answer = row.get("answer")
    if not isinstance(answer, str):
        raise _Fault(f"'answer' must be text, this is {answer!r:.60}")
    verdict = row.get("verdict")
    if verdict is not None and verdict not in set(Verdict):
        raise _Fault(f"'verdict' must be one of {', '.join(Verdict)}, this is {verdict!r:.60}")
    label = row.get("label", None if verdict is None else float(verdict == Verdict.COVERED))
    if isinstance(label, bool) or not isinstance(label, int | float) or not math.isfinite(label) or not 0 <= label <= 1:
        raise _Fault(f"'label' must be a number from 0 to 1, this is {label!r:.60}")
    question = row.get("question") or ""
    if not isinstance(question, str):
        raise _Fault(f"'question' must be text, this is {question!r:.60}")
    rubric = _rubric(question, json.dumps(row.get("key_points")), json.dumps(row.get("reference_answer")))
    return MarkedAnswer(
        line=line,
        rubric=rubric,
        answer=answer,
        label=float(label),
        verdict=None if verdict is None else Verdict(verdict),
    )


@lru_cache(maxsize=20_000)
def _rubric(question: str, key_points: str, reference: str) -> Rubric:
    """Strings of JSON, so that equal rubrics are made once and share their cached vectors."""
    points, text = json.loads(key_points), json.loads(reference)
    if points:
        rubric = load_data({"question": question or "(none)", "key_points": points}, "row")
        return replace(rubric, question=question)
    if isinstance(text, str):
        return from_reference(text, question)
    raise _Fault("a row needs 'key_points' (a list) or 'reference_answer' (text)")
