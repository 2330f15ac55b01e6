"""A real Ray cluster of two cores on this machine, the real engine on a fake encoder."""

import csv
import json
import logging
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from threadpoolctl import threadpool_limits

import api.cli_batch
import api.cli_batch_ray
from api.cli_common import load_engine
from api.settings import Settings
from grader.batch.slices import Size
from grader.errors import DataInvalid, ModelUnavailable
from tests.command import Run
from tests.fakes import fake_engine
from tests.grader.batch.ray_engines import Watched, graded

ray = pytest.importorskip("ray", reason="Ray isn't installed: pip install -e '.[ray]'")
pytest.importorskip("ray.data", reason="Ray Data isn't installed: pip install -e '.[ray]'")

ROOT = Path(__file__).parents[2]
RUBRICS = ("pca", "bagging-vs-boosting", "no-such")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As real engines have it: sums that several threads share out may differ in their last digit."""
    with threadpool_limits(1, "blas"):
        yield


@pytest.fixture(scope="session", autouse=True)
def two_cores() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{ROOT}")  # actors build engines of the tests
        patch.setenv("RAY_AUTH_MODE", "disabled")  # else a token is put into the home folder
        ray.init(
            num_cpus=2, include_dashboard=False, object_store_memory=80_000_000, log_to_driver=False,
            logging_level=logging.WARNING,
        )  # fmt: skip
        yield
        ray.shutdown()


@pytest.fixture
def batch(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`grader batch` of the file, on two actors with small slices."""
    monkeypatch.setattr(api.cli_batch, "load_engine", lambda settings: fake_engine())
    monkeypatch.setattr(api.cli_batch_ray, "engine_factory", lambda settings, gpus: fake_engine)
    monkeypatch.setattr(api.cli_batch_ray, "SIZE", Size(15, 1000))
    (tmp_path / "map.yaml").write_text("{candidate: who, rubric: rubric, answer: answer}")

    def call(name: str, out: str, *more: str) -> object:
        options = ["--map", f"{tmp_path / 'map.yaml'}", "--out", f"{tmp_path / out}"]
        return run("batch", f"{tmp_path / name}", *options, *more)

    return call


def on_ray(batch: Run, name: str, out: str, *more: str) -> object:
    return batch(name, out, "--engine", "ray", "--actors", "2", *more)


def answers(count: int = 60) -> list[dict[str, str]]:
    return [
        {
            "who": f"c{n % 49}",
            "rubric": RUBRICS[n % 31 % 3],
            "answer": f"It takes axis {n % 40}.",
            "own": f"={n}",
        }
        for n in range(count)
    ]


def write(path: Path, rows: list[dict[str, str]]) -> None:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def joined(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_two_actors_grade_as_one_machine_does_bit_for_bit(batch: Run, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", answers())
    local = batch("a.jsonl", "local", "--format", "jsonl", "--format", "parquet", "--format", "csv")
    done = on_ray(batch, "a.jsonl", "ray", "--format", "jsonl", "--format", "parquet", "--format", "csv")
    assert (local.status, done.status) == (3, 3)
    assert joined(tmp_path / "ray" / "done").count(b"{") >= 4
    for path in (tmp_path / "ray" / "results", tmp_path / "ray" / "errors"):
        lines = b"".join(one.read_bytes() for one in sorted(path.glob("*.jsonl")))
        assert lines == (tmp_path / "local" / f"{path.name}.jsonl").read_bytes() != b""
    tables = [pq.read_table(path) for path in sorted((tmp_path / "ray" / "results").glob("*.parquet"))]
    assert pa.concat_tables(tables).equals(pq.read_table(tmp_path / "local" / "results.parquet"))
    rows = [
        row
        for path in sorted((tmp_path / "ray" / "results").glob("*.csv"))
        for row in csv.reader(path.read_text("utf-8-sig").splitlines()[1:])
    ]
    whole = (tmp_path / "local" / "results.csv").read_text("utf-8-sig").splitlines()[1:]
    assert rows == list(csv.reader(whole))
    assert "duplicate_key" in (tmp_path / "local" / "errors.jsonl").read_text()
    assert "more rows" not in done.err and "no rubric is known as 'no-such'" in done.err
    assert "answers graded; " in done.out and f"{tmp_path}/ray/results, {tmp_path}/ray/errors" in done.out
    assert not (tmp_path / "ray" / ".saving").exists()


def test_an_actor_that_is_killed_loses_nothing(batch: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.jsonl", [row for row in answers() if row["rubric"] != "no-such"])
    assert batch("a.jsonl", "local", "--format", "jsonl").status == 3
    (tmp_path / "log").mkdir()
    engine = Watched(tmp_path / "log", deadly="axis 24")
    monkeypatch.setattr(api.cli_batch_ray, "engine_factory", lambda settings, gpus: engine)
    assert on_ray(batch, "a.jsonl", "ray", "--format", "jsonl").status == 3
    assert (tmp_path / "log" / "died").exists()
    assert joined(tmp_path / "ray" / "results") == (tmp_path / "local" / "results.jsonl").read_bytes()
    assert joined(tmp_path / "ray" / "errors") == (tmp_path / "local" / "errors.jsonl").read_bytes()


def test_finished_slices_are_not_graded_again(batch: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{**row, "who": row["own"], "rubric": "pca", "answer": f"It is {row['own']}."} for row in answers(45)]
    write(tmp_path / "a.parquet", rows)
    (tmp_path / "log").mkdir()
    monkeypatch.setattr(api.cli_batch_ray, "engine_factory", lambda settings, gpus: Watched(tmp_path / "log"))
    out = tmp_path / "ray"
    assert on_ray(batch, "a.parquet", "ray", "--format", "jsonl").status == 0
    assert sorted(graded(tmp_path / "log")) == sorted(row["answer"] for row in rows)
    whole = joined(out / "results")
    for folder, kind in {"results": "jsonl", "done": "json"}.items():
        (out / folder / f"00000001.{kind}").unlink()
    before = {path.name: path.stat().st_mtime_ns for path in (out / "results").iterdir()}
    for path in (tmp_path / "log").iterdir():
        path.unlink()
    done = on_ray(batch, "a.parquet", "ray", "--format", "jsonl")
    assert "45 answers graded. 30 rows were done before." in done.out
    assert sorted(graded(tmp_path / "log")) == sorted(row["answer"] for row in rows[15:30])
    assert joined(out / "results") == whole
    assert {name: (out / "results" / name).stat().st_mtime_ns for name in before} == before


def test_errors_of_actors_explain_themselves(tmp_path: Path) -> None:
    from grader.batch.ray_engine import Pool, cluster, engine_info

    with pytest.raises(ModelUnavailable, match="no-such-model"):
        engine_info(partial(load_engine, Settings(model="/no-such-model")), Pool())
    with pytest.raises(DataInvalid, match="the cluster couldn't go on"):
        engine_info(partial(os._exit, 1), Pool())
    with cluster(None):
        assert ray.is_initialized()
    assert ray.is_initialized()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--engine", "ray"], "--out"),
        (["--engine", "ray", "--out", "x", "--report"], "takes no --dry-run"),
        (["--out", "x", "--gpus", "1"], "--engine ray"),
        (["--out", "x", "--address", "auto"], "--engine ray"),
    ],
)
def test_wrong_usage(run: Run, tmp_path: Path, args: list[str], message: str) -> None:
    write(tmp_path / "a.jsonl", answers(1))
    done = run("batch", f"{tmp_path / 'a.jsonl'}", "--rubric", "pca", *args)
    assert done.status == 2
    assert message in done.err
