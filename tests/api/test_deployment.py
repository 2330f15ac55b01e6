"""The files for deployment fit the program: settings that exist, commands that exist, a query that counts the queue."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text
from typer.main import get_command

from api.cli import app
from api.db import Database
from api.jobs import QUEUE
from api.settings import Settings, unknown_variables, variable
from api.store import queue

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "compose.yaml", *sorted((ROOT / "deploy/kubernetes").glob("*.yaml"))]
JOB = text(
    "INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at) VALUES (:queue, 't', :status, :at)"
)


def values(node: Any, key: str) -> list[Any]:
    """All values of a key, wherever it is."""
    if isinstance(node, list):
        return [found for item in node for found in values(item, key)]
    if not isinstance(node, dict):
        return []
    return [found for name, item in node.items() for found in ([item] if name == key else []) + values(item, key)]


def documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_settings_and_commands_exist(path: Path) -> None:
    named = set(re.findall(r"\b(?:GRADER_\w+|DATABASE_URL)\b", path.read_text()))
    assert unknown_variables(named) == []
    assert named <= {variable(field) for field in Settings.model_fields}
    commands = [words for key in ("args", "command") for words in values(documents(path), key)]
    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert all(words[0] in known for words in commands)


def test_workers_are_scaled_by_the_queues_length(database: Database) -> None:
    (query,) = values(documents(ROOT / "deploy/kubernetes/worker-scaling.yaml"), "query")
    jobs = [(QUEUE, "todo", None), (QUEUE, "doing", None), (QUEUE, "todo", "2020-01-01"), (QUEUE, "todo", "2999-01-01"),
            (QUEUE, "succeeded", None), ("other", "todo", None)]  # fmt: skip
    with database.transaction() as session:
        for name, status, at in jobs:
            session.execute(JOB, {"queue": name, "status": status, "at": at})
    with database.reading() as session:
        assert queue.depth(session) == {"todo": 2, "doing": 1}
        assert session.execute(text(query)).scalar_one() == 3


def test_nothing_runs_as_root() -> None:
    for name in ("api.yaml", "worker.yaml"):
        found = documents(ROOT / "deploy/kubernetes" / name)
        assert values(found, "runAsNonRoot") == [True]
        assert values(found, "allowPrivilegeEscalation") == [False]
        assert values(found, "readOnlyRootFilesystem") == [True]
    users = re.findall(r"^USER (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert users == ["10001"]
