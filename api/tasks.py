"""What each job of the queue does."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException, JobAborted
from procrastinate.jobs import Job

from api import jobs
from api.db import Database
from api.hooks.sender import Sender
from api.hooks.vault import Vault
from api.opinion_client import OpinionClient
from api.service import access_keeping, batch_grading, batch_keeping, batch_reading, opinions, regrading, retention
from api.service.batch_steps import Stopped
from api.service.sending import Sending
from api.settings import Settings
from api.tables.workspaces import DEFAULT
from grader.engine import Engine

USER_AGENT: Final = "answer-grader-webhooks"
LONGEST_WAIT: Final = 60  # seconds until a job that failed is tried again
SILENCE: Final = 4  # times the stall time without an effect, after which a chunk is taken up again


class Patience(BaseRetryStrategy):
    """A job that raised is tried again, and again: what can't succeed ends by our own counts, in its batch."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """At once if its worker was stopped, otherwise after 1, 2, 4 … 60 s."""
        if isinstance(exception, JobAborted):
            return RetryDecision()
        return RetryDecision(retry_in={"seconds": min(2 ** min(job.attempts, 10), LONGEST_WAIT)})


def make_app(
    connector: PsycopgConnector,
    database: Database,
    settings: Settings,
    engine: Callable[[], Engine],
    sender: Sender | None = None,
) -> App:
    """The queue with what its jobs do. `engine` gives the same engine at every call.

    A job without a workspace was queued by a release that had none.
    """
    app = App(connector=connector)
    allowed = settings.webhook_allowed
    sender = sender or Sender(allowed, USER_AGENT)
    sending = Sending(database, sender, Vault.read(settings.webhook_key_file), allowed)
    _add_work(app, database, settings, engine)
    _add_regrading(app, database, engine)
    _add_sending(app, sending)
    _add_housekeeping(app, database, settings, sending)
    if settings.second_opinion_url:
        _add_opinions(app, database, settings, engine)
    return app


def _add_work(app: App, database: Database, settings: Settings, engine: Callable[[], Engine]) -> None:
    @app.task(name=jobs.READ, queue=jobs.QUEUE, retry=Patience(), pass_context=True)
    def read_batch(context: JobContext, batch: str, workspace: str = DEFAULT) -> None:
        with _aborting():
            here = database.within(workspace)
            batch_reading.read(here, UUID(batch), settings.max_answer_chars, _may_go_on(context))

    @app.task(name=jobs.GRADE, queue=jobs.QUEUE, retry=Patience(), pass_context=True)
    def grade_chunk(context: JobContext, batch: str, chunk: int, workspace: str = DEFAULT) -> None:
        loaded = engine()  # before the chunk is claimed: a death while loading says nothing against it
        with _aborting():
            batch_grading.grade(database.within(workspace), loaded, UUID(batch), chunk, _may_go_on(context))


def _add_regrading(app: App, database: Database, engine: Callable[[], Engine]) -> None:
    @app.task(name=jobs.COLLECT, queue=jobs.QUEUE, retry=Patience())
    def collect_regrade(regrade: str, workspace: str = DEFAULT) -> None:
        regrading.collect(database.within(workspace), engine(), UUID(regrade))

    @app.task(name=jobs.REGRADE, queue=jobs.QUEUE, retry=Patience(), pass_context=True)
    def regrade_chunk(context: JobContext, regrade: str, chunk: int, workspace: str = DEFAULT) -> None:
        loaded = engine()  # before the chunk is claimed, as above
        with _aborting():
            regrading.grade(database.within(workspace), loaded, UUID(regrade), chunk, _may_go_on(context))


def _add_sending(app: App, sending: Sending) -> None:
    @app.task(name=jobs.SEND, queue=jobs.SENDING, retry=Patience())
    async def send_webhooks(webhook: str, workspace: str = DEFAULT) -> None:
        await sending.within(workspace).send_due(UUID(webhook))


def _add_housekeeping(app: App, database: Database, settings: Settings, sending: Sending) -> None:
    stalled = settings.worker_stalled_seconds

    @app.periodic(cron=f"* * * * * */{max(1, min(30, stalled // 3))}")
    @app.task(name=jobs.REQUEUE, queue=jobs.QUEUE, priority=jobs.HOUSEKEEPING, queueing_lock=jobs.REQUEUE)
    async def requeue_stalled(timestamp: int) -> None:  # noqa: ARG001 procrastinate tells the time
        for queue in (jobs.QUEUE, jobs.SENDING):
            for job in await app.job_manager.get_stalled_jobs(queue=queue, seconds_since_heartbeat=stalled):
                with suppress(ConnectorException):  # another worker was first
                    await app.job_manager.retry_job(job)
        await asyncio.to_thread(sending.requeue_lost)
        await asyncio.to_thread(batch_keeping.requeue_lost, database, timedelta(seconds=SILENCE * stalled))
        await asyncio.to_thread(regrading.requeue_lost, database, timedelta(seconds=SILENCE * stalled))

    @app.periodic(cron="17 * * * *")
    @app.task(name=jobs.RETIRE, queue=jobs.QUEUE, queueing_lock=jobs.RETIRE)
    def retire(timestamp: int) -> None:  # noqa: ARG001 procrastinate tells the time
        access_keeping.purge(database)
        retention.apply(database, settings, datetime.now(UTC))


def _add_opinions(app: App, database: Database, settings: Settings, engine: Callable[[], Engine]) -> None:
    client = OpinionClient.of(settings)

    # After all else that is due, and one round at a time, so that nothing is asked twice at once.
    @app.periodic(cron="* * * * * */10")
    @app.task(
        name=jobs.OPINIONS,
        queue=jobs.QUEUE,
        priority=jobs.LEISURE,
        queueing_lock=jobs.OPINIONS,
        lock=jobs.OPINIONS,
        pass_context=True,
    )
    def second_opinions(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 procrastinate tells the time
        certain = engine().calibration.certain
        opinions.run(database, client, settings.second_opinion_daily, certain, _may_go_on(context))


@contextmanager
def _aborting() -> Iterator[None]:
    """The queue's own word for a job that another worker is to take up."""
    try:
        yield
    except Stopped as error:
        raise JobAborted from error


def _may_go_on(context: JobContext) -> Callable[[], bool]:
    return lambda: not context.should_abort()
