"""A run over a file: what is graded, what is kept, and that nothing ends it that shouldn't."""

import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from grader.batch import runner
from grader.batch.column_map import ColumnMap
from grader.batch.manifest import Manifest
from grader.batch.model import BadRow, Item
from grader.batch.parts import Parts
from grader.batch.pending import Counts
from grader.batch.rows import Row
from grader.batch.runner import Source, cut, run, survey
from grader.errors import DataInvalid
from grader.model import Evaluation
from rubrics.model import KeyPoint, Rubric
from tests.grader.batch.test_results import EVALUATION

RUBRICS = {id_: Rubric(id_, "Why?", (KeyPoint("a", "Because."),)) for id_ in ("r1", "r2")}
MAP = ColumnMap(candidate="who", rubric="rubric", answer="answer")
MANIFEST = Manifest("f" * 64, None, {"answer": "answer"}, {"r1": "version 1, aa"}, {"version": "1"}, 100)
AHEAD = 4


class Memory:
    """A table in memory, which may break off."""

    columns = ("who", "rubric", "answer", "school")
    notes = ()

    def __init__(self, rows: Iterable[tuple[str, str, str]], broken: bool = False) -> None:
        self._rows, self._broken = list(rows), broken

    def rows(self) -> Iterator[Row | BadRow]:
        for line, row in enumerate(self._rows, 2):
            yield Row(line, (*row, "x"))
        if self._broken:
            raise DataInvalid("cut off")


class Fake:
    """An engine that reads ahead as the real one does, and raises for a whole chunk."""

    def __init__(self, poison: str = "", stop_after: int = 10**9) -> None:
        self.poison, self.stop_after = poison, stop_after
        self.graded: list[tuple[str, str]] = []

    def grade(self, rubric: Rubric, answer: str) -> Evaluation:
        if self.poison and self.poison in answer:
            raise RuntimeError("no such shape")
        self.graded.append((rubric.id, answer))
        return replace(EVALUATION, feedback=f"{rubric.id}: {answer}")

    def grade_many(self, pairs: Iterable[tuple[Rubric, str]]) -> Iterator[Evaluation]:
        stream = iter(pairs)
        chunk = list(islice(stream, AHEAD))
        while chunk:
            if any(self.poison and self.poison in answer for _, answer in chunk):
                raise RuntimeError("no such shape")
            ahead = list(islice(stream, AHEAD))
            for rubric, answer in chunk:
                if len(self.graded) == self.stop_after:
                    raise KeyboardInterrupt
                yield self.grade(rubric, answer)
            chunk = ahead


def source(rows: Iterable[tuple[str, str, str]], broken: bool = False) -> Source:
    return Source(Memory(rows, broken), MAP, RUBRICS, lambda answer: None)


def go(rows: Source, engine: Fake, folder: Path, tell: Callable[[int], None] = lambda done: None) -> Counts:
    with Parts.open(folder, MANIFEST) as parts:
        return run(rows, engine, parts, tell)


def results(folder: Path) -> list[tuple[int, str, str]]:
    with Parts.open(folder, MANIFEST) as parts:
        return [(one.item.line, one.item.answer, one.evaluation.feedback) for one in parts.graded()]


def bad(folder: Path) -> list[tuple[int, str]]:
    with Parts.open(folder, MANIFEST) as parts:
        return [(one.line, one.code) for one in parts.bad()]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PART", 5)


def answers(count: int, seed: int = 0) -> list[tuple[str, str, str]]:
    """Rows of which some are identical, near and far, and some are bad."""
    dice = random.Random(seed)
    texts = ["", *(f"text {number}" for number in range(count // 2))]
    return [(f"c{number}", dice.choice(["r1", "r2", "r1", "r3"]), dice.choice(texts)) for number in range(count)]


def expected(rows: list[tuple[str, str, str]]) -> list[tuple[int, str, str]]:
    return [
        (line, text, f"{rubric}: {text}")
        for line, (_, rubric, text) in enumerate(rows, 2)
        if rubric in RUBRICS and text
    ]


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 40, 101])
def test_every_answer_is_graded_in_order_and_identical_ones_once(tmp_path: Path, count: int) -> None:
    rows, engine = answers(count), Fake()
    counts = go(source(rows), engine, tmp_path)
    wanted = expected(rows)
    assert results(tmp_path) == wanted
    assert sorted(engine.graded) == sorted({(feedback[:2], text) for _, text, feedback in wanted})
    assert counts == Counts(len(wanted), len(wanted) - len(engine.graded), count - len(wanted), 0)
    assert [line for line, _ in bad(tmp_path)] == [
        line for line in range(2, count + 2) if line not in {one[0] for one in wanted}
    ]


def test_copies_without_end_are_written_as_they_come(tmp_path: Path) -> None:
    most = 0

    def rows() -> Iterator[tuple[str, str, str]]:
        nonlocal most
        for number in range(400):
            most = max(most, number // 5 - len(list(tmp_path.rglob("*.jsonl"))))
            yield f"c{number}", "r1", f"text {min(number, 2)}"

    table = Memory(())
    table._rows = rows()  # type: ignore[assignment]
    engine = Fake()
    with Parts.open(tmp_path, MANIFEST) as parts:
        counts = run(Source(table, MAP, RUBRICS, lambda answer: None), engine, parts, lambda done: None)
    assert (counts.graded, counts.copies, len(engine.graded)) == (400, 397, 3)
    assert 0 < most <= runner.MOST_OPEN + 1


def test_items_keep_their_own_columns_and_keys(tmp_path: Path) -> None:
    go(source([("ann", "r1", "same"), ("ben", "r1", "same")]), Fake(), tmp_path)
    with Parts.open(tmp_path, MANIFEST) as parts:
        assert [one.item for one in parts.graded()] == [
            Item(2, "ann/r1", "ann", "r1", "same", (("school", "x"),)),
            Item(3, "ben/r1", "ben", "r1", "same", (("school", "x"),)),
        ]


@pytest.mark.parametrize("stop_after", [0, 1, 7, 20, 38])
def test_a_run_goes_on_where_it_was_ended(tmp_path: Path, stop_after: int) -> None:
    rows = answers(101, seed=1)
    with pytest.raises(KeyboardInterrupt):
        go(source(rows), Fake(stop_after=stop_after), tmp_path)
    finished = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.jsonl")}
    engine = Fake()
    counts = go(source(rows), engine, tmp_path)
    assert results(tmp_path) == expected(rows)
    assert counts.kept == 5 * len(finished)
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in finished} == finished
    assert len(set(engine.graded)) == len(engine.graded)
    fresh = tmp_path / "fresh"
    undisturbed = go(source(rows), Fake(), fresh)
    assert undisturbed == replace(counts, kept=0)
    for path in fresh.glob("*.jsonl"):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_nothing_is_graded_again_after_the_end(tmp_path: Path) -> None:
    rows = answers(30)
    first = go(source(rows), Fake(), tmp_path)
    engine = Fake()
    assert go(source(rows), engine, tmp_path) == replace(first, kept=30)
    assert engine.graded == []


def test_a_part_that_is_removed_is_made_again(tmp_path: Path) -> None:
    rows = answers(40)
    counts = go(source(rows), Fake(), tmp_path)
    (tmp_path / "00000000.jsonl").unlink()
    assert go(source(rows), Fake(), tmp_path) == replace(counts, kept=35)
    assert results(tmp_path) == expected(rows)


def test_an_unfinished_part_counts_for_nothing(tmp_path: Path) -> None:
    rows = answers(20)
    go(source(rows), Fake(), tmp_path)
    (tmp_path / "00000003.jsonl").rename(tmp_path / ".00000003.jsonl.tmp")
    assert go(source(rows), Fake(), tmp_path).kept == 15
    assert results(tmp_path) == expected(rows)


def test_an_answer_that_cannot_be_graded_takes_no_other_along(tmp_path: Path) -> None:
    rows = [(f"c{number}", "r1", f"text {number}") for number in range(20)]
    rows[9] = ("c9", "r1", "poison")
    rows[17] = ("c17", "r1", "poison")
    counts = go(source(rows), Fake(poison="poison"), tmp_path)
    assert counts == Counts(graded=18, bad=2)
    assert results(tmp_path) == [one for one in expected(rows) if one[1] != "poison"]
    assert bad(tmp_path) == [(11, "failed"), (19, "failed")]
    with Parts.open(tmp_path, MANIFEST) as parts:
        assert "RuntimeError: no such shape" in next(parts.bad()).reason


def test_an_engine_that_grades_nothing_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no such shape"):
        go(source(answers(20)), Fake(poison="text"), tmp_path)
    assert list(tmp_path.glob("*.jsonl")) == []


def test_a_file_that_breaks_off_ends_the_run_with_what_is_graded(tmp_path: Path) -> None:
    rows = [(f"c{number}", "r1", f"text {number}") for number in range(22)]
    with pytest.raises(DataInvalid, match="cut off"):
        go(source(rows, broken=True), Fake(), tmp_path)
    assert len(results(tmp_path)) in (10, 15)
    assert bad(tmp_path) == []


def test_progress_ends_with_all_rows(tmp_path: Path) -> None:
    told: list[int] = []
    rows = [(f"c{number}", "r1", f"text {number}") for number in range(12)]
    go(source(rows), Fake(), tmp_path, told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (1, 12)


def test_a_part_with_other_rows_is_told(tmp_path: Path) -> None:
    rows = answers(20)
    go(source(rows), Fake(), tmp_path)
    path = tmp_path / "00000001.jsonl"
    path.write_bytes(path.read_bytes() + b"{}\n")
    with pytest.raises(DataInvalid, match="part 1 has 6 lines for 5 rows: remove it"):
        go(source(rows), Fake(), tmp_path)
    path.write_bytes(b"{}\n" * 5)
    with pytest.raises(DataInvalid, match=r"00000001\.jsonl: is damaged .*remove it"):
        results(tmp_path)


def test_survey() -> None:
    told: list[BadRow] = []
    found = survey(source([("a", "r1", "x"), ("b", "r3", "x"), ("c", "r1", " "), ("d", "r1", "y")]), told.append)
    assert (found.answers, found.bad, found.rubrics) == (2, 2, {"r1"})
    assert [(row.line, row.code) for row in told] == [(3, "unknown_rubric"), (4, "blank_answer")]


def test_long_answers_make_short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PART_SIZE", 10)
    rows = [Item(n, str(n), None, "r1", text, own) for n, (text, own) in enumerate(
        [("a" * 9, ()), ("b", ()), ("c" * 11, ()), ("d", (("x", "e" * 9),)), ("f", ())]
    )]  # fmt: skip
    assert [len(part) for part in cut(rows)] == [2, 1, 1, 1]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"file": "e" * 64}, "the file of answers"),
        ({"delimiter": ";"}, "the delimiter"),
        ({"map": {"answer": "text"}}, "the map of its columns"),
        ({"rubrics": {"r1": "version 2, bb"}}, "the rubric 'r1'"),
        ({"rubrics": {}}, "the rubric 'r1'"),
        ({"engine": {"version": "2"}}, "the engine or its model"),
        ({"max_chars": 99}, "GRADER_MAX_ANSWER_CHARS"),
        ({"format": 2}, "the release of grader"),
        ({"file": "e" * 64, "max_chars": 9}, "the file of answers, GRADER_MAX_ANSWER_CHARS"),
    ],
)
def test_parts_of_anything_else_are_refused(tmp_path: Path, change: dict[str, object], named: str) -> None:
    Parts.open(tmp_path, MANIFEST).__exit__()
    with pytest.raises(DataInvalid) as caught:
        Parts.open(tmp_path, replace(MANIFEST, **change))  # type: ignore[arg-type]
    assert f"from before a change of {named}: choose another folder with --out, or remove {tmp_path}" in str(
        caught.value
    )
    Parts.open(tmp_path, MANIFEST).__exit__()


@pytest.mark.parametrize("content", ["", "[]", "{", "\0"])
def test_a_damaged_manifest_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(DataInvalid, match="remove"):
        Parts.open(tmp_path, MANIFEST)


def test_parts_without_a_manifest_are_refused(tmp_path: Path) -> None:
    go(source(answers(5)), Fake(), tmp_path)
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(DataInvalid, match=r"without manifest\.json"):
        Parts.open(tmp_path, MANIFEST)


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    with Parts.open(tmp_path, MANIFEST), pytest.raises(DataInvalid, match="another run is writing there"):
        Parts.open(tmp_path, MANIFEST)
    assert json.loads((tmp_path / "manifest.json").read_text())["max_chars"] == 100
    Parts.open(tmp_path, MANIFEST).__exit__()
