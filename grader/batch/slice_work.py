"""What is done with one slice of answers, on whatever machine: looked through, or graded and saved."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Protocol

import numpy as np

from grader.batch.column_map import ColumnMap
from grader.batch.items import key_digest
from grader.batch.manifest import NAME, Manifest
from grader.batch.model import BadRow, Graded
from grader.batch.outputs import write, write_bad
from grader.batch.parts import is_bad, read_line
from grader.batch.pending import Counts
from grader.batch.places import Place
from grader.batch.runner import Grader, Source, run
from grader.batch.slices import Slice, SliceTable
from grader.errors import DataInvalid
from grader.model import EngineInfo
from rubrics.model import Rubric

NAMED = 20  # bad rows of a slice that a survey brings along
DONE = "done"  # folder of what is finished


class SliceEngine(Grader, Protocol):
    """The engine, as far as a slice needs it."""

    info: EngineInfo


@dataclass(frozen=True, slots=True)
class Work:
    """What all slices of a run have in common. `columns`: of the files, `map`: what they hold; `rubrics` by id; `check`
    raises AnswerInvalid; `kinds`: of results.
    """

    columns: tuple[str, ...]
    map: ColumnMap
    rubrics: Mapping[str, Rubric]
    check: Callable[[str], None]
    out: Place
    kinds: tuple[str, ...]

    def source(self, one: Slice, seen: Mapping[bytes, int]) -> Source:
        """The answers of a slice."""
        return Source(SliceTable([one], self.columns), self.map, self.rubrics, self.check, seen)


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What a slice holds, no other slice being known.

    named: its first bad rows. keys: 16 bytes for each answer that may have another's key, `lines`: 8 bytes, int64.
    """

    number: int
    answers: int
    bad: int
    rubrics: frozenset[str]
    named: tuple[BadRow, ...]
    keys: bytes
    lines: bytes


@dataclass(frozen=True, slots=True)
class Task:
    """A slice to grade; `seen`: keys of it that came before, each with its line."""

    slice: Slice
    seen: Mapping[bytes, int] = field(default_factory=dict)


def survey(work: Work, one: Slice) -> Surveyed:
    """Read a slice without grading. Raises DataInvalid."""
    repeatable = work.map.key is not None or work.map.candidate is not None
    answers = bad = 0
    rubrics: set[str] = set()
    named: list[BadRow] = []
    keys, lines = bytearray(), []
    for row in work.source(one, {}).rows():
        if isinstance(row, BadRow):
            bad += 1
            if len(named) < NAMED:
                named.append(row)
            continue
        answers += 1
        rubrics.add(row.rubric)
        if repeatable:
            keys += key_digest(row.key)
            lines.append(row.line)
    where = np.array(lines, np.int64).tobytes()
    return Surveyed(one.number, answers, bad, frozenset(rubrics), tuple(named), bytes(keys), where)


def repeats(found: Sequence[Surveyed]) -> dict[int, dict[bytes, int]]:
    """By slice, the keys that an earlier slice has too, with the line that has them first.

    `found`: all slices in their order. Takes about 50 bytes an answer while it works.
    """
    keys = np.frombuffer(b"".join(one.keys for one in found), "<u8").reshape(-1, 2)
    lines = np.frombuffer(b"".join(one.lines for one in found), np.int64)
    ends = np.cumsum([len(one.lines) // 8 for one in found])
    order = np.argsort(keys[:, 0], kind="stable")
    halves = keys[order, 0]
    alike = np.flatnonzero(halves[1:] == halves[:-1])  # few, which are then compared as a whole
    first: dict[bytes, int] = {}
    again: dict[int, dict[bytes, int]] = {}
    for at in np.unique(order[np.concatenate([alike, alike + 1])]):
        key = keys[at].tobytes()
        if (line := first.setdefault(key, int(lines[at]))) != lines[at]:
            number = found[int(np.searchsorted(ends, at, side="right"))].number
            again.setdefault(number, {})[key] = line
    return again


def grade(work: Work, engine: SliceEngine, task: Task) -> Counts:
    """Grade a slice and save its results, its bad rows and, last, that it is done. Raises DataInvalid and, when the
    engine can grade none of its answers, the engine's error.
    """
    kept = _Memory()
    run(work.source(task.slice, task.seen), engine, kept, lambda _: None)
    rows = kept.all()
    bad = sum(map(is_bad, rows))
    counts = Counts(graded=len(rows) - bad, bad=bad)
    table = SliceTable([], work.columns)
    own = Source(table, work.map, {}, work.check).own
    for kind in work.kinds:
        with work.out.saving(f"results/{file_name(task.slice.number, kind)}") as path:
            write(path, kind, (row for row in _read(rows, bad=False) if isinstance(row, Graded)), own)
        if bad:
            with work.out.saving(f"errors/{file_name(task.slice.number, kind)}") as path:
                write_bad(path, kind, (row for row in _read(rows, bad=True) if isinstance(row, BadRow)))
    with work.out.saving(f"{DONE}/{file_name(task.slice.number, 'json')}") as path:
        path.write_text(json.dumps({"graded": counts.graded, "bad": counts.bad, "kinds": work.kinds}), encoding="utf-8")
    return counts


def bind(out: Place, manifest: Manifest) -> None:
    """Give a folder its manifest. Raises DataInvalid where it holds the results of anything else."""
    remedy = f"choose another folder with --out, or remove {out.url}"
    if NAME not in out.names(""):
        if out.names("results"):
            raise DataInvalid(f"{out.url}: holds results without {NAME}, which says what they belong to: {remedy}")
        with out.saving(NAME) as path:
            path.write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
        return
    try:
        before = json.loads(out.read([NAME])[0])
    except ValueError as error:
        raise DataInvalid(f"{out.url}/{NAME}: can't be read ({error}): {remedy}") from error
    if changed := manifest.differences(before):
        raise DataInvalid(f"{out.url}: holds results from before a change of {', '.join(changed)}: {remedy}")


def finished(out: Place, kinds: Sequence[str]) -> dict[int, Counts]:
    """The slices whose results are saved in all `kinds`. Raises DataInvalid for damaged notes of it."""
    names = out.names(DONE)
    done = {}
    for name, content in zip(names, out.read([f"{DONE}/{name}" for name in names]), strict=True):
        try:
            note = json.loads(content)
            counts = Counts(graded=note["graded"], bad=note["bad"], kept=note["graded"] + note["bad"])
            if set(kinds) <= set(note["kinds"]):
                done[int(name.partition(".")[0])] = counts
        except (ValueError, KeyError, TypeError) as error:
            raise DataInvalid(
                f"{out.url}/{DONE}/{name}: is damaged: remove it, and its slice is graded again"
            ) from error
    return done


def file_name(number: int, kind: str) -> str:
    """How a slice's files are called."""
    return f"{number:08}.{kind}"


class _Memory:
    """The parts of one slice's run."""

    def __init__(self) -> None:
        self._parts: dict[int, list[bytes]] = {}

    def lines(self, number: int) -> list[bytes] | None:
        return self._parts.get(number)

    def line(self, number: int, start: int) -> bytes:
        at = 0
        for line in self._parts[number]:
            if at == start:
                return line
            at += len(line)
        raise DataInvalid(f"part {number} has no line at byte {start}: grade the slice again")

    def write(self, number: int, lines: Sequence[bytes]) -> None:
        self._parts[number] = list(lines)

    def all(self) -> list[bytes]:
        return [line for _, lines in sorted(self._parts.items()) for line in lines]


def _read(rows: Sequence[bytes], *, bad: bool) -> Iterator[Graded | BadRow]:
    return (read_line(row) for row in rows if is_bad(row) is bad)
