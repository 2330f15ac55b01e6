"""Slices of files of answers: together they are the file, whatever their size."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from grader.batch.column_map import ColumnMap
from grader.batch.jsonl_table import lines
from grader.batch.model import BadRow
from grader.batch.outputs import write, write_bad
from grader.batch.parts import Parts
from grader.batch.places import Place, stored
from grader.batch.rows import Row, Table
from grader.batch.runner import Source, run
from grader.batch.slice_work import Task, Work, bind, finished, grade, repeats, survey
from grader.batch.slices import Size, SliceTable, count, counted_table, cut_bytes, parquet_table
from grader.batch.tables import open_table
from grader.errors import DataInvalid
from tests.fakes import fake_engine
from tests.grader.batch.test_runner import MANIFEST, MAP, RUBRICS

ROWS = [
    {"who": f"c{n % 39}", "rubric": ["r1", "r2", "r3"][n % 3], "answer": f"text {n % 25}\nand ü" * (n % 4), "n": str(n)}
    for n in range(100)
]


def write_jsonl(path: Path, rows: list[dict[str, str]], mark: bool = False) -> Path:
    path.parent.mkdir(exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + ("\r\n" if at % 7 else "\n\n") for at, row in enumerate(rows))
    path.write_bytes((b"\xef\xbb\xbf" if mark else b"") + text.rstrip("\n").encode())
    return path


def write_parquet(path: Path, rows: list[dict[str, str]], group: int = 30) -> Path:
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=group)
    return path


def table(url: str, size: Size) -> SliceTable:
    files = stored(url)
    if files[0].kind == "parquet":
        return parquet_table(files, size)
    slices = cut_bytes(files, size)
    found = [count(one) for one in slices]
    random.Random(0).shuffle(found)
    return counted_table(slices, found)


def same(one: Table, other: Table) -> None:
    assert one.columns == other.columns
    assert list(one.rows()) == list(other.rows())


@pytest.mark.parametrize("size", [1, 7, 64, 500, 100_000])
@pytest.mark.parametrize("mark", [False, True])
def test_slices_of_jsonl_are_the_file(tmp_path: Path, size: int, mark: bool) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [*ROWS[:30], {"late": "key"}], mark)
    with path.open("ab") as stream:
        stream.write(b"\n[1]\n{\n" + json.dumps(ROWS[3]).encode())
    found = table(f"{path}", Size(size=size))
    assert len(found.slices) == -(-path.stat().st_size // size)
    same(found, open_table(path))


@pytest.mark.parametrize("rows", [1, 7, 30, 45, 1000])
def test_slices_of_parquet_are_the_file(tmp_path: Path, rows: int) -> None:
    path = write_parquet(tmp_path / "a.parquet", ROWS)
    found = table(f"{path}", Size(rows=rows))
    assert len(found.slices) == -(-len(ROWS) // rows)
    same(found, open_table(path))
    assert [row.line for row in SliceTable(found.slices[-1:], found.columns).rows()][-1] == 100


def test_wide_rows_make_short_slices(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", [{"answer": f"{n}" * 1000} for n in range(20)])
    assert [one.end - one.begin for one in table(f"{path}", Size(size=1_000)).slices] == [1] * 20


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_files_of_a_folder_are_one(tmp_path: Path, kind: str) -> None:
    save = write_jsonl if kind == "jsonl" else write_parquet
    for name, rows in {"b": ROWS[60:], "a": ROWS[:60]}.items():
        save(tmp_path / "in" / f"{name}.{kind}", rows)
    (tmp_path / "in" / "_SUCCESS").touch()
    found = table(f"{tmp_path / 'in'}", Size(50, 900))
    whole = [row for row in open_table(save(tmp_path / f"whole.{kind}", ROWS)).rows() if isinstance(row, Row)]
    rows = [row for row in found.rows() if isinstance(row, Row)]
    assert [row.values for row in rows] == [row.values for row in whole]
    numbers = [row.line for row in rows]
    lines = [path.read_bytes().count(b"\n") + 1 for path in sorted((tmp_path / "in").glob("*.jsonl"))]
    assert numbers == sorted(set(numbers)) and (numbers[0], numbers[-1]) == (1, sum(lines) or 100)


def test_what_no_slices_are_made_of(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "one" / "a.jsonl", ROWS[:3])
    write_parquet(tmp_path / "one" / "b.parquet", ROWS[:3])
    write_parquet(tmp_path / "two" / "a.parquet", ROWS[:3])
    write_parquet(tmp_path / "two" / "b.parquet", [{"answer": "x"}])
    (tmp_path / "a.csv").write_text("answer\nx\n")
    (tmp_path / "blank.jsonl").write_text("\n\n")
    (tmp_path / "empty.jsonl").write_text("")
    for name, message in {
        "one": "both Parquet and JSONL",
        "two": "b.parquet: has the columns 'answer', .*: write them alike",
        "a.csv": "neither Parquet nor JSONL",
        "no-such": "is no file, and no folder",
        "blank.jsonl": "no line holds a JSON object",
        "empty.jsonl": "no line holds a JSON object",
        "no-such://x": "can't be reached",
    }.items():
        url = name if "://" in name else f"{tmp_path / name}"
        with pytest.raises(DataInvalid, match=message):
            table(url, Size())


def work(out: str, columns: tuple[str, ...], kinds: tuple[str, ...] = ("jsonl",), map: ColumnMap = MAP) -> Work:
    return Work(columns, map, RUBRICS, lambda answer: None, Place(out), kinds)


def graded(url: str, out: str, size: Size, kinds: tuple[str, ...]) -> Work:
    """Grade all slices in some order, as a cluster would."""
    found = table(url, size)
    job = work(out, found.columns, kinds)
    again = repeats([survey(job, one) for one in found.slices])
    tasks = [Task(one, again.get(one.number, {})) for one in found.slices]
    random.Random(1).shuffle(tasks)
    for task in tasks:
        grade(job, fake_engine(), task)
    return job


@pytest.mark.parametrize(("kind", "size"), [("jsonl", 900), ("jsonl", 10**6), ("parquet", 17)])
def test_slices_are_graded_as_the_file_is(tmp_path: Path, kind: str, size: int) -> None:
    """Line by line, duplicates across slices included."""
    path = (write_jsonl if kind == "jsonl" else write_parquet)(tmp_path / f"a.{kind}", ROWS)
    source = Source(open_table(path), MAP, RUBRICS, lambda answer: None)
    with Parts.open(tmp_path / "parts", MANIFEST) as parts:
        counts = run(source, fake_engine(), parts, lambda _: None)
        write(tmp_path / "local.jsonl", "jsonl", parts.graded(), source.own)
        write_bad(tmp_path / "errors.jsonl", "jsonl", parts.bad())
    graded(f"{path}", f"{tmp_path / 'out'}", Size(size, size), ("jsonl",))
    together = b"".join(one.read_bytes() for one in sorted((tmp_path / "out" / "results").iterdir()))
    assert together == (tmp_path / "local.jsonl").read_bytes()
    assert together.count(b"\n") == counts.graded > 20
    errors = b"".join(one.read_bytes() for one in sorted((tmp_path / "out" / "errors").iterdir()))
    assert errors == (tmp_path / "errors.jsonl").read_bytes()
    assert {json.loads(line)["code"] for line in errors.splitlines()} == {
        "duplicate_key", "unknown_rubric", "blank_answer",
    }  # fmt: skip
    done = finished(Place(f"{tmp_path / 'out'}"), ("jsonl",))
    assert sum(one.graded for one in done.values()) == counts.graded
    assert sum(one.bad for one in done.values()) == sum(one.kept for one in done.values()) - counts.graded == counts.bad
    assert finished(Place(f"{tmp_path / 'out'}"), ("csv",)) == {}


@pytest.fixture
def memory() -> Iterator[MemoryFileSystem]:
    yield MemoryFileSystem()
    MemoryFileSystem.store.clear()


def test_from_and_to_an_object_store(tmp_path: Path, memory: MemoryFileSystem) -> None:
    """Nothing but fsspec is used, so any of its stores will do."""
    memory.pipe_file("/in/a.jsonl", write_jsonl(tmp_path / "a.jsonl", ROWS).read_bytes())
    graded("memory://in/a.jsonl", "memory://out", Size(size=3000), ("jsonl", "parquet"))
    graded(f"{tmp_path / 'a.jsonl'}", f"{tmp_path / 'out'}", Size(size=3000), ("jsonl", "parquet"))
    for folder in ("results", "errors", "done"):
        names = Place("memory://out").names(folder)
        assert names == Place(f"{tmp_path / 'out'}").names(folder) != []
        for name in names:
            assert memory.cat(f"/out/{folder}/{name}") == (tmp_path / "out" / folder / name).read_bytes()
    assert finished(Place("memory://out"), ("jsonl",)) == finished(Place(f"{tmp_path / 'out'}"), ("jsonl",)) != {}
    assert [stored("memory://in/a.jsonl")] == [stored("memory://in")]


def test_a_file_that_breaks_off_while_it_is_written_is_not_there(tmp_path: Path) -> None:
    place = Place(f"{tmp_path}")
    with pytest.raises(KeyboardInterrupt), place.saving("results/1.jsonl") as path:
        path.write_text("half")
        raise KeyboardInterrupt
    assert place.names("results") == []
    with place.saving("results/1.jsonl") as path, place.saving("results/1.jsonl") as twin:
        path.write_text("whole")
        twin.write_text("whole")
    assert place.read(["results/1.jsonl"]) == [b"whole"]
    place.tidy()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["results"]


@pytest.mark.parametrize("url", ["", "memory://out"])
def test_results_of_anything_else_are_refused(tmp_path: Path, memory: MemoryFileSystem, url: str) -> None:
    out = Place(url or f"{tmp_path}")
    bind(out, MANIFEST)
    bind(out, MANIFEST)
    with pytest.raises(DataInvalid, match="from before a change of the file of answers: choose another folder"):
        bind(out, replace(MANIFEST, file="other"))
    with out.saving("manifest.json") as path:
        path.write_text("{")
    with pytest.raises(DataInvalid, match=r"manifest\.json: can't be read .*: choose another folder"):
        bind(out, MANIFEST)
    with Place(f"{out.url}/deep").saving("results/00000000.csv") as path:
        path.write_text("x")
    with pytest.raises(DataInvalid, match=r"holds results without manifest\.json"):
        bind(Place(f"{out.url}/deep"), MANIFEST)


def test_a_damaged_note_is_told(tmp_path: Path) -> None:
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "00000001.json").write_text("{}")
    with pytest.raises(DataInvalid, match=r"done/00000001\.json: is damaged: remove it"):
        finished(Place(f"{tmp_path}"), ("csv",))


def test_lines_without_an_own_key_cannot_come_twice(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", ROWS[1:3] * 4)
    found = table(f"{path}", Size(size=200))
    job = work(f"{tmp_path}", found.columns, map=ColumnMap(answer="answer", fixed_rubric="r1"))
    surveyed = [survey(job, one) for one in found.slices]
    assert sum(one.answers for one in surveyed) == 8
    assert repeats(surveyed) == {}


def test_a_line_longer_than_any_slice_is_in_one_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.batch.jsonl_table.MAX_ROW", 50)
    path = tmp_path / "a.jsonl"
    path.write_text('{"answer": "a"}\n{"answer": "' + "b" * 500 + '"}\n{"answer": "c"}\n')
    found = table(f"{path}", Size(size=20))
    same(found, open_table(path))
    assert [row.code for row in found.rows() if isinstance(row, BadRow)] == ["too_long"]
    with path.open("rb") as stream:
        assert [len(line) for line in lines(stream, 1, 17)] == [51]
