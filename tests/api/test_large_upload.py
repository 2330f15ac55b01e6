"""A file of 200 MB on its way in and through: never in memory as a whole, and nobody waits for it."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

ROWS, LINE = 20_000, 10_000  # 200 MB; each line of so many bytes
ROOM = 60  # MiB by which a process may grow, whatever the file's size
SERVICE = """
import sys
import uvicorn
from api.app import create_app
from api.serve import listen
from api.settings import Settings
from tests.fakes import fake_engine

settings = Settings(port=0)
listener = listen(settings)
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(create_app(settings, fake_engine()), log_level="warning")).run(sockets=[listener])
"""
READER = """
import sys
from uuid import UUID
from api.db import Database
from api.service import batch_reading
from benchmarks.measure import most

database = Database(sys.argv[1])
before = most()
batch_reading.read(database, UUID(sys.argv[2]), 20_000, lambda: True)
print(int(most() - before))
"""


@pytest.fixture(scope="module")
def url(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture(scope="module")
def service(url: str) -> Iterator[tuple[str, psutil.Process]]:
    """A service of its own, and its process."""
    environment = {**os.environ, "DATABASE_URL": url}
    with subprocess.Popen([sys.executable, "-c", SERVICE], env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = f"http://127.0.0.1:{int(process.stdout.readline())}"
        yield address, psutil.Process(process.pid)
        process.terminate()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("upload") / "answers.csv"
    words = "boosting is sequential and bagging is not, " * LINE
    with path.open("w") as stream:
        stream.write("candidate,answer\n")
        for number in range(ROWS):
            start = f'c{number},"answer {number} '
            stream.write(f'{start}{words[: LINE - len(start) - 2]}"\n')
    return path


def test_nobody_waits_for_it_and_it_is_never_in_memory(
    service: tuple[str, psutil.Process], url: str, file: Path, wait_until: Callable[..., None]
) -> None:
    address, process = service
    done, most, others = threading.Event(), [0], [0]
    with httpx.Client(base_url=address, timeout=120) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200, 120)
        small = {"rubric_id": "bagging-vs-boosting", "answer": "Boosting is sequential."}
        assert client.post("/v1/evaluations", json=small).status_code == 201
        before = process.memory_info().rss

        def ask_meanwhile() -> None:
            with httpx.Client(base_url=address, timeout=120) as other:
                while not done.is_set():
                    assert other.post("/v1/evaluations", json=small).status_code == 201
                    others[0] += 1
                    most[0] = max(most[0], process.memory_info().rss)

        asking = threading.Thread(target=ask_meanwhile)
        asking.start()
        try:
            with file.open("rb") as stream:
                made = client.post(
                    "/v1/batches", files={"file": stream}, data={"rubric_id": "bagging-vs-boosting", "dry_run": "1"}
                )
        finally:
            done.set()
            asking.join()
        assert made.status_code == 202, made.text
        assert others[0] > 20
        assert (most[0] - before) / 2**20 < ROOM

        command = [sys.executable, "-c", READER, url, made.json()["id"]]
        read = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        assert int(read.stdout) < ROOM
        batch = client.get(made.headers["location"]).json()
        assert (batch["state"], batch["counts"]["items"], batch["counts"]["bad_rows"]) == ("done", ROWS, 0)
