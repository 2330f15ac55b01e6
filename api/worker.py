"""A worker: takes the jobs of batches from the queue, one at a time, until it is stopped.

As many as you like may run, anywhere, on one database. One job at a time in each: a worker that dies takes one chunk
with it, so that a chunk which kills workers is known by it, and no neighbour is blamed. Webhooks are sent beside it,
from a queue of their own, many at a time: they wait for others' answers and take no processor.

How a single answer over HTTP never waits for a batch: batches are graded in processes of their own, and the one that
the service starts beside itself asks the operating system for leftover processor time only (`yield_processor`). A
request takes the processor from it at once, in the middle of an answer, which no gate between programs could do; and
an answer that kills its process doesn't take the service with it.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker as QueueWorker
from sqlalchemy.exc import OperationalError

from api import jobs
from api.db import Database, EmbeddedPostgres
from api.hooks.sender import Sender
from api.migrate import upgrade
from api.settings import Settings
from api.tasks import make_app
from grader.engine import Engine

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 2.0  # between looks at the queue where no notice of a job came
GRACE_SECONDS: Final = 1.0  # before a job that runs is asked to end
AGAIN_SECONDS: Final = 2.0  # before the queue is opened again after a failure
CONNECTIONS: Final = 5  # in each of two pools: the queue's, of which two listen, and ours
WEBHOOKS: Final = 32  # sent to at a time


class Worker:
    """Serves one database. The engine is loaded when the first chunk comes, and before it is claimed."""

    def __init__(self, url: str, settings: Settings, load: Callable[[], Engine], sender: Sender | None = None) -> None:
        """`sender`: of webhooks; by default one of the settings."""
        self._settings, self._load, self._sender = settings, load, sender
        self._conninfo = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._database = Database(url, CONNECTIONS)
        self._engine: Engine | None = None
        self._queues: tuple[QueueWorker, ...] = ()
        self._stopping = threading.Event()

    def run(self, revive: Callable[[], object] = lambda: None) -> None:
        """Work until stopped, also over failures of the database. `revive`: what to do after one."""
        while not self._stopping.is_set():
            try:
                asyncio.run(self._work(wait=True))
            except (ConnectorException, psycopg.Error, OSError) as error:
                log.warning("the queue failed and is opened again: %s", error.__cause__ or error)
            if not self._stopping.wait(AGAIN_SECONDS):
                revive()
        self._database.close()

    def run_until_idle(self) -> None:
        """Work until no job is due."""
        asyncio.run(self._work(wait=False))

    def stop(self) -> None:
        """End soon: the job that runs stores what it has and leaves the rest. From any thread."""
        self._stopping.set()
        self._stop_queues()

    def _stop_queues(self) -> None:
        for queue in self._queues:
            queue.stop()  # type: ignore[no-untyped-call]

    async def _work(self, wait: bool) -> None:
        connector = PsycopgConnector(conninfo=self._conninfo, min_size=1, max_size=CONNECTIONS)
        app = make_app(connector, self._database, self._settings, self._loaded, self._sender)
        async with app.open_async():
            self._queues = (self._queue(app, jobs.QUEUE, 1, wait), self._queue(app, jobs.SENDING, WEBHOOKS, wait))
            self._take_signals()
            if self._stopping.is_set():
                return
            if wait:
                await self._together()
            else:  # one after the other, so that what the first tells is sent
                for queue in self._queues:
                    await queue.run()  # type: ignore[no-untyped-call]

    async def _together(self) -> None:
        """Until one of the queues ends, whatever for: then the other ends as well."""
        running = [asyncio.create_task(queue.run()) for queue in self._queues]  # type: ignore[no-untyped-call]
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        self._stop_queues()
        for ended in await asyncio.gather(*running, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended

    def _queue(self, app: App, name: str, concurrency: int, wait: bool) -> QueueWorker:
        stalled = self._settings.worker_stalled_seconds
        return QueueWorker(
            app,
            queues=[name],
            concurrency=concurrency,
            wait=wait,
            fetch_job_polling_interval=POLL_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
            delete_jobs="successful",
            install_signal_handlers=False,  # they are ours, for stopping between two runs of the queue as well
            update_heartbeat_interval=stalled / 3,
            stalled_worker_timeout=stalled,
        )

    def _take_signals(self) -> None:
        if threading.current_thread() is threading.main_thread() and os.name != "nt":
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self.stop)

    def _loaded(self) -> Engine:
        if self._engine is None:
            log.info("loading the engine")
            self._engine = self._load()
        return self._engine


def run(settings: Settings, load: Callable[[], Engine], background: bool = False) -> None:
    """Work until stopped by a signal, on the database that the settings name, once it is there.

    `load`: makes the engine. `background`: take leftover processor time only, and stop when standard input ends, that
    is, when the process that started this one is gone, whatever became of it.
    """
    if background:
        yield_processor()
    embedded = None if settings.database_url else EmbeddedPostgres(settings.data_dir / "postgres")
    url = settings.database_url or (embedded.url if embedded else "")
    _upgrade(url)
    worker = Worker(url, settings, load)
    if background:
        threading.Thread(target=_stop_with_input, args=(worker,), daemon=True).start()
    log.info("a worker takes jobs")
    try:
        worker.run(embedded.revive if embedded else lambda: None)
    finally:
        if embedded:
            embedded.stop()


def yield_processor() -> None:
    """Have the operating system run this process only when nothing else wants the processor."""
    if hasattr(os, "SCHED_IDLE"):
        with suppress(OSError):  # where a container forbids it, niceness is left
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    if hasattr(os, "nice"):
        os.nice(19)


def _upgrade(url: str) -> None:
    """Bring the database to this release's tables, however long it takes to come up."""
    told = False
    while True:
        try:
            return upgrade(url)
        except OperationalError as error:
            if not told:
                log.warning("the database isn't ready: %s", error.orig)
            told = True
            time.sleep(AGAIN_SECONDS)


def _stop_with_input(worker: Worker) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    worker.stop()
