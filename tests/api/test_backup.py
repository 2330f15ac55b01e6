"""Backup and restore with PostgreSQL's own tools: everything comes back, and nothing is overwritten."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from api.backup import DUMP, BackupFailed, backup, restore
from api.migrate import upgrade
from api.receipt_key import FILE, ReceiptKey
from api.settings import Settings
from api.tables import Base
from api.worker import Worker
from grader.engine import Engine
from tests.api.conftest import running
from tests.api.reviewing import COVERS_A, desk
from tests.command import Run


def contents(url: str) -> dict[str, list[Any]]:
    """All rows of all of our tables, and the queue's jobs."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        names = [*Base.metadata.tables, "procrastinate_jobs", "alembic_version"]
        return {name: sorted(map(str, connection.execute(text(f"SELECT * FROM {name}")))) for name in names}


def furnish(client: TestClient) -> str:
    """Something of everything; an evaluation's id."""
    at = desk(client)
    id_ = at.grade(candidate_id="c-1", metadata={"round": 2})
    at.reviewed(id_, ("b", "covered"))
    other = at.grade(COVERS_A + " No.")
    client.post(f"/v1/evaluations/{other}/appeals", json={"key_point_id": "b", "argument": "It is."})
    client.post("/v1/webhooks", json={"url": "https://example.com/", "events": ["batch.failed"]})
    file = f"candidate,rubric,answer\nc-1,{at.rubric},{COVERS_A}\n"
    assert client.post("/v1/batches", files={"file": ("a.csv", file)}).status_code == 202
    return id_


def test_everything_comes_back(new_database: Callable[..., str], migrated: str, engine: Engine, tmp_path: Path) -> None:
    settings = Settings(database_url=new_database(migrated), data_dir=tmp_path / "old")
    with running(settings, engine) as client:
        id_ = furnish(client)
        receipt = client.get(f"/v1/evaluations/{id_}/receipt").json()
        files = backup(settings, settings.database_url, tmp_path / "backup")
        before = contents(settings.database_url)
        client.delete(f"/v1/evaluations/{id_}")
    assert [file.name for file in files] == [DUMP, FILE]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700
    again = Settings(database_url=new_database(), data_dir=tmp_path / "new")
    restore(again, again.database_url, tmp_path / "backup")
    assert contents(again.database_url) == before
    assert stat.S_IMODE((again.data_dir / FILE).stat().st_mode) == 0o600
    with running(again, engine) as client:
        assert client.get(f"/v1/evaluations/{id_}").json()["candidate_id"] == "c-1"
        checked = client.post("/v1/receipts:verify", json={**receipt, "answer": COVERS_A}).json()
        assert checked["outcome"] == "verified"
        [batch] = client.get("/v1/batches").json()["items"]
        Worker(again.database_url, again, lambda: engine).run_until_idle()  # the upload was in the database
        assert client.get(f"/v1/batches/{batch['id']}").json()["state"] == "done"


def test_nothing_is_overwritten(new_database: Callable[..., str], migrated: str, tmp_path: Path) -> None:
    url = new_database(migrated)
    settings = Settings(database_url=url, data_dir=tmp_path / "data")
    backup(settings, url, tmp_path / "backup")
    with pytest.raises(BackupFailed, match="isn't empty"):
        backup(settings, url, tmp_path / "backup")
    with pytest.raises(BackupFailed, match="has tables already"):
        restore(settings, url, tmp_path / "backup")
    key = ReceiptKey(settings).public().id
    (tmp_path / "backup" / FILE).write_text("another key")
    restore(settings, new_database(), tmp_path / "backup")
    assert ReceiptKey(settings).public().id == key


def test_all_of_it_or_nothing(new_database: Callable[..., str], migrated: str, tmp_path: Path) -> None:
    url = new_database(migrated)
    settings = Settings(database_url=url, data_dir=tmp_path)
    dump = backup(settings, url, tmp_path / "backup")[0]
    whole = dump.read_bytes()
    dump.write_bytes(whole[: len(whole) // 2])
    target = new_database()
    with pytest.raises(BackupFailed, match="pg_restore ended with status"):
        restore(settings, target, tmp_path / "backup")
    with create_engine(target, poolclass=NullPool).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar() == 0
    dump.unlink()
    with pytest.raises(BackupFailed, match="isn't there"):
        restore(settings, target, tmp_path / "backup")


def test_an_older_releases_backup_gets_the_newer_tables(
    new_database: Callable[..., str], run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old, new = new_database(), new_database()
    upgrade(old, "0003")
    monkeypatch.setenv("GRADER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DATABASE_URL", old)
    made = run("db", "backup", str(tmp_path / "backup"))
    assert (made.status, DUMP in made.out) == (0, True)
    monkeypatch.setenv("DATABASE_URL", new)
    assert run("db", "restore", str(tmp_path / "backup")).status == 0
    assert contents(new)["webhooks"] == []
    again = run("db", "restore", str(tmp_path / "backup"))
    assert (again.status, "has tables already" in again.err) == (1, True)
