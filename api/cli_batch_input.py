"""Which rubrics `grader batch` knows, and what the columns of its file hold."""

import sys
from collections.abc import Mapping
from pathlib import Path

import typer
import yaml

from api.cli_batch_show import say
from api.cli_rubrics import expand, find
from grader.batch.column_map import ColumnMap, load_map, map_to_dict
from grader.batch.columns import guess
from grader.batch.rows import Table
from rubrics import Problem, Rubric, RubricError, load_bank, load_file
from rubrics.errors import printable


def known_rubrics(folder: Path | None, given: str | None) -> tuple[dict[str, Rubric], str | None]:
    """The bank's rubrics with those of a folder in place of their namesakes, by id; and the id of the one that is given
    for all answers by id or file. Raises RubricError.
    """
    known = load_bank() | (_of_folder(folder) if folder else {})
    if given is None or given in known:
        return known, given
    rubric = find(given)
    return known | {rubric.id: rubric}, rubric.id


def _of_folder(folder: Path) -> dict[str, Rubric]:
    found: dict[str, Rubric] = {}
    problems: list[Problem] = []
    for path in expand([folder]):
        try:
            rubric = load_file(path)
        except RubricError as error:
            problems += error.problems
            continue
        if rubric.id in found:
            problems.append(Problem(str(path), "id", None, "is another file's too: give each its own", rubric.id))
        found[rubric.id] = rubric
    if not found and not problems:
        problems.append(Problem(str(folder), "", None, "holds no .yaml, .yml or .json file: name a folder of rubrics"))
    if problems:
        raise RubricError(problems)
    return found


def columns_of(
    table: Table, path: Path | None, rubrics: Mapping[str, Rubric], fixed: str | None, *, confirm: bool
) -> ColumnMap:
    """The map of a file, or one that is guessed and shown. `confirm`: don't take a guess about rubrics without a yes.

    Raises DataInvalid; exits with 2 where nobody can say yes.
    """
    if path is not None:
        for note in table.notes:
            say(f"! {note}")
        return load_map(path)
    guessed = guess(table, rubrics, fixed)
    say("The columns are taken so:\n" + _shown(guessed.map))
    for doubt in guessed.doubts:
        say(f"! {doubt}")
    if confirm and fixed is None:
        _confirm()
    return guessed.map


def _shown(columns: ColumnMap) -> str:
    text: str = yaml.safe_dump(map_to_dict(columns), allow_unicode=True, sort_keys=False)
    return "\n".join(f"    {printable(line)}" for line in text.splitlines())


def _confirm() -> None:
    remedy = "write the map into a file, corrected where it is wrong, and give it with --map"
    if not _interactive():
        raise typer.BadParameter(f"is missing, and nobody can confirm the guess: {remedy}", param_hint="--map")
    if not typer.confirm("Is this right?", default=True, err=True):
        raise typer.BadParameter(f"is needed: {remedy}", param_hint="--map")


def _interactive() -> bool:
    return sys.stdin.isatty()
