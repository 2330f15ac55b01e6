"""Does a rubric work? What the rules on its text find, and those that ask the engine."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from grader.engine import Engine
from grader.errors import AnswerInvalid
from grader.golden import GoldenAnswer
from grader.model import Evaluation
from grader.nearness import Nearness
from grader.rubric_rules import RULES, Subject
from rubrics.convert import LineOf
from rubrics.findings import Finding, Rule, no_lines
from rubrics.lint import RULES as TEXT_RULES
from rubrics.lint import lint
from rubrics.model import Rubric

ALL_RULES: Final[tuple[Rule[Any], ...]] = (*TEXT_RULES, *RULES)


def check(
    rubric: Rubric, engine: Engine, golden: Sequence[GoldenAnswer] = (), line_of: LineOf = no_lines
) -> list[Finding]:
    """What all rules find, those on the text first. `golden` may hold other rubrics' answers. Raises GraderError."""
    subject = _subject(rubric, engine, golden)
    return [*lint(rubric, line_of), *(finding for one in RULES for finding in one.findings(subject, line_of))]


def _subject(rubric: Rubric, engine: Engine, golden: Sequence[GoldenAnswer]) -> Subject:
    (prepared,) = engine.prepared([rubric]).values()
    engine = engine.alone()  # the rules ask what the wordings do, which is alignment
    answer = rubric.reference_answer
    return Subject(
        rubric=rubric,
        prepared=prepared,
        nearness=Nearness.of(prepared),
        reference=_graded(engine, rubric, answer),
        heard=_graded(engine, _says_only(rubric), answer),
        golden=tuple(one for one in golden if one.rubric == rubric.id),
    )


def _graded(engine: Engine, rubric: Rubric, answer: str) -> Evaluation | None:
    """None without an answer, and for one that is longer than the engine reads."""
    try:
        return engine.grade(rubric, answer) if answer else None
    except AnswerInvalid:
        return None


def _says_only(rubric: Rubric) -> Rubric:
    points = tuple(replace(point, denies=(), near=()) for point in rubric.key_points)
    return replace(rubric, key_points=points, misconceptions=())
