"""`grader serve` as a user starts it, for measurements: on a free port of 127.0.0.1, with a folder of its own."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.service import wait_ready


@dataclass(frozen=True, slots=True)
class Running:
    """A service that is ready."""

    port: int
    pid: int

    @property
    def address(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def service(cache: Path, settings: Mapping[str, str]) -> Iterator[Running]:
    """A running service with these settings. `cache`: the folder of converted models."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        cache.mkdir(parents=True, exist_ok=True)
        (Path(folder) / "models").symlink_to(cache.resolve())
        own = {"GRADER_PORT": str(port), "GRADER_DATA_DIR": folder, "GRADER_WORKER": "false", "DATABASE_URL": ""}
        command = [sys.executable, "-m", "api.cli", "serve"]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, env={**os.environ, **own, **settings}, stdout=quiet, stderr=quiet)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
                wait_ready(client, process)
            yield Running(port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
