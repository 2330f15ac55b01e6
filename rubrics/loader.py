"""Files, texts and parsed JSON → Rubric. Every fault is a RubricError that names file, line and path."""

import json
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path as FilePath
from typing import Literal, NoReturn

from rubrics.convert import LineOf
from rubrics.errors import Problem, RubricError, show_value
from rubrics.model import Rubric
from rubrics.validate import validate
from rubrics.yamltree import MAX_DEPTH, YamlTree, parse_yaml

MAX_BYTES = 1_000_000
BANK = FilePath(__file__).parent / "bank"

Format = Literal["yaml", "json"]


def load_file(path: FilePath | str) -> Rubric:
    """Read a rubric file of at most 1 MB: JSON when its name ends in .json, YAML otherwise. Raises RubricError."""
    path, source = FilePath(path), str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        _refuse_oversize(len(content), source)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        byte = f"byte 0x{content[error.start]:02x}"
        raise RubricError([Problem(source, "", line, "is not UTF-8; save the file as UTF-8", byte)]) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RubricError([Problem(source, "", None, f"can't be read: {reason}")]) from error
    return load_text(text, source, "json" if path.suffix.lower() == ".json" else "yaml")


def load_text(text: str, source: str = "text", format: Format = "yaml") -> Rubric:
    """Read a rubric from YAML or JSON text of at most 1 MB. `source` names it in errors. Raises RubricError."""
    try:
        _refuse_oversize(len(text.encode()), source)
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        value = show_value(text[error.start])
        raise RubricError([Problem(source, "", line, "holds a lone surrogate; remove it", value)]) from error
    if format == "json":
        return validate(_parse_json(text, source), source, _json_lines(text))
    tree = parse_yaml(text, source)
    return validate(tree.data, source, tree.line_of)


def load_data(data: object, source: str = "rubric") -> Rubric:
    """A rubric from parsed JSON (mappings, lists, text, numbers). `source` names it in errors. Raises RubricError."""
    return validate(data, source, lambda _: None)


def load_bank(directory: FilePath | str | None = None) -> dict[str, Rubric]:
    """All rubrics of a bank by id, in order of id; without a directory, the bank that comes with the package.

    A bank's files are TOPIC/ID.yaml. Raises one RubricError with the faults of all files.
    """
    root = FilePath(directory) if directory is not None else BANK
    rubrics: dict[str, Rubric] = {}
    problems: list[Problem] = []
    for path in sorted(root.rglob("*.yaml")):
        try:
            rubric = load_file(path)
        except RubricError as error:
            problems.extend(error.problems)
            continue
        problems.extend(_misplaced(rubric, path, root))
        if rubric.id in rubrics:
            problems.append(Problem(str(path), "id", None, "is another file's too; ids are unique", repr(rubric.id)))
        rubrics[rubric.id] = rubric
    if not rubrics and not problems:
        problems.append(Problem(str(root), "", None, "holds no TOPIC/ID.yaml; name a directory with rubrics"))
    if problems:
        raise RubricError(problems)
    return dict(sorted(rubrics.items()))


def _misplaced(rubric: Rubric, path: FilePath, root: FilePath) -> list[Problem]:
    expected = FilePath(rubric.topic, f"{rubric.id}.yaml")
    if path.relative_to(root) == expected:
        return []
    message = "a bank's file is TOPIC/ID.yaml: rename it, or change its id or topic"
    return [Problem(str(path), "id", None, message, repr(str(expected)))]


def _refuse_oversize(size: int, source: str) -> None:
    if size > MAX_BYTES:
        message = f"is larger than {MAX_BYTES:,} bytes; a rubric has a few thousand"
        raise RubricError([Problem(source, "", None, message)])


def _parse_json(text: str, source: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise RubricError([Problem(source, "", error.lineno, f"not valid JSON: {error.msg}")]) from error
    except _Refused as error:
        raise RubricError([Problem(source, "", None, str(error))]) from error
    except RecursionError as error:
        message = f"is nested too deep; a rubric is never nested more than {MAX_DEPTH} deep"
        raise RubricError([Problem(source, "", None, message)]) from error
    except ValueError as error:  # an integer of thousands of digits
        raise RubricError([Problem(source, "", None, f"not valid JSON: {error}")]) from error


class _Refused(ValueError):
    """JSON that the parser would take and a rubric must not have."""


def _unique_keys(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise _Refused(f"the key {show_value(twice)} is here twice in one object; keep one")
    return entries


def _no_constant(name: str) -> NoReturn:
    raise _Refused(f"{name} is not a JSON number; write a finite one")


def _json_lines(text: str) -> LineOf:
    """JSON is nearly YAML, so YAML's reader knows the lines of most JSON; where it can't read it, there are none."""

    @cache
    def tree() -> YamlTree:
        try:
            return parse_yaml(text, "")
        except RubricError:
            return YamlTree(None)

    return lambda path: tree().line_of(path)
