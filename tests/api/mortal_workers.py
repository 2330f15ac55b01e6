"""Workers in processes of their own, to be killed: the real worker, the real engine, a fake encoder.

They are forked from a process that has imported everything, so that one is at work a moment after its start.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

from api.settings import Settings
from api.worker import run
from grader.encoder import TokenVectors
from grader.engine import Engine
from grader.learned import load_weights
from tests.fakes import FakeEncoder

POISON = "This answer kills the process that reads it."


class MortalEncoder(FakeEncoder):
    """Takes its time with every text, and dies of one."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def encode(self, texts: Sequence[str]) -> list[TokenVectors]:
        if POISON in texts:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self._seconds * len(texts))
        return super().encode(texts)


class Workers:
    """So many workers at once on one database, each with a data folder of its own; who dies is replaced."""

    def __init__(self, url: str, folder: Path, count: int, seconds: float) -> None:
        """`seconds`: for each answer, besides what grading takes."""
        self._url, self._folder, self._seconds = url, folder, seconds
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        self.started = 0
        self.alive = [self._start() for _ in range(count)]

    def kill(self, place: int) -> None:
        """SIGKILL one, and start another in its place."""
        self.alive[place].kill()
        self.alive[place].join()
        self.replace_dead()

    def replace_dead(self) -> int:
        """Start another for each that has died; how many had."""
        dead = [place for place, process in enumerate(self.alive) if not process.is_alive()]
        for place in dead:
            self.alive[place] = self._start()
        return len(dead)

    def stop(self) -> None:
        """End all of them."""
        for process in self.alive:
            process.kill()
            process.join()

    def _start(self) -> BaseProcess:
        self.started += 1
        folder = self._folder / f"worker-{self.started}"
        process = self._context.Process(target=_work, args=(self._url, folder, self._seconds), daemon=True)
        process.start()
        return process


def _work(url: str, folder: Path, seconds: float) -> None:
    engine = Engine(MortalEncoder(seconds), load_weights())
    run(Settings(database_url=url, data_dir=folder, worker_stalled_seconds=3), lambda: engine)
