"""The worker that the service starts beside itself, and starts again when it dies."""

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

log = logging.getLogger(__name__)

COMMAND: Final = (sys.executable, "-m", "api.cli", "worker", "--background")
FIRST_WAIT: Final = 1.0  # seconds before it is started again, twice as many after each time
LONGEST_WAIT: Final = 30.0
STOP_SECONDS: Final = 5.0  # for a slice of answers to end; nothing is lost where it doesn't


@contextmanager
def beside(command: Sequence[str] = COMMAND) -> Iterator[None]:
    """Keep a worker running as long as the block does."""
    keeper = _Keeper(command)
    keeper.start()
    try:
        yield
    finally:
        keeper.stop()


class _Keeper(threading.Thread):
    def __init__(self, command: Sequence[str]) -> None:
        super().__init__(name="worker", daemon=True)
        self._command = command
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        wait = FIRST_WAIT
        while (process := self._spawned()) is not None:
            status = process.wait()
            if self._stopping.is_set():
                return
            log.warning("the worker ended with status %s and is started again in %.0f s", status, wait)
            self._stopping.wait(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    def _spawned(self) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            if self._stopping.is_set():
                return None
            # It reads nothing from there: the end of its input tells it that this process is gone.
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 our own command
            return self._process

    def stop(self) -> None:
        """Have it end, by force where it doesn't."""
        with self._lock:
            self._stopping.set()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self.join()
