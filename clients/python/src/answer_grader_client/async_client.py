"""The client for asyncio: the same methods as `Grader`, to await."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from answer_grader_client import calls
from answer_grader_client.async_admin import AsyncAdministration
from answer_grader_client.async_people import AsyncWork
from answer_grader_client.call import Document, Sent
from answer_grader_client.models import (
    Batch,
    BatchError,
    BatchSummary,
    DrawnSet,
    Evaluation,
    Rubric,
    RubricCheck,
    RubricSummary,
    ServiceInfo,
    Topic,
)


class AsyncGrader(AsyncAdministration, AsyncWork):
    """A service at an address. Every method raises ServiceError or Unreachable. For one event loop."""

    async def grade(
        self,
        rubric: str | Document,
        answer: str,
        *,
        version: int | None = None,
        candidate_id: str | None = None,
        metadata: Document | None = None,
        store: bool = True,
        idempotency_key: str | None = None,
    ) -> Evaluation:
        """Grade one answer. `rubric`: a stored one's id, or a document of your own. `store` False keeps nothing."""
        return await self._send(
            calls.grade(
                rubric,
                answer,
                version=version,
                candidate_id=candidate_id,
                metadata=metadata,
                store=store,
                key=idempotency_key,
            )
        )

    async def evaluation(self, id: UUID | str) -> Evaluation:
        """A stored evaluation with the answer's text."""
        return await self._send(calls.evaluation(id))

    async def delete_evaluation(self, id: UUID | str) -> None:
        """Remove an evaluation for good."""
        await self._send(calls.delete_evaluation(id))

    def evaluations(self, **filters: Any) -> AsyncIterator[Evaluation]:
        """All that match, newest first: rubric_id, candidate_id, status, level, needs_review, created_after, …"""
        return self._all(lambda cursor: calls.evaluations(filters, cursor))

    def rubrics(self, **filters: Any) -> AsyncIterator[RubricSummary]:
        """All that match: topic, kind, difficulty, guide, q (a search)."""
        return self._all(lambda cursor: calls.rubrics(filters, cursor))

    async def rubric(self, id: str, version: int | None = None) -> Rubric:
        """A rubric; its latest version if none is named."""
        return await self._send(calls.rubric(id, version))

    async def create_rubric(self, document: Document, *, idempotency_key: str | None = None) -> Rubric:
        """Store a new rubric."""
        return await self._send(calls.create_rubric(document, idempotency_key))

    async def edit_rubric(self, document: Document, content_hash: str) -> Rubric:
        """Store a new version. `content_hash`: of the version that was edited, or * for any."""
        return await self._send(calls.edit_rubric(document, content_hash))

    async def check_rubric(self, document: Document) -> RubricCheck:
        """What the linter says, without storing anything."""
        return await self._send(calls.check_rubric(document, None))

    async def topics(self) -> list[Topic]:
        """The catalogue's topics, with how many rubrics each has."""
        return await self._send(calls.topics())

    async def draw(
        self, n: int = 10, topics: Sequence[str] = (), difficulty: str | None = None, seed: int | None = None
    ) -> DrawnSet:
        """A balanced set of questions."""
        return await self._send(calls.draw(n, topics, difficulty, seed))

    async def submit(
        self,
        rows: Sequence[Document],
        *,
        rubric_id: str | None = None,
        name: str = "",
        idempotency_key: str | None = None,
    ) -> Batch:
        """Submit answers to grade together: each with custom_id, answer, and candidate_id or rubric_id as needed."""
        return await self._send(calls.submit_rows(rows, rubric_id, name, idempotency_key))

    async def submit_file(
        self,
        path: Path | str,
        *,
        rubric_id: str | None = None,
        mapping: Document | None = None,
        dry_run: bool = False,
        progress: Sent | None = None,
        idempotency_key: str | None = None,
    ) -> Batch:
        """Submit a CSV, XLSX, JSONL or Parquet file. `progress` is called with bytes sent and bytes in all."""
        call = calls.submit_file(Path(path), rubric_id, mapping, dry_run, progress, idempotency_key)
        try:
            return await self._send(call)
        finally:
            if call.file:
                call.file.close()

    async def batch(self, id: UUID | str) -> Batch:
        """How far a batch is."""
        return await self._send(calls.batch(id))

    async def wait(
        self, id: UUID | str, *, progress: Callable[[Batch], object] | None = None, every: float = 1.0
    ) -> Batch:
        """Wait until a batch is over. `progress` is called with it each time, `every` so many seconds."""
        while True:
            now = await self.batch(id)
            if progress:
                progress(now)
            if now.is_over:
                return now
            await asyncio.sleep(every)

    def batches(self) -> AsyncIterator[BatchSummary]:
        """All, newest first."""
        return self._all(calls.batches)

    async def retry(self, id: UUID | str, *, idempotency_key: str | None = None) -> Batch:
        """Grade what failed once more."""
        return await self._send(calls.retry_batch(id, idempotency_key))

    async def cancel(self, id: UUID | str) -> None:
        """Cancel a batch; what is graded stays."""
        await self._send(calls.cancel_batch(id))

    def batch_errors(self, id: UUID | str) -> AsyncIterator[BatchError]:
        """Bad rows, and answers that failed."""
        return self._all(lambda cursor: calls.batch_errors(id, cursor))

    async def download_results(self, id: UUID | str, path: Path | str) -> None:
        """Write what is graded so far to a file, whose ending says the format: .jsonl, .csv, .xlsx or .parquet."""
        await self._download(*calls.results_path(id, Path(path)), Path(path))

    async def download_report(self, id: UUID | str, path: Path | str, *, hide_names: bool = False) -> None:
        """Write the cohort's report to a file, whose ending says the format: .html, .xlsx or .json."""
        await self._download(*calls.report_path(id, Path(path), hide_names), Path(path))

    async def info(self) -> ServiceInfo:
        """Versions of service and engine."""
        return await self._send(calls.info())
