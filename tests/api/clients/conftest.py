"""One live service for all clients: real HTTP on a free port, PostgreSQL, a worker; the fake encoder."""

import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
import uvicorn

from api.app import create_app
from api.serve import listen
from api.settings import Settings
from api.worker import Worker
from grader.engine import Engine


@pytest.fixture(scope="session")
def live(new_database: Callable[..., str], engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address."""
    settings = Settings(database_url=new_database(), port=0, data_dir=tmp_path_factory.mktemp("live"))
    listener = listen(settings)
    server = uvicorn.Server(uvicorn.Config(create_app(settings, engine), log_config=None, access_log=False))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    serving.start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    for _ in range(1200):
        if _is_ready(address):
            break
        threading.Event().wait(0.1)
    worker = Worker(settings.database_url, settings, lambda: engine)
    working = threading.Thread(target=worker.run, daemon=True)
    working.start()
    yield address
    worker.stop()
    server.should_exit = True
    working.join(10)
    serving.join(10)
    listener.close()


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False
