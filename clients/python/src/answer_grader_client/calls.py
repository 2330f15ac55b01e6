"""Grading, rubrics and batches, each operation as a value. Both clients send these."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from answer_grader_client.call import (
    Call,
    Document,
    Page,
    Sent,
    Upload,
    delete,
    format_of,
    given,
    many,
    named,
    one,
    page,
    post,
)
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


def grade(
    rubric: str | Document,
    answer: str,
    *,
    version: int | None,
    candidate_id: str | None,
    metadata: Document | None,
    store: bool,
    key: str | None,
) -> Call[Evaluation]:
    """POST /v1/evaluations."""
    body: dict[str, Any] = {"answer": answer, "store": store}
    body |= {"rubric_id": rubric} if isinstance(rubric, str) else {"rubric": dict(rubric)}
    body |= given(rubric_version=version, candidate_id=candidate_id, metadata=metadata)
    return post("/v1/evaluations", one(Evaluation), body, key)


def evaluation(id: UUID | str) -> Call[Evaluation]:
    """GET /v1/evaluations/ID."""
    return Call("GET", f"/v1/evaluations/{id}", one(Evaluation))


def delete_evaluation(id: UUID | str) -> Call[None]:
    """DELETE /v1/evaluations/ID."""
    return delete(f"/v1/evaluations/{id}")


def evaluations(filters: Mapping[str, Any], cursor: str | None) -> Call[Page[Evaluation]]:
    """GET /v1/evaluations."""
    return page("/v1/evaluations", Evaluation, filters, cursor)


def rubrics(filters: Mapping[str, Any], cursor: str | None) -> Call[Page[RubricSummary]]:
    """GET /v1/rubrics."""
    return page("/v1/rubrics", RubricSummary, filters, cursor)


def rubric(id: str, version: int | None) -> Call[Rubric]:
    """GET /v1/rubrics/ID, or one version of it."""
    return Call("GET", f"/v1/rubrics/{id}" + (f"/versions/{version}" if version else ""), one(Rubric))


def create_rubric(document: Document, key: str | None) -> Call[Rubric]:
    """POST /v1/rubrics."""
    return post("/v1/rubrics", one(Rubric), dict(document), key)


def edit_rubric(document: Document, content_hash: str) -> Call[Rubric]:
    """PUT /v1/rubrics/ID."""
    match = "*" if content_hash == "*" else f'"{content_hash}"'
    headers = {"If-Match": match} | named(None)
    return Call("PUT", f"/v1/rubrics/{document['id']}", one(Rubric), body=dict(document), headers=headers)


def check_rubric(document: Document, key: str | None) -> Call[RubricCheck]:
    """POST /v1/rubrics:check."""
    return post("/v1/rubrics:check", one(RubricCheck), dict(document), key)


def draw(n: int, topics: Sequence[str], difficulty: str | None, seed: int | None) -> Call[DrawnSet]:
    """GET /v1/practice."""
    params = given(n=n, topics=",".join(topics) or None, difficulty=difficulty, seed=seed)
    return Call("GET", "/v1/practice", one(DrawnSet), params)


def submit_rows(rows: Sequence[Document], rubric_id: str | None, name: str, key: str | None) -> Call[Batch]:
    """POST /v1/batches with JSON."""
    body = {"rows": [dict(row) for row in rows], "name": name} | given(rubric_id=rubric_id)
    return post("/v1/batches", one(Batch), body, key)


def submit_file(
    path: Path,
    rubric_id: str | None,
    mapping: Document | None,
    dry_run: bool,
    progress: Sent | None,
    key: str | None,
) -> Call[Batch]:
    """POST /v1/batches with a form. The caller closes `file`."""
    fields = given(rubric_id=rubric_id, mapping=json.dumps(dict(mapping)) if mapping else None)
    fields |= {"dry_run": "true"} if dry_run else {}
    return Call("POST", "/v1/batches", one(Batch), headers=named(key), file=Upload(path, fields, progress))


def batch(id: UUID | str) -> Call[Batch]:
    """GET /v1/batches/ID."""
    return Call("GET", f"/v1/batches/{id}", one(Batch))


def cancel_batch(id: UUID | str) -> Call[None]:
    """DELETE /v1/batches/ID."""
    return delete(f"/v1/batches/{id}")


def retry_batch(id: UUID | str, key: str | None) -> Call[Batch]:
    """POST /v1/batches/ID:retry."""
    return post(f"/v1/batches/{id}:retry", one(Batch), None, key)


def batches(cursor: str | None) -> Call[Page[BatchSummary]]:
    """GET /v1/batches."""
    return page("/v1/batches", BatchSummary, {}, cursor)


def batch_errors(id: UUID | str, cursor: str | None) -> Call[Page[BatchError]]:
    """GET /v1/batches/ID/errors."""
    return page(f"/v1/batches/{id}/errors", BatchError, {}, cursor)


def info() -> Call[ServiceInfo]:
    """GET /v1/info."""
    return Call("GET", "/v1/info", one(ServiceInfo))


def results_path(id: UUID | str, path: Path) -> tuple[str, dict[str, str]]:
    """Address and parameters of GET /v1/batches/ID/results; the file's ending says the format."""
    return f"/v1/batches/{id}/results", format_of(path, "jsonl")


def report_path(id: UUID | str, path: Path, hide_names: bool) -> tuple[str, dict[str, str]]:
    """Address and parameters of GET /v1/batches/ID/report; the file's ending says the format."""
    return f"/v1/batches/{id}/report", format_of(path, "html") | {"hide_names": str(hide_names).lower()}


def topics() -> Call[list[Topic]]:
    """GET /v1/topics."""
    return Call("GET", "/v1/topics", many(Topic))
