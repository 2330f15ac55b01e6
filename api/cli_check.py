"""`grader rubrics check`: what is wrong with rubrics, in files or in the bank."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from api.cli_common import load_engine, read_settings

if TYPE_CHECKING:
    from rubrics.findings import Finding
    from rubrics.lint import Check


def run(files: Sequence[Path], with_model: bool, golden: Path | None, as_json: bool) -> None:
    """Print the findings of every file, and their number. Exits with 1 if one is an error. Raises GraderError."""
    from rubrics.findings import has_errors
    from rubrics.lint import check_file

    check = _rules(with_model, golden)
    checked = {str(path): check_file(path, check) for path in files}
    if as_json:
        _print_json(checked)
    else:
        for source, findings in checked.items():
            for finding in findings:
                typer.echo(_line(source, finding))
        typer.echo(_summary(list(checked.values())))
    if any(has_errors(findings) for findings in checked.values()):
        raise typer.Exit(1)


def explain(code: str) -> None:
    """Print what a code means and what to do about it. Raises typer's BadParameter with the nearest code."""
    from difflib import get_close_matches

    from grader.rubric_check import ALL_RULES
    from rubrics.findings import FORMAT, FORMAT_EXPLANATION, FORMAT_REMEDY, Severity

    known = {rule.code: (rule.severity, rule.explanation, rule.remedy) for rule in ALL_RULES}
    known[FORMAT] = (Severity.ERROR, FORMAT_EXPLANATION, FORMAT_REMEDY)
    if code not in known:
        near = get_close_matches(code, known, n=1) or sorted(known)
        raise typer.BadParameter(
            f"no rule has the code {code!r}; did you mean {', '.join(near)}?", param_hint="--explain"
        )
    severity, explanation, remedy = known[code]
    typer.echo(f"{code} ({severity})\n{explanation}\nRemedy: {remedy}")


def _rules(with_model: bool, golden: Path | None) -> "Check":
    from rubrics.lint import lint

    if not with_model:
        if golden:
            raise typer.BadParameter("is read by rules of the model; leave out --no-model", param_hint="--golden")
        return lint
    from grader.golden import load_golden
    from grader.rubric_check import check

    engine = load_engine(read_settings())
    answers = load_golden(golden) if golden else []
    return lambda rubric, line_of: check(rubric, engine, answers, line_of)


def _line(source: str, finding: "Finding") -> str:
    from rubrics.errors import printable

    place = source if finding.line is None else f"{source}:{finding.line}"
    told = ": ".join(part for part in (place, finding.path, finding.message) if part)
    return printable(f"{told} [{finding.severity}: {finding.code}]") + f"\n    → {finding.remedy}"


def _summary(checked: "Sequence[Sequence[Finding]]") -> str:
    from rubrics.findings import Severity, has_errors

    warnings = sum(finding.severity is Severity.WARNING for findings in checked for finding in findings)
    good = sum(not has_errors(findings) for findings in checked)
    return f"{good} of {len(checked)} files are good; {warnings} warnings."


def _print_json(checked: "dict[str, list[Finding]]") -> None:
    from api.schemas import FileCheckOut, RubricCheckOut

    results = [
        FileCheckOut(file=source, **dict(RubricCheckOut.of(findings))).model_dump(mode="json")
        for source, findings in checked.items()
    ]
    typer.echo(json.dumps(results, indent=2, ensure_ascii=False))
