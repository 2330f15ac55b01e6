"""One live service for all clients: real HTTP on a free port, PostgreSQL, a worker; the fake encoder."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from api.app import create_app
from api.serve import listen
from api.settings import Settings
from api.worker import Worker
from grader.engine import Engine
from tests.api.keyed import make_key


@pytest.fixture(scope="session")
def live(new_database: Callable[..., str], engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address."""
    folder = tmp_path_factory.mktemp("live")
    settings = Settings(database_url=new_database(), port=0, data_dir=folder, webhook_networks="127.0.0.1/32")
    with serving(settings, engine) as address:
        worker = Worker(settings.database_url, settings, lambda: engine)
        working = threading.Thread(target=worker.run, daemon=True)
        working.start()
        yield address
        worker.stop()
        working.join(10)


@pytest.fixture
def guarded(
    new_database: Callable[..., str], migrated: str, engine: Engine, tmp_path: Path
) -> Iterator[tuple[str, str]]:
    """One that asks for keys: its address, and a key with the scope admin."""
    url = new_database(migrated)
    first = make_key(url)
    with serving(Settings(database_url=url, port=0, data_dir=tmp_path), engine) as address:
        yield address, first.token


@contextmanager
def serving(settings: Settings, engine: Engine) -> Iterator[str]:
    """A service over real HTTP until the block ends; its address."""
    listener = listen(settings)
    server = uvicorn.Server(uvicorn.Config(create_app(settings, engine), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    for _ in range(1200):
        if _is_ready(address):
            break
        threading.Event().wait(0.1)
    yield address
    server.should_exit = True
    thread.join(10)
    listener.close()


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False
