"""The rules that need no model, all at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from rubrics import lint_points, lint_statements, lint_wordings
from rubrics.convert import LineOf
from rubrics.errors import RubricError
from rubrics.findings import Finding, Rule, format_findings, no_lines
from rubrics.loader import load_file, load_text
from rubrics.model import Rubric
from rubrics.yamltree import parse_yaml

RULES: Final[tuple[Rule[Rubric], ...]] = (
    lint_statements.two_propositions,
    lint_statements.vague_wording,
    lint_statements.not_a_sentence,
    lint_points.dominant_weight,
    lint_points.point_count,
    lint_points.unreachable_level,
    lint_points.idle_required,
    lint_points.missing_feedback,
    lint_points.feedback_repeats_point,
    lint_points.few_follow_ups,
    lint_wordings.few_wordings,
    lint_wordings.repeated_wording,
    lint_wordings.wording_length,
    lint_wordings.reference_length,
)


def lint(rubric: Rubric, line_of: LineOf = no_lines) -> list[Finding]:
    """What the rules find, rule by rule. `line_of` gives a path's line, if the rubric came from a text with lines."""
    return [finding for rule in RULES for finding in rule.findings(rubric, line_of)]


Check = Callable[[Rubric, LineOf], list[Finding]]


def check_text(text: str, source: str, format: Literal["yaml", "json"], check: Check = lint) -> list[Finding]:
    """What `check` finds in a rubric's text, with lines; what the loader refuses comes as findings too."""
    try:
        rubric = load_text(text, source, format)
    except RubricError as error:
        return format_findings(error)
    return check(rubric, _lines(text))


def check_file(path: Path, check: Check = lint) -> list[Finding]:
    """What `check` finds in a rubric's file, as `check_text` does."""
    try:
        rubric = load_file(path)
    except RubricError as error:
        return format_findings(error)
    return check(rubric, _lines(path.read_text(encoding="utf-8-sig")))


def _lines(text: str) -> LineOf:
    """The lines of YAML, and of JSON as far as YAML's reader takes it."""
    try:
        return parse_yaml(text, "").line_of
    except RubricError:
        return no_lines
